/* SPDX-License-Identifier: MIT
 * Every operation rejects the same misuse, and fdi_supports predicts the result of a call in every
 * form. */
#include "../src/platform.h"
#include "support/files.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

static bool takes_fd(int number)
{
    return contract[number].targets == BY_NAME_OR_FD;
}

static bool takes_nofollow(int number)
{
    return contract[number].flags & FDI_NOFOLLOW;
}

/* Returns the first row from `number` on whose operation takes a target. */
static int next_target(int number)
{
    while (number < contract_size && contract[number].targets == NO_TARGET)
        number++;
    return number;
}

static void every_operation_has_its_name_and_number(void **state)
{
    (void)state;
    for (int i = 0; i < contract_size; i++) {
        assert_int_equal(contract[i].function, i);
        assert_non_null(fdi_function_name(contract[i].function));
        assert_string_equal(fdi_function_name(contract[i].function), contract[i].name);
    }
}

static void every_operation_of_the_library_has_a_row(void **state)
{
    (void)state;
    for (int i = contract_size; i < function_count(); i++)
        fail_msg("operations.c has no row for %s", fdi_function_name((fdi_function)i));
    assert_int_equal(contract_size, function_count());
}

static void unknown_function_number_has_no_name_and_no_support(void **state)
{
    (void)state;
    const int none[] = {function_count(), -1, INT_MAX, INT_MIN};
    for (int i = 0; i < 4; i++) {
        fdi_function function = (fdi_function)none[i];
        assert_null(fdi_function_name(function));
        assert_false(fdi_supports(function, FDI_FORM_PATH, 0) ||
                     fdi_supports(function, FDI_FORM_FD, 0) ||
                     fdi_supports(function, FDI_FORM_DIR_FD, 0));
        assert_false(fdi_supports(function, FDI_FORM_PATH, FDI_NOFOLLOW));
        assert_false(fdi_supports(function, FDI_FORM_PATH, FDI_EFFECTIVE_IDS));
    }
}

static void targets_hold_their_constructor_arguments(void **state)
{
    (void)state;
    const char *name = "name";
    fdi_target path = fdi_path(name), at = fdi_path_at(7, name), fd = fdi_fd(0);
    assert_true(path.path == name && path.fd == FDI_AT_FDCWD && path.form == FDI_FORM_PATH);
    assert_true(at.path == name && at.fd == 7 && at.form == FDI_FORM_DIR_FD);
    assert_true(!fd.path && fd.fd == 0 && fd.form == FDI_FORM_FD);
}

static void meaningless_forms_and_flags_are_not_supported(void **state)
{
    (void)state;
    const int no_forms[] = {0, 4, -1, INT_MAX, INT_MIN};
    for (int i = 0; i < contract_size; i++) {
        fdi_function function = (fdi_function)i;
        for (int j = 0; j < 5; j++)
            assert_false(fdi_supports(function, (fdi_form)no_forms[j], 0));
        for (int bit = 0; bit < 32; bit++)
            for (int form = FDI_FORM_PATH; form <= FDI_FORM_FD; form++)
                if (!(contract[i].flags & 1U << bit))
                    assert_false(fdi_supports(function, (fdi_form)form, 1U << bit));
        assert_false(fdi_supports(function, FDI_FORM_FD, FDI_NOFOLLOW));
    }
    assert_false(fdi_supports(FDI_FN_SPAWN, FDI_FORM_FD, FDI_SPAWN_SEARCH));
    assert_false(fdi_supports(FDI_FN_SPAWN, FDI_FORM_DIR_FD, FDI_SPAWN_SEARCH));
    assert_true(fdi_supports(FDI_FN_SPAWN, FDI_FORM_PATH, FDI_SPAWN_SEARCH));
    assert_true(fdi_supports(FDI_FN_FOPEN, FDI_FORM_PATH, FDI_ABOVE_STDIO));
}

/* ---- misuse -------------------------------------------------------------------------------- */

/* Misuse takes precedence over every other error, even if the platform lacks the operation. */
static void misuse_is_einval_for_every_operation(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const int fds[] = {0, tree.fd, tree.directory, closed_fd()};
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1))
        for (int j = 0; j < 4; j++) {
            fdi_function function = contract[i].function;
            assert_fails(EINVAL, call_any(function, (fdi_target){NULL, fds[j], 0}, 0));
            assert_fails(EINVAL, call_any(function, (fdi_target){NULL, fds[j], 4}, 0));
            assert_fails(EINVAL, call_any(function, fdi_path(NULL), 0));
            assert_fails(EINVAL, call_any(function, fdi_path_at(fds[j], NULL), 0));
            if (!takes_fd(i))
                assert_fails(EINVAL, call_any(function, fdi_fd(fds[j]), 0));
            if (takes_nofollow(i))
                assert_fails(EINVAL, call_any(function, fdi_fd(fds[j]), FDI_NOFOLLOW));
        }
    assert_file_is("dir/file", "0123456789");
    assert_false(exists("other"));
    file_tree_close(&tree);
}

static void unknown_flags_are_einval_for_every_operation(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1)) {
        unsigned known = contract[i].flags;
        for (int bit = 0; bit < 32; bit++) {
            unsigned flags = 1U << bit;
            if (!takes_flags(contract[i].function) || (known & flags))
                continue;
            assert_fails(EINVAL, call_any(contract[i].function, fdi_path("dir/file"), flags));
            assert_fails(EINVAL, call_any(contract[i].function, fdi_fd(tree.fd), flags));
            assert_fails(EINVAL, call_any(contract[i].function, fdi_path("new"), known | flags));
        }
    }
    assert_false(exists("other"));
    assert_false(exists("new"));
    file_tree_close(&tree);
}

/* FDI_AT_FDCWD as an fd does not mean the current directory. An operation that takes no fd
 * rejects every number as misuse. */
static void negative_fd_is_ebadf_for_every_operation(void **state)
{
    (void)state;
    const int fds[] = {-1, -2, FDI_AT_FDCWD, -101, INT_MIN};
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1)) {
        assert_fails(EINVAL, call_any(contract[i].function, fdi_path(NULL), 0));
        assert_fails(EINVAL, call_any(contract[i].function, fdi_path_at(-1, NULL), 0));
        for (int j = 0; j < 5; j++)
            assert_fails(takes_fd(i) ? EBADF : EINVAL,
                         call_any(contract[i].function, fdi_fd(fds[j]), 0));
    }
}

/* ---- closed descriptors and non-directories ------------------------------------------------ */

static bool is_had(int row, enum form form)
{
    return is_served(contract[row].function, form);
}

static void closed_fd_is_ebadf_for_every_operation(void **state)
{
    (void)state;
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1))
        if (takes_fd(i) && is_had(i, FORM_FD))
            assert_fails(EBADF, call_any(contract[i].function, fdi_fd(closed_fd()), 0));
}

static void closed_dir_fd_is_ebadf_for_every_operation(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1)) {
        if (!is_had(i, FORM_AT))
            continue;
        assert_fails(EBADF, call_any(contract[i].function, fdi_path_at(closed_fd(), "file"), 0));
        assert_fails(EBADF, call_any(contract[i].function, fdi_path_at(-1, "file"), 0));
        assert_fails(EBADF, call_any(contract[i].function, fdi_path_at(-7, "new"), 0));
        if (takes_nofollow(i))
            assert_fails(EBADF, call_any(contract[i].function, fdi_path_at(closed_fd(), "file"),
                                         FDI_NOFOLLOW));
    }
    file_tree_close(&tree);
}

static void dir_fd_of_a_non_directory_is_enotdir_for_every_operation(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1)) {
        if (!is_had(i, FORM_AT))
            continue;
        assert_fails(ENOTDIR, call_any(contract[i].function, fdi_path_at(tree.fd, "file"), 0));
        if (takes_nofollow(i))
            assert_fails(ENOTDIR, call_any(contract[i].function, fdi_path_at(tree.fd, "file"),
                                           FDI_NOFOLLOW));
    }
    file_tree_close(&tree);
}

/* ---- fdi_supports -------------------------------------------------------------------------- */

static bool makes_a_name(fdi_function function)
{
    return operation_of(function)->object == ON_NEW_NAME;
}

/* Creates an object in "dir" that `function` can act on. Each call creates a new one. */
static const char *prepare(void **state, fdi_function function)
{
    static const char *const names[] = {"object", "child", "new"};
    for (int i = 0; i < 3; i++) {
        (void)fdi_unlink(named(state, 0, names[i], FORM_PATH));
        (void)fdi_rmdir(named(state, 0, names[i], FORM_PATH));
    }
    (void)fdi_unlink(fdi_path("other"));
    if (makes_a_name(function))
        return "new";
    if (operation_of(function)->object == ON_DIRECTORY) {
        assert_int_equal(fdi_mkdir(fdi_path("dir/child"), 0755), 0);
        return "child";
    }
    make_file("dir/object", "0123456789");
    if (function == FDI_FN_GETXATTR || function == FDI_FN_REMOVEXATTR)
        (void)fdi_setxattr(fdi_path("dir/object"), "user.test", "value", 5, 0, 0);
    return "object";
}

/* Reports whether the call took effect. A text file is not executable and a plain file is not a
 * symlink: these calls fail with the matching errno. Windows also refuses to run a program that
 * is open for writing. */
static bool has_worked(fdi_function function, int64_t result, int error)
{
    if (function == FDI_FN_EXECVE || function == FDI_FN_SPAWN)
        return result < 0 && (error == EACCES || error == ENOEXEC || error == EBUSY);
    if (function == FDI_FN_READLINK)
        return result < 0 && error == EINVAL;
    return result >= 0;
}

static const char *const form_names[] = {NULL, "a path", "a dir_fd", "an fd"};

/* These flags apply to a path only. */
static bool has_meaning(int row, fdi_form form, unsigned flags)
{
    if (form == FDI_FORM_FD)
        return takes_fd(row) && !(flags & (FDI_NOFOLLOW | FDI_SPAWN_SEARCH));
    return form == FDI_FORM_PATH || !(flags & FDI_SPAWN_SEARCH);
}

static void judge(int row, fdi_form form, unsigned flags, int64_t result)
{
    int error = errno;
    fdi_function function = contract[row].function;
    bool supported = fdi_supports(function, form, flags);
    bool agrees = supported
                      ? has_worked(function, result, error)
                      : result < 0 && error == (has_meaning(row, form, flags) ? ENOTSUP : EINVAL);
    if (!agrees)
        print_error("%s with %s and flags %#x is %s, but the call gives %lld, errno %d\n",
                    contract[row].name, form_names[form], flags,
                    supported ? "supported" : "not supported", (long long)result, error);
    assert_true(agrees);
}

/* Restores the current directory after fdi_chdir. */
static int64_t act(fdi_function function, fdi_target target, unsigned flags, int here)
{
    int64_t result = call_any(function, target, flags);
    int error = errno;
    if (function == FDI_FN_CHDIR && result >= 0)
        assert_int_equal(fdi_chdir(fdi_fd(here)), 0);
    errno = error;
    return result;
}

static int opened(const char *name)
{
    char path[32];
    snprintf(path, sizeof path, "dir/%s", name);
    int fd = fdi_open(fdi_path(path), strcmp(name, "object") == 0 ? 2 : 0, 0); /* O_RDWR */
    assert_true(fd >= 0);
    return fd;
}

/* Acts on the descriptor as number 0. */
static int64_t act_on_0(fdi_function function, int fd, int here)
{
    int stdin_before = dup(0);
    assert_true(stdin_before > 0 && dup2(fd, 0) >= 0);
    int64_t result = act(function, fdi_fd(0), 0, here);
    int error = errno;
    assert_true(dup2(stdin_before, 0) >= 0);
    assert_int_equal(close(stdin_before), 0);
    errno = error;
    return result;
}

static void judge_call(void **state, int row, fdi_form form, unsigned flags, int here)
{
    fdi_function function = contract[row].function;
    const char *name = prepare(state, function);
    int fd = opened(makes_a_name(function) ? "file" : name);
    int directory = open_directory("dir");
    const fdi_target targets[] = {named(state, 0, name, FORM_PATH), fdi_path_at(directory, name),
                                  fdi_fd(fd)};
    if (form != FDI_FORM_FD)
        assert_int_equal(close(fd), 0); /* Windows runs no program that is open for writing */
    judge(row, form, flags, act(function, targets[form - 1], flags, here));
    if (form == FDI_FORM_FD)
        assert_int_equal(close(fd), 0);
    assert_int_equal(close(directory), 0);
}

/* Tries every form with every combination of the flags that the function takes. */
static void supported_calls_work_and_unsupported_calls_are_enotsup(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int here = open_directory(".");
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1))
        for (int form = FDI_FORM_PATH; form <= FDI_FORM_FD; form++) {
            unsigned flags = contract[i].flags;
            judge_call(state, i, (fdi_form)form, flags, here);
            while (flags != 0) {
                flags = (flags - 1) & contract[i].flags;
                judge_call(state, i, (fdi_form)form, flags, here);
            }
        }
    assert_int_equal(close(here), 0);
    file_tree_close(&tree);
}

static void supported_fd_also_works_as_number_0(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int here = open_directory(".");
    for (int i = next_target(0); i < contract_size; i = next_target(i + 1)) {
        fdi_function function = contract[i].function;
        const char *name = prepare(state, function);
        int fd = opened(makes_a_name(function) ? "file" : name);
        judge(i, FDI_FORM_FD, 0, act_on_0(function, fd, here));
        assert_int_equal(close(fd), 0);
    }
    assert_int_equal(close(here), 0);
    file_tree_close(&tree);
}

static void supported_function_without_a_target_works(void **state)
{
    (void)state;
    for (int i = 0; i < contract_size; i++) {
        if (contract[i].targets != NO_TARGET)
            continue;
        fdi_function function = (fdi_function)i;
        bool supported = fdi_supports(function, FDI_FORM_PATH, 0);
        errno = 0;
        int64_t result = call_any(function, fdi_fd(closed_fd()), 0);
        if (!supported)
            assert_true(result == -1 && errno == ENOTSUP);
        else if (function == FDI_FN_RECV_FDS)
            assert_true(result == -1 && errno == EBADF);
        else
            assert_int_equal(result, 0);
        assert_true(supported || !system_has(function));
        assert_false(fdi_supports(function, FDI_FORM_DIR_FD, 0));
        assert_false(fdi_supports(function, FDI_FORM_FD, 0));
    }
}

static void supports_leaves_errno_unchanged(void **state)
{
    (void)state;
    errno = 4711;
    for (int i = 0; i < contract_size; i++) {
        (void)fdi_supports((fdi_function)i, FDI_FORM_PATH, 0);
        (void)fdi_supports((fdi_function)i, FDI_FORM_FD, 0);
        (void)fdi_supports((fdi_function)i, FDI_FORM_DIR_FD, 0);
        (void)fdi_supports((fdi_function)i, FDI_FORM_PATH, FDI_NOFOLLOW);
        (void)fdi_supports((fdi_function)i, FDI_FORM_PATH, FDI_EFFECTIVE_IDS);
        assert_int_equal(errno, 4711);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_operation_has_its_name_and_number),
        CASE(every_operation_of_the_library_has_a_row),
        CASE(unknown_function_number_has_no_name_and_no_support),
        CASE(targets_hold_their_constructor_arguments),
        CASE(meaningless_forms_and_flags_are_not_supported),
        CASE(misuse_is_einval_for_every_operation),
        CASE(unknown_flags_are_einval_for_every_operation),
        CASE(negative_fd_is_ebadf_for_every_operation),
        CASE(closed_fd_is_ebadf_for_every_operation),
        CASE(closed_dir_fd_is_ebadf_for_every_operation),
        CASE(dir_fd_of_a_non_directory_is_enotdir_for_every_operation),
        CASE(supported_calls_work_and_unsupported_calls_are_enotsup),
        CASE(supported_fd_also_works_as_number_0),
        CASE(supported_function_without_a_target_works),
        CASE(supports_leaves_errno_unchanged),
    };
    return cmocka_run_group_tests_name("functions", cases, NULL, NULL);
}
