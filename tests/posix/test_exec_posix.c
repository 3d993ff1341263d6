/* SPDX-License-Identifier: MIT
 * Becoming a program, in every form of a target: a child does it and the program really runs. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 100 };

/* The exit status of the program, or FAILED and the errno of a call that came back. */
static int outcome(fdi_target target, char *const *argv, char *const *envp)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        int result = fdi_execve(target, argv, envp);
        _exit(result == -1 ? FAILED + errno : 99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* "dir/shell": the system's shell, as a file of ours. */
static void copy_shell(void)
{
    char buffer[65536];
    ssize_t length;
    int from = open("/bin/sh", O_RDONLY | O_CLOEXEC);
    int to = open("dir/shell", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    while ((length = read(from, buffer, sizeof buffer)) > 0)
        assert_int_equal(write(to, buffer, (size_t)length), length);
    assert_int_equal(close(from), 0);
    assert_int_equal(close(to), 0);
}

static char *const answer_42[] = {"sh", "-c", "exit 42", NULL};

static void program_runs_in_every_form(void **state)
{
    struct scene scene = scene_open(state);
    copy_shell();
    int fd = open("dir/shell", O_RDONLY | O_CLOEXEC);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target shell =
            form == FORM_FD ? fdi_fd(fd) : named(state, scene.directory, "shell", form);
        assert_int_equal(outcome(shell, answer_42, NULL),
                         is_served(FDI_FN_EXECVE, form) ? 42 : FAILED + ENOTSUP);
    }
    assert_int_equal(close(fd), 0);
    scene_close(&scene);
}

static void program_gets_its_arguments_and_environment(void **state)
{
    (void)state;
    char *const argv[] = {"sh",  "-c",  "test \"$0 $1\" = 'one two' && test \"$A\" = b && exit 7",
                          "one", "two", NULL};
    char *const envp[] = {"A=b", NULL};
    assert_int_equal(outcome(fdi_path("/bin/sh"), argv, envp), 7);
    assert_int_equal(setenv("A", "b", 1), 0);
    assert_int_equal(outcome(fdi_path("/bin/sh"), argv, NULL), 7);
    assert_int_equal(unsetenv("A"), 0);
    assert_true(outcome(fdi_path("/bin/sh"), argv, NULL) != 7);
}

#if defined(O_PATH)

static void program_that_is_only_reached_runs(void **state)
{
    (void)state;
    int fd = open("/bin/sh", O_PATH | O_CLOEXEC);
    assert_int_equal(outcome(fdi_fd(fd), answer_42, NULL),
                     fdi_supports(FDI_FN_EXECVE, FDI_FORM_FD, 0) ? 42 : FAILED + ENOTSUP);
    assert_int_equal(close(fd), 0);
}

#endif

static void make_script(const char *path)
{
    make_file(path, "#!/bin/sh\nexit 43\n");
    assert_int_equal(chmod(path, 0755), 0);
}

/* Where the fd is closed by then, it is an error here, not one of an interpreter that is lost. */
static void script_runs_where_its_interpreter_will_find_it(void **state)
{
    struct scene scene = scene_open(state);
    char *const argv[] = {"script", NULL};
    make_script("dir/script");
    int fd = open("dir/script", O_RDONLY | O_CLOEXEC);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target script =
            form == FORM_FD ? fdi_fd(fd) : named(state, scene.directory, "script", form);
        int expected = form == FORM_PATH || form == FORM_ABSOLUTE ? 43
                       : is_served(FDI_FN_EXECVE, form)           ? FAILED + ENOENT
                                                                  : FAILED + ENOTSUP;
        assert_int_equal(outcome(script, argv, NULL), expected);
    }
    /* Inherited, it is found by its number, for which the interpreter needs /proc. */
    assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
    if (fdi_supports(FDI_FN_EXECVE, FDI_FORM_FD, 0) && access("/dev/fd/0", F_OK) == 0)
        assert_int_equal(outcome(fdi_fd(fd), argv, NULL), 43);
    assert_int_equal(close(fd), 0);
    scene_close(&scene);
}

static void execve_that_fails_says_why(void **state)
{
    struct scene scene = scene_open(state);
    char *const none[] = {NULL};
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target nothing = named(state, scene.directory, "nothing", form);
        if (is_served(FDI_FN_EXECVE, form)) {
            assert_fails(ENOENT, fdi_execve(nothing, answer_42, NULL));
            assert_fails(EACCES, fdi_execve(scene_file(&scene, form), answer_42, NULL));
        }
    }
    assert_fails(EINVAL, fdi_execve(fdi_path("/bin/sh"), NULL, NULL));
    assert_fails(EINVAL, fdi_execve(fdi_path("/bin/sh"), none, NULL));
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(program_runs_in_every_form),
        CASE(program_gets_its_arguments_and_environment),
#if defined(O_PATH)
        CASE(program_that_is_only_reached_runs),
#endif
        CASE(script_runs_where_its_interpreter_will_find_it),
        CASE(execve_that_fails_says_why),
    };
    return cmocka_run_group_tests_name("exec_posix", cases, NULL, NULL);
}
