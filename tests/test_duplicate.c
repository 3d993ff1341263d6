/* SPDX-License-Identifier: MIT
 * Duplicates are private unless the caller asks otherwise. A child proves it. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/child.h"
#include "support/files.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

/* Asserts that no child inherits `fd`, then closes it. */
static void assert_born_private(int fd)
{
    assert_true(fd >= 0);
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
}

static void duplicate_of_an_inheritable_fd_is_not_inherited(void **state)
{
    (void)state;
    int fd = open_null(true);
    int copy = -1;
    assert_works(copy = fdi_dup(fd, 0));
    assert_born_private(copy);
    assert_true(child_has(fd));
    close(fd);
}

static void dup_of_a_closed_fd_is_ebadf(void **state)
{
    (void)state;
    assert_fails(EBADF, fdi_dup(4000, 0));
    assert_fails(EBADF, fdi_dup(-1, 0));
    assert_fails(EBADF, fdi_dup(INT_MAX, 0));
    assert_fails(EBADF, fdi_dup(INT_MIN, 0));
}

static void dup2_with_inheritable_is_inherited(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = open_null(false);
    assert_works(fdi_dup2(fd, target, FDI_INHERITABLE));
    assert_true(child_has(target));
    assert_int_equal(fdi_dup2(fd, target, 0), target);
    assert_false(child_has(target));
    assert_int_equal(fdi_dup2(fd, target, FDI_INHERITABLE), target);
    assert_true(child_has(target));
    assert_false(child_has(fd));
    close(fd);
    close(target);
}

static void dup2_opens_a_closed_number(void **state)
{
    (void)state;
    int fd = open_null(true);
    assert_works(fdi_dup2(fd, 40, 0));
    assert_born_private(40);
    close(fd);
}

static void dup2_onto_the_same_number_sets_the_flag(void **state)
{
    (void)state;
    int fd = open_null(false);
    assert_works(fdi_dup2(fd, fd, FDI_INHERITABLE));
    assert_true(child_has(fd));
    assert_int_equal(fdi_dup2(fd, fd, 0), fd);
    assert_false(child_has(fd));
    close(fd);
    assert_fails(EBADF, fdi_dup2(fd, fd, FDI_INHERITABLE));
    assert_fails(EBADF, fdi_dup2(fd, fd, 0));
}

static void dup_with_inheritable_is_inherited(void **state)
{
    (void)state;
    int fd = open_null(false);
    int copy = -1;
    assert_works(copy = fdi_dup(fd, FDI_INHERITABLE));
    assert_true(child_has(copy));
    assert_false(child_has(fd));
    close(copy);
    assert_works(copy = fdi_dup(fd, FDI_INHERITABLE | FDI_ABOVE_STDIO));
    assert_true(copy > 2 && child_has(copy));
    close(copy);
    close(fd);
}

static void dup_with_a_foreign_flag_is_einval(void **state)
{
    (void)state;
    for (int bit = 0; bit < 32; bit++)
        if (!((FDI_INHERITABLE | FDI_ABOVE_STDIO) & 1U << bit)) {
            assert_fails(EINVAL, fdi_dup(0, 1U << bit));
            assert_fails(EINVAL, fdi_dup(0, FDI_INHERITABLE | 1U << bit));
        }
}

/* The flags include FD_CLOEXEC and O_CLOEXEC, which callers pass by mistake as in dup3(a, b,
 * O_CLOEXEC). */
static void dup2_with_a_foreign_flag_is_einval_and_changes_nothing(void **state)
{
    (void)state;
    make_file("file", "text");
    int fd = open_null(true);
    int target = fdi_open(fdi_path("file"), O_RDONLY, 0);
    for (int bit = 0; bit < 32; bit++) {
        unsigned flag = 1U << bit;
        if (flag == FDI_INHERITABLE)
            continue;
        assert_fails(EINVAL, fdi_dup2(fd, target, flag));
        assert_fails(EINVAL, fdi_dup2(fd, target, FDI_INHERITABLE | flag));
        assert_fails(EINVAL, fdi_dup2(fd, fd, flag));
        assert_fails(EINVAL, fdi_dup2(fd, 40, flag));
        assert_fails(EBADF, fdi_get_inheritable(40));
        assert_int_equal(fdi_get_inheritable(target), 0);
        assert_int_equal(fdi_get_inheritable(fd), 1);
    }
#if defined(O_CLOEXEC)
    assert_fails(EINVAL, fdi_dup2(fd, target, O_CLOEXEC));
#endif
    char text[8] = {0};
    assert_int_equal(read(target, text, 4), 4);
    assert_string_equal(text, "text");
    close(fd);
    close(target);
}

static void failed_dup2_leaves_the_target_open_and_unchanged(void **state)
{
    (void)state;
    make_file("file", "text");
    for (int inheritable = 0; inheritable < 2; inheritable++) {
        char text[8] = {0};
        int target = fdi_open(fdi_path("file"), O_RDONLY, 0);
        assert_fails(EBADF, fdi_dup2(4000, target, inheritable ? FDI_INHERITABLE : 0));
        assert_fails(EBADF, fdi_dup2(-1, target, inheritable ? FDI_INHERITABLE : 0));
        assert_false(child_has(target));
        assert_int_equal(read(target, text, 4), 4);
        assert_string_equal(text, "text");
        assert_fails(EBADF, fdi_dup2(target, -1, inheritable ? FDI_INHERITABLE : 0));
        assert_fails(EBADF, fdi_dup2(target, INT_MAX, inheritable ? FDI_INHERITABLE : 0));
        close(target);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(duplicate_of_an_inheritable_fd_is_not_inherited),
        CASE(dup_of_a_closed_fd_is_ebadf),
        CASE(dup2_with_inheritable_is_inherited),
        CASE(dup2_opens_a_closed_number),
        CASE(dup2_onto_the_same_number_sets_the_flag),
        CASE(dup_with_inheritable_is_inherited),
        CASE(dup_with_a_foreign_flag_is_einval),
        CASE(dup2_with_a_foreign_flag_is_einval_and_changes_nothing),
        CASE(failed_dup2_leaves_the_target_open_and_unchanged),
    };
    return cmocka_run_group_tests_name("duplicate", cases, NULL, NULL);
}
