/* SPDX-License-Identifier: MIT
 * Threads create descriptors while other threads fork and exec, or spawn, a program that counts
 * the descriptors it received. The library is built as for a platform without atomic calls. With
 * the fork lock no descriptor may leak; without it some must leak, or the test proves nothing. */
#include "../../src/platform.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CREATORS = 8, FORKERS = 4, ALL = CREATORS + FORKERS + 1, NUMBERS = 256, DUP2_FIRST = 200 };

static atomic_bool is_over;
static atomic_long created;
static atomic_long children;
static atomic_long leaks;
static char *program;

static int must(int result)
{
    if (result < 0) {
        perror("fork_lock");
        abort();
    }
    return result;
}

/* ---- the child ----------------------------------------------------------------------------- */

static int count_received(void)
{
    int count = 0;
    for (int fd = 3; fd < NUMBERS; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int fork_and_count(void)
{
    int status;
    pid_t child = must(fork());
    if (child == 0) {
        execl(program, program, "count", (char *)NULL);
        _exit(127);
    }
    must(waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

/* Needs no fork lock: the child must receive exactly its list without it. */
static int spawn_and_count(void)
{
    char *argv[] = {program, "count", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process child;
    int64_t status;
    options.program = fdi_path(program);
    options.argv = argv;
    must(fdi_spawn(&child, &options));
    if (fdi_wait(&child, &status, -1, 0) != 1 || status != 0)
        abort();
    return 0;
}

static void *make_children(void *number)
{
    bool spawns = (intptr_t)number >= CREATORS + FORKERS;
    while (!is_over) {
        int received = spawns ? spawn_and_count() : fork_and_count();
        if (received == 127)
            abort();
        leaks += received;
        children++;
    }
    return NULL;
}

/* ---- creating ------------------------------------------------------------------------------ */

struct place {
    int number;
    int raw[2]; /* a socket pair from the atomic system call */
    int listener;
    struct sockaddr_un address;
};

static void close_two(const int *fds)
{
    close(fds[0]);
    close(fds[1]);
}

static void make_pipe(struct place *place)
{
    int fds[2];
    (void)place;
    must(fdi_pipe(fds, 0));
    close_two(fds);
}

static void make_socket(struct place *place)
{
    (void)place;
    close(must(fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0)));
}

static void make_socketpair(struct place *place)
{
    int fds[2];
    (void)place;
    must(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, 0));
    close_two(fds);
}

static void make_dup2(struct place *place)
{
    close(must(fdi_dup2(place->raw[0], DUP2_FIRST + place->number, 0)));
}

static void make_accepted(struct place *place)
{
    int client = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must(connect(client, (struct sockaddr *)&place->address, sizeof place->address));
    close(must(fdi_accept(place->listener, NULL, NULL, 0)));
    close(client);
}

static void make_received(struct place *place)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char byte = 0;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    int fd;
    size_t count = 1;
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    control.aligned.cmsg_level = SOL_SOCKET;
    control.aligned.cmsg_type = SCM_RIGHTS;
    control.aligned.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.aligned), &place->raw[0], sizeof(int));
    must((int)sendmsg(place->raw[0], &message, 0));
    must((int)fdi_recv_fds(place->raw[1], &byte, 1, &fd, &count, 0));
    close(fd);
}

static void (*const makers[CREATORS])(struct place *) = {
    make_pipe,     make_socket,   make_socketpair, make_dup2,
    make_accepted, make_received, make_pipe,       make_dup2,
};

static void prepare(struct place *place, int number)
{
    place->number = number;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, place->raw));
    place->listener = must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    place->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(place->address.sun_path, sizeof place->address.sun_path, "socket.%d", number);
    must(bind(place->listener, (struct sockaddr *)&place->address, sizeof place->address));
    must(listen(place->listener, 4));
}

static void *create(void *number)
{
    struct place place;
    prepare(&place, (int)(intptr_t)number);
    while (!is_over) {
        makers[place.number](&place);
        created++;
    }
    unlink(place.address.sun_path);
    return NULL;
}

/* Also called in a signal handler, which may interrupt any of the others. */
static void create_in_handler(int signal)
{
    (void)signal;
    make_pipe(NULL);
}

static void interrupt_often(bool on)
{
    struct sigaction action = {.sa_handler = create_in_handler, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, on ? 1000 : 0}, {0, on ? 1000 : 0}};
    must(sigaction(SIGALRM, &action, NULL));
    must(setitimer(ITIMER_REAL, &often, NULL));
}

static void run(unsigned seconds)
{
    pthread_t threads[ALL];
    struct timespec left = {(time_t)seconds, 0};
    for (int i = 0; i < ALL; i++)
        if (pthread_create(&threads[i], NULL, i < CREATORS ? create : make_children,
                           (void *)(intptr_t)i) != 0)
            abort();
    sigset_t alarm;
    must(sigemptyset(&alarm));
    must(sigaddset(&alarm, SIGALRM));
    must(pthread_sigmask(SIG_BLOCK, &alarm, NULL)); /* excludes the thread that keeps the time */
    interrupt_often(true);
    while (nanosleep(&left, &left) < 0)
        ;
    interrupt_often(false);
    is_over = true;
    for (int i = 0; i < ALL; i++)
        pthread_join(threads[i], NULL);
}

/* Usage: fork_lock SECONDS none|some. The second argument is the expected number of leaks. */
int main(int argc, char **argv)
{
    char directory[] = "/tmp/fdinherit.XXXXXX";
    if (argc == 2)
        return count_received();
    if (argc != 3 || !(program = realpath("/proc/self/exe", NULL)) || !mkdtemp(directory))
        return 2;
    must(chdir(directory));
    must(fdi_set_inheritable_range(3, FDI_LAST_FD, false));
    run((unsigned)atoi(argv[1]));
    bool is_right = (strcmp(argv[2], "none") == 0) == (leaks == 0) && children > 0;
    printf("1..1\n%s 1 - %ld descriptors and more created, %ld children, %ld leaks\n",
           is_right ? "ok" : "not ok", (long)created, (long)children, (long)leaks);
    must(chdir("/"));
    must(rmdir(directory));
    free(program);
    return !is_right;
}
