/* SPDX-License-Identifier: MIT
 * Extended attributes through every form of a target, or ENOTSUP if the platform has none. */
#include "../src/platform.h"
#include "support/files.h"

#include <string.h>
#include <unistd.h>

/* Reports whether `list` of `length` bytes contains `name`. */
static bool lists(const char *list, int64_t length, const char *name)
{
    for (int64_t at = 0; at < length; at += (int64_t)strlen(list + at) + 1)
        if (strcmp(list + at, name) == 0)
            return true;
    return false;
}

static void assert_lists(fdi_target target, unsigned flags, bool expected)
{
    char list[512];
    int64_t length = -1;
    assert_works(length = fdi_listxattr(target, list, sizeof list, flags));
    assert_int_equal(lists(list, length, "user.one"), expected);
    assert_int_equal(fdi_listxattr(target, NULL, 0, flags), length);
}

static void assert_round(fdi_target target, unsigned flags)
{
    char value[16] = "untouched";
    assert_works(fdi_setxattr(target, "user.one", "1\0002", 3, 0, flags));
    assert_int_equal(fdi_getxattr(fdi_path("dir/file"), "user.one", value, sizeof value, 0), 3);
    assert_memory_equal(value, "1\0002ouched", 9);
    memset(value, 'x', sizeof value);
    int64_t length = -1;
    assert_works(length = fdi_getxattr(target, "user.one", value, sizeof value, flags));
    assert_int_equal(length, 3);
    assert_memory_equal(value, "1\0002x", 4);
    assert_int_equal(fdi_getxattr(target, "user.one", NULL, 0, flags), 3);
    assert_fails(ERANGE, fdi_getxattr(target, "user.one", value, 2, flags));
    assert_lists(target, flags, true);
    assert_works(fdi_removexattr(target, "user.one", flags));
    assert_lists(target, flags, false);
    assert_int_equal(fdi_getxattr(fdi_path("dir/file"), "user.one", value, sizeof value, 0), -1);
}

static void assert_none(fdi_target target, unsigned flags)
{
    char list[512];
    assert_fails(ENOTSUP, fdi_setxattr(target, "user.one", "1", 1, 0, flags));
    assert_fails(ENOTSUP, fdi_getxattr(target, "user.one", list, sizeof list, flags));
    assert_fails(ENOTSUP, fdi_listxattr(target, list, sizeof list, flags));
    assert_fails(ENOTSUP, fdi_removexattr(target, "user.one", flags));
}

static void attributes_can_be_set_read_listed_and_removed_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        if (is_served(FDI_FN_SETXATTR, form))
            assert_round(file_tree_file(&tree, form), 0);
        else
            assert_none(file_tree_file(&tree, form), 0);
    }
    file_tree_close(&tree);
}

static void attributes_with_nofollow_work_on_a_regular_file(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        if (is_served(FDI_FN_SETXATTR, form) &&
            fdi_supports(FDI_FN_SETXATTR, FDI_FORM_PATH, FDI_NOFOLLOW))
            assert_round(file_tree_file(&tree, form), FDI_NOFOLLOW);
        else
            assert_none(file_tree_file(&tree, form), FDI_NOFOLLOW);
    }
    file_tree_close(&tree);
}

static void invalid_arguments_are_einval(void **state)
{
    (void)state;
    char value[8];
    make_file("file", "");
    fdi_target file = fdi_path("file");
    assert_fails(EINVAL, fdi_getxattr(file, NULL, value, sizeof value, 0));
    assert_fails(EINVAL, fdi_getxattr(file, "user.one", NULL, 8, 0));
    assert_fails(EINVAL, fdi_setxattr(file, NULL, value, 1, 0, 0));
    assert_fails(EINVAL, fdi_setxattr(file, "user.one", NULL, 1, 0, 0));
    assert_fails(EINVAL, fdi_listxattr(file, NULL, 1, 0));
    assert_fails(EINVAL, fdi_removexattr(file, NULL, 0));
}

static void attributes_of_a_missing_file_are_enoent(void **state)
{
    struct file_tree tree = file_tree_open(state);
    char value[8];
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target nothing = named(state, tree.directory, "nothing", form);
        if (!is_served(FDI_FN_GETXATTR, form))
            continue;
        assert_fails(ENOENT, fdi_getxattr(nothing, "user.one", value, sizeof value, 0));
        assert_fails(ENOENT, fdi_setxattr(nothing, "user.one", "1", 1, 0, 0));
        assert_fails(ENOENT, fdi_listxattr(nothing, value, sizeof value, 0));
        assert_fails(ENOENT, fdi_removexattr(nothing, "user.one", 0));
    }
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(attributes_can_be_set_read_listed_and_removed_in_every_form),
        CASE(attributes_with_nofollow_work_on_a_regular_file),
        CASE(invalid_arguments_are_einval),
        CASE(attributes_of_a_missing_file_are_enoent),
    };
    return cmocka_run_group_tests_name("xattr", cases, NULL, NULL);
}
