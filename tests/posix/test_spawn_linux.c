/* SPDX-License-Identifier: MIT
 * Every way of creating a child on Linux. The tests refuse the better ways in turn. The child
 * receives the same descriptors, and errors stay the same. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "../support/child_report.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
        SYS_unshare, 0, CLONE_FILES, CLONE_FILES, error                                            \
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
    expect(child_has_exactly((const fdi_fd_map[]){__VA_ARGS__},                                    \
                             sizeof((const fdi_fd_map[]){__VA_ARGS__}) / sizeof(fdi_fd_map)),      \
           #__VA_ARGS__)

static bool fails_with(int error, const fdi_spawn_options *options)
{
    static struct child_report report;
    errno = 0;
    bool failed = spawn_report(options, &report) == -1;
    return expect(failed && errno == error, strerror(error)) &&
           expect(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "no child is left");
}

static bool errors_are_reported(void)
{
    fdi_spawn_options options = report_options();
    options.program = fdi_path("/missing");
    if (!fails_with(ENOENT, &options))
        return false;
    options = report_options();
    options.directory = fdi_path("/missing");
    if (!fails_with(ENOENT, &options))
        return false;
    options = report_options();
    options.fds = (const fdi_fd_map[]){{0, 0}, {3500, 3}};
    options.fd_count = 2;
    return fails_with(EBADF, &options);
}

/* ---- closed stdio ---------------------------------------------------------------------------- */

/* Calls `check` while the numbers of `closed` (bit n for number n) are closed. */
static bool while_closed(unsigned closed, bool (*check)(unsigned closed))
{
    int kept[3];
    for (int fd = 0; fd < 3; fd++)
        kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 950);
    for (int fd = 0; fd < 3; fd++)
        if (closed >> fd & 1)
            close(fd);
    bool right = check(closed);
    for (int fd = 0; fd < 3; fd++) {
        bool is_closed = fcntl(fd, F_GETFD) < 0;
        right = right && is_closed == (closed >> fd & 1);
        dup2(kept[fd], fd);
        close(kept[fd]);
    }
    return right;
}

/* Reports whether the child has exactly 0 to 2, each the caller's, or the null device if that is
 * closed. The file `given` replaces number 1 if it is open. */
static bool has_null_device(const struct child_report *child, unsigned closed, int given)
{
    struct stat null;
    if (stat("/dev/null", &null) < 0 || child->status != 0 || child->count != 3)
        return false;
    for (int fd = 0; fd < 3; fd++) {
        unsigned long long ino = closed >> fd & 1 ? null.st_ino : identity_of(fd);
        if (fd == 1 && given >= 0)
            ino = identity_of(given);
        if (child->fds[fd].fd != fd || child->fds[fd].ino != ino || child->fds[fd].flags != 0)
            return false;
    }
    return true;
}

static bool null_device_is_added(unsigned closed)
{
    static struct child_report report;
    fdi_spawn_options options = report_options();
    if (spawn_report(&options, &report) < 0 || !has_null_device(&report, closed, -1))
        return false;
    options.fds = (const fdi_fd_map[]){{900, 1}};
    options.fd_count = 1;
    return spawn_report(&options, &report) == 0 && has_null_device(&report, closed, 900);
}

/* The shell exits with 7 if the lowest closed number reads as empty and accepts writes. */
static bool null_device_reads_and_writes(unsigned closed)
{
    char script[] = "! read line <&0 && echo text >&0 && exit 7";
    int64_t status = -1;
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    for (char *digit = script; (digit = strchr(digit, '&')); digit++)
        if (digit[1] == '0')
            digit[1] = (char)(closed & 1 ? '0' : closed & 2 ? '1' : '2');
    options.program = fdi_path("/bin/sh");
    options.argv = (char *[]){"sh", "-c", script, NULL};
    return fdi_spawn(&process, &options) == 0 && fdi_wait(&process, &status, -1, 0) == 1 &&
           status == 7;
}

/* With FDI_SPAWN_NO_STDIO the child receives only its list. */
static bool nothing_is_added_to_an_exact_list(unsigned closed)
{
    (void)closed;
    return child_has_exactly((const fdi_fd_map[]){{900, 5}}, 1) && child_has_exactly(NULL, 0);
}

/* A closed number as a source stays an error, although the child has the null device there. */
static bool closed_source_is_ebadf(unsigned closed)
{
    int source = closed & 1 ? 0 : 2;
    const fdi_fd_map maps[] = {{source, 5}, {source, source}, {source, 2 - source}};
    const fdi_fd_map both[] = {{source, 5}, {900, source}};
    fdi_spawn_options options = report_options();
    options.fd_count = 1;
    for (int i = 0; i < 3; i++) {
        options.fds = &maps[i];
        if (!fails_with(EBADF, &options))
            return false;
    }
    options.fds = both;
    options.fd_count = 2;
    if (!fails_with(EBADF, &options))
        return false;
    options = report_options();
    options.directory = fdi_fd(source);
    if (!fails_with(EBADF, &options))
        return false;
    options = report_options();
    options.program = fdi_fd(source);
    if (!fails_with(EBADF, &options))
        return false;
    options.program = fdi_path_at(source, "report_child");
    return fails_with(EBADF, &options) && errors_are_reported();
}

static bool closed_stdio_is_the_null_device(void)
{
    const unsigned sets[] = {1, 2, 4, 7};
    for (int i = 0; i < 4; i++)
        if (!expect(while_closed(sets[i], null_device_is_added), "null device"))
            return false;
    return expect(while_closed(1, null_device_reads_and_writes), "stdin reads and writes") &&
           expect(while_closed(6, null_device_reads_and_writes), "stdout reads and writes") &&
           expect(while_closed(7, nothing_is_added_to_an_exact_list), "exact list") &&
           expect(while_closed(1, closed_source_is_ebadf), "stdin as a source") &&
           expect(while_closed(4, closed_source_is_ebadf), "stderr as a source") &&
           expect(while_closed(7, closed_source_is_ebadf), "a source of three");
}

/* ---- signals ------------------------------------------------------------------------------- */

static void on_signal(int signal)
{
    (void)signal;
}

/* Bit n - 1 for signal n. The process that runs the tests may ignore some signals too. */
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
    static struct child_report report;
    fdi_spawn_options options = report_options();
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, &before);
    signal(SIGUSR1, on_signal);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGRTMAX, SIG_IGN);
    bool right = spawn_report(&options, &report) == 0 && report.ignored == 0 &&
                 report.blocked == UINT64_C(1) << (SIGUSR2 - 1);
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_KEEP_IGNORED;
    uint64_t ignored = UINT64_C(1) << (SIGPIPE - 1) | UINT64_C(1) << (SIGRTMAX - 1);
    right = right && spawn_report(&options, &report) == 0 && report.blocked == 0 &&
            report.ignored == ignored_here() && (report.ignored & ignored) == ignored;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return expect(right, "signals");
}

static bool program_may_be_an_fd(int write_fd)
{
    static struct child_report report;
    fdi_spawn_options options = report_options();
    options.program = fdi_fd(write_fd);
    return expect(spawn_report(&options, &report) == 0 && report.count == 3 && report.status == 0,
                  "fd");
}

/* Checks common to every way, with inheritable descriptors open that are not in the list. */
static bool all_is_right(bool can_run_fd)
{
    int a = fcntl(0, F_DUPFD_CLOEXEC, 20);
    int b = fcntl(1, F_DUPFD_CLOEXEC, 21);
    int high = open("file", O_RDWR | O_CREAT, 0644);
    high = dup2(high, 900);
    int program = open(report_options().program.path, O_PATH | O_CLOEXEC);
    return EXACT({0, 0}, {1, 1}, {2, 2}) && EXACT({a, b}, {b, a}) && EXACT({high, 3}, {a, 901}) &&
           EXACT({a, 0}, {b, 1}, {high, 900}) && expect(child_has_exactly(NULL, 0), "nothing") &&
           errors_are_reported() && signals_are_default() && closed_stdio_is_the_null_device() &&
           (!can_run_fd || program_may_be_an_fd(program));
}

/* Runs in a separate process, because a filter cannot be removed. */
static bool under(const struct seccomp_rule *rules, size_t count, bool has_proc)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        bool can_run_fd = has_proc || count == 0 || rules[count - 1].number != SYS_execveat;
        bool right = (has_proc || lose_proc()) && seccomp_refuse(rules, count);
        right = expect(right, "sandbox") && all_is_right(can_run_fd);
        fflush(stdout);
        _exit(right ? 0 : 1);
    }
    int status = -1;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

#define UNDER(has_proc, ...)                                                                       \
    assert_true(                                                                                   \
        under((const struct seccomp_rule[]){__VA_ARGS__},                                          \
              sizeof((const struct seccomp_rule[]){__VA_ARGS__}) / sizeof(struct seccomp_rule),    \
              has_proc))

static void every_way_of_creating_a_child_gives_the_same_result(void **state)
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

static void every_way_works_without_close_range(void **state)
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

static void every_way_works_without_proc(void **state)
{
    (void)state;
    UNDER(false, NO_CLONE3(ENOSYS));
    UNDER(false, NO_RANGE(ENOSYS));
    UNDER(false, NO_RANGE(ENOSYS), NO_UNSHARE(EPERM));
    UNDER(false, NO_CLONE3(ENOSYS), NO_RANGE(ENOSYS));
    UNDER(false, NO_CLONE3(ENOSYS), NO_RANGE(ENOSYS), NO_SHARED_MEMORY(EPERM));
    UNDER(false, NO_CLONE3(ENOSYS), NO_RANGE(ENOSYS), NO_EXECVEAT(ENOSYS));
}

static void spawn_fails_if_every_way_is_refused(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        fdi_spawn_options options = report_options();
        bool right = seccomp_refuse(
            (const struct seccomp_rule[]){NO_CLONE3(ENOSYS), {SYS_clone, 0, 0, 0, EPERM}}, 2);
        _exit(right && fails_with(EPERM, &options) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_way_of_creating_a_child_gives_the_same_result),
        CASE(every_way_works_without_close_range),
        CASE(every_way_works_without_proc),
        CASE(spawn_fails_if_every_way_is_refused),
    };
    return cmocka_run_group_tests_name("spawn_linux", cases, NULL, NULL);
}
