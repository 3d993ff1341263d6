/* SPDX-License-Identifier: MIT
 * File attributes on POSIX: symlinks, users, and all permission bits. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void lstat_of(const char *path, struct stat *status)
{
    assert_int_equal(fstatat(AT_FDCWD, path, status, AT_SYMLINK_NOFOLLOW), 0);
}

/* ---- access -------------------------------------------------------------------------------- */

static void access_follows_symlinks_unless_nofollow_is_set(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    bool served = fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_NOFOLLOW);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target dangling = named(state, tree.directory, "dangling", form);
        assert_works(fdi_access(named(state, tree.directory, "link", form), 4, 0));
        assert_fails(ENOENT, fdi_access(dangling, 0, 0));
        assert_served(served, fdi_access(dangling, 0, FDI_NOFOLLOW));
        assert_served(served, fdi_access(dangling, 4, FDI_NOFOLLOW));
    }
    file_tree_close(&tree);
}

/* Without any x bit, not even the superuser may execute a file. */
static void access_without_permission_is_eacces(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        assert_fails(is_served(FDI_FN_ACCESS, form) ? EACCES : ENOTSUP, fdi_access(file, 1, 0));
        if (fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_EFFECTIVE_IDS) &&
            is_served(FDI_FN_ACCESS, form))
            assert_fails(EACCES, fdi_access(file, 1, FDI_EFFECTIVE_IDS));
    }
    file_tree_close(&tree);
}

/* Runs in a child. Returns 0, or the number of the failed check. */
static int ask_as_two_users(void)
{
    if (setregid(65534, 65534) < 0 || setreuid(0, 65534) < 0)
        return 0; /* the process cannot change its user here */
    bool served = fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_EFFECTIVE_IDS);
    if (fdi_access(fdi_path("dir/file"), 4, 0) != 0)
        return 1;
    if (fdi_access(fdi_path("dir/file"), 4, FDI_EFFECTIVE_IDS) != -1)
        return 2;
    if (errno != (served ? EACCES : ENOTSUP))
        return 3;
    return fdi_access(fdi_path("dir"), 1, FDI_EFFECTIVE_IDS) == (served ? 0 : -1) ? 0 : 4;
}

static void access_with_effective_ids_differs_from_real_ids(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int status = -1;
    assert_int_equal(chmod("dir/file", 0600), 0);
    assert_int_equal(chmod(".", 0755), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(geteuid() == 0 ? ask_as_two_users() : 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    file_tree_close(&tree);
}

/* ---- chmod --------------------------------------------------------------------------------- */

static void chmod_sets_every_bit_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const unsigned modes[] = {0640, 04711, 01600, 0, 0777};
    for (enum form form = FORM_PATH; form < FORMS; form++)
        for (int i = 0; i < 5; i++) {
            struct stat status;
            assert_works(fdi_chmod(file_tree_file(&tree, form), modes[i], 0));
            lstat_of("dir/file", &status);
            assert_int_equal(status.st_mode & 07777, modes[i]);
        }
    file_tree_close(&tree);
}

static void chmod_follows_symlinks_but_never_with_nofollow(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    struct stat link, after, status;
    lstat_of("dir/link", &link);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target target = named(state, tree.directory, "link", form);
        fdi_target dangling = named(state, tree.directory, "dangling", form);
        assert_works(fdi_chmod(target, 0640, 0));
#if defined(__linux__)
        assert_fails(ENOTSUP, fdi_chmod(target, 0600, FDI_NOFOLLOW));
        assert_fails(ENOTSUP, fdi_chmod(dangling, 0600, FDI_NOFOLLOW));
#endif
        assert_fails(ENOENT, fdi_chmod(dangling, 0600, 0));
        lstat_of("dir/file", &status);
        assert_int_equal(status.st_mode & 07777, 0640);
    }
    lstat_of("dir/link", &after);
    assert_int_equal(after.st_mode, link.st_mode);
    file_tree_close(&tree);
}

/* ---- chown --------------------------------------------------------------------------------- */

/* Reports whether this process may change the owner of a file. */
static bool gives_away(void)
{
    make_file("witness", "");
    return chown("witness", 12, 34) == 0;
}

static void chown_sets_both_ids_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    bool may = gives_away();
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        struct stat status;
        fdi_target file = file_tree_file(&tree, form);
        if (!may) {
            assert_int_equal(fdi_chown(file, 12, UINT32_MAX, 0), -1);
            continue;
        }
        assert_works(fdi_chown(file, 12, UINT32_MAX, 0));
        assert_works(fdi_chown(file, UINT32_MAX, 34, 0));
        lstat_of("dir/file", &status);
        assert_true(status.st_uid == 12 && status.st_gid == 34);
        assert_works(fdi_chown(file, 0, 0, 0));
    }
    file_tree_close(&tree);
}

static void chown_follows_symlinks_but_never_with_nofollow(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    bool may = gives_away();
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        struct stat link, file;
        fdi_target dangling = named(state, tree.directory, "dangling", form);
        fdi_target target = named(state, tree.directory, "link", form);
        assert_fails(ENOENT, fdi_chown(dangling, UINT32_MAX, UINT32_MAX, 0));
        assert_works(fdi_chown(dangling, UINT32_MAX, UINT32_MAX, FDI_NOFOLLOW));
        if (!may)
            continue;
        assert_works(fdi_chown(target, 56, 78, FDI_NOFOLLOW));
        lstat_of("dir/link", &link);
        lstat_of("dir/file", &file);
        assert_true(link.st_uid == 56 && link.st_gid == 78);
        assert_true(file.st_uid == 0 && file.st_gid == getegid());
        assert_works(fdi_chown(target, 0, getegid(), FDI_NOFOLLOW));
        assert_works(fdi_chown(target, 0, getegid(), 0));
    }
    file_tree_close(&tree);
}

/* ---- pathconf ------------------------------------------------------------------------------ */

static void pathconf_reports_the_same_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        int64_t limit = 0;
        assert_works(limit = fdi_pathconf(file, _PC_NAME_MAX));
        assert_int_equal(limit, pathconf(".", _PC_NAME_MAX));
        assert_works(limit = fdi_pathconf(file, _PC_LINK_MAX));
        assert_int_equal(limit, pathconf(".", _PC_LINK_MAX));
        assert_fails(EINVAL, fdi_pathconf(file, 9999));
    }
    assert_fails(ENOENT, fdi_pathconf(fdi_path_at(tree.directory, "nothing"), _PC_NAME_MAX));
    file_tree_close(&tree);
}

/* Linux has no limit for _PC_SYMLINK_MAX, and the others have none for _PC_SYNC_IO. */
static void pathconf_without_a_limit_is_no_error(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++)
        for (int name = 0; name < 21; name++) {
            errno = 0;
            int64_t expected = pathconf("dir/file", name);
            if (expected == -1 && errno == 0)
                expected = FDI_NO_LIMIT;
            assert_int_equal(fdi_pathconf(file_tree_file(&tree, form), name), expected);
        }
    file_tree_close(&tree);
}

/* ---- stat ---------------------------------------------------------------------------------- */

static void stat_follows_symlinks_unless_nofollow_is_set(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        struct fdi_stat status;
        fdi_target dangling = named(state, tree.directory, "dangling", form);
        assert_works(fdi_stat(named(state, tree.directory, "link", form), &status, 0));
        assert_true(S_ISREG(status.mode) && status.size == 10);
        assert_fails(ENOENT, fdi_stat(dangling, &status, 0));
        assert_works(fdi_stat(dangling, &status, FDI_NOFOLLOW));
        assert_true(S_ISLNK(status.mode));
        assert_int_equal(status.size, strlen("nothing"));
    }
    file_tree_close(&tree);
}

/* ---- truncate ------------------------------------------------------------------------------ */

static void truncate_follows_symlinks(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        make_file("dir/file", "0123456789");
        assert_works(fdi_truncate(named(state, tree.directory, "link", form), 2));
        assert_file_is("dir/file", "01");
        assert_fails(ENOENT, fdi_truncate(named(state, tree.directory, "dangling", form), 2));
    }
    assert_false(exists("dir/nothing"));
    file_tree_close(&tree);
}

static void truncate_needs_an_fd_opened_for_writing(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int fd = open("dir/file", O_RDONLY | O_CLOEXEC);
    assert_fails(EINVAL, fdi_truncate(fdi_fd(fd), 2));
    assert_file_is("dir/file", "0123456789");
    assert_int_equal(close(fd), 0);
    file_tree_close(&tree);
}

/* ---- utime --------------------------------------------------------------------------------- */

static bool was_modified_at(const struct stat *status, long sec)
{
    return status->st_mtime == sec;
}

static void utime_follows_symlinks_unless_nofollow_is_set(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    const struct fdi_time first[2] = {{1000, 1}, {2000, 2}};
    const struct fdi_time second[2] = {{3000, 3}, {4000, 4}};
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        struct stat file, link;
        fdi_target target = named(state, tree.directory, "link", form);
        assert_works(fdi_utime(target, first, 0));
        assert_works(fdi_utime(target, second, FDI_NOFOLLOW));
        lstat_of("dir/file", &file);
        lstat_of("dir/link", &link);
        assert_true(was_modified_at(&file, 2000) && was_modified_at(&link, 4000));
        assert_works(fdi_utime(target, NULL, FDI_NOFOLLOW));
        lstat_of("dir/file", &file);
        lstat_of("dir/link", &link);
        assert_true(was_modified_at(&file, 2000) && link.st_mtime > 4000);
    }
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(access_follows_symlinks_unless_nofollow_is_set),
        CASE(access_without_permission_is_eacces),
        CASE(access_with_effective_ids_differs_from_real_ids),
        CASE(chmod_sets_every_bit_in_every_form),
        CASE(chmod_follows_symlinks_but_never_with_nofollow),
        CASE(chown_sets_both_ids_in_every_form),
        CASE(chown_follows_symlinks_but_never_with_nofollow),
        CASE(pathconf_reports_the_same_in_every_form),
        CASE(pathconf_without_a_limit_is_no_error),
        CASE(stat_follows_symlinks_unless_nofollow_is_set),
        CASE(truncate_follows_symlinks),
        CASE(truncate_needs_an_fd_opened_for_writing),
        CASE(utime_follows_symlinks_unless_nofollow_is_set),
    };
    return cmocka_run_group_tests_name("attributes_posix", cases, NULL, NULL);
}
