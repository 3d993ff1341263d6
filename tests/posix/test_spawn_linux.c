/* SPDX-License-Identifier: MIT
 * Every way of making a child on Linux, each proved by refusing the better ones: what is given to
 * the child, what is not, and what is an error stay the same. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/refuse_linux.h"
#include "../support/told.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers that older headers lack. */
enum { CLOSE_RANGE = 436, CLONE3 = 435 };

#define THREAD_OR(flags) CLONE_THREAD | (flags), flags

#define NO_CLONE3(error)                                                                           \
    {                                                                                              \
        CLONE3, 0, 0, 0, error                                                                     \
    }
#define NO_SHARED_TABLE(error)                                                                     \
    {                                                                                              \
        SYS_clone, 0, THREAD_OR(CLONE_FILES), error                                                \
    }
#define NO_SHARED_MEMORY(error)                                                                    \
    {                                                                                              \
        SYS_clone, 0, THREAD_OR(CLONE_VM), error                                                   \
    }
#define NO_RANGE(error)                                                                            \
    {                                                                                              \
        CLOSE_RANGE, 0, 0, 0, error                                                                \
    }
#define NO_UNSHARE(error)                                                                          \
    {                                                                                              \
        SYS_unshare, 0, 0, 0, error                                                                \
    }
#define NO_EXECVEAT(error)                                                                         \
    {                                                                                              \
        SYS_execveat, 0, 0, 0, error                                                               \
    }

static bool expect(bool right, const char *what)
{
    if (!right)
        printf("# not so: %s\n", what);
    return right;
}

#define EXACT(...)                                                                                 \
    expect(tell_exact((const fdi_fd_map[]){__VA_ARGS__},                                           \
                      sizeof((const fdi_fd_map[]){__VA_ARGS__}) / sizeof(fdi_fd_map)),             \
           #__VA_ARGS__)

static bool fails_with(int error, const fdi_spawn_options *options)
{
    static struct told told;
    errno = 0;
    bool failed = tell_all(options, &told) == -1;
    return expect(failed && errno == error, strerror(error)) &&
           expect(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no child is left");
}

static bool errors_are_told(void)
{
    fdi_spawn_options options = tell_options();
    options.program = fdi_path("/missing");
    if (!fails_with(ENOENT, &options))
        return false;
    options = tell_options();
    options.directory = fdi_path("/missing");
    if (!fails_with(ENOENT, &options))
        return false;
    options = tell_options();
    options.fds = (const fdi_fd_map[]){{0, 0}, {3500, 3}};
    options.fd_count = 2;
    return fails_with(EBADF, &options);
}

static void on_signal(int signal)
{
    (void)signal;
}

/* Bit n - 1 for signal n; who runs the tests may ignore some as well. */
static uint64_t ignored_here(void)
{
    uint64_t ignored = 0;
    for (int number = 1; number <= 64; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            ignored |= UINT64_C(1) << (number - 1);
    }
    return ignored;
}

static bool signals_are_default(void)
{
    static struct told told;
    fdi_spawn_options options = tell_options();
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, &before);
    signal(SIGUSR1, on_signal);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGRTMAX, SIG_IGN);
    bool right = tell_all(&options, &told) == 0 && told.ignored == 0 &&
                 told.blocked == UINT64_C(1) << (SIGUSR2 - 1);
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_KEEP_IGNORED;
    uint64_t ignored = UINT64_C(1) << (SIGPIPE - 1) | UINT64_C(1) << (SIGRTMAX - 1);
    right = right && tell_all(&options, &told) == 0 && told.blocked == 0 &&
            told.ignored == ignored_here() && (told.ignored & ignored) == ignored;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return expect(right, "signals");
}

static bool program_may_be_an_fd(int tell_fd)
{
    static struct told told;
    fdi_spawn_options options = tell_options();
    options.program = fdi_fd(tell_fd);
    return expect(tell_all(&options, &told) == 0 && told.count == 3 && told.status == 0, "fd");
}

/* What every way must do, with descriptors open that are inheritable and not given. */
static bool all_is_right(bool can_run_fd)
{
    int a = fcntl(0, F_DUPFD_CLOEXEC, 20);
    int b = fcntl(1, F_DUPFD_CLOEXEC, 21);
    int high = open("file", O_RDWR | O_CREAT, 0644);
    high = dup2(high, 900);
    int program = open(tell_options().program.path, O_PATH | O_CLOEXEC);
    return EXACT({0, 0}, {1, 1}, {2, 2}) && EXACT({a, b}, {b, a}) && EXACT({high, 3}, {a, 901}) &&
           EXACT({a, 0}, {b, 1}, {high, 900}) && expect(tell_exact(NULL, 0), "nothing") &&
           errors_are_told() && signals_are_default() &&
           (!can_run_fd || program_may_be_an_fd(program));
}

/* In a process of its own, as a refusal stays. */
static bool under(const struct refusal *refusals, size_t count, bool has_proc)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        bool can_run_fd = has_proc || count == 0 || refusals[count - 1].number != SYS_execveat;
        bool right = (has_proc || lose_proc()) && refuse(refusals, count);
        right = expect(right, "sandbox") && all_is_right(can_run_fd);
        fflush(stdout);
        _exit(right ? 0 : 1);
    }
    int status = -1;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

#define UNDER(has_proc, ...)                                                                       \
    assert_true(under((const struct refusal[]){__VA_ARGS__},                                       \
                      sizeof((const struct refusal[]){__VA_ARGS__}) / sizeof(struct refusal),      \
                      has_proc))

static void every_way_of_making_a_child_does_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int error = i == 0 ? ENOSYS : EPERM;
        UNDER(true, NO_EXECVEAT(error));
        UNDER(true, NO_CLONE3(error));
        UNDER(true, NO_CLONE3(EINVAL));
        UNDER(true, NO_CLONE3(error), NO_SHARED_TABLE(error));
        UNDER(true, NO_CLONE3(error), NO_SHARED_TABLE(EINVAL), NO_SHARED_MEMORY(EACCES));
        UNDER(true, NO_CLONE3(error), NO_SHARED_TABLE(error), NO_SHARED_MEMORY(error));
    }
}

static void every_way_does_without_close_range(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        int error = i == 0 ? ENOSYS : EPERM;
        UNDER(true, NO_RANGE(error));
        UNDER(true, NO_RANGE(error), NO_UNSHARE(error));
        UNDER(true, NO_RANGE(error), NO_UNSHARE(error), NO_SHARED_MEMORY(error));
        UNDER(true, NO_CLONE3(error), NO_RANGE(error));
        UNDER(true, NO_CLONE3(error), NO_RANGE(error), NO_UNSHARE(error));
        UNDER(true, NO_CLONE3(error), NO_RANGE(error), NO_SHARED_TABLE(error));
        UNDER(true, NO_CLONE3(error), NO_RANGE(error), NO_SHARED_MEMORY(error));
    }
}

static void every_way_does_without_proc(void **state)
{
    (void)state;
    UNDER(false, NO_CLONE3(ENOSYS));
    UNDER(false, NO_RANGE(ENOSYS));
    UNDER(false, NO_RANGE(ENOSYS), NO_UNSHARE(EPERM));
    UNDER(false, NO_CLONE3(ENOSYS), NO_RANGE(ENOSYS));
    UNDER(false, NO_CLONE3(ENOSYS), NO_RANGE(ENOSYS), NO_SHARED_MEMORY(EPERM));
    UNDER(false, NO_CLONE3(ENOSYS), NO_RANGE(ENOSYS), NO_EXECVEAT(ENOSYS));
}

static void refusal_of_every_way_is_an_error(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        fdi_spawn_options options = tell_options();
        bool right =
            refuse((const struct refusal[]){NO_CLONE3(ENOSYS), {SYS_clone, 0, 0, 0, EPERM}}, 2);
        _exit(right && fails_with(EPERM, &options) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_way_of_making_a_child_does_the_same),
        CASE(every_way_does_without_close_range),
        CASE(every_way_does_without_proc),
        CASE(refusal_of_every_way_is_an_error),
    };
    return cmocka_run_group_tests_name("spawn_linux", cases, NULL, NULL);
}
