/* SPDX-License-Identifier: MIT
 * Results that no real file or kernel here produces. The tests call a part of the library alone, or
 * refuse a system call. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/seccomp_linux.h"
#include "../../src/posix/posix.h"
#include "../../src/posix/spawn.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { PIDFD_OPEN = 434, FACCESSAT2 = 439, OTHER = 65534 };

/* ---- looking programs up ------------------------------------------------------------------- */

struct search {
    int errors[3]; /* of each directory; 0: found */
    int tried;
    char last[64];
};

static int answer(void *context, const char *path)
{
    struct search *search = context;
    int error = search->errors[search->tried++];
    (void)snprintf(search->last, sizeof search->last, "%.60s", path);
    return error ? (errno = error, -1) : 7;
}

static void search_continues_past_errors_of_one_directory(void **state)
{
    static const int passing[] = {EACCES, ENOENT, ENOTDIR, ENAMETOOLONG, ESTALE, ENODEV, ETIMEDOUT};
    (void)state;
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        struct search search = {{passing[i], 0, 0}, 0, ""};
        assert_int_equal(fdi__search("/a:/b", "name", answer, &search), 7);
        assert_string_equal(search.last, "/b/name");
    }
    struct search ends = {{ENOMEM, 0, 0}, 0, ""};
    assert_fails(ENOMEM, fdi__search("/a:/b", "name", answer, &ends));
    assert_int_equal(ends.tried, 1);
    struct search denied = {{EACCES, ENOENT, 0}, 0, ""};
    assert_fails(EACCES, fdi__search("/a:/b", "name", answer, &denied));
    struct search nothing = {{ENODEV, ENOENT, 0}, 0, ""};
    assert_fails(ENOENT, fdi__search("/a:", "name", answer, &nothing));
    assert_string_equal(nothing.last, "name");
}

static void search_rejects_an_overlong_name(void **state)
{
    char name[300];
    struct search search = {{ENOENT, 0, 0}, 0, ""};
    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[NAME_MAX + 1] = '\0';
    assert_fails(ENAMETOOLONG, fdi__search("/a:/b", name, answer, &search));
    assert_int_equal(search.tried, 0);
    name[NAME_MAX] = '\0';
    assert_int_equal(fdi__search("/a:/b", name, answer, &search), 7);
}

static void search_skips_a_directory_with_an_overlong_path(void **state)
{
    static char directories[8200];
    struct search search = {{0, 0, 0}, 0, ""};
    (void)state;
    memset(directories, 'd', 4091); /* with "/name" and the terminator one byte too long */
    strcpy(directories + 4091, ":/b");
    assert_int_equal(fdi__search(directories, "name", answer, &search), 7);
    assert_string_equal(search.last, "/b/name");
    search.tried = 0;
    assert_int_equal(fdi__search(directories + 1, "name", answer, &search), 7);
    assert_int_equal(search.last[0], 'd');
    assert_int_equal(search.tried, 1);
}

/* ---- exec ----------------------------------------------------------------------------------- */

static int outcome(fdi_target target)
{
    char *const argv[] = {"name", NULL};
    int status = -1;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(fdi_execve(target, argv, NULL) == -1 ? 100 + errno : 99);
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const struct seccomp_rule no_execveat[] = {
    {SYS_execveat, 0, 0, 0, ENOSYS},
    {SYS_openat, 2, O_NOATIME, O_NOATIME, EPERM}, /* as for a process that does not own the file */
};

static bool scripts_need_their_descriptor(const void *rules)
{
    int here = open(".", O_RDONLY | O_DIRECTORY), private_here = fcntl(here, F_DUPFD_CLOEXEC, 0);
    if (!seccomp_refuse(no_execveat, *(const size_t *)rules))
        return false;
    int script = open("script", O_RDONLY | O_CLOEXEC);
    return outcome(fdi_path_at(here, "script")) == 100 + ENOTSUP &&
           outcome(fdi_path_at(private_here, "script")) == 100 + ENOENT &&
           outcome(fdi_fd(script)) == 100 + ENOENT &&
           outcome(fdi_path_at(private_here, "short")) == 100 + ENOEXEC &&
           outcome(fdi_path_at(private_here, "almost")) == 100 + ENOEXEC &&
           outcome(fdi_path_at(private_here, "none")) == 100 + ENOEXEC;
}

static void make_program(const char *name, const char *text)
{
    make_file(name, text);
    assert_int_equal(chmod(name, 0755), 0);
}

static void without_execveat_scripts_are_still_recognized(void **state)
{
    (void)state;
    make_program("script", "#!/bin/sh\nexit 43\n");
    make_program("short", "#");
    make_program("almost", "#?/bin/sh\n");
    make_program("none", "text\n");
    assert_true(apart(scripts_need_their_descriptor, &(size_t){1}));
    assert_true(apart(scripts_need_their_descriptor, &(size_t){2}));
}

/* The failed exec must not read the file. */
static bool is_busy_and_unread(const void *unused)
{
    (void)unused;
    struct stat status;
    int writer = open("busy", O_WRONLY | O_CLOEXEC), here = open(".", O_PATH | O_CLOEXEC);
    return seccomp_refuse(no_execveat, 1) && outcome(fdi_path_at(here, "busy")) == 100 + ETXTBSY &&
           fstat(writer, &status) == 0 && status.st_atime == 1;
}

static void without_execveat_the_access_time_is_unchanged(void **state)
{
    const struct timespec times[] = {{1, 0}, {2, 0}}; /* any read would update it */
    (void)state;
    make_program("busy", "text\n");
    assert_int_equal(utimensat(AT_FDCWD, "busy", times, 0), 0);
    assert_true(apart(is_busy_and_unread, NULL));
}

/* ---- links ---------------------------------------------------------------------------------- */

/* A process that may not link a file by its descriptor uses procfs. Since Linux 6.10 the process
 * that opened the file may link it. */
static bool links_without_privilege(const void *rule)
{
    if (rule && !seccomp_refuse(rule, 1))
        return false;
    if (geteuid() == 0 && (setgid(OTHER) < 0 || setuid(OTHER) < 0))
        return false;
    int fd = open("own", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    errno = 4711;
    if (fdi_link(fdi_fd(fd), fdi_path("again"), 0) != 0 || errno != 4711)
        return false;
    return fdi_link(fdi_fd(fd), fdi_path("again"), 0) == -1 && errno == EEXIST &&
           fdi_link(fdi_fd(fd), fdi_path("gone/again"), 0) == -1 && errno == ENOENT &&
           unlink("own") == 0 && unlink("again") == 0;
}

static void open_file_can_be_linked_without_privilege(void **state)
{
    const struct seccomp_rule older = {SYS_linkat, 4, AT_EMPTY_PATH, AT_EMPTY_PATH, ENOENT};
    (void)state;
    assert_int_equal(chmod(".", 0777), 0);
    assert_true(apart(links_without_privilege, NULL));
    assert_true(apart(links_without_privilege, &older));
}

/* ---- effective ids -------------------------------------------------------------------------- */

static bool distinguishes_groups(const void *unused)
{
    (void)unused;
    const struct seccomp_rule rule = {FACCESSAT2, 0, 0, 0, ENOSYS};
    if (!seccomp_refuse(&rule, 1) ||
        !fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_EFFECTIVE_IDS) ||
        fdi_access(fdi_path("."), 4, FDI_EFFECTIVE_IDS) != 0)
        return false;
    if (setegid(OTHER) < 0)
        return geteuid() != 0; /* the process cannot change its group here */
    errno = 0;
    return !fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_EFFECTIVE_IDS) &&
           fdi_access(fdi_path("."), 4, FDI_EFFECTIVE_IDS) == -1 && errno == ENOTSUP;
}

static void changed_effective_group_is_noticed(void **state)
{
    (void)state;
    assert_true(apart(distinguishes_groups, NULL));
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool waits_without_pidfd(const void *unused)
{
    (void)unused;
    const struct seccomp_rule rule = {PIDFD_OPEN, 0, 0, 0, ENOSYS};
    int64_t status = -1;
    if (!seccomp_refuse(&rule, 1))
        return false;
    pid_t pid = fork();
    if (pid < 0)
        return false;
    if (pid == 0) {
        (void)pause();
        _exit(0);
    }
    fdi_process child = pid;
    bool right = fdi_wait(&child, &status, 30, 0) == 0 && fdi_wait(&child, NULL, 1, 0) == 0;
    return kill(pid, SIGKILL) == 0 && fdi_wait(&child, &status, 20000, 0) == 1 && right &&
           status == -SIGKILL;
}

static bool hears_soon_without_pidfd(const void *unused)
{
    (void)unused;
    const struct seccomp_rule rule = {PIDFD_OPEN, 0, 0, 0, ENOSYS};
    struct timespec moment = {0, 50000000};
    int64_t status = -1;
    if (!seccomp_refuse(&rule, 1))
        return false;
    fdi_process child = fork();
    if (child == 0) {
        (void)nanosleep(&moment, NULL);
        _exit(3);
    }
    (void)alarm(20); /* ends this process if it sleeps for the whole timeout */
    return fdi_wait(&child, &status, 60000, 0) == 1 && status == 3;
}

/* The descriptor that the wait opens for the process is 0 here. */
static bool closes_what_it_waits_with(const void *unused)
{
    (void)unused;
    struct timespec moment = {0, 50000000};
    fdi_process child = fork();
    if (child == 0) {
        (void)nanosleep(&moment, NULL);
        _exit(4);
    }
    int64_t status = -1;
    (void)close(0);
    return fdi_wait(&child, &status, 20000, 0) == 1 && status == 4 && fcntl(0, F_GETFD) == -1;
}

static void wait_with_closed_stdin_leaves_it_closed(void **state)
{
    (void)state;
    assert_true(apart(closes_what_it_waits_with, NULL));
}

static void timeout_works_without_pidfd(void **state)
{
    (void)state;
    assert_true(apart(waits_without_pidfd, NULL));
    assert_true(apart(hears_soon_without_pidfd, NULL));
}

/* Another process traces the child. The child is dead, but its parent cannot reap it before the
 * tracer does. A pidfd polls as readable meanwhile. */
struct traced {
    fdi_process child;
    int go[2];   /* the child exits when this reaches its end */
    int gone[2]; /* the child held the other end */
    int held[2]; /* the tracer writes a byte when it traces the child */
    int free[2]; /* the tracer reaps the child when this reaches its end */
};

static void wait_for_end(int fd)
{
    char text;
    while (read(fd, &text, 1) > 0)
        ;
}

static void be_traced(const struct traced *traced)
{
    (void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    (void)close(traced->go[1]);
    (void)close(traced->gone[0]);
    wait_for_end(traced->go[0]);
    _exit(9);
}

static void trace(const struct traced *traced)
{
    int status;
    pid_t child = (pid_t)traced->child;
    (void)close(traced->go[1]);
    (void)close(traced->gone[1]);
    (void)close(traced->free[1]);
    for (int tries = 0; ptrace(PTRACE_SEIZE, child, NULL, NULL) < 0; tries++)
        if (tries == 2000 || usleep(1000) < 0)
            _exit(1);
    bool report = write(traced->held[1], "", 1) == 1;
    wait_for_end(traced->free[0]);
    _exit(report && waitpid(child, &status, __WALL) == child ? 0 : 1);
}

static pid_t start_traced(struct traced *traced)
{
    char text;
    if (pipe(traced->go) < 0 || pipe(traced->gone) < 0 || pipe(traced->held) < 0 ||
        pipe(traced->free) < 0)
        return -1;
    traced->child = fork();
    if (traced->child == 0)
        be_traced(traced);
    pid_t tracer = fork();
    if (tracer == 0)
        trace(traced);
    (void)close(traced->gone[1]);
    (void)close(traced->held[1]);
    if (traced->child < 0 || tracer < 0 || read(traced->held[0], &text, 1) != 1)
        return -1;
    (void)close(traced->go[1]);
    wait_for_end(traced->gone[0]);
    return tracer;
}

static double seconds(clockid_t clock)
{
    struct timespec time;
    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool waits_for_its_time(struct traced *traced, unsigned flags)
{
    int64_t status = 4711;
    double start = seconds(CLOCK_MONOTONIC);
    double used = seconds(CLOCK_PROCESS_CPUTIME_ID);
    errno = 4711;
    bool runs = fdi_wait(&traced->child, &status, 0, flags) == 0 &&
                fdi_wait(&traced->child, &status, 200, flags) == 0 && errno == 4711;
    double took = seconds(CLOCK_MONOTONIC) - start;
    used = seconds(CLOCK_PROCESS_CPUTIME_ID) - used;
    return runs && status == 4711 && took > 0.19 && took < 10 && used < 0.1;
}

static bool waits_under_a_tracer(const void *unused)
{
    (void)unused;
    struct traced traced;
    int64_t status = -1, kept = -1;
    pid_t tracer = start_traced(&traced);
    bool right =
        tracer > 0 && waits_for_its_time(&traced, 0) && waits_for_its_time(&traced, FDI_WAIT_KEEP);
    (void)close(traced.free[1]);
    right = right && fdi_wait(&traced.child, &kept, 20000, FDI_WAIT_KEEP) == 1 && kept == 9 &&
            fdi_wait(&traced.child, &status, 20000, 0) == 1 && status == 9;
    int tracer_status = -1;
    return waitpid(tracer, &tracer_status, 0) == tracer && tracer_status == 0 && right;
}

static void timeout_is_kept_for_a_dead_child_under_trace(void **state)
{
    (void)state;
    assert_true(apart(waits_under_a_tracer, NULL));
}

static void invalid_process_id_is_echild(void **state)
{
    (void)state;
    fdi_process large[] = {(fdi_process)INT_MAX + 1, (fdi_process)INT_MAX * 4};
    assert_fails(ECHILD, fdi_wait(&large[0], NULL, -1, 0));
    assert_fails(ECHILD, fdi_wait(&large[1], NULL, 1, 0));
    assert_int_equal(large[0], FDI_NO_PROCESS);
    assert_int_equal(large[1], FDI_NO_PROCESS);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(search_continues_past_errors_of_one_directory),
        CASE(search_rejects_an_overlong_name),
        CASE(search_skips_a_directory_with_an_overlong_path),
        CASE(without_execveat_scripts_are_still_recognized),
        CASE(without_execveat_the_access_time_is_unchanged),
        CASE(open_file_can_be_linked_without_privilege),
        CASE(changed_effective_group_is_noticed),
        CASE(wait_with_closed_stdin_leaves_it_closed),
        CASE(timeout_works_without_pidfd),
        CASE(timeout_is_kept_for_a_dead_child_under_trace),
        CASE(invalid_process_id_is_echild),
    };
    return cmocka_run_group_tests_name("edges", cases, NULL, NULL);
}
