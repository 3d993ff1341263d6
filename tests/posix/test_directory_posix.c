/* SPDX-License-Identifier: MIT
 * Directories: positions, permissions and entries of all types. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- readdir ------------------------------------------------------------------------------- */

static int count_of(fdi_target target)
{
    const fdi_dirent *entry;
    int count = 0;
    fdi_dir *dir = fdi_opendir(target);
    if (!dir)
        return -1;
    while (fdi_readdir(dir, &entry) == 1)
        count++;
    assert_works(fdi_closedir(dir));
    return count;
}

/* The caller's own reading continues from its position. */
static void listing_an_fd_leaves_its_position_unchanged(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    DIR *own = opendir("dir");
    int before = 0, after = 0;
    while (readdir(own))
        before++;
    assert_int_equal(before, 5); /* includes . and .. */
    rewinddir(own);
    off_t position = lseek(dirfd(own), 0, SEEK_CUR);
    assert_int_equal(count_of(fdi_fd(dirfd(own))), 3);
    assert_true(lseek(dirfd(own), 0, SEEK_CUR) == position);
    while (readdir(own))
        after++;
    assert_int_equal(after, before);
    position = lseek(dirfd(own), 0, SEEK_CUR);
    assert_int_equal(count_of(fdi_fd(dirfd(own))), 3); /* although its position is at the end */
    assert_true(lseek(dirfd(own), 0, SEEK_CUR) == position);
    assert_int_equal(closedir(own), 0);
    file_tree_close(&tree);
}

static void every_type_of_entry_is_reported(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        mode_t kind;
        int type;
    } kinds[] = {
        {"plain", S_IFREG, FDI_TYPE_FILE},
        {"pipe", S_IFIFO, FDI_TYPE_FIFO},
        {"socket", S_IFSOCK, FDI_TYPE_SOCKET},
    };
    const fdi_dirent *entry;
    int found = 0;
    for (int i = 0; i < 3; i++)
        assert_works(fdi_mknod(fdi_path(kinds[i].name), kinds[i].kind | 0600, 0));
    assert_int_equal(symlink("nothing", "link"), 0);
    fdi_dir *dir = fdi_opendir(fdi_path("."));
    while (fdi_readdir(dir, &entry) == 1) {
        struct stat status;
        assert_int_equal(lstat(entry->name, &status), 0);
        assert_true(entry->ino == status.st_ino);
        for (int i = 0; i < 3; i++)
            if (strcmp(entry->name, kinds[i].name) == 0)
                assert_true(entry->type == kinds[i].type || entry->type == FDI_TYPE_UNKNOWN);
        if (strcmp(entry->name, "link") == 0)
            assert_true(entry->type == FDI_TYPE_SYMLINK || entry->type == FDI_TYPE_UNKNOWN);
        found++;
    }
    assert_int_equal(found, 4);
    assert_works(fdi_closedir(dir));
}

static void opendir_follows_symlinks(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(symlink(".", "dir/loop"), 0);
    assert_int_equal(symlink("file", "dir/link"), 0);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        assert_int_equal(count_of(named(state, tree.directory, "loop", form)), 3);
        fdi_target link = named(state, tree.directory, "link", form);
        assert_fails(ENOTDIR, fdi_opendir(link) ? 0 : -1);
    }
    file_tree_close(&tree);
}

/* ---- without permission -------------------------------------------------------------------- */

#if defined(__linux__)
enum { READS_UNOPENABLE = true };
#else
enum { READS_UNOPENABLE = false };
#endif

/* Runs `act` in a child that is not the superuser. Returns true if the process cannot change its
 * user. */
static bool holds_for_others(bool (*act)(int fd), int fd)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        bool is_other = geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0);
        _exit(!is_other || act(fd) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status == 0;
}

/* Looking up "." in the directory needs search permission; reading the directory does not. Without
 * procfs, Linux lists the directory at its own position of the fd. */
static bool lists_without_search(int fd)
{
    int count = count_of(fdi_fd(fd));
    return READS_UNOPENABLE ? count == 1 : count == -1 && errno == ENOTSUP;
}

static bool may_not_enter(int fd)
{
    bool by_fd = fdi_chdir(fdi_fd(fd)) == -1 && errno == EACCES;
    bool by_name = fdi_chdir(fdi_path("dir")) == -1 && errno == EACCES;
    bool at = fdi_chdir(fdi_path_at(fd, "../dir")) == -1 && errno == EACCES;
    return by_fd && by_name && at;
}

static void directory_with_only_read_permission_can_be_listed(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(chmod("dir", 0444), 0);
    assert_true(holds_for_others(lists_without_search, tree.directory));
    assert_true(holds_for_others(may_not_enter, tree.directory));
    assert_int_equal(chmod("dir", 0755), 0);
    file_tree_close(&tree);
}

/* Two listings take turns, and the position of the fd stays in the middle of the directory. tmpfs
 * has no SEEK_END for a directory. */
static bool lists_in_turns(int fd)
{
    const fdi_dirent *entry;
    char first[16];
    off_t position = lseek(fd, 2, SEEK_SET);
    fdi_dir *one = fdi_opendir(fdi_fd(fd));
    fdi_dir *two = fdi_opendir(fdi_fd(fd));
    if (!READS_UNOPENABLE)
        return !one && errno == EACCES && !two;
    bool both = one && two && fdi_readdir(one, &entry) == 1 && fdi_readdir(two, &entry) == 1;
    if (!both)
        return false;
    (void)snprintf(first, sizeof first, "%s", entry->name);
    return fdi_readdir(one, &entry) == 1 && strcmp(entry->name, first) != 0 &&
           fdi_readdir(one, &entry) == 0 && fdi_readdir(two, &entry) == 1 &&
           fdi_readdir(two, &entry) == 0 && lseek(fd, 0, SEEK_CUR) == position &&
           fdi_closedir(one) == 0 && fdi_closedir(two) == 0;
}

#if defined(O_PATH)

static bool may_not_list(int fd)
{
    bool by_fd = !fdi_opendir(fdi_fd(fd)) && (errno == EACCES || errno == ENOTSUP);
    return by_fd && !fdi_opendir(fdi_path_at(fd, ".")) && errno == EACCES;
}

static void directory_without_access_to_its_data_cannot_be_listed(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int reached = open("dir", O_PATH | O_CLOEXEC);
    assert_int_equal(chmod("dir", 0), 0);
    assert_true(holds_for_others(may_not_list, reached));
    assert_int_equal(chmod("dir", 0755), 0);
    assert_int_equal(close(reached), 0);
    file_tree_close(&tree);
}

#endif

static void open_directory_that_may_not_be_opened_again_can_be_listed(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    assert_int_equal(unlink("dir/dangling"), 0);
    assert_int_equal(chmod("dir", 0700), 0);
    assert_true(holds_for_others(lists_in_turns, tree.directory));
    file_tree_close(&tree);
}

/* ---- chdir --------------------------------------------------------------------------------- */

#if defined(O_PATH) || defined(O_SEARCH)

static bool enters_unreadable(int fd)
{
    return fdi_chdir(fdi_path_at(fd, "inner")) == 0 && access("witness", F_OK) == 0;
}

static void directory_with_only_search_permission_can_be_entered(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(mkdir("dir/inner", 0711), 0);
    make_file("dir/inner/witness", "");
    assert_int_equal(chmod("dir/inner", 0111), 0);
    assert_true(holds_for_others(enters_unreadable, tree.directory));
    assert_int_equal(chmod("dir/inner", 0755), 0);
    file_tree_close(&tree);
}

#endif

static void chdir_follows_symlinks(void **state)
{
    struct file_tree tree = file_tree_open(state);
    int above = open_directory(".");
    assert_int_equal(mkdir("dir/inner", 0755), 0);
    assert_int_equal(symlink("inner", "dir/link"), 0);
    make_file("dir/inner/witness", "");
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        assert_works(fdi_chdir(named(state, tree.directory, "link", form)));
        assert_int_equal(access("witness", F_OK), 0);
        assert_int_equal(fchdir(above), 0);
    }
    assert_int_equal(close(above), 0);
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(listing_an_fd_leaves_its_position_unchanged),
        CASE(every_type_of_entry_is_reported),
        CASE(opendir_follows_symlinks),
        CASE(directory_with_only_read_permission_can_be_listed),
        CASE(open_directory_that_may_not_be_opened_again_can_be_listed),
#if defined(O_PATH)
        CASE(directory_without_access_to_its_data_cannot_be_listed),
#endif
#if defined(O_PATH) || defined(O_SEARCH)
        CASE(directory_with_only_search_permission_can_be_entered),
#endif
        CASE(chdir_follows_symlinks),
    };
    return cmocka_run_group_tests_name("directory_posix", cases, NULL, NULL);
}
