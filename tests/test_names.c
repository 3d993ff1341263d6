/* SPDX-License-Identifier: MIT
 * File names: creating, moving and removing them through every form of a target. */
#include "../src/platform.h"
#include "support/files.h"

#include <string.h>
#include <unistd.h>

enum { KIND = 0170000, DIRECTORY = 0040000, PLAIN = 0100000, FIFO = 0010000 };

/* ---- link ---------------------------------------------------------------------------------- */

/* Uses a new name each time: some platforms keep the name of an open file for a while after its
 * removal. */
static void link_adds_a_name_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    unsigned names = 1;
    for (enum form from = FORM_PATH; from < FORMS; from++)
        for (enum form to = FORM_PATH; to < NAMED_FORMS; to++) {
            bool served = is_served(FDI_FN_LINK, from) && is_served(FDI_FN_LINK, to);
            char name[16], path[24];
            snprintf(name, sizeof name, "name-%d-%d", (int)from, (int)to);
            snprintf(path, sizeof path, "dir/%s", name);
            assert_served(served, fdi_link(file_tree_file(&tree, from),
                                           named(state, tree.directory, name, to), 0));
            assert_int_equal(exists(path), served);
            if (served)
                assert_file_is(path, "0123456789");
            names += served;
            assert_int_equal(status_of("dir/file").nlink, names);
        }
    file_tree_close(&tree);
}

static void link_with_nofollow_works_on_a_regular_file(void **state)
{
    struct file_tree tree = file_tree_open(state);
    static const char *const names[NAMED_FORMS] = {"one", "two", "three"};
    for (enum form from = FORM_PATH; from < NAMED_FORMS; from++) {
        assert_works(fdi_link(file_tree_file(&tree, from), fdi_path(names[from]), FDI_NOFOLLOW));
        assert_file_is(names[from], "0123456789");
    }
    file_tree_close(&tree);
}

static void link_never_replaces_a_file(void **state)
{
    struct file_tree tree = file_tree_open(state);
    make_file("other", "other");
    for (enum form from = FORM_PATH; from < NAMED_FORMS; from++)
        assert_fails(EEXIST, fdi_link(file_tree_file(&tree, from), fdi_path("other"), 0));
    assert_file_is("other", "other");
    assert_fails(ENOENT, fdi_link(fdi_path("nothing"), fdi_path("new"), 0));
    assert_fails(ENOENT, fdi_link(fdi_path_at(tree.directory, "nothing"), fdi_path("new"), 0));
    assert_false(exists("new"));
    file_tree_close(&tree);
}

static void link_needs_a_path_for_the_new_name(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_fails(EINVAL, fdi_link(fdi_path("dir/file"), fdi_fd(tree.directory), 0));
    assert_fails(EINVAL, fdi_link(fdi_path("dir/file"), (fdi_target){NULL, 0, 0}, 0));
    assert_fails(EINVAL, fdi_link(fdi_path("dir/file"), fdi_path(NULL), 0));
    assert_fails(EINVAL, fdi_link(fdi_path("dir/file"), fdi_path_at(tree.directory, NULL), 0));
    assert_fails(EBADF, fdi_link(fdi_path("dir/file"), fdi_path_at(closed_fd(), "new"), 0));
    assert_fails(ENOTDIR, fdi_link(fdi_path("dir/file"), fdi_path_at(tree.fd, "new"), 0));
    assert_int_equal(status_of("dir/file").nlink, 1);
    file_tree_close(&tree);
}

/* ---- mkdir, rmdir -------------------------------------------------------------------------- */

static void mkdir_and_rmdir_work_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target new = named(state, tree.directory, "new", form);
        assert_works(fdi_mkdir(new, 0755));
        assert_int_equal(status_of("dir/new").mode & KIND, DIRECTORY);
        assert_fails(EEXIST, fdi_mkdir(new, 0755));
        assert_works(fdi_rmdir(new));
        assert_false(exists("dir/new"));
        assert_fails(ENOENT, fdi_rmdir(new));
    }
    file_tree_close(&tree);
}

static void rmdir_removes_empty_directories_only(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_fails(ENOTEMPTY, fdi_rmdir(fdi_path("dir")));
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_fails(ENOTDIR, fdi_rmdir(file_tree_file(&tree, form)));
    assert_file_is("dir/file", "0123456789");
    file_tree_close(&tree);
}

static void invalid_permission_bits_are_einval(void **state)
{
    (void)state;
    assert_fails(EINVAL, fdi_mkdir(fdi_path("new"), 0100755));
    assert_fails(EINVAL, fdi_mkdir(fdi_path("new"), ~0U));
    assert_fails(EINVAL, fdi_mkdir(fdi_path("new"), 02755)); /* mkdir(2) ignores set-id bits */
    assert_fails(EINVAL, fdi_mkdir(fdi_path("new"), 04755));
    assert_fails(EINVAL, fdi_mkfifo(fdi_path("new"), 010644));
    assert_fails(EINVAL, fdi_mknod(fdi_path("new"), 0300644, 0));
    assert_false(exists("new"));
}

/* ---- mkfifo, mknod ------------------------------------------------------------------------- */

static void mkfifo_and_mknod_work_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const struct {
        fdi_function function;
        unsigned kind;
    } makers[] = {{FDI_FN_MKFIFO, FIFO}, {FDI_FN_MKNOD, PLAIN}};
    for (int i = 0; i < 2; i++)
        for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
            fdi_target new = named(state, tree.directory, "new", form);
            bool served = is_served(makers[i].function, form);
            assert_served(served, call_any(makers[i].function, new, 0));
            assert_int_equal(exists("dir/new"), served);
            if (!served)
                continue;
            assert_int_equal(status_of("dir/new").mode & KIND, makers[i].kind);
            assert_fails(EEXIST, call_any(makers[i].function, new, 0));
            assert_works(fdi_unlink(new));
        }
    file_tree_close(&tree);
}

/* ---- readlink ------------------------------------------------------------------------------ */

static void readlink_of_a_non_symlink_is_einval(void **state)
{
    struct file_tree tree = file_tree_open(state);
    char text[16] = "untouched";
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target nothing = named(state, tree.directory, "nothing", form);
        assert_fails(EINVAL, fdi_readlink(file_tree_file(&tree, form), text, sizeof text));
        assert_fails(ENOENT, fdi_readlink(nothing, text, sizeof text));
        assert_fails(EINVAL, fdi_readlink(file_tree_file(&tree, form), NULL, 16));
        assert_fails(EINVAL, fdi_readlink(file_tree_file(&tree, form), text, 0));
    }
    assert_string_equal(text, "untouched");
    file_tree_close(&tree);
}

/* ---- rename -------------------------------------------------------------------------------- */

static void rename_moves_files_between_all_forms(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (int replaces = 0; replaces < 2; replaces++)
        for (enum form from = FORM_PATH; from < NAMED_FORMS; from++)
            for (enum form to = FORM_PATH; to < NAMED_FORMS; to++) {
                make_file("dir/old", "moved");
                if (replaces)
                    make_file("dir/new", "replaced");
                assert_works(fdi_rename(named(state, tree.directory, "old", from),
                                        named(state, tree.directory, "new", to), 0));
                assert_false(exists("dir/old"));
                assert_file_is("dir/new", "moved");
                assert_works(fdi_unlink(fdi_path("dir/new")));
            }
    file_tree_close(&tree);
}

static void rename_moves_directories_with_their_contents(void **state)
{
    struct file_tree tree = file_tree_open(state);
    file_tree_close(&tree); /* Windows cannot move an open directory */
    assert_works(fdi_rename(fdi_path("dir"), fdi_path("moved"), 0));
    assert_file_is("moved/file", "0123456789");
    assert_works(fdi_rename(fdi_path("moved"), fdi_path("dir"), 0));
    assert_file_is("dir/file", "0123456789");
}

static void rename_replaces_a_file_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        make_file("dir/old", "moved");
        make_file("dir/new", "replaced");
        assert_works(fdi_rename(named(state, tree.directory, "old", form),
                                named(state, tree.directory, "new", form), 0));
        assert_file_is("dir/new", "moved");
        assert_false(exists("dir/old"));
    }
    file_tree_close(&tree);
}

static void failed_rename_changes_nothing(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (int replaces = 0; replaces < 2; replaces++) {
        if (replaces)
            make_file("new", "other");
        assert_fails(ENOENT, fdi_rename(fdi_path("nothing"), fdi_path("dir/file"), 0));
        assert_fails(EINVAL, fdi_rename(fdi_fd(tree.fd), fdi_path("new"), 0));
        assert_fails(EINVAL, fdi_rename(fdi_path("dir/file"), fdi_fd(tree.fd), 0));
        assert_fails(EINVAL, fdi_rename(fdi_path(NULL), fdi_path("new"), 0));
        assert_fails(EINVAL, fdi_rename(fdi_path("dir/file"), fdi_path(NULL), 0));
        assert_fails(EBADF, fdi_rename(fdi_path("dir/file"), fdi_path_at(closed_fd(), "new"), 0));
        assert_fails(EBADF, fdi_rename(fdi_path_at(closed_fd(), "file"), fdi_path("new"), 0));
        assert_fails(ENOTDIR, fdi_rename(fdi_path("dir/file"), fdi_path_at(tree.fd, "x"), 0));
        assert_int_equal(exists("new"), replaces);
    }
    assert_file_is("new", "other");
    assert_file_is("dir/file", "0123456789");
    file_tree_close(&tree);
}

static void rename_with_any_flag_is_einval_and_moves_nothing(void **state)
{
    (void)state;
    make_file("old", "moved");
    make_file("new", "kept");
    for (int bit = 0; bit < 32; bit++)
        assert_fails(EINVAL, fdi_rename(fdi_path("old"), fdi_path("new"), 1U << bit));
    assert_file_is("old", "moved");
    assert_file_is("new", "kept");
}

/* ---- symlink, unlink ----------------------------------------------------------------------- */

static void symlink_without_a_text_or_a_name_is_einval(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_fails(EINVAL, fdi_symlink(NULL, fdi_path("new"), 0));
    assert_fails(EINVAL, fdi_symlink("text", fdi_fd(tree.fd), 0));
    assert_fails(EINVAL, fdi_symlink("text", fdi_path(NULL), 0));
    assert_fails(EINVAL, fdi_symlink("text", fdi_path("new"), FDI_NOFOLLOW));
    assert_fails(EINVAL, fdi_symlink("text", fdi_path("new"), 0x10));
    assert_false(exists("new"));
    file_tree_close(&tree);
}

static void unlink_removes_a_name_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target other = named(state, tree.directory, "other", form);
        make_file("dir/other", "");
        assert_works(fdi_unlink(other));
        assert_false(exists("dir/other"));
        assert_fails(ENOENT, fdi_unlink(other));
    }
    assert_fails(EINVAL, fdi_unlink(fdi_fd(tree.fd)));
    assert_file_is("dir/file", "0123456789");
    file_tree_close(&tree);
}

static void unlink_does_not_remove_directories(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_works(fdi_mkdir(fdi_path("dir/inner"), 0755));
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_int_equal(fdi_unlink(named(state, tree.directory, "inner", form)), -1);
    assert_true(exists("dir/inner"));
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(link_adds_a_name_in_every_form),
        CASE(link_with_nofollow_works_on_a_regular_file),
        CASE(link_never_replaces_a_file),
        CASE(link_needs_a_path_for_the_new_name),
        CASE(mkdir_and_rmdir_work_in_every_form),
        CASE(rmdir_removes_empty_directories_only),
        CASE(invalid_permission_bits_are_einval),
        CASE(mkfifo_and_mknod_work_in_every_form),
        CASE(readlink_of_a_non_symlink_is_einval),
        CASE(rename_moves_files_between_all_forms),
        CASE(rename_moves_directories_with_their_contents),
        CASE(rename_replaces_a_file_in_every_form),
        CASE(failed_rename_changes_nothing),
        CASE(rename_with_any_flag_is_einval_and_moves_nothing),
        CASE(symlink_without_a_text_or_a_name_is_einval),
        CASE(unlink_removes_a_name_in_every_form),
        CASE(unlink_does_not_remove_directories),
    };
    return cmocka_run_group_tests_name("names", cases, NULL, NULL);
}
