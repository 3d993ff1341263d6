/* SPDX-License-Identifier: MIT
 * fdi_mkstemp creates a new private file in any form of directory, or leaves the template
 * unchanged. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/child.h"
#include "support/files.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void mkstemp_creates_a_new_file_that_is_not_inherited(void **state)
{
    (void)state;
    char name[] = "temporary-XXXXXX";
    int fd = -1;
    assert_works(fd = fdi_mkstemp(fdi_path("."), name, 0, 0));
    assert_memory_equal(name, "temporary-", 10);
    assert_string_not_equal(name, "temporary-XXXXXX");
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    char text[4] = {0};
    assert_int_equal(read(fd, text, 3), 3);
    assert_string_equal(text, "abc");
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
    assert_file_is(name, "abc");
#if !defined(_WIN32)
    assert_int_equal(status_of(name).mode, 0100600);
#endif
}

static void two_files_have_different_names(void **state)
{
    (void)state;
    char first[] = "XXXXXX", second[] = "XXXXXX";
    assert_int_equal(close(fdi_mkstemp(fdi_path("."), first, 0, 0)), 0);
    assert_int_equal(close(fdi_mkstemp(fdi_path("."), second, 0, 0)), 0);
    assert_string_not_equal(first, second);
    assert_true(exists(first) && exists(second));
}

/* The new file is in "dir". */
static void assert_makes_in_dir(fdi_target directory)
{
    char path[32] = "dir/";
    char name[] = "a-XXXXXX.txt";
    int fd = -1;
    assert_works(fd = fdi_mkstemp(directory, name, 4, 0));
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
    assert_memory_equal(name, "a-", 2);
    assert_string_equal(name + 8, ".txt");
    assert_null(strstr(name, "XXXXXX"));
    assert_file_is(strcat(path, name), "abc");
}

static void directory_may_have_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_makes_in_dir(named(state, tree.directory, ".", form));
    assert_makes_in_dir(fdi_path("dir"));
    assert_makes_in_dir(fdi_fd(tree.directory));
    file_tree_close(&tree);
}

static void file_opened_for_appending_is_written_at_its_end(void **state)
{
    (void)state;
    const int oflags[] = {O_APPEND, 0};
    for (int i = 0; i < 2; i++) {
        char name[] = "XXXXXX";
        int fd = -1;
        assert_works(fd = fdi_mkstemp(fdi_path("."), name, 0, oflags[i]));
        assert_int_equal(write(fd, "ab", 2), 2);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(write(fd, "cd", 2), 2);
        assert_int_equal(close(fd), 0);
        assert_file_is(name, i == 0 ? "abcd" : "cd");
    }
}

static void new_file_has_the_given_flags(void **state)
{
    (void)state;
#if !defined(_WIN32)
    const int oflags[] = {O_APPEND, O_NONBLOCK, O_SYNC, O_APPEND | O_NONBLOCK, O_CLOEXEC};
    for (size_t i = 0; i < sizeof oflags / sizeof oflags[0]; i++) {
        char name[] = "XXXXXX";
        int fd = fdi_mkstemp(fdi_path("."), name, 0, oflags[i]);
        assert_true(fd >= 0);
        int expected = O_RDWR | (oflags[i] & ~O_CLOEXEC);
        assert_int_equal(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK | O_SYNC),
                         expected);
        assert_int_equal(fdi_get_inheritable(fd), 0);
        assert_int_equal(close(fd), 0);
    }
#endif
}

static void flags_that_select_access_or_creation_are_einval(void **state)
{
    (void)state;
    const int fd_cloexec = 1; /* FD_CLOEXEC equals O_WRONLY */
    const int oflags[] = {O_WRONLY, O_RDWR,     O_CREAT,          O_EXCL,
                          O_TRUNC,  fd_cloexec, O_RDWR | O_APPEND};
    char name[] = "XXXXXX";
    for (size_t i = 0; i < sizeof oflags / sizeof oflags[0]; i++) {
        assert_fails(EINVAL, fdi_mkstemp(fdi_path("."), name, 0, oflags[i]));
        assert_string_equal(name, "XXXXXX");
    }
}

static void malformed_template_is_einval(void **state)
{
    struct file_tree tree = file_tree_open(state);
    static const struct {
        const char *template;
        size_t suffix;
    } bad[] = {
        {"", 0},
        {"temporary", 0},
        {"XXXXX", 0},
        {"XXXXXX.c", 0},
        {"XXXXXX.c", 1},
        {"XXXXXX.c", 3},
        {"XXXXXX.c", 8},
        {"XXXXXX", 1},
        {"XXXXXX", 6},
        {"XXXXXX", 7},
        {"XXXXXX", SIZE_MAX},
        {"xxxxxx", 0},
        {"dir/XXXXXX", 0},
        {"/XXXXXX", 0},
        {"XXXXXX/", 1},
        {"XXXXXX/a", 2},
        {"../XXXXXX", 0},
        {"./XXXXXX", 0},
        {"XXXXXX.c", SIZE_MAX - 5},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char name[32];
        strcpy(name, bad[i].template);
        assert_fails(EINVAL, fdi_mkstemp(fdi_path("."), name, bad[i].suffix, 0));
        assert_fails(EINVAL, fdi_mkstemp(fdi_fd(tree.directory), name, bad[i].suffix, 0));
        assert_string_equal(name, bad[i].template);
    }
    assert_fails(EINVAL, fdi_mkstemp(fdi_path("."), NULL, 0, 0));
    file_tree_close(&tree);
}

static void assert_refused(int error, fdi_target directory)
{
    char name[] = "temporary-XXXXXX.c";
    assert_fails(error, fdi_mkstemp(directory, name, 2, 0));
    assert_string_equal(name, "temporary-XXXXXX.c");
}

static void failed_mkstemp_leaves_the_template_unchanged(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        assert_refused(ENOENT, named(state, tree.directory, "missing", form));
        assert_refused(ENOTDIR, file_tree_file(&tree, form));
    }
    assert_refused(ENOTDIR, fdi_fd(tree.fd));
    assert_refused(EBADF, fdi_fd(closed_fd()));
    assert_refused(EBADF, fdi_fd(-1));
    assert_refused(EBADF, fdi_path_at(closed_fd(), "."));
    assert_refused(EINVAL, fdi_path(NULL));
    assert_refused(EINVAL, (fdi_target){NULL, 0, 0});
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(mkstemp_creates_a_new_file_that_is_not_inherited),
        CASE(two_files_have_different_names),
        CASE(directory_may_have_every_form),
        CASE(file_opened_for_appending_is_written_at_its_end),
        CASE(new_file_has_the_given_flags),
        CASE(flags_that_select_access_or_creation_are_einval),
        CASE(malformed_template_is_einval),
        CASE(failed_mkstemp_leaves_the_template_unchanged),
    };
    return cmocka_run_group_tests_name("temporary", cases, NULL, NULL);
}
