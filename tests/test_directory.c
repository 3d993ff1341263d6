/* SPDX-License-Identifier: MIT
 * Directories: entering and listing them through every form of a target. */
#include "../src/platform.h"
#include "support/files.h"

#include <string.h>
#include <unistd.h>

enum { ENTRIES = 300 };

/* ---- chdir --------------------------------------------------------------------------------- */

static void assert_is_in(const char *file)
{
    assert_true(exists(file));
}

static void chdir_enters_the_directory_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int above = open_directory(".");
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target there = named(state, tree.directory, "inner", form);
        assert_works(fdi_mkdir(fdi_path("dir/inner"), 0755));
        make_file("dir/inner/witness", "");
        int fd = form == FORM_FD ? open_directory("dir/inner") : -1;
        assert_works(fdi_chdir(fd < 0 ? there : fdi_fd(fd)));
        assert_is_in("witness");
        assert_works(fdi_chdir(fdi_fd(above)));
        assert_is_in("dir/inner/witness");
        if (fd >= 0)
            assert_int_equal(close(fd), 0);
        assert_works(fdi_unlink(fdi_path("dir/inner/witness")));
        assert_works(fdi_rmdir(fdi_path("dir/inner")));
    }
    assert_int_equal(close(above), 0);
    file_tree_close(&tree);
}

static void failed_chdir_keeps_the_current_directory(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        assert_fails(ENOENT, fdi_chdir(named(state, tree.directory, "nothing", form)));
        assert_fails(ENOTDIR, fdi_chdir(file_tree_file(&tree, form)));
    }
    assert_fails(ENOTDIR, fdi_chdir(fdi_fd(tree.fd)));
    assert_fails(EBADF, fdi_chdir(fdi_fd(closed_fd())));
    assert_fails(EBADF, fdi_chdir(fdi_path_at(closed_fd(), "dir")));
    assert_fails(ENOTDIR, fdi_chdir(fdi_path_at(tree.fd, "dir")));
    assert_is_in("dir/file");
    file_tree_close(&tree);
}

/* ---- readdir ------------------------------------------------------------------------------- */

static void make_many(const char *directory)
{
    char path[64];
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(path, sizeof path, "%s/entry-with-a-long-name-%03d", directory, i);
        make_file(path, "");
    }
}

/* Each name must appear exactly once. "dir" also contains "file". */
static void note(bool *seen, const fdi_dirent *entry)
{
    int number = ENTRIES;
    if (strcmp(entry->name, "file") != 0)
        assert_int_equal(sscanf(entry->name, "entry-with-a-long-name-%d", &number), 1);
    assert_in_range(number, 0, ENTRIES);
    assert_false(seen[number]);
    seen[number] = true;
}

static bool next(fdi_dir *dir, bool *seen)
{
    const fdi_dirent *entry = NULL;
    int result = -1;
    assert_works(result = fdi_readdir(dir, &entry));
    if (result == 0)
        return false;
    assert_int_equal(result, 1);
    assert_true(entry->type == FDI_TYPE_FILE || entry->type == FDI_TYPE_UNKNOWN);
    note(seen, entry);
    return true;
}

static void assert_all(const bool *seen)
{
    for (int i = 0; i <= ENTRIES; i++)
        assert_true(seen[i]);
}

static fdi_dir *opened(fdi_target target)
{
    fdi_dir *dir = NULL;
    assert_works((dir = fdi_opendir(target)) ? 0 : -1);
    return dir;
}

static void assert_whole(fdi_target target)
{
    bool seen[ENTRIES + 1] = {false};
    fdi_dir *dir = opened(target);
    while (next(dir, seen))
        ;
    assert_all(seen);
    assert_false(next(dir, seen)); /* the end is final */
    assert_works(fdi_closedir(dir));
}

static void only_dot_and_dot_dot_are_left_out(void **state)
{
    static const char *const names[] = {".x", "..x", "...x", "x"};
    unsigned seen = 0;
    const fdi_dirent *entry = NULL;
    (void)state;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        make_file(names[i], "");
    fdi_dir *dir = opened(fdi_path("."));
    while (fdi_readdir(dir, &entry) == 1) {
        unsigned i = 0;
        while (strcmp(entry->name, names[i]) != 0)
            assert_true(++i < sizeof names / sizeof names[0]);
        assert_false(seen & 1U << i);
        seen |= 1U << i;
    }
    assert_int_equal(seen, (1U << sizeof names / sizeof names[0]) - 1);
    assert_works(fdi_closedir(dir));
}

static void listing_is_complete_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    make_many("dir");
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_whole(named(state, tree.directory, ".", form));
    assert_whole(fdi_fd(tree.directory));
    assert_whole(fdi_fd(tree.directory)); /* the first listing left no trace */
    file_tree_close(&tree);
}

static void two_listings_of_one_fd_are_independent(void **state)
{
    struct file_tree tree = file_tree_open(state);
    bool first[ENTRIES + 1] = {false};
    bool second[ENTRIES + 1] = {false};
    make_many("dir");
    fdi_dir *one = opened(fdi_fd(tree.directory));
    for (int i = 0; i < ENTRIES / 2; i++)
        assert_true(next(one, first));
    fdi_dir *other = opened(fdi_fd(tree.directory));
    while (next(one, first))
        assert_true(next(other, second));
    assert_all(first);
    assert_works(fdi_closedir(one));
    while (next(other, second))
        ;
    assert_all(second);
    assert_works(fdi_closedir(other));
    file_tree_close(&tree);
}

static void empty_directory_has_no_entries(void **state)
{
    (void)state;
    const fdi_dirent *entry = NULL;
    assert_works(fdi_mkdir(fdi_path("empty"), 0755));
    fdi_dir *dir = opened(fdi_path("empty"));
    assert_works(fdi_readdir(dir, &entry));
    assert_null(entry);
    assert_works(fdi_closedir(dir));
}

static void entries_report_their_type_and_inode(void **state)
{
    (void)state;
    const fdi_dirent *entry = NULL;
    assert_works(fdi_mkdir(fdi_path("outer"), 0755));
    assert_works(fdi_mkdir(fdi_path("outer/inner"), 0755));
    fdi_dir *dir = opened(fdi_path("outer"));
    assert_int_equal(fdi_readdir(dir, &entry), 1);
    assert_string_equal(entry->name, "inner");
    assert_true(entry->type == FDI_TYPE_DIRECTORY || entry->type == FDI_TYPE_UNKNOWN);
    assert_true(entry->ino == status_of("outer/inner").ino);
    const fdi_dirent *last = entry;
    assert_int_equal(fdi_readdir(dir, &entry), 0);
    assert_ptr_equal(entry, last); /* the end of the listing leaves it unchanged */
    assert_works(fdi_closedir(dir));
}

static void opendir_of_a_non_directory_fails(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++)
        assert_fails(ENOTDIR, fdi_opendir(file_tree_file(&tree, form)) ? 0 : -1);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_fails(ENOENT, fdi_opendir(named(state, tree.directory, "nothing", form)) ? 0 : -1);
    assert_fails(EBADF, fdi_opendir(fdi_fd(closed_fd())) ? 0 : -1);
    file_tree_close(&tree);
}

static void reading_without_a_directory_is_einval(void **state)
{
    (void)state;
    const fdi_dirent *entry = NULL;
    fdi_dir *dir = opened(fdi_path("."));
    assert_fails(EINVAL, fdi_readdir(NULL, &entry));
    assert_fails(EINVAL, fdi_readdir(dir, NULL));
    assert_fails(EINVAL, fdi_closedir(NULL));
    assert_works(fdi_closedir(dir));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(chdir_enters_the_directory_in_every_form),
        CASE(failed_chdir_keeps_the_current_directory),
        CASE(only_dot_and_dot_dot_are_left_out),
        CASE(listing_is_complete_in_every_form),
        CASE(two_listings_of_one_fd_are_independent),
        CASE(empty_directory_has_no_entries),
        CASE(entries_report_their_type_and_inode),
        CASE(opendir_of_a_non_directory_fails),
        CASE(reading_without_a_directory_is_einval),
    };
    return cmocka_run_group_tests_name("directory", cases, NULL, NULL);
}
