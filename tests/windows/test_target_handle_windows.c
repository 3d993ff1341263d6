/* SPDX-License-Identifier: MIT
 * A directory fd denotes the directory and not its path. Every operation acts in that directory
 * even after it was renamed and another directory has its old name. No call leaves a handle
 * open. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/windows_run_time.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <string.h>

/* Opens a directory and renames it by the same handle. Wine stores a path with each handle and
 * updates only that of the renaming handle; others would use the old path. */
static int open_and_move(const char *from, const char *to)
{
    union {
        FILE_RENAME_INFO info;
        char room[sizeof(FILE_RENAME_INFO) + 2 * MAX_PATH];
    } name = {.info.ReplaceIfExists = FALSE};
    HANDLE handle = CreateFileA(from, GENERIC_READ | DELETE, 7, NULL, OPEN_EXISTING,
                                FILE_FLAG_BACKUP_SEMANTICS, NULL);
    WCHAR full[MAX_PATH];
    MultiByteToWideChar(CP_UTF8, 0, to, -1, full, MAX_PATH);
    name.info.FileNameLength = 2 * GetFullPathNameW(full, MAX_PATH, name.info.FileName, NULL);
    assert_true(SetFileInformationByHandle(handle, FileRenameInfo, &name, sizeof name));
    return _open_osfhandle((intptr_t)handle, _O_RDONLY | _O_NOINHERIT);
}

/* Returns an fd of "moved", which had the name "dir" when it was opened; "dir" is a new directory.
 * The file of "moved" has ten bytes and that of "dir" none. Only "dir" contains "decoy". */
static int moved_directory(void)
{
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    make_file("dir/file", "0123456789");
    assert_works(fdi_mkdir(fdi_path("dir/empty"), 0777));
    int fd = open_and_move("dir", "moved");
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    make_file("dir/file", "");
    make_file("dir/decoy", "");
    return fd;
}

static void done(int fd)
{
    struct fdi_stat status = status_of("dir/file");
    assert_int_equal(status.size, 0);
    assert_true(exists("dir/decoy"));
    assert_int_equal(_close(fd), 0);
}

static void open_acts_in_a_moved_directory(void **state)
{
    (void)state;
    int dir = moved_directory();
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path_at(dir, "file"), O_RDONLY, 0));
    assert_int_equal(_lseek(fd, 0, SEEK_END), 10);
    _close(fd);
    assert_works(fd = fdi_open(fdi_path_at(dir, "new"), O_WRONLY | O_CREAT | O_EXCL, 0666));
    _close(fd);
    assert_true(exists("moved/new") && !exists("dir/new"));
    assert_fails(ENOENT, fdi_open(fdi_path_at(dir, "decoy"), O_RDONLY, 0));
    done(dir);
}

static void attributes_belong_to_the_file_in_a_moved_directory(void **state)
{
    const struct fdi_time times[2] = {{86400, 100}, {172800, 200}};
    struct fdi_statvfs system;
    struct fdi_stat status;
    (void)state;
    int dir = moved_directory();
    fdi_target file = fdi_path_at(dir, "file");
    assert_works(fdi_stat(file, &status, 0));
    assert_int_equal(status.size, 10);
    assert_works(fdi_access(file, 4 | 2, 0));
    assert_fails(ENOENT, fdi_access(fdi_path_at(dir, "decoy"), 0, 0));
    assert_works(fdi_truncate(file, 7));
    assert_int_equal(status_of("moved/file").size, 7);
    assert_works(fdi_utime(file, times, 0));
    assert_int_equal(status_of("moved/file").mtime.sec, 172800);
    assert_true(status_of("dir/file").mtime.sec > 172800);
    assert_works(fdi_chmod(file, 0444, 0));
    assert_int_equal(status_of("moved/file").mode & 0222, 0);
    assert_true(status_of("dir/file").mode & 0222);
    assert_works(fdi_statvfs(file, &system));
    assert_fails(ENOENT, fdi_statvfs(fdi_path_at(dir, "decoy"), &system));
    done(dir);
}

static void names_change_in_a_moved_directory(void **state)
{
    (void)state;
    int dir = moved_directory();
    assert_works(fdi_mkdir(fdi_path_at(dir, "new"), 0777));
    assert_true(exists("moved/new") && !exists("dir/new"));
    assert_works(fdi_rmdir(fdi_path_at(dir, "new")));
    assert_works(fdi_rmdir(fdi_path_at(dir, "empty")));
    assert_false(exists("moved/new") || exists("moved/empty"));
    assert_works(fdi_link(fdi_path_at(dir, "file"), fdi_path_at(dir, "second"), 0));
    assert_file_is("moved/second", "0123456789");
    assert_works(fdi_rename(fdi_path_at(dir, "second"), fdi_path_at(dir, "third"), 0));
    assert_file_is("moved/third", "0123456789");
    make_file("other", "other");
    assert_works(fdi_rename(fdi_path("other"), fdi_path_at(dir, "third"), 0));
    assert_false(exists("other"));
    assert_file_is("moved/third", "other");
    make_file("other", "replaced");
    assert_works(fdi_rename(fdi_path_at(dir, "third"), fdi_path("other"), 0));
    assert_file_is("other", "other");
    assert_works(fdi_unlink(fdi_path_at(dir, "file")));
    assert_false(exists("moved/file"));
    assert_false(exists("dir/second") || exists("dir/third"));
    done(dir);
}

static void links_are_looked_for_in_a_moved_directory(void **state)
{
    char text[16];
    (void)state;
    int dir = moved_directory();
    assert_fails(EINVAL, fdi_readlink(fdi_path_at(dir, "file"), text, sizeof text));
    assert_fails(ENOENT, fdi_readlink(fdi_path_at(dir, "decoy"), text, sizeof text));
    assert_fails(EEXIST, fdi_symlink("text", fdi_path_at(dir, "file"), 0));
    (void)fdi_symlink("text", fdi_path_at(dir, "new"), 0); /* fails or not */
    assert_false(exists("dir/new"));
    done(dir);
}

static void a_moved_directory_is_read(void **state)
{
    bool found = false;
    const fdi_dirent *entry;
    (void)state;
    int dir = moved_directory();
    const fdi_target targets[] = {fdi_fd(dir), fdi_path_at(dir, ".")};
    for (int i = 0; i < 2; i++) {
        fdi_dir *listing = fdi_opendir(targets[i]);
        assert_non_null(listing);
        while (fdi_readdir(listing, &entry) == 1) {
            assert_string_not_equal(entry->name, "decoy");
            found |= strcmp(entry->name, "empty") == 0;
        }
        assert_works(fdi_closedir(listing));
        assert_true(found);
    }
    fdi_dir *inner = fdi_opendir(fdi_path_at(dir, "empty"));
    assert_int_equal(fdi_readdir(inner, &entry), 0);
    assert_works(fdi_closedir(inner));
    done(dir);
}

/* Uses an fd without DELETE access: Windows refuses to enter a directory that a handle may move. */
static void a_moved_directory_is_entered(void **state)
{
    (void)state;
    int here = open_directory(".");
    int mover = moved_directory();
    assert_fails(EBUSY, fdi_chdir(fdi_fd(mover)));
    int dir = fdi_open(fdi_fd(mover), O_RDONLY, 0);
    _close(mover);
    const fdi_target targets[] = {fdi_fd(dir), fdi_path_at(dir, ".")};
    for (int i = 0; i < 2; i++) {
        assert_works(fdi_chdir(targets[i]));
        assert_int_equal(status_of("file").size, 10);
        assert_works(fdi_chdir(fdi_fd(here)));
    }
    _close(here);
    done(dir);
}

/* ".." is resolved at each call. */
static void dot_dot_is_the_current_parent(void **state)
{
    struct fdi_stat status;
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    assert_works(fdi_mkdir(fdi_path("other"), 0777));
    make_file("other/file", "0123456789");
    make_file("file", "");
    int dir = open_and_move("dir", "other/dir");
    assert_works(fdi_stat(fdi_path_at(dir, "../file"), &status, 0));
    assert_int_equal(status.size, 10);
    assert_works(fdi_stat(fdi_path_at(dir, "../../file"), &status, 0));
    assert_int_equal(status.size, 0);
    _close(dir);
}

static void dot_dot_works_in_every_argument(void **state)
{
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    assert_works(fdi_mkdir(fdi_path("dir/inner"), 0777));
    make_file("dir/file", "in dir");
    int dir = open_directory("dir");
    assert_works(fdi_access(fdi_path_at(dir, "inner/../file"), 0, 0));
    assert_works(fdi_mkdir(fdi_path_at(dir, "inner/../new"), 0777));
    assert_works(fdi_rename(fdi_path_at(dir, "inner/../new"), fdi_path_at(dir, "../out"), 0));
    assert_true(exists("out"));
    assert_works(fdi_link(fdi_path_at(dir, "./inner/.././file"), fdi_path_at(dir, "../second"), 0));
    assert_file_is("second", "in dir");
    assert_works(fdi_unlink(fdi_path_at(dir, "../second")));
    assert_works(fdi_rmdir(fdi_path_at(dir, "inner/../../out")));
    assert_false(exists("out") || exists("second"));
    _close(dir);
}

/* A path that ends in a dot can be read, but not created, renamed or removed. */
static void a_dot_cannot_be_created_renamed_or_removed(void **state)
{
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    int dir = open_directory("dir");
    assert_works(fdi_access(fdi_path_at(dir, "."), 0, 0));
    assert_fails(EEXIST, fdi_mkdir(fdi_path_at(dir, "."), 0777));
    assert_fails(EEXIST, fdi_mkdir(fdi_path_at(dir, ".."), 0777));
    assert_fails(EEXIST, fdi_symlink("text", fdi_path_at(dir, "."), 0));
    assert_fails(EINVAL, fdi_rmdir(fdi_path_at(dir, ".")));
    assert_fails(EISDIR, fdi_unlink(fdi_path_at(dir, ".")));
    assert_fails(EBUSY, fdi_rename(fdi_path_at(dir, "."), fdi_path("new"), 0));
    make_file("file", "");
    assert_fails(EBUSY, fdi_rename(fdi_path("file"), fdi_path_at(dir, "."), 0));
    assert_fails(EEXIST, fdi_link(fdi_path("file"), fdi_path_at(dir, "."), 0));
    assert_true(exists("dir") && exists("file") && !exists("new"));
    _close(dir);
}

/* ---- open handles ---------------------------------------------------------------------------- */

static void call_all(fdi_target target)
{
    char name[] = "XXXXXX";
    for (int function = 0; function <= FDI_FN_UTIME; function++) {
        (void)call_any((fdi_function)function, target, 0);
        if (takes_flags((fdi_function)function))
            (void)call_any((fdi_function)function, target, FDI_NOFOLLOW);
    }
    FILE *stream = fdi_fopen(target, "r+", FDI_ABOVE_STDIO);
    if (stream)
        fclose(stream);
    int fd = fdi_mkstemp(target, name, 0, _O_TEMPORARY);
    if (fd >= 0)
        _close(fd);
    (void)fdi_rename(fdi_path("file"), target, 0);
    (void)fdi_link(fdi_path("file"), target, 0);
    make_file("file", "0123456789");
}

/* Tries calls that succeed and calls that fail. */
static void no_operation_leaves_a_handle_open(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "file",
        "missing",
        "dir",
        "dir/inner",
        "file/x",
        "dir/../file",
        "missing/x",
        "file:",
        "dir/..",
        "a/../..",
        "",
        "\xff",
        "dir/",
        "file/",
        ".",
        "..",
        "dir/../missing/../x",
        "dir/../dir/../file/../x",
    };
    make_file("file", "0123456789");
    (void)fdi_mkdir(fdi_path("dir"), 0777);
    int here = open_directory(".");
    int file = fdi_open(fdi_path("file"), O_RDWR, 0);
    int before = 0;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
            (void)fdi_mkdir(fdi_path("dir"), 0777);
            call_all(fdi_path_at(here, paths[i]));
            call_all(fdi_path_at(file, paths[i]));
            call_all(fdi_path_at(closed_fd(), paths[i]));
            if (strncmp(paths[i], "..", 2) != 0) /* spares the fixture's own directory */
                call_all(fdi_path(paths[i]));
            assert_works(fdi_chdir(fdi_fd(here)));
        }
        call_all(fdi_fd(file));
        call_all(fdi_fd(here));
        if (round == 0)
            before = handle_count();
    }
    assert_int_equal(handle_count(), before);
    _close(file);
    _close(here);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(open_acts_in_a_moved_directory),
        CASE(attributes_belong_to_the_file_in_a_moved_directory),
        CASE(names_change_in_a_moved_directory),
        CASE(links_are_looked_for_in_a_moved_directory),
        CASE(a_moved_directory_is_read),
        CASE(a_moved_directory_is_entered),
        CASE(dot_dot_is_the_current_parent),
        CASE(dot_dot_works_in_every_argument),
        CASE(a_dot_cannot_be_created_renamed_or_removed),
        CASE(no_operation_leaves_a_handle_open),
    };
    return cmocka_run_group_tests_name("target_handle_windows", cases, NULL, NULL);
}
