/* SPDX-License-Identifier: MIT
 * Four threads start children with descriptor maps of all shapes. Other threads open, close and
 * mark descriptors, and signals interrupt all of them. Every child must receive exactly its list
 * and run no handler of this process, and nothing may be left at the end.
 *
 *   churn CHILDREN WAY    WAY: 0 the kernel's best way; 1, 2, 3: the better ways are refused */
#include "../../src/platform.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SPAWNERS = 4, OPENERS = 3, FILES = 3, MOST = 6, NUMBERS = 1024 };

static atomic_int left, wrong, strangers, started, handled;
static atomic_bool over;
static pid_t self;

static void fault(const char *what, long value)
{
    if (atomic_fetch_add(&wrong, 1) < 10)
        printf("# %s: %ld\n", what, value);
}

/* ---- threads that interfere ---------------------------------------------------------------- */

/* Uses the system call, because the C library may cache the process id. A child may share this
 * memory, so the parent would see a change. */
static void on_signal(int signal)
{
    (void)signal;
    atomic_fetch_add(&handled, 1);
    if ((pid_t)syscall(SYS_getpid) != self)
        atomic_fetch_add(&strangers, 1);
}

static void *open_and_close(void *seed)
{
    unsigned random = (unsigned)(uintptr_t)seed;
    int fds[24] = {0};
    while (!atomic_load(&over)) {
        int *fd = &fds[rand_r(&random) % 24];
        if (*fd > 0)
            close(*fd);
        *fd = open("/dev/null", O_RDONLY); /* inheritable */
        if (rand_r(&random) % 4 == 0 && *fd > 0) {
            int high = fcntl(*fd, F_DUPFD, 100 + rand_r(&random) % 800);
            close(*fd);
            *fd = high;
        }
    }
    for (int i = 0; i < 24; i++)
        if (fds[i] > 0)
            close(fds[i]);
    return NULL;
}

static void *mark(void *unused)
{
    (void)unused;
    while (!atomic_load(&over)) {
        (void)fdi_set_inheritable_range(3, FDI_LAST_FD, false);
        for (int fd = 3; fd < 64; fd++)
            (void)fdi_set_inheritable(fd, fd % 2);
        usleep(200);
    }
    return NULL;
}

/* Sends signals that are ignored by default to the whole process group, children included, at
 * any moment. */
static void *shoot(void *unused)
{
    static const int signals[] = {SIGURG, SIGWINCH, SIGCONT};
    (void)unused;
    for (unsigned i = 0; !atomic_load(&over); i++) {
        kill(0, signals[i % 3]);
        usleep(50);
    }
    return NULL;
}

/* ---- threads that start children ----------------------------------------------------------- */

struct file {
    int fd;
    unsigned long long ino;
};

static void open_files(struct file *files, int who)
{
    for (int i = 0; i < FILES; i++) {
        char name[32];
        struct stat status;
        snprintf(name, sizeof name, "churn.%d.%d", who, i);
        files[i].fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (files[i].fd < 0 || fstat(files[i].fd, &status) < 0)
            abort();
        unlink(name);
        files[i].ino = status.st_ino;
    }
}

struct order {
    fdi_fd_map map[MOST];
    char texts[MOST][40];
    char *argv[MOST + 2];
    int count;
};

/* Child numbers below 16 or those of the files themselves, so that they overlap in every way. */
static void choose(struct order *order, const struct file *files, unsigned *random)
{
    int wanted = rand_r(random) % (MOST + 1);
    order->count = 0;
    for (int tries = 0; order->count < wanted && tries < 40; tries++) {
        const struct file *file = &files[rand_r(random) % FILES];
        int number = rand_r(random) % 3 ? rand_r(random) % 16 : files[rand_r(random) % FILES].fd;
        bool taken = false;
        for (int i = 0; i < order->count; i++)
            taken = taken || order->map[i].child_fd == number;
        if (taken)
            continue;
        snprintf(order->texts[order->count], sizeof order->texts[0], "%d:%llu", number, file->ino);
        order->map[order->count++] = (fdi_fd_map){file->fd, number};
    }
    order->argv[0] = "churn_child";
    for (int i = 0; i < order->count; i++)
        order->argv[i + 1] = order->texts[i];
    order->argv[order->count + 1] = NULL;
}

static void start_one(const struct order *order, unsigned *random)
{
    fdi_process process;
    int64_t status;
    fdi_spawn_options options = fdi_spawn_defaults();
    bool fails = rand_r(random) % 16 == 0;
    options.program = fdi_path(fails ? "/missing/program" : CHURN_CHILD);
    options.argv = order->argv;
    options.fds = order->count ? order->map : NULL;
    options.fd_count = (size_t)order->count;
    options.flags = FDI_SPAWN_NO_STDIO;
    if (fdi_spawn(&process, &options) < 0) {
        if (!fails || errno != ENOENT)
            fault("spawn failed with", errno);
        return;
    }
    atomic_fetch_add(&started, 1);
    if (fails)
        fault("started what does not exist", process);
    if (fdi_wait(&process, &status, -1, 0) != 1)
        fault("wait failed with", errno);
    else if (status != 0)
        fault("a child's list is wrong", (long)status);
}

static void *start_children(void *number)
{
    unsigned random = (unsigned)(uintptr_t)number + 1;
    struct file files[FILES];
    struct order order;
    open_files(files, (int)(uintptr_t)number);
    while (atomic_fetch_sub(&left, 1) > 0) {
        choose(&order, files, &random);
        start_one(&order, &random);
    }
    for (int i = 0; i < FILES; i++)
        close(files[i].fd);
    return NULL;
}

/* ---- main ---------------------------------------------------------------------------------- */

static bool restrict_to(int way)
{
    const int same = CLONE_THREAD;
    const struct seccomp_rule rules[] = {
        {435, 0, 0, 0, ENOSYS},
        {SYS_clone, 0, (unsigned)(same | CLONE_FILES), CLONE_FILES, EPERM},
        {SYS_clone, 0, (unsigned)(same | CLONE_VM), CLONE_VM, EPERM},
    };
    return way == 0 || seccomp_refuse(rules, (size_t)way);
}

static int count_open(void)
{
    int count = 0;
    for (int fd = 0; fd < NUMBERS; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static long pages_in_use(void)
{
    long size, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%ld %ld", &size, &resident) != 2)
        abort();
    fclose(file);
    return resident;
}

static void run(int children)
{
    pthread_t others[OPENERS + 2], spawners[SPAWNERS];
    atomic_store(&left, children);
    atomic_store(&over, false);
    for (int i = 0; i < OPENERS; i++)
        pthread_create(&others[i], NULL, open_and_close, (void *)(uintptr_t)(100 + i));
    pthread_create(&others[OPENERS], NULL, mark, NULL);
    pthread_create(&others[OPENERS + 1], NULL, shoot, NULL);
    for (int i = 0; i < SPAWNERS; i++)
        pthread_create(&spawners[i], NULL, start_children, (void *)(uintptr_t)i);
    for (int i = 0; i < SPAWNERS; i++)
        pthread_join(spawners[i], NULL);
    atomic_store(&over, true);
    for (int i = 0; i < OPENERS + 2; i++)
        pthread_join(others[i], NULL);
}

static int answer(bool right, const char *sentence)
{
    static int number;
    printf("%sok %d - %s\n", right ? "" : "not ", ++number, sentence);
    return right ? 0 : 1;
}

int main(int argc, char **argv)
{
    int children = argc > 1 ? atoi(argv[1]) : 400;
    int way = argc > 2 ? atoi(argv[2]) : 0;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    self = getpid();
    (void)setpgid(0, 0);
    if (chdir("/tmp") < 0 || !restrict_to(way))
        return 1;
    sigaction(SIGURG, &action, NULL);
    sigaction(SIGWINCH, &action, NULL);
    sigaction(SIGCONT, &action, NULL);
    run(children / 4); /* the threads' stacks and arenas exist from here on */
    int open_before = count_open();
    long pages_before = pages_in_use();
    run(children - children / 4);
    long growth = pages_in_use() - pages_before;
    printf("1..5\n# %d children, %d signals handled, %ld pages more\n", atomic_load(&started),
           atomic_load(&handled), growth);
    int bad = answer(atomic_load(&wrong) == 0, "every child has exactly what it was given");
    bad += answer(atomic_load(&strangers) == 0 && atomic_load(&handled) > 0,
                  "no handler of the parent runs in a child");
    bad += answer(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no process is left");
    bad += answer(count_open() == open_before, "no descriptor is left");
    bad += answer(growth < 256, "no memory is left");
    return bad ? 1 : 0;
}
