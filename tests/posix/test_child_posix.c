/* SPDX-License-Identifier: MIT
 * What a child starts from, past its descriptors: program, directory, environment, signals, session
 * and group. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/told.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct told told;

static void write_file(const char *name, const char *text, unsigned mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(chmod(name, (mode_t)mode), 0);
}

static int open_directory(const char *name)
{
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void here_and(const char *name, char *path)
{
    assert_non_null(getcwd(path, 400));
    strcat(path, name);
}

/* ---- program ------------------------------------------------------------------------------- */

static void program_may_be_a_path_one_of_a_directory_or_an_fd(void **state)
{
    (void)state;
    fdi_spawn_options options = tell_options();
    const char *path = options.program.path;
    char folder[4096];
    strcpy(folder, path);
    *strrchr(folder, '/') = '\0';
    int directory = open_directory(folder);
    int program = open(path, O_RDONLY | O_CLOEXEC);
    const fdi_target targets[] = {fdi_path(path), fdi_path_at(directory, "tell"), fdi_fd(program),
                                  fdi_path_at(program, path)};
    for (size_t i = 0; i < 4; i++) {
        options.program = targets[i];
        assert_works(tell(&options, &told));
        assert_int_equal(told.status, 0);
        assert_int_equal(told.count, 3);
        assert_string_equal(told.args[0], "tell");
    }
    close(directory);
    close(program);
}

static void program_fd_may_be_under_a_number_that_is_given(void **state)
{
    (void)state;
    fdi_spawn_options options = tell_options();
    int program = open(options.program.path, O_RDONLY | O_CLOEXEC);
    int other = open_null(true);
    options.program = fdi_fd(program);
    options.fds = (const fdi_fd_map[]){{other, program}, {program, other}};
    options.fd_count = 2;
    assert_works(tell(&options, &told));
    assert_int_equal(told.count, 2);
    options.fds = (const fdi_fd_map[]){{other, program}};
    options.fd_count = 1;
    assert_works(tell(&options, &told));
    assert_int_equal(told.count, 1);
    assert_int_equal(told.fds[0].fd, program);
    close(program);
    close(other);
}

static void script_given_as_an_fd_starts_if_the_child_is_given_it(void **state)
{
    (void)state;
    write_file("script", "#!/bin/sh\nexit 5\n", 0755);
    int script = open("script", O_RDONLY | O_CLOEXEC);
    fdi_process process;
    fdi_spawn_options options = tell_options();
    int status;
    options.program = fdi_fd(script);
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.fds = (const fdi_fd_map[]){{script, 9}};
    options.fd_count = 1;
    assert_works(fdi_spawn(&process, &options));
    assert_works(fdi_wait(process, &status));
    assert_int_equal(status, 5);
    close(script);
}

static void search_goes_through_path_as_posix_spawnp(void **state)
{
    (void)state;
    fdi_process process;
    fdi_spawn_options options = tell_options();
    int status;
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
        assert_works(fdi_wait(process, &status));
        assert_int_equal(status, cases[i].result);
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

static void arguments_and_environment_arrive(void **state)
{
    (void)state;
    fdi_spawn_options options = tell_options();
    char *arguments[] = {"another name", options.argv[1], "0", "", "a b\"c\\", NULL};
    char *environment[] = {"FDI_TELL=here", NULL};
    options.argv = arguments;
    options.envp = environment;
    assert_works(tell(&options, &told));
    assert_int_equal(told.arg_count, 4); /* the empty one is not read back */
    assert_string_equal(told.args[0], "another name");
    assert_string_equal(told.args[3], "a b\"c\\");
    assert_string_equal(told.variable, "here");
    setenv("FDI_TELL", "mine", 1);
    options.envp = NULL;
    assert_works(tell(&options, &told));
    assert_string_equal(told.variable, "mine");
    unsetenv("FDI_TELL");
    options.envp = (char *[]){NULL};
    assert_works(tell(&options, &told));
    assert_string_equal(told.variable, "(none)");
}

static void too_long_an_argument_is_e2big(void **state)
{
    (void)state;
    enum { LONG = 3 << 20 };
    fdi_process process;
    fdi_spawn_options options = tell_options();
    char *text = malloc(LONG);
    memset(text, 'x', LONG);
    text[LONG - 1] = '\0';
    char *arguments[] = {"tell", text, NULL};
    options.argv = arguments;
    assert_fails(E2BIG, fdi_spawn(&process, &options));
    free(text);
}

/* ---- directory ----------------------------------------------------------------------------- */

static void child_starts_in_its_directory_and_the_parent_stays(void **state)
{
    (void)state;
    char here[512], there[512];
    mkdir("one", 0755);
    mkdir("one/two", 0755);
    int one = open_directory("one");
    here_and("", here);
    here_and("/one/two", there);
    fdi_spawn_options options = tell_options();
    assert_works(tell(&options, &told));
    assert_string_equal(told.cwd, here);
    const fdi_target targets[] = {fdi_path("one/two"), fdi_path_at(one, "two"), fdi_path(there)};
    for (size_t i = 0; i < 3; i++) {
        options.directory = targets[i];
        assert_works(tell(&options, &told));
        assert_string_equal(told.cwd, there);
        assert_int_equal(told.count, 3);
    }
    options.directory = fdi_fd(one);
    assert_works(tell(&options, &told));
    there[strlen(there) - 4] = '\0';
    assert_string_equal(told.cwd, there);
    options.fds = (const fdi_fd_map[]){{0, one}};
    options.fd_count = 1;
    assert_works(tell(&options, &told));
    assert_string_equal(told.cwd, there);
    here_and("", there);
    assert_string_equal(here, there);
    close(one);
}

static void relative_program_is_seen_from_the_childs_directory(void **state)
{
    (void)state;
    fdi_process process;
    int status;
    mkdir("one", 0755);
    write_file("program", "#!/bin/sh\nexit 1\n", 0755);
    write_file("one/program", "#!/bin/sh\nexit 2\n", 0755);
    fdi_spawn_options options = tell_options();
    options.program = fdi_path("./program");
    options.directory = fdi_path("one");
    assert_works(fdi_spawn(&process, &options));
    assert_works(fdi_wait(process, &status));
    assert_int_equal(status, 2);
}

static void directory_that_cannot_be_entered_is_the_error(void **state)
{
    (void)state;
    fdi_process process;
    write_file("file", "", 0644);
    int file = open("file", O_RDONLY | O_CLOEXEC);
    fdi_spawn_options options = tell_options();
    options.directory = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.directory = fdi_path("file");
    assert_fails(ENOTDIR, fdi_spawn(&process, &options));
    options.directory = fdi_fd(file);
    assert_fails(ENOTDIR, fdi_spawn(&process, &options));
    options.directory = fdi_fd(999);
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options.directory = fdi_path_at(999, "missing");
    assert_fails(EBADF, fdi_spawn(&process, &options));
    close(file);
}

/* ---- descriptors, at the edges ------------------------------------------------------------- */

static void many_descriptors_may_be_given_in_any_order(void **state)
{
    (void)state;
    enum { MANY = 200 };
    fdi_fd_map map[MANY];
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        map[i].fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        map[i].child_fd = 3 + (i * 77) % MANY; /* 77 and 200 have no common factor */
    }
    assert_true(tell_exact(map, MANY));
    assert_true(tell_exact(map, 33));
    assert_true(tell_exact(map, 32));
    for (int i = 0; i < MANY; i++)
        close(map[i].fd);
}

static void flags_of_the_parent_stay_as_they_are(void **state)
{
    (void)state;
    fdi_process process;
    int open_ones[] = {open_null(true), open_null(false)};
    fdi_spawn_options options = tell_options();
    options.fds = (const fdi_fd_map[]){
        {open_ones[0], 30}, {open_ones[1], open_ones[0]}, {open_ones[0], open_ones[1]}};
    options.fd_count = 3;
    assert_works(tell(&options, &told));
    options.program = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    assert_int_equal(fdi_get_inheritable(open_ones[0]), 1);
    assert_int_equal(fdi_get_inheritable(open_ones[1]), 0);
    close(open_ones[0]);
    close(open_ones[1]);
}

static void child_number_above_the_limit_is_emfile(void **state)
{
    (void)state;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur > INT32_MAX - 1)
        limit.rlim_cur = INT32_MAX - 1;
    const fdi_fd_map map[] = {{0, (int)limit.rlim_cur}};
    fdi_process process;
    fdi_spawn_options options = tell_options();
    options.fds = map;
    options.fd_count = 1;
    assert_fails(EMFILE, fdi_spawn(&process, &options));
}

#ifdef O_PATH
static void descriptor_without_access_may_be_given(void **state)
{
    (void)state;
    int reached = open(".", O_PATH | O_CLOEXEC);
    const fdi_fd_map map[] = {{reached, reached}, {reached, 1}};
    assert_true(tell_exact(map, 2));
    close(reached);
}
#endif

/* ---- signals, session, group --------------------------------------------------------------- */

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

static void child_has_default_actions_and_the_mask_of_the_caller(void **state)
{
    (void)state;
    sigset_t mask, before;
    fdi_spawn_options options = tell_options();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_SETMASK, &mask, &before);
    assert_works(tell(&options, &told));
    assert_int_equal(told.ignored, 0);
    assert_int_equal(told.blocked, BIT(SIGUSR1) | BIT(SIGTERM));
    options.flags = FDI_SPAWN_EMPTY_MASK;
    assert_works(tell(&options, &told));
    assert_int_equal(told.blocked, 0);
    assert_int_equal(told.ignored, 0);
    options.flags = FDI_SPAWN_KEEP_IGNORED;
    assert_works(tell(&options, &told));
    assert_int_equal(told.ignored, BIT(SIGPIPE) | BIT(SIGHUP));
    sigprocmask(SIG_SETMASK, NULL, &mask);
    assert_true(sigismember(&mask, SIGUSR1) && !sigismember(&mask, SIGUSR2));
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

static void session_and_group_are_the_parents_unless_new(void **state)
{
    (void)state;
    fdi_spawn_options options = tell_options();
    assert_works(tell(&options, &told));
    assert_int_equal(told.session, getsid(0));
    assert_int_equal(told.group, getpgid(0));
    options.flags = FDI_SPAWN_NEW_GROUP;
    assert_works(tell(&options, &told));
    assert_int_equal(told.session, getsid(0));
    assert_int_equal(told.group, told.pid);
    options.flags = FDI_SPAWN_NEW_SESSION;
    assert_works(tell(&options, &told));
    assert_int_equal(told.session, told.pid);
    assert_int_equal(told.group, told.pid);
    options.flags = FDI_SPAWN_NEW_SESSION | FDI_SPAWN_NEW_GROUP;
    assert_works(tell(&options, &told));
    assert_int_equal(told.session, told.pid);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(program_may_be_a_path_one_of_a_directory_or_an_fd),
        CASE(program_fd_may_be_under_a_number_that_is_given),
        CASE(script_given_as_an_fd_starts_if_the_child_is_given_it),
        CASE(search_goes_through_path_as_posix_spawnp),
        CASE(arguments_and_environment_arrive),
        CASE(too_long_an_argument_is_e2big),
        CASE(child_starts_in_its_directory_and_the_parent_stays),
        CASE(relative_program_is_seen_from_the_childs_directory),
        CASE(directory_that_cannot_be_entered_is_the_error),
        CASE(many_descriptors_may_be_given_in_any_order),
        CASE(flags_of_the_parent_stay_as_they_are),
        CASE(child_number_above_the_limit_is_emfile),
#ifdef O_PATH
        CASE(descriptor_without_access_may_be_given),
#endif
        CASE(child_has_default_actions_and_the_mask_of_the_caller),
        CASE(session_and_group_are_the_parents_unless_new),
    };
    return cmocka_run_group_tests_name("child_posix", cases, NULL, NULL);
}
