/* SPDX-License-Identifier: MIT
 * Failures in a child between its creation and its program, and conflicts between numbers. The
 * tests refuse one call for each. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "../support/child_report.h"
#include "../../src/backend.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOSE_RANGE = 436, CLONE3 = 435, UNSHARE_FLAG = 2 };

static const struct seccomp_rule no_clone3 = {CLONE3, 0, 0, 0, ENOSYS};
/* Leaves fork as the only way to create the child. */
static const struct seccomp_rule no_shared_memory = {SYS_clone, 0, CLONE_THREAD | CLONE_VM,
                                                     CLONE_VM, EPERM};

static bool fails_with(int error)
{
    static struct child_report report;
    fdi_spawn_options options = report_options();
    errno = 0;
    return spawn_report(&options, &report) == -1 && errno == error &&
           waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static int lowest_free(void)
{
    int fd = dup(0);
    (void)close(fd);
    return fd;
}

/* A forked child reports its error through a pipe. The library creates it at the first free numbers
 * and moves it to numbers that the child does not use. */
static bool keeps_its_pipe_apart(const void *unused)
{
    (void)unused;
    int file = open_file("file", -1);
    int first = lowest_free();
    int lone = first + 6;
    bool right = seccomp_refuse((const struct seccomp_rule[]){no_clone3, no_shared_memory}, 2) &&
                 dup2(file, lone) == lone;
    for (int near = first; near < lone && right; near++)
        right =
            child_has_exactly((const fdi_fd_map[]){{0, 0}, {1, 1}, {2, 2}, {file, near}}, 4) &&
            child_has_exactly((const fdi_fd_map[]){{0, near}, {1, 1}, {file, 2}, {lone, 0}}, 4) &&
            child_has_exactly((const fdi_fd_map[]){{lone, near + 1}, {file, near}}, 2);
    return right;
}

static void child_numbers_do_not_collide_with_the_error_pipe(void **state)
{
    (void)state;
    assert_true(apart(keeps_its_pipe_apart, NULL));
}

static bool has_no_pipe(const void *unused)
{
    (void)unused;
    const struct seccomp_rule no_pipe = {SYS_pipe2, 0, 0, 0, EMFILE};
    return seccomp_refuse((const struct seccomp_rule[]){no_clone3, no_shared_memory, no_pipe}, 3) &&
           fails_with(EMFILE);
}

/* The pipe needs one number more while it moves. */
static bool has_no_room_for_its_pipe(const void *unused)
{
    (void)unused;
    int first = lowest_free();
    const struct rlimit limit = {(rlim_t)first + 2, (rlim_t)first + 3};
    const struct rlimit more = {(rlim_t)first + 3, (rlim_t)first + 3};
    static struct child_report report;
    fdi_spawn_options options = report_options();
    return seccomp_refuse((const struct seccomp_rule[]){no_clone3, no_shared_memory}, 2) &&
           setrlimit(RLIMIT_NOFILE, &limit) == 0 && fails_with(EMFILE) && lowest_free() == first &&
           setrlimit(RLIMIT_NOFILE, &more) == 0 && spawn_report(&options, &report) == 0 &&
           report.count == 3 && lowest_free() == first;
}

/* The child uses every number below the limit, so that the pipe has none. */
static bool has_no_number_for_its_pipe(const void *unused)
{
    (void)unused;
    enum { LIMIT = 12 };
    fdi_fd_map map[LIMIT];
    fdi_process process;
    const struct rlimit limit = {LIMIT, LIMIT};
    fdi_spawn_options options = report_options();
    for (int fd = 0; fd < LIMIT; fd++)
        map[fd] = (fdi_fd_map){0, fd};
    for (int fd = 3; fd < LIMIT; fd++)
        (void)close(fd);
    options.fds = map;
    options.fd_count = LIMIT;
    errno = 0;
    return seccomp_refuse((const struct seccomp_rule[]){no_clone3, no_shared_memory}, 2) &&
           setrlimit(RLIMIT_NOFILE, &limit) == 0 && fdi_spawn(&process, &options) == -1 &&
           errno == EMFILE && lowest_free() == 3;
}

static void forked_child_without_an_error_pipe_is_an_error(void **state)
{
    (void)state;
    assert_true(apart(has_no_pipe, NULL));
    assert_true(apart(has_no_room_for_its_pipe, NULL));
    assert_true(apart(has_no_number_for_its_pipe, NULL));
}

/* Reports whether the numbers below `closed` are the null device in the child. */
static bool are_null(const struct child_report *report, int closed)
{
    struct stat null;
    if (report->count != 3 || stat("/dev/null", &null) < 0)
        return false;
    for (int fd = 0; fd < closed; fd++)
        if (report->fds[fd].fd != fd || report->fds[fd].ino != null.st_ino)
            return false;
    return true;
}

static bool are_closed(int closed)
{
    for (int fd = 0; fd < closed; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            return false;
    return true;
}

/* The error pipe must not use the number of a closed stdio. That number belongs to the null
 * device, and no source is open there. */
static bool keeps_its_pipe_above_stdio(const void *numbers)
{
    static struct child_report report;
    int closed = *(const int *)numbers;
    const struct seccomp_rule no_high_pipe = {SYS_fcntl, 1, ~0U, F_DUPFD_CLOEXEC, EPERM};
    fdi_spawn_options options = report_options();
    for (int fd = 0; fd < closed; fd++)
        (void)close(fd);
    if (!seccomp_refuse((const struct seccomp_rule[]){no_clone3, no_shared_memory}, 2) ||
        spawn_report(&options, &report) < 0 || !are_null(&report, closed))
        return false;
    options.program = fdi_path("/missing");
    bool fails_as_expected = spawn_report(&options, &report) == -1 && errno == ENOENT;
    return fails_as_expected && are_closed(closed) && seccomp_refuse(&no_high_pipe, 1) &&
           fails_with(EPERM) && are_closed(closed);
}

static void forked_child_keeps_its_error_pipe_above_stdio(void **state)
{
    (void)state;
    for (int closed = 1; closed <= 3; closed++)
        assert_true(apart(keeps_its_pipe_above_stdio, &closed));
}

static bool has_no_null_device(const void *refuses_shared_memory)
{
    const struct seccomp_rule no_null = {SYS_openat, 2, O_ACCMODE | O_CREAT, O_RDWR, EACCES};
    const struct seccomp_rule rules[] = {no_null, no_clone3, no_shared_memory};
    (void)close(2);
    return seccomp_refuse(rules, *(const bool *)refuses_shared_memory ? 3 : 1) &&
           fails_with(EACCES) && fcntl(2, F_GETFD) < 0;
}

static void failure_to_open_the_null_device_is_an_error(void **state)
{
    (void)state;
    assert_true(apart(has_no_null_device, &(bool){false}));
    assert_true(apart(has_no_null_device, &(bool){true}));
}

/* The filter permits the first call, which unshares the child's table. */
static bool closes_by_list(const void *unused)
{
    (void)unused;
    const struct seccomp_rule no_spans = {CLOSE_RANGE, 2, UNSHARE_FLAG, 0, EINVAL};
    int high = fcntl(0, F_DUPFD, 30);
    return seccomp_refuse(&no_spans, 1) &&
           child_has_exactly((const fdi_fd_map[]){{0, 0}, {high, 60}, {1, 1}, {2, 2}}, 4);
}

static void gaps_are_closed_one_by_one_without_close_range(void **state)
{
    (void)state;
    assert_true(apart(closes_by_list, NULL));
}

static bool has_no_list(const void *unused)
{
    (void)unused;
    const struct seccomp_rule rules[] = {
        {CLOSE_RANGE, 0, 0, 0, ENOSYS},
        {SYS_pselect6, 0, 0, 0, EPERM},
#if defined(SYS_select)
        {SYS_select, 0, 0, 0, EPERM},
#endif
        {SYS_getdents64, 0, 0, 0, EPERM}
    };
    return lose_proc() && seccomp_refuse(rules, sizeof rules / sizeof rules[0]) &&
           fails_with(ENOTSUP);
}

static bool cannot_read_its_list(const void *unused)
{
    (void)unused;
    const struct seccomp_rule rules[] = {{CLOSE_RANGE, 0, 0, 0, ENOSYS},
                                         {SYS_fcntl, 0, ~0U, 30, EIO}};
    return dup2(0, 30) == 30 && lose_proc() && seccomp_refuse(rules, 2) && fails_with(EIO);
}

static bool cannot_close_its_gaps(const void *unused)
{
    (void)unused;
    static struct child_report report;
    const struct seccomp_rule rules[] = {{CLOSE_RANGE, 2, UNSHARE_FLAG, 0, EINVAL},
                                         {SYS_fcntl, 0, ~0U, 30, EIO}};
    fdi_spawn_options options = report_options();
    options.fds = (const fdi_fd_map[]){{0, 0}, {1, 1}, {2, 2}, {50, 40}};
    options.fd_count = 4;
    errno = 0;
    return dup2(0, 30) == 30 && dup2(0, 50) == 50 && lose_proc() && seccomp_refuse(rules, 2) &&
           spawn_report(&options, &report) == -1 && errno == EIO;
}

static void child_that_cannot_list_its_descriptors_is_an_error(void **state)
{
    (void)state;
    assert_true(apart(has_no_list, NULL));
    assert_true(apart(cannot_read_its_list, NULL));
    assert_true(apart(cannot_close_its_gaps, NULL));
}

/* Provides a procfs whose status lacks the line, is empty, or is so long that the line is cut
 * off. */
static bool resets_every_signal(const void *text)
{
    static struct child_report report;
    fdi_spawn_options options = report_options();
    if (!lose_proc() || mkdir("/proc/self", 0755) < 0)
        return false;
    int status = open("/proc/self/status", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (write(status, text, strlen(text)) < 0 || close(status) < 0)
        return false;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGUSR2, SIG_IGN);
    return spawn_report(&options, &report) == 0 && report.ignored == 0;
}

static void ignored_signals_are_reset_with_any_procfs_text(void **state)
{
    (void)state;
    assert_true(apart(resets_every_signal, "Name:\tx\nSigCgt:\t00\n"));
    assert_true(apart(resets_every_signal, ""));
    char text[2100];
    (void)snprintf(text, sizeof text, "Groups:%*s\nSigIgn:\t0000000000001800\n", 2023, "");
    assert_true(apart(resets_every_signal, text));
}

static bool finds_what_every_system_has(const void *unused)
{
    (void)unused;
    fdi_process process;
    int64_t status = -1;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path("true");
    options.argv = (char *[]){"true", NULL};
    options.flags = FDI_SPAWN_SEARCH;
    set_variable("PATH", NULL);
    return fdi_spawn(&process, &options) == 0 && fdi_wait(&process, &status, -1, 0) == 1 &&
           status == 0;
}

static void search_without_path_looks_in_bin(void **state)
{
    (void)state;
    assert_true(apart(finds_what_every_system_has, NULL));
}

/* Keeps AddressSanitizer from ending the program. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* No such map can exist: the backend allocates memory for all entries before it reads one. */
static void map_too_large_for_memory_is_enomem(void **state)
{
    fdi_process process = -7;
    fdi_spawn_options options = report_options();
    (void)state;
    options.fd_count = SIZE_MAX / 64;
    assert_fails(ENOMEM, fdi__os_spawn(&process, &options));
    assert_int_equal(process, -7);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(child_numbers_do_not_collide_with_the_error_pipe),
        CASE(forked_child_without_an_error_pipe_is_an_error),
        CASE(forked_child_keeps_its_error_pipe_above_stdio),
        CASE(failure_to_open_the_null_device_is_an_error),
        CASE(gaps_are_closed_one_by_one_without_close_range),
        CASE(child_that_cannot_list_its_descriptors_is_an_error),
        CASE(ignored_signals_are_reset_with_any_procfs_text),
        CASE(map_too_large_for_memory_is_enomem),
        CASE(search_without_path_looks_in_bin),
    };
    return cmocka_run_group_tests_name("spawn_edges", cases, NULL, NULL);
}
