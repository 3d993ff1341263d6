/* SPDX-License-Identifier: MIT
 * Watches a command with ptrace. A launcher, a forked copy of this process, starts the command as
 * `fdinherit run` does. The launcher is seized first, so all its descendants are traced too. An
 * exec closes every private descriptor, so each one above 2 that is still open was inherited.
 *
 * When this process ends, the kernel detaches every process that is still traced. */
#include "../../platform.h"
#include "watch_linux.h"

#if defined(__linux__)

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STOP_EVENT = 128, /* PTRACE_EVENT_STOP, which older headers lack or misspell */
    FOLLOWED = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC
};

/* A traced process, and the program that it runs. */
struct tracee {
    pid_t pid;
    pid_t starter; /* the process that started the program */
    struct words program;
};

struct watch {
    struct watched *found;
    struct tracee *tracees;
    size_t count;
    size_t capacity;
    pid_t launcher;
    pid_t command;   /* 0: not yet started */
    int start_error; /* the launcher's exit status if the command did not start */
};

/* ---- Processes ------------------------------------------------------------------------------- */

static char *read_path(pid_t pid)
{
    char path[32];
    char link[PATH_MAX];
    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    ssize_t length = readlink(path, link, sizeof link);
    return copy_text(link, length > 0 ? (size_t)length : 0);
}

static void read_jobserver(struct program *program)
{
    char directory[32];
    size_t size;
    (void)snprintf(directory, sizeof directory, "/proc/%d", program->pid);
    char *environment = read_all(directory, "environ", &size, NULL);
    watch_jobserver(environment, size, program);
    free(environment);
}

static bool is_thread(pid_t pid)
{
    pid_t process = watch_status(pid, "Tgid:");
    return process && process != pid;
}

static struct tracee *find_tracee(struct watch *watch, pid_t pid)
{
    for (size_t i = 0; i < watch->count; i++)
        if (watch->tracees[i].pid == pid)
            return &watch->tracees[i];
    return NULL;
}

static struct tracee *add_tracee(struct watch *watch, pid_t pid)
{
    watch->tracees =
        make_room(watch->tracees, watch->count, &watch->capacity, sizeof *watch->tracees);
    watch->tracees[watch->count] = (struct tracee){pid, pid, {NULL, 0, false}};
    return &watch->tracees[watch->count++];
}

/* Records a new process. It still runs its parent's program. */
static void meet(struct watch *watch, pid_t pid)
{
    if (find_tracee(watch, pid) || is_thread(pid))
        return;
    const struct tracee *parent = find_tracee(watch, watch_status(pid, "PPid:"));
    pid_t starter = parent ? parent->starter : pid;
    struct tracee *added = add_tracee(watch, pid);
    added->program = watch_arguments(pid);
    added->starter = starter;
}

static void forget_all(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++)
        free(watch->tracees[i].program.bytes);
    free(watch->tracees);
}

static void forget(struct watch *watch, pid_t pid)
{
    struct tracee *tracee = find_tracee(watch, pid);
    if (!tracee)
        return;
    free(tracee->program.bytes);
    *tracee = watch->tracees[--watch->count];
}

/* ---- Events ---------------------------------------------------------------------------------- */

static void record(struct watch *watch, pid_t pid, const struct tracee *before,
                   const struct descriptors *received)
{
    struct program *program = watched_add(watch->found);
    *program = (struct program){
        (int)pid,  read_path(pid), watch_arguments(pid), (int)before->starter, before->program,
        *received, {-1, -1}};
    read_jobserver(program);
}

/* A traced set-user-ID program gains its rights only if the tracer is root. */
static void note_rights(struct watch *watch, pid_t pid)
{
    char program[32];
    (void)snprintf(program, sizeof program, "/proc/%d/exe", (int)pid);
    if (geteuid() != 0)
        watch_rights(watch->found, program);
}

static void on_exec(struct watch *watch, pid_t pid)
{
    struct descriptors received = {NULL, 0, 0};
    struct tracee *known = find_tracee(watch, pid);
    struct tracee *tracee = known ? known : add_tracee(watch, pid);
    struct tracee before = *tracee;
    tracee->program = watch_arguments(pid);
    tracee->starter = pid;
    watch->command = watch->command ? watch->command : pid;
    watch->found->started++;
    note_rights(watch, pid);
    if (read_process((int)pid, INHERITED, 3, &received) < 0)
        watch->found->unseen++;
    if (received.count) {
        record(watch, pid, &before, &received);
        return;
    }
    descriptors_free(&received);
    free(before.program.bytes);
}

static bool stops_processes(int number)
{
    return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

/* Resumes a process as if it were not traced: it receives its signal, or stays stopped. */
static void on_stop(struct watch *watch, pid_t pid, int event, int number)
{
    uintptr_t delivered = event ? 0 : (uintptr_t)number;
    bool stays = event == STOP_EVENT && stops_processes(number);
    if (event == STOP_EVENT)
        meet(watch, pid);
    if (event == PTRACE_EVENT_EXEC)
        on_exec(watch, pid);
    (void)ptrace(stays ? PTRACE_LISTEN : PTRACE_CONT, pid, NULL, (void *)delivered);
    if (stays && pid == watch->command && number != SIGSTOP)
        (void)raise(SIGSTOP); /* so that the shell takes the terminal back */
}

static volatile sig_atomic_t is_late;

static void be_late(int number)
{
    (void)number;
    is_late = 1;
}

/* The timer repeats, because a signal just before waitpid would not interrupt it. */
static void allow_a_second(void)
{
    static const struct itimerval timer = {{0, 50000}, {1, 0}};
    struct sigaction action;
    sigset_t alarm;
    memset(&action, 0, sizeof action);
    action.sa_handler = be_late;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)sigemptyset(&alarm);
    (void)sigaddset(&alarm, SIGALRM);
    (void)sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_end(struct watch *watch, pid_t pid, int status)
{
    forget(watch, pid);
    if (pid == watch->command)
        watch->found->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (pid != watch->launcher)
        return;
    watch->start_error = WIFEXITED(status) ? WEXITSTATUS(status) : TROUBLE;
    allow_a_second();
}

static void watch_all(struct watch *watch)
{
    while (!is_late) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0 && errno != EINTR)
            return;
        if (pid > 0 && WIFSTOPPED(status))
            on_stop(watch, pid, (int)((unsigned)status >> 16), WSTOPSIG(status));
        else if (pid > 0)
            on_end(watch, pid, status);
    }
}

/* ---- The launcher ---------------------------------------------------------------------------- */

/* The launcher waits for a byte from `gate`, which means that it is traced. Never returns. */
static void launch(const int gate[2], const struct start *start)
{
    char word;
    (void)close(gate[1]);
    if (read(gate[0], &word, 1) != 1)
        _exit(EXIT_FAILED);
    (void)close(gate[0]);
    int status = run_to_the_end(start->command, start->maps, start->count);
    _exit(status == TROUBLE ? EXIT_FAILED : status);
}

/* Seizes the launcher and releases it. On failure the launcher ends. */
static int seize(pid_t launcher, const int gate[2])
{
    int result = 0;
    (void)close(gate[0]);
    if (ptrace(PTRACE_SEIZE, launcher, NULL, (void *)(uintptr_t)FOLLOWED) < 0)
        result = complain("the command cannot be traced: %s", strerror(errno));
    else if (write(gate[1], "", 1) != 1)
        result = complain("the command cannot be started: %s", strerror(errno));
    (void)close(gate[1]);
    if (result)
        (void)waitpid(launcher, NULL, 0);
    return result;
}

int trace_command(const struct start *start, struct watched *watched)
{
    struct watch watch = {watched, NULL, 0, 0, 0, 0, 0};
    int gate[2];
    if (fdi_pipe(gate, FDI_ABOVE_STDIO) < 0)
        return complain("the command cannot be started: %s", strerror(errno));
    watch.launcher = fork();
    if (watch.launcher < 0)
        return complain("the command cannot be started: %s", strerror(errno));
    if (watch.launcher == 0)
        launch(gate, start);
    if (seize(watch.launcher, gate))
        return TROUBLE;
    pass_signals_to(watch.launcher);
    watch_all(&watch);
    watched->running = watch.count;
    forget_all(&watch);
    return watched->started ? 0 : watch.start_error;
}

#endif
