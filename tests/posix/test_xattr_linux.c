/* SPDX-License-Identifier: MIT
 * Extended attributes on Linux: symlinks, and the system's own flags. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

static void attributes_follow_symlinks(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        char value[8];
        fdi_target link = named(state, tree.directory, "link", form);
        fdi_target dangling = named(state, tree.directory, "dangling", form);
        if (!is_served(FDI_FN_SETXATTR, form))
            continue;
        assert_works(fdi_setxattr(link, "user.one", "1", 1, 0, 0));
        assert_int_equal(fdi_getxattr(fdi_fd(tree.fd), "user.one", value, sizeof value, 0), 1);
        assert_int_equal(fdi_getxattr(link, "user.one", value, sizeof value, 0), 1);
        assert_fails(ENOENT, fdi_listxattr(dangling, value, 0, 0));
        assert_works(fdi_removexattr(link, "user.one", 0));
        assert_int_equal(fdi_listxattr(fdi_fd(tree.fd), value, 0, 0), 0);
    }
    file_tree_close(&tree);
}

/* Linux supports no user attributes on symlinks. */
static void attributes_with_nofollow_are_those_of_the_symlink(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    char value[8] = "";
    assert_works(fdi_setxattr(fdi_fd(tree.fd), "user.one", "1", 1, 0, 0));
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target link = named(state, tree.directory, "link", form);
        if (!is_served(FDI_FN_SETXATTR, form))
            continue;
        assert_fails(ENODATA, fdi_getxattr(link, "user.one", value, 8, FDI_NOFOLLOW));
        assert_fails(EPERM, fdi_setxattr(link, "user.one", "2", 1, 0, FDI_NOFOLLOW));
        assert_fails(EPERM, fdi_removexattr(link, "user.one", FDI_NOFOLLOW));
        assert_int_equal(fdi_listxattr(link, NULL, 0, FDI_NOFOLLOW), 0);
    }
    assert_int_equal(fdi_getxattr(fdi_fd(tree.fd), "user.one", value, 8, 0), 1);
    assert_int_equal(value[0], '1');
    file_tree_close(&tree);
}

/* Only the superuser may set these. */
static void symlink_has_trusted_attributes_of_its_own(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        char value[8] = "";
        fdi_target link = named(state, tree.directory, "link", form);
        if (!is_served(FDI_FN_SETXATTR, form))
            continue;
        if (lsetxattr("dir/link", "trusted.probe", "", 0, 0) < 0) {
            int expected = errno;
            assert_fails(expected, fdi_setxattr(link, "trusted.one", "1", 1, 0, FDI_NOFOLLOW));
            continue;
        }
        assert_works(fdi_setxattr(link, "trusted.one", "12", 2, 0, FDI_NOFOLLOW));
        assert_int_equal(fdi_getxattr(link, "trusted.one", value, 8, FDI_NOFOLLOW), 2);
        assert_memory_equal(value, "12", 2);
        assert_fails(ENODATA, fdi_getxattr(fdi_fd(tree.fd), "trusted.one", value, 8, 0));
        assert_works(fdi_removexattr(link, "trusted.one", FDI_NOFOLLOW));
        assert_fails(ENODATA, fdi_getxattr(link, "trusted.one", value, 8, FDI_NOFOLLOW));
    }
    file_tree_close(&tree);
}

static void create_and_replace_flags_are_obeyed(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        char value[8];
        fdi_target file = file_tree_file(&tree, form);
        if (!is_served(FDI_FN_SETXATTR, form))
            continue;
        assert_int_equal(fdi_setxattr(file, "user.one", "1", 1, XATTR_REPLACE, 0), -1);
        assert_works(fdi_setxattr(file, "user.one", "1", 1, XATTR_CREATE, 0));
        assert_fails(EEXIST, fdi_setxattr(file, "user.one", "2", 1, XATTR_CREATE, 0));
        assert_works(fdi_setxattr(file, "user.one", "33", 2, XATTR_REPLACE, 0));
        assert_int_equal(fdi_getxattr(file, "user.one", value, 8, 0), 2);
        assert_works(fdi_removexattr(file, "user.one", 0));
    }
    file_tree_close(&tree);
}

static void other_flags_are_einval_even_for_a_missing_file(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const int unknown[] = {XATTR_CREATE | 4, 0x40000000, -1};
    const fdi_target missing[] = {fdi_path("missing"), fdi_path_at(tree.directory, "missing"),
                                  fdi_path_at(INT_MAX, "file"), fdi_fd(INT_MAX)};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++)
            assert_fails(EINVAL, fdi_setxattr(missing[j], "user.one", "1", 1, unknown[i], 0));
    file_tree_close(&tree);
}

/* The size must not be cut to its low 32 bits. The test maps 4 GiB of address space and touches
 * only the beginning. */
static void buffer_may_exceed_4_gib(void **state)
{
    struct file_tree tree = file_tree_open(state);
    size_t size = sizeof(size_t) > 4 ? (size_t)UINT32_MAX + 1 : (size_t)1 << 30;
    char *room = mmap(NULL, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(room != MAP_FAILED);
    assert_works(fdi_setxattr(fdi_fd(tree.fd), "user.one", "1", 1, 0, 0));
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        if (!is_served(FDI_FN_GETXATTR, form))
            continue;
        memset(room, 0, 64);
        assert_int_equal(fdi_getxattr(file, "user.one", room, size, 0), 1);
        assert_int_equal(room[0], '1');
        assert_int_equal(fdi_listxattr(file, room, size, 0), sizeof "user.one");
        assert_string_equal(room, "user.one");
        assert_fails(E2BIG, fdi_setxattr(file, "user.two", room, size, 0, 0));
    }
    assert_int_equal(munmap(room, size), 0);
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(attributes_follow_symlinks),
        CASE(attributes_with_nofollow_are_those_of_the_symlink),
        CASE(symlink_has_trusted_attributes_of_its_own),
        CASE(create_and_replace_flags_are_obeyed),
        CASE(other_flags_are_einval_even_for_a_missing_file),
        CASE(buffer_may_exceed_4_gib),
    };
    return cmocka_run_group_tests_name("xattr_linux", cases, NULL, NULL);
}
