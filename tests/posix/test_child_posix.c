/* SPDX-License-Identifier: MIT
 * The state of a new child besides its descriptors: program, directory, environment, signals,
 * session and process group. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/child_report.h"
#include "ended.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct child_report report;

static void write_file(const char *name, const char *text, unsigned mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(chmod(name, (mode_t)mode), 0);
}

/* ---- program ------------------------------------------------------------------------------- */

static void script_as_an_fd_starts_if_the_child_receives_that_fd(void **state)
{
    (void)state;
    write_file("script", "#!/bin/sh\nexit 5\n", 0755);
    int script = open("script", O_RDONLY | O_CLOEXEC);
    fdi_process process;
    fdi_spawn_options options = report_options();
    int64_t status = 5;
    bool served = is_served(FDI_FN_EXECVE, FORM_FD);
    bool shell_finds_it = access("/dev/fd/0", F_OK) == 0;
    options.program = fdi_fd(script);
    assert_fails(served ? ENOENT : ENOTSUP, fdi_spawn(&process, &options));
    options.fds = (const fdi_fd_map[]){{script, 9}};
    options.fd_count = 1;
    assert_served(served, fdi_spawn(&process, &options));
    if (served)
        status = status_at_end(&process);
    assert_int_equal(status == 5, shell_finds_it || !served);
    close(script);
}

static void search_finds_the_same_program_as_posix_spawnp(void **state)
{
    (void)state;
    fdi_process process;
    fdi_spawn_options options = report_options();
    char *before = strdup(getenv("PATH"));
    mkdir("empty", 0755);
    mkdir("one", 0755);
    mkdir("two", 0755);
    write_file("one/there", "#!/bin/sh\nexit 1\n", 0644);
    write_file("two/there", "#!/bin/sh\nexit 2\n", 0755);
    write_file("there", "#!/bin/sh\nexit 3\n", 0755);
    write_file("one/locked", "", 0644);
    write_file("one/unknown", "text", 0755);
    options.flags = FDI_SPAWN_SEARCH;
    const struct {
        const char *path, *name;
        int result;
    } cases[] = {
        {"missing:empty:one:two", "there", 2},
        {":two", "there", 3},
        {"two:", "there", 2},
        {"empty:", "there", 3},
        {"two", "./there", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        setenv("PATH", cases[i].path, 1);
        options.program = fdi_path(cases[i].name);
        assert_works(fdi_spawn(&process, &options));
        assert_int_equal(status_at_end(&process), cases[i].result);
    }
    setenv("PATH", "empty:one:two", 1);
    options.program = fdi_path("nowhere");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.program = fdi_path("locked");
    assert_fails(EACCES, fdi_spawn(&process, &options));
    options.program = fdi_path("unknown");
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    options.program = fdi_path("");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.flags = 0;
    options.program = fdi_path("locked");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    setenv("PATH", before, 1);
    free(before);
}

static void relative_program_path_starts_at_the_childs_directory(void **state)
{
    (void)state;
    fdi_process process;
    mkdir("one", 0755);
    write_file("program", "#!/bin/sh\nexit 1\n", 0755);
    write_file("one/program", "#!/bin/sh\nexit 2\n", 0755);
    fdi_spawn_options options = report_options();
    options.program = fdi_path("./program");
    options.directory = fdi_path("one");
    assert_works(fdi_spawn(&process, &options));
    assert_int_equal(status_at_end(&process), 2);
}

/* ---- edge cases of descriptors ------------------------------------------------------------- */

static void child_number_above_the_limit_is_emfile(void **state)
{
    (void)state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur > INT32_MAX - 1)
        limit.rlim_cur = INT32_MAX - 1;
    const fdi_fd_map map[] = {{0, (int)limit.rlim_cur}};
    fdi_process process;
    fdi_spawn_options options = report_options();
    options.fds = map;
    options.fd_count = 1;
    assert_fails(EMFILE, fdi_spawn(&process, &options));
}

#ifdef O_PATH
static void descriptor_without_access_rights_can_be_passed(void **state)
{
    (void)state;
    int reached = open(".", O_PATH | O_CLOEXEC);
    const fdi_fd_map map[] = {{reached, reached}, {reached, 1}};
    assert_true(child_has_exactly(map, 2));
    close(reached);
}
#endif

/* ---- signals, session, group --------------------------------------------------------------- */

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

static void child_has_default_signal_actions_and_the_callers_mask(void **state)
{
    (void)state;
    sigset_t mask, before;
    fdi_spawn_options options = report_options();
    signal(SIGINT, SIG_DFL); /* a shell ignores these two signals for background jobs */
    signal(SIGQUIT, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_SETMASK, &mask, &before);
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.ignored, 0);
    assert_int_equal(report.blocked, BIT(SIGUSR1) | BIT(SIGTERM));
    options.flags = FDI_SPAWN_EMPTY_MASK;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.blocked, 0);
    assert_int_equal(report.ignored, 0);
    options.flags = FDI_SPAWN_KEEP_IGNORED;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.ignored, BIT(SIGPIPE) | BIT(SIGHUP));
    sigprocmask(SIG_SETMASK, NULL, &mask);
    assert_true(sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGUSR2));
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

static void child_keeps_the_parents_session_and_group_unless_new(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.session, getsid(0));
    assert_int_equal(report.group, getpgid(0));
    options.flags = FDI_SPAWN_NEW_GROUP;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.session, getsid(0));
    assert_int_equal(report.group, report.pid);
    options.flags = FDI_SPAWN_NEW_SESSION;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.session, report.pid);
    assert_int_equal(report.group, report.pid);
    options.flags = FDI_SPAWN_NEW_SESSION | FDI_SPAWN_NEW_GROUP;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.session, report.pid);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(script_as_an_fd_starts_if_the_child_receives_that_fd),
        CASE(search_finds_the_same_program_as_posix_spawnp),
        CASE(relative_program_path_starts_at_the_childs_directory),
        CASE(child_number_above_the_limit_is_emfile),
#ifdef O_PATH
        CASE(descriptor_without_access_rights_can_be_passed),
#endif
        CASE(child_has_default_signal_actions_and_the_callers_mask),
        CASE(child_keeps_the_parents_session_and_group_unless_new),
    };
    return cmocka_run_group_tests_name("child_posix", cases, NULL, NULL);
}
