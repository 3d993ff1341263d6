/* SPDX-License-Identifier: MIT
 * Tests properties of Windows: attributes, times in 100 ns, ids, UTF-16 names and open files. The
 * expected values come from Win32 calls. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/windows_run_time.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <wchar.h>

enum { KIND = 0170000, FIFO = 0010000, CHARACTER_DEVICE = 0020000 };

/* ---- stat ------------------------------------------------------------------------------------ */

static int64_t units(FILETIME time)
{
    return (int64_t)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static void assert_time(struct fdi_time time, FILETIME expected)
{
    const int64_t to_1970 = INT64_C(116444736000000000);
    assert_int_equal(time.sec * 10000000 + time.nsec / 100, units(expected) - to_1970);
    assert_in_range(time.nsec, 0, 999999999);
}

static void stat_agrees_with_win32(void **state)
{
    BY_HANDLE_FILE_INFORMATION info;
    FILE_ID_INFO id;
    (void)state;
    make_file("file", "0123456789");
    assert_works(fdi_link(fdi_path("file"), fdi_path("second"), 0));
    (void)status_of("file"); /* the first call makes Wine read the file */
    struct fdi_stat status = status_of("file");
    HANDLE handle = CreateFileA("file", 0, 7, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(GetFileInformationByHandle(handle, &info));
    assert_true(GetFileInformationByHandleEx(handle, FileIdInfo, &id, sizeof id));
    assert_time(status.mtime, info.ftLastWriteTime);
    assert_time(status.atime, info.ftLastAccessTime);
    assert_time(status.birthtime, info.ftCreationTime);
    assert_int_equal(status.nlink, 2);
    assert_int_equal(status.file_attributes, info.dwFileAttributes);
    assert_int_equal(status.reparse_tag, 0);
    assert_true(status.dev == id.VolumeSerialNumber);
    assert_memory_equal(&status.ino, &id.FileId, 8);
    assert_memory_equal(&status.ino_high, (char *)&id.FileId + 8, 8);
    assert_true(status.present & FDI_STAT_FILE_ATTRIBUTES && status.present & FDI_STAT_INO_HIGH);
    CloseHandle(handle);
}

static void pipes_and_devices_have_their_type(void **state)
{
    struct fdi_stat status;
    int pipe[2];
    (void)state;
    assert_int_equal(_pipe(pipe, 4096, _O_NOINHERIT), 0);
    int null = fdi_open(fdi_path("NUL"), O_RDWR, 0);
    assert_works(fdi_stat(fdi_fd(pipe[0]), &status, 0));
    assert_int_equal(status.mode & KIND, FIFO);
    assert_works(fdi_stat(fdi_fd(null), &status, 0));
    assert_int_equal(status.mode & KIND, CHARACTER_DEVICE);
    assert_works(fdi_stat(fdi_path("NUL"), &status, 0));
    assert_int_equal(status.mode & KIND, CHARACTER_DEVICE);
    assert_works(fdi_access(fdi_fd(pipe[0]), 4, 0));
    assert_fails(EACCES, fdi_access(fdi_fd(pipe[0]), 2, 0));
    assert_fails(ENOTDIR, fdi_chdir(fdi_fd(pipe[0])));
    assert_fails(ENOTDIR, fdi_opendir(fdi_fd(pipe[0])) ? 0 : -1);
    assert_fails(ENOTSUP, fdi_open(fdi_fd(pipe[0]), O_RDONLY, 0));
    _close(pipe[0]);
    _close(pipe[1]);
    _close(null);
}

/* ---- attributes ------------------------------------------------------------------------------ */

static void chmod_changes_the_read_only_attribute_alone(void **state)
{
    (void)state;
    make_file("file", "");
    SetFileAttributesA("file", FILE_ATTRIBUTE_HIDDEN);
    struct fdi_stat before = status_of("file");
    assert_works(fdi_chmod(fdi_path("file"), 0555, 0));
    assert_int_equal(GetFileAttributesA("file") & 3, 3); /* read-only and hidden */
    assert_int_equal(status_of("file").mode, 0100444);
    assert_works(fdi_chmod(fdi_path("file"), 0020, 0));
    assert_int_equal(GetFileAttributesA("file") & 3, FILE_ATTRIBUTE_HIDDEN);
    assert_true(status_of("file").mtime.sec == before.mtime.sec);
    assert_true(status_of("file").mtime.nsec == before.mtime.nsec);
}

static void chmod_and_utime_need_no_fd_for_writing(void **state)
{
    const struct fdi_time times[2] = {{1, 100}, {2, 200}};
    (void)state;
    make_file("file", "text");
    int fd = fdi_open(fdi_path("file"), O_RDONLY, 0);
    assert_works(fdi_chmod(fdi_fd(fd), 0444, 0));
    assert_works(fdi_utime(fdi_fd(fd), times, 0));
    assert_int_equal(status_of("file").mtime.nsec, 200);
    assert_works(fdi_chmod(fdi_fd(fd), 0666, 0));
    assert_fails(EINVAL, fdi_truncate(fdi_fd(fd), 1));
    assert_file_is("file", "text");
    _close(fd);
}

static void an_append_only_fd_can_be_truncated(void **state)
{
    (void)state;
    make_file("file", "0123456789");
    int fd = fdi_open(fdi_path("file"), O_WRONLY | O_APPEND, 0);
    assert_works(fdi_truncate(fdi_fd(fd), 3));
    assert_int_equal(_write(fd, "x", 1), 1);
    _close(fd);
    assert_file_is("file", "012x");
}

static void truncating_a_mapped_file_is_ebusy(void **state)
{
    (void)state;
    make_file("file", "0123456789");
    int fd = fdi_open(fdi_path("file"), O_RDWR, 0);
    HANDLE mapping =
        CreateFileMappingA((HANDLE)_get_osfhandle(fd), NULL, PAGE_READWRITE, 0, 0, NULL);
    void *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    assert_non_null(view);
    assert_fails(EBUSY, fdi_truncate(fdi_fd(fd), 0));
    assert_fails(EBUSY, fdi_truncate(fdi_path("file"), 3));
    assert_fails(EBUSY, fdi_open(fdi_path("file"), O_WRONLY | O_TRUNC, 0));
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    _close(fd);
    assert_file_is("file", "0123456789");
}

static void times_out_of_range_are_eoverflow(void **state)
{
    static const int64_t bad[] = {INT64_MIN, INT64_MAX, -11644473600, -11644473601, 910692730085};
    (void)state;
    make_file("file", "");
    struct fdi_stat before = status_of("file");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct fdi_time times[2] = {{0, 0}, {bad[i], 0}};
        assert_fails(EOVERFLOW, fdi_utime(fdi_path("file"), times, 0));
    }
    assert_true(status_of("file").mtime.sec == before.mtime.sec);
}

static void access_ignores_share_modes(void **state)
{
    (void)state;
    HANDLE alone = CreateFileA("file", GENERIC_READ, 0, NULL, CREATE_NEW, 0, NULL);
    assert_works(fdi_access(fdi_path("file"), 4 | 2 | 1, 0));
    assert_fails(EBUSY, fdi_truncate(fdi_path("file"), 0));
    CloseHandle(alone);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void read_only_files_are_removed_and_replaced(void **state)
{
    (void)state;
    make_file("file", "");
    assert_works(fdi_chmod(fdi_path("file"), 0444, 0));
    assert_works(fdi_unlink(fdi_path("file")));
    assert_false(exists("file"));
    make_file("file", "");
    assert_works(fdi_chmod(fdi_path("file"), 0444, 0));
    assert_works(fdi_link(fdi_path("file"), fdi_path("second"), 0));
    assert_works(fdi_unlink(fdi_path("file")));
    assert_int_equal(status_of("second").mode & 0222, 0); /* the other name is still read-only */
}

static void an_open_file_loses_its_name(void **state)
{
    struct fdi_stat status;
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_RDWR | O_CREAT, 0666);
    assert_works(fdi_unlink(fdi_path("file")));
    assert_int_equal(_write(fd, "text", 4), 4);
    assert_works(fdi_stat(fdi_fd(fd), &status, 0));
    assert_int_equal(status.size, 4);
    _close(fd);
    assert_false(exists("file")); /* Windows removes it at once, Wine when it is closed */
}

static void an_open_file_can_be_moved_and_replaced(void **state)
{
    (void)state;
    make_file("file", "one");
    int fd = fdi_open(fdi_path("file"), O_RDWR, 0);
    assert_works(fdi_rename(fdi_path("file"), fdi_path("moved"), 0));
    make_file("other", "two");
    assert_works(fdi_rename(fdi_path("moved"), fdi_path("other"), 0));
    assert_file_is("other", "one");
    assert_int_equal(_write(fd, "ONE", 3), 3);
    _close(fd);
    assert_file_is("other", "ONE");
}

static void rename_replaces_a_read_only_file_and_changes_case(void **state)
{
    (void)state;
    make_file("file", "one");
    make_file("other", "two");
    assert_works(fdi_chmod(fdi_path("other"), 0444, 0));
    assert_works(fdi_rename(fdi_path("file"), fdi_path("other"), 0));
    assert_file_is("other", "one");
    assert_false(exists("file"));
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    assert_works(fdi_rename(fdi_path("other"), fdi_path("OTHER"), 0));
    assert_works(fdi_rename(fdi_path("dir"), fdi_path("DIR"), 0));
    assert_file_is("other", "one");
    assert_true(exists("dir"));
}

static void a_trailing_separator_requires_a_directory(void **state)
{
    (void)state;
    int here = open_directory(".");
    make_file("file", "text");
    assert_works(fdi_mkdir(fdi_path_at(here, "dir//"), 0777));
    assert_works(fdi_rename(fdi_path_at(here, "dir/"), fdi_path("moved\\"), 0));
    assert_works(fdi_rmdir(fdi_path_at(here, "moved/")));
    const fdi_target files[] = {fdi_path("file/"), fdi_path_at(here, "file\\")};
    for (int i = 0; i < 2; i++) {
        assert_fails(ENOTDIR, fdi_unlink(files[i]));
        assert_fails(ENOTDIR, fdi_rmdir(files[i]));
        assert_fails(ENOTDIR, fdi_truncate(files[i], 0));
        assert_fails(ENOTDIR, fdi_rename(files[i], fdi_path("new"), 0));
        assert_fails(ENOTDIR, fdi_rename(fdi_path("file"), files[i], 0));
        assert_fails(ENOTDIR, fdi_opendir(files[i]) ? 0 : -1);
    }
    assert_fails(ENOTDIR, fdi_rename(fdi_path("file"), fdi_path_at(here, "new/"), 0));
    assert_fails(ENOENT, fdi_link(fdi_path("file"), fdi_path_at(here, "new/"), 0));
    assert_fails(ENOENT, fdi_symlink("text", fdi_path_at(here, "new/"), 0));
    assert_file_is("file", "text");
    _close(here);
}

static void each_wrong_file_type_has_its_own_error(void **state)
{
    (void)state;
    make_file("file", "text");
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    assert_works(fdi_mkdir(fdi_path("full"), 0777));
    make_file("full/file", "");
    assert_fails(EISDIR, fdi_unlink(fdi_path("dir")));
    assert_fails(ENOTDIR, fdi_rmdir(fdi_path("file")));
    assert_fails(ENOTEMPTY, fdi_rmdir(fdi_path("full")));
    assert_fails(EPERM, fdi_link(fdi_path("dir"), fdi_path("new"), 0));
    assert_fails(EISDIR, fdi_rename(fdi_path("file"), fdi_path("dir"), 0));
    assert_fails(ENOTDIR, fdi_rename(fdi_path("dir"), fdi_path("file"), 0));
    assert_fails(EACCES, fdi_rename(fdi_path("dir"), fdi_path("full"), 0));
    assert_fails(EISDIR, fdi_truncate(fdi_path("dir"), 0));
    assert_fails(ENOENT, fdi_rename(fdi_path("file"), fdi_path("missing/new"), 0));
    assert_fails(ENOTDIR, fdi_rename(fdi_path("dir"), fdi_path("file/new"), 0));
    assert_file_is("file", "text");
}

static void a_name_past_255_units_is_enametoolong(void **state)
{
    char name[300];
    (void)state;
    int here = open_directory(".");
    memset(name, 'x', 256);
    strcpy(name + 256, "/file");
    for (int cut = 0; cut < 2; cut++) { /* as a directory, then as the last name */
        assert_fails(ENAMETOOLONG, fdi_access(fdi_path(name), 0, 0));
        assert_fails(ENAMETOOLONG, fdi_access(fdi_path_at(here, name), 0, 0));
        assert_fails(ENAMETOOLONG, fdi_mkdir(fdi_path_at(here, name), 0777));
        name[256] = 0;
    }
    _close(here);
}

static void bad_utf8_is_eilseq_everywhere(void **state)
{
    static const char bad[] = "a\xc3(";
    (void)state;
    make_file("file", "");
    int here = open_directory(".");
    char name[] = "XXXXXX";
    for (int function = 0; function <= FDI_FN_UTIME; function++) {
        if (!system_has((fdi_function)function))
            continue;
        assert_fails(EILSEQ, call_any((fdi_function)function, fdi_path(bad), 0));
        assert_fails(EILSEQ, call_any((fdi_function)function, fdi_path_at(here, bad), 0));
    }
    assert_fails(EILSEQ, fdi_fopen(fdi_path(bad), "r", 0) ? 0 : -1);
    assert_fails(EILSEQ, fdi_mkstemp(fdi_path(bad), name, 0, 0));
    assert_fails(EILSEQ, fdi_rename(fdi_path("file"), fdi_path(bad), 0));
    assert_fails(EILSEQ, fdi_link(fdi_path("file"), fdi_path(bad), 0));
    assert_fails(EILSEQ, fdi_symlink(bad, fdi_path("new"), 0));
    assert_true(exists("file") && !exists("new"));
    _close(here);
}

/* ---- long paths ------------------------------------------------------------------------------ */

static void every_operation_takes_paths_past_260_characters(void **state)
{
    char name[201], path[1024] = "";
    (void)state;
    memset(name, 'n', 200);
    name[200] = 0;
    for (int depth = 0; depth < 3; depth++) {
        strcat(strcat(path, depth ? "/" : ""), name);
        assert_works(fdi_mkdir(fdi_path(path), 0777));
    }
    size_t end = strlen(path);
    strcpy(path + end, "/file");
    int fd = fdi_open(fdi_path(path), O_WRONLY | O_CREAT, 0666);
    assert_true(fd >= 0);
    _close(fd);
    char other[1024];
    strcpy(other, path);
    strcpy(other + end, "/other");
    assert_works(fdi_access(fdi_path(path), 4, 0));
    assert_works(fdi_chmod(fdi_path(path), 0666, 0));
    assert_works(fdi_utime(fdi_path(path), NULL, 0));
    assert_works(fdi_truncate(fdi_path(path), 5));
    assert_int_equal(status_of(path).size, 5);
    assert_works(fdi_link(fdi_path(path), fdi_path(other), 0));
    assert_works(fdi_rename(fdi_path(other), fdi_path(path), 0));
    (void)fdi_unlink(fdi_path(other)); /* rename leaves two links to one file, as in POSIX */
    assert_works(fdi_rename(fdi_path(path), fdi_path(other), 0));
    assert_works(fdi_unlink(fdi_path(other)));
    for (path[end] = 0; end > 0; end -= end > 200 ? 201 : end, path[end] = 0) {
        fdi_dir *dir = fdi_opendir(fdi_path(path));
        assert_non_null(dir);
        assert_works(fdi_closedir(dir));
        assert_works(fdi_rmdir(fdi_path(path)));
        if (end == 200)
            break;
    }
}

/* ---- directories ----------------------------------------------------------------------------- */

static void readdir_returns_names_in_utf8(void **state)
{
    const fdi_dirent *entry;
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    assert_true(CreateDirectoryW(L"dir\\\x00e9\x20ac\xd83d\xde00", NULL));
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    assert_int_equal(fdi_readdir(dir, &entry), 1);
    assert_string_equal(entry->name, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    assert_int_equal(entry->type, FDI_TYPE_DIRECTORY);
    assert_int_equal(fdi_readdir(dir, &entry), 0);
    assert_works(fdi_closedir(dir));
}

static void readdir_returns_the_longest_name_whole(void **state)
{
    WCHAR name[256] = L"";
    char utf8[766] = "", path[800];
    const fdi_dirent *entry;
    (void)state;
    for (int i = 0; i < 85; i++) { /* ext4 below Wine allows 255 bytes */
        wcscat(name, L"\x20ac");
        strcat(utf8, "\xe2\x82\xac");
    }
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    snprintf(path, sizeof path, "dir/%s", utf8);
    assert_works(fdi_mkdir(fdi_path(path), 0777));
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    assert_int_equal(fdi_readdir(dir, &entry), 1);
    assert_string_equal(entry->name, utf8);
    assert_works(fdi_closedir(dir));
}

static void chdir_changes_the_directory_of_win32_and_the_crt(void **state)
{
    WCHAR before[MAX_PATH], path[MAX_PATH], variable[MAX_PATH], name[] = L"=X:";
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    GetCurrentDirectoryW(MAX_PATH, before);
    int here = open_directory(".");
    assert_works(fdi_chdir(fdi_path_at(here, "dir")));
    GetCurrentDirectoryW(MAX_PATH, path);
    assert_int_equal(_wcsnicmp(path, before, wcslen(before)), 0);
    assert_int_equal(_wcsicmp(path + wcslen(before), L"\\dir"), 0);
    name[1] = path[0];
    assert_true(GetEnvironmentVariableW(name, variable, MAX_PATH) > 0);
    assert_int_equal(wcscmp(variable, path), 0);
    assert_works(fdi_chdir(fdi_fd(here)));
    GetCurrentDirectoryW(MAX_PATH, path);
    assert_int_equal(_wcsicmp(path, before), 0);
    _close(here);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(stat_agrees_with_win32),
        CASE(pipes_and_devices_have_their_type),
        CASE(chmod_changes_the_read_only_attribute_alone),
        CASE(chmod_and_utime_need_no_fd_for_writing),
        CASE(an_append_only_fd_can_be_truncated),
        CASE(truncating_a_mapped_file_is_ebusy),
        CASE(times_out_of_range_are_eoverflow),
        CASE(access_ignores_share_modes),
        CASE(read_only_files_are_removed_and_replaced),
        CASE(an_open_file_loses_its_name),
        CASE(an_open_file_can_be_moved_and_replaced),
        CASE(rename_replaces_a_read_only_file_and_changes_case),
        CASE(a_trailing_separator_requires_a_directory),
        CASE(each_wrong_file_type_has_its_own_error),
        CASE(a_name_past_255_units_is_enametoolong),
        CASE(bad_utf8_is_eilseq_everywhere),
        CASE(every_operation_takes_paths_past_260_characters),
        CASE(readdir_returns_names_in_utf8),
        CASE(readdir_returns_the_longest_name_whole),
        CASE(chdir_changes_the_directory_of_win32_and_the_crt),
    };
    return cmocka_run_group_tests_name("files_windows", cases, NULL, NULL);
}
