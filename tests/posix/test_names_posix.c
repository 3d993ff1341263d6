/* SPDX-License-Identifier: MIT
 * File names on POSIX: symlinks, special files, and the targets that rename may replace. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/sysmacros.h>
#endif

static mode_t kind_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & S_IFMT;
}

/* ---- link ---------------------------------------------------------------------------------- */

static void link_follows_symlinks_unless_nofollow_is_set(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (enum form from = FORM_PATH; from < NAMED_FORMS; from++)
        for (enum form to = FORM_PATH; to < NAMED_FORMS; to++) {
            fdi_target new = named(state, tree.directory, "new", to);
            fdi_target link = named(state, tree.directory, "link", from);
            fdi_target dangling = named(state, tree.directory, "dangling", from);
            assert_works(fdi_link(link, new, 0));
            assert_int_equal(kind_of("dir/new"), S_IFREG);
            assert_works(fdi_unlink(new));
            assert_works(fdi_link(link, new, FDI_NOFOLLOW));
            assert_int_equal(kind_of("dir/new"), S_IFLNK);
            assert_works(fdi_unlink(new));
            assert_fails(ENOENT, fdi_link(dangling, new, 0));
            assert_false(exists("dir/new"));
            assert_works(fdi_link(dangling, new, FDI_NOFOLLOW));
            assert_int_equal(kind_of("dir/new"), S_IFLNK);
            assert_works(fdi_unlink(new));
        }
    file_tree_close(&tree);
}

static void link_does_not_replace_the_target_of_a_symlink(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    assert_fails(EEXIST, fdi_link(fdi_path("dir/file"), fdi_path("dir/dangling"), 0));
    assert_false(exists("dir/nothing"));
    file_tree_close(&tree);
}

static void unnamed_file_can_be_linked(void **state)
{
    struct file_tree tree = file_tree_open(state);
#if defined(O_TMPFILE)
    int fd = open("dir", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "text", 4), 4);
    bool served = fdi_supports(FDI_FN_LINK, FDI_FORM_FD, 0);
    assert_served(served, fdi_link(fdi_fd(fd), fdi_path_at(tree.directory, "new"), 0));
    if (served)
        assert_file_is("dir/new", "text");
    assert_int_equal(close(fd), 0);
#else
    assert_fails(ENOTSUP, fdi_link(fdi_fd(tree.fd), fdi_path("new"), 0));
#endif
    file_tree_close(&tree);
}

/* ---- mkdir, mkfifo, mknod ------------------------------------------------------------------ */

static void umask_removes_permission_bits(void **state)
{
    struct file_tree tree = file_tree_open(state);
    mode_t before = umask(027);
    const fdi_function makers[] = {FDI_FN_MKDIR, FDI_FN_MKFIFO, FDI_FN_MKNOD};
    for (int i = 0; i < 3; i++) {
        struct stat status;
        assert_works(call_any(makers[i], fdi_path_at(tree.directory, "new"), 0));
        assert_int_equal(lstat("dir/new", &status), 0);
        assert_int_equal(status.st_mode & 0777, makers[i] == FDI_FN_MKDIR ? 0750 : 0640);
        assert_int_equal(remove("dir/new"), 0);
    }
    umask(before);
    file_tree_close(&tree);
}

static void special_permission_bits_are_set_or_refused(void **state)
{
    (void)state;
    struct stat status;
#if defined(__linux__)
    assert_works(fdi_mkdir(fdi_path("new"), 01755));
    assert_int_equal(stat("new", &status), 0);
    assert_int_equal(status.st_mode & 07777, 01755);
    assert_int_equal(rmdir("new"), 0);
#elif defined(__APPLE__)
    assert_fails(ENOTSUP, fdi_mkdir(fdi_path("new"), 01755));
#endif
    assert_works(fdi_mkfifo(fdi_path("new"), 04600));
    assert_int_equal(stat("new", &status), 0);
    assert_int_equal(status.st_mode & 07777, 04600);
}

static void mknod_creates_the_type_in_the_mode(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const mode_t kinds[] = {S_IFREG, S_IFIFO, S_IFSOCK};
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        for (int i = 0; i < 3; i++) {
            fdi_target new = named(state, tree.directory, "new", form);
            assert_works(fdi_mknod(new, kinds[i] | 0600, 0));
            assert_int_equal(kind_of("dir/new"), kinds[i]);
            assert_works(fdi_unlink(new));
        }
    file_tree_close(&tree);
}

#if defined(__linux__)

static void mknod_creates_the_exact_device_or_fails(void **state)
{
    struct file_tree tree = file_tree_open(state);
    struct fdi_stat status;
    uint64_t device = makedev(4095, 0xabcde); /* the largest major number */
    fdi_target new = fdi_path_at(tree.directory, "new");
    if (fdi_mknod(new, S_IFCHR | 0600, device) == 0) {
        assert_works(fdi_stat(new, &status, 0));
        assert_true(status.rdev == device);
    } else {
        assert_int_equal(errno, EPERM);
    }
    assert_fails(EINVAL, fdi_mknod(fdi_path("other"), S_IFCHR | 0600, UINT64_C(1) << 32));
    assert_fails(EINVAL, fdi_mknod(fdi_path("other"), S_IFCHR | 0600, UINT64_MAX));
    assert_false(exists("other"));
    file_tree_close(&tree);
}

#endif

/* ---- readlink, symlink --------------------------------------------------------------------- */

static void symlink_and_readlink_work_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        char text[32];
        int64_t length = -1;
        fdi_target new = named(state, tree.directory, "new", form);
        memset(text, 'x', sizeof text);
        assert_works(fdi_symlink("a text/..", new, form == FORM_AT ? FDI_TARGET_IS_DIRECTORY : 0));
        assert_works(length = fdi_readlink(new, text, sizeof text));
        assert_int_equal(length, 9);
        assert_memory_equal(text, "a text/..x", 10); /* without a terminating NUL */
        assert_fails(EEXIST, fdi_symlink("other", new, 0));
        assert_works(fdi_unlink(new));
    }
    file_tree_close(&tree);
}

static void readlink_truncates_and_never_overruns(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(symlink("0123456789", "dir/link"), 0);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        for (size_t size = 1; size <= 12; size++) {
            char text[16];
            int64_t expected = size < 10 ? (int64_t)size : 10;
            fdi_target link = named(state, tree.directory, "link", form);
            memset(text, '#', sizeof text);
            assert_int_equal(fdi_readlink(link, text, size), expected);
            assert_memory_equal(text, "0123456789", (size_t)expected);
            assert_int_equal(text[expected], '#');
        }
    file_tree_close(&tree);
}

/* Must not return the text of the directory itself, as Linux does if dir_fd is a symlink. */
static void readlink_of_an_empty_path_is_enoent(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    char text[16];
#if defined(O_PATH)
    int link = open("dir/link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    assert_int_equal(fdi_readlink(fdi_fd(link), text, sizeof text), 4);
    assert_fails(ENOENT, fdi_readlink(fdi_path_at(link, ""), text, sizeof text));
    assert_int_equal(close(link), 0);
#endif
    assert_fails(ENOENT, fdi_readlink(fdi_path_at(tree.directory, ""), text, sizeof text));
    assert_fails(ENOENT, fdi_readlink(fdi_path(""), text, sizeof text));
    file_tree_close(&tree);
}

enum { LONGEST_LINK = 65536 }; /* no platform allows longer ones */

static void readlink_accepts_any_buffer_size(void **state)
{
    (void)state;
    static char text[LONGEST_LINK];
    assert_int_equal(symlink("text", "link"), 0);
    assert_int_equal(fdi_readlink(fdi_path("link"), text, SIZE_MAX), 4);
    assert_int_equal(fdi_readlink(fdi_path("link"), text, SIZE_MAX / 2 + 1), 4);
    assert_memory_equal(text, "text", 4);
}

/* ---- rename, unlink ------------------------------------------------------------------------ */

static void rename_replaces_a_file(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        make_file("dir/old", "moved");
        make_file("dir/new", "replaced");
        assert_works(fdi_rename(named(state, tree.directory, "old", form),
                                named(state, tree.directory, "new", form), 0));
        assert_file_is("dir/new", "moved");
    }
    file_tree_close(&tree);
}

static void rename_and_unlink_act_on_the_symlink_itself(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target link = named(state, tree.directory, "link", form);
        fdi_target other = named(state, tree.directory, "other", form);
        assert_works(fdi_rename(link, other, 0));
        assert_int_equal(kind_of("dir/other"), S_IFLNK);
        assert_works(fdi_rename(other, link, 0));
        assert_int_equal(kind_of("dir/link"), S_IFLNK);
        assert_fails(ENOTDIR, fdi_rmdir(link));
        assert_works(fdi_unlink(link));
        assert_file_is("dir/file", "0123456789");
        assert_int_equal(symlink("file", "dir/link"), 0);
    }
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(link_follows_symlinks_unless_nofollow_is_set),
        CASE(link_does_not_replace_the_target_of_a_symlink),
        CASE(unnamed_file_can_be_linked),
        CASE(umask_removes_permission_bits),
        CASE(special_permission_bits_are_set_or_refused),
        CASE(mknod_creates_the_type_in_the_mode),
#if defined(__linux__)
        CASE(mknod_creates_the_exact_device_or_fails),
#endif
        CASE(symlink_and_readlink_work_in_every_form),
        CASE(readlink_truncates_and_never_overruns),
        CASE(readlink_of_an_empty_path_is_enoent),
        CASE(readlink_accepts_any_buffer_size),
        CASE(rename_replaces_a_file),
        CASE(rename_and_unlink_act_on_the_symlink_itself),
    };
    return cmocka_run_group_tests_name("names_posix", cases, NULL, NULL);
}
