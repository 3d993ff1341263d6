/* SPDX-License-Identifier: MIT
 * fdi_execve in every form of a target: a child calls it and the program really runs. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 100 };

/* Returns the exit status of the program, or FAILED plus the errno of a failed call. */
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

/* Copies the system's shell to "dir/shell". */
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
    struct file_tree tree = file_tree_open(state);
    copy_shell();
    int fd = open("dir/shell", O_RDONLY | O_CLOEXEC);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target shell =
            form == FORM_FD ? fdi_fd(fd) : named(state, tree.directory, "shell", form);
        assert_int_equal(outcome(shell, answer_42, NULL),
                         is_served(FDI_FN_EXECVE, form) ? 42 : FAILED + ENOTSUP);
    }
    assert_int_equal(close(fd), 0);
    file_tree_close(&tree);
}

static void program_receives_its_arguments_and_environment(void **state)
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

static void program_as_an_o_path_fd_runs(void **state)
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

/* If exec closes the fd, fdi_execve itself must fail, instead of the interpreter later. */
static void script_runs_if_its_interpreter_can_open_it(void **state)
{
    struct file_tree tree = file_tree_open(state);
    char *const argv[] = {"script", NULL};
    make_script("dir/script");
    int fd = open("dir/script", O_RDONLY | O_CLOEXEC);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target script =
            form == FORM_FD ? fdi_fd(fd) : named(state, tree.directory, "script", form);
        int expected = form == FORM_PATH || form == FORM_ABSOLUTE ? 43
                       : is_served(FDI_FN_EXECVE, form)           ? FAILED + ENOENT
                                                                  : FAILED + ENOTSUP;
        assert_int_equal(outcome(script, argv, NULL), expected);
    }
    /* The interpreter finds an inheritable fd by its number, which needs /proc. */
    assert_int_equal(fcntl(fd, F_SETFD, 0), 0);
    if (fdi_supports(FDI_FN_EXECVE, FDI_FORM_FD, 0) && access("/dev/fd/0", F_OK) == 0)
        assert_int_equal(outcome(fdi_fd(fd), argv, NULL), 43);
    assert_int_equal(close(fd), 0);
    file_tree_close(&tree);
}

static void failed_execve_sets_errno(void **state)
{
    struct file_tree tree = file_tree_open(state);
    char *const none[] = {NULL};
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target nothing = named(state, tree.directory, "nothing", form);
        if (is_served(FDI_FN_EXECVE, form)) {
            assert_fails(ENOENT, fdi_execve(nothing, answer_42, NULL));
            assert_fails(EACCES, fdi_execve(file_tree_file(&tree, form), answer_42, NULL));
        }
    }
    assert_fails(EINVAL, fdi_execve(fdi_path("/bin/sh"), NULL, NULL));
    assert_fails(EINVAL, fdi_execve(fdi_path("/bin/sh"), none, NULL));
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(program_runs_in_every_form),
        CASE(program_receives_its_arguments_and_environment),
#if defined(O_PATH)
        CASE(program_as_an_o_path_fd_runs),
#endif
        CASE(script_runs_if_its_interpreter_can_open_it),
        CASE(failed_execve_sets_errno),
    };
    return cmocka_run_group_tests_name("exec_posix", cases, NULL, NULL);
}
