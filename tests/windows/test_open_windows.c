/* SPDX-License-Identifier: MIT
 * Tests fdi_open on Windows with every kind of path. Win32 calls check the opened files. */
#include "../../src/platform.h"
#include "../support/child.h"
#include "../support/files.h"
#include "../support/fixture.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <string.h>

static void make_folder(const char *path)
{
    assert_true(CreateDirectoryA(path, NULL));
}

static bool is_there(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static int open_folder(const char *path)
{
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path(path), O_RDONLY, 0));
    return fd;
}

/* Opens, reads and closes. */
static void assert_reads(fdi_target target, const char *text)
{
    char found[64] = {0};
    int fd = -1;
    assert_works(fd = fdi_open(target, O_RDONLY, 0));
    assert_true(_read(fd, found, sizeof found - 1) >= 0);
    assert_string_equal(found, text);
    assert_int_equal(_close(fd), 0);
}

static void assert_makes(fdi_target target, const char *path)
{
    int fd = -1;
    assert_false(is_there(path));
    assert_works(fd = fdi_open(target, O_WRONLY | O_CREAT | O_EXCL, 0666));
    assert_int_equal(_close(fd), 0);
    assert_true(is_there(path));
}

/* ---- properties of an fd ------------------------------------------------------------------- */

static void no_kind_of_child_receives_an_opened_fd(void **state)
{
    (void)state;
    int file = fdi_open(fdi_path("file"), O_RDWR | O_CREAT, 0666);
    int folder = open_folder(".");
    assert_false(child_has(file) || child_has(folder));
    assert_false(child_has_run_time_fd(file) || child_has_run_time_fd(folder));
    _close(file);
    _close(folder);
}

static void only_o_text_translates_line_ends(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_WRONLY | O_CREAT, 0666);
    assert_int_equal(_write(fd, "a\nb", 3), 3);
    _close(fd);
    assert_file_is("file", "a\nb");
    fd = fdi_open(fdi_path("file"), O_WRONLY | O_TRUNC | O_TEXT, 0);
    assert_int_equal(_write(fd, "a\nb", 3), 3);
    _close(fd);
    assert_file_is("file", "a\r\nb");
}

static void o_append_writes_at_the_end_after_other_writers(void **state)
{
    (void)state;
    int one = fdi_open(fdi_path("file"), O_WRONLY | O_CREAT | O_APPEND, 0666);
    int other = fdi_open(fdi_path("file"), O_WRONLY | O_APPEND, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(_write(one, "1", 1), 1);
        assert_int_equal(_write(other, "2", 1), 1);
    }
    HANDLE handle = (HANDLE)_get_osfhandle(one); /* bypasses the CRT, which would seek to the end */
    DWORD written;
    SetFilePointer(handle, 0, NULL, FILE_BEGIN);
    assert_true(WriteFile(handle, "3", 1, &written, NULL));
    _close(one);
    _close(other);
    assert_file_is("file", "1212123");
}

static void o_trunc_keeps_the_attributes(void **state)
{
    (void)state;
    make_file("file", "text");
    SetFileAttributesA("file", FILE_ATTRIBUTE_HIDDEN);
    int fd = fdi_open(fdi_path("file"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(fd >= 0);
    _close(fd);
    assert_file_is("file", "");
    assert_true(GetFileAttributesA("file") & FILE_ATTRIBUTE_HIDDEN);
}

static void an_open_file_can_be_moved_and_removed(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_RDWR | O_CREAT, 0666);
    assert_true(MoveFileA("file", "moved"));
    assert_true(DeleteFileA("moved"));
    assert_int_equal(_write(fd, "x", 1), 1);
    _close(fd);
    assert_false(is_there("moved"));
}

static void a_mode_without_write_bits_creates_a_read_only_file(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_WRONLY | O_CREAT, 0444);
    assert_int_equal(_write(fd, "x", 1), 1); /* this fd may still write */
    _close(fd);
    assert_true(GetFileAttributesA("file") & FILE_ATTRIBUTE_READONLY);
    assert_reads(fdi_path("file"), "x");
}

static void a_reopened_fd_has_its_own_position(void **state)
{
    char text[8] = {0};
    (void)state;
    make_file("file", "text");
    int fd = fdi_open(fdi_path("file"), O_RDONLY, 0);
    assert_int_equal(_read(fd, text, 2), 2);
    assert_reads(fdi_fd(fd), "text");
    int writer = -1;
    assert_works(writer = fdi_open(fdi_fd(fd), O_WRONLY, 0));
    assert_int_equal(_write(writer, "T", 1), 1);
    _close(writer);
    assert_int_equal(_read(fd, text, 2), 2);
    assert_string_equal(text, "xt");
    _close(fd);
    int folder = open_folder(".");
    int again = -1;
    assert_works(again = fdi_open(fdi_fd(folder), O_RDONLY, 0));
    _close(folder);
    assert_reads(fdi_path_at(again, "file"), "Text");
    _close(again);
}

/* ---- paths ---------------------------------------------------------------------------------- */

static void both_separators_work_in_any_number(void **state)
{
    (void)state;
    make_folder("a");
    make_folder("a\\b");
    make_file("a\\b\\file", "text");
    int here = open_folder(".");
    const char *const paths[] = {"a/b/file", "a\\b\\file", "a//b\\\\file", "./a/./b/.//file"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        assert_reads(fdi_path(paths[i]), "text");
        assert_reads(fdi_path_at(here, paths[i]), "text");
    }
    _close(here);
}

static void dot_dot_is_resolved_in_the_file_system(void **state)
{
    (void)state;
    make_folder("a");
    make_folder("a\\b");
    make_file("top", "top");
    make_file("a\\in_a", "a");
    int a = open_folder("a");
    assert_reads(fdi_path_at(a, "../top"), "top");
    assert_reads(fdi_path_at(a, "b/../in_a"), "a");
    assert_reads(fdi_path_at(a, "b/../../top"), "top");
    assert_reads(fdi_path_at(a, "./b/./../b/../in_a"), "a");
    assert_makes(fdi_path_at(a, "b/../new"), "a\\new");
    assert_fails(ENOENT, fdi_open(fdi_path_at(a, "missing/../in_a"), O_RDONLY, 0));
    assert_fails(ENOTDIR, fdi_open(fdi_path_at(a, "in_a/../in_a"), O_RDONLY, 0));
    assert_fails(ENOTDIR, fdi_open(fdi_path_at(a, "in_a/."), O_RDONLY, 0));
    _close(a);
}

static void dot_and_dot_dot_open_directories(void **state)
{
    (void)state;
    make_folder("a");
    make_file("top", "top");
    make_file("a\\in_a", "a");
    int a = open_folder("a");
    int self = fdi_open(fdi_path_at(a, "."), O_RDONLY, 0);
    int up = fdi_open(fdi_path_at(a, ".."), O_RDONLY | FDI_O_DIRECTORY, 0);
    assert_reads(fdi_path_at(self, "in_a"), "a");
    assert_reads(fdi_path_at(up, "top"), "top");
    _close(a);
    _close(self);
    _close(up);
}

static void the_parent_of_the_root_is_the_root(void **state)
{
    char windows[MAX_PATH];
    (void)state;
    GetWindowsDirectoryA(windows, sizeof windows);
    char root[] = "X:\\";
    root[0] = windows[0];
    int fd = open_folder(root);
    int up = -1;
    assert_works(up = fdi_open(fdi_path_at(fd, "../.."), O_RDONLY, 0));
    int again = -1;
    assert_works(again = fdi_open(fdi_path_at(up, windows + 3), O_RDONLY, 0));
    _close(again);
    _close(up);
    _close(fd);
}

static void an_absolute_path_ignores_the_directory(void **state)
{
    char path[MAX_PATH];
    (void)state;
    make_file("file", "text");
    GetFullPathNameA("file", sizeof path, path, NULL);
    assert_reads(fdi_path_at(99, path), "text");
    assert_reads(fdi_path_at(99, path + 2), "text"); /* on the current drive */
    char literal[MAX_PATH + 4] = "\\\\?\\";
    strcat(literal, path);
    assert_reads(fdi_path_at(99, literal), "text");
}

static void a_trailing_separator_requires_a_directory(void **state)
{
    (void)state;
    make_folder("a");
    make_file("file", "text");
    int here = open_folder(".");
    const fdi_target files[] = {fdi_path("file/"), fdi_path_at(here, "file/")};
    const fdi_target folders[] = {fdi_path("a/"), fdi_path_at(here, "a\\")};
    const fdi_target missing[] = {fdi_path("new/"), fdi_path_at(here, "new/")};
    for (int i = 0; i < 2; i++) {
        assert_fails(ENOTDIR, fdi_open(files[i], O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(files[i], O_WRONLY, 0));
        assert_fails(EISDIR, fdi_open(folders[i], O_WRONLY, 0));
        assert_fails(EISDIR, fdi_open(missing[i], O_WRONLY | O_CREAT, 0666));
        int fd = -1;
        assert_works(fd = fdi_open(folders[i], O_RDONLY, 0));
        _close(fd);
    }
    assert_false(is_there("new"));
    assert_file_is("file", "text");
    _close(here);
}

static void paths_past_260_characters_work(void **state)
{
    char name[201], path[1024] = "";
    (void)state;
    memset(name, 'n', 200);
    name[200] = 0;
    int here = open_folder(".");
    for (int depth = 0; depth < 3; depth++) {
        WCHAR full[2048] = L"\\\\?\\";
        strcat(path, name);
        GetCurrentDirectoryW(1024, full + 4);
        size_t used = wcslen(full);
        full[used++] = L'\\';
        MultiByteToWideChar(CP_UTF8, 0, path, -1, full + used, 1024);
        assert_true(CreateDirectoryW(full, NULL));
        strcat(path, "\\");
    }
    strcat(path, "file");
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path(path), O_WRONLY | O_CREAT, 0666));
    assert_int_equal(_write(fd, "deep", 4), 4);
    _close(fd);
    assert_reads(fdi_path(path), "deep");
    assert_reads(fdi_path_at(here, path), "deep");
    _close(here);
}

static void paths_follow_a_renamed_directory(void **state)
{
    (void)state;
    make_folder("before");
    make_file("before\\file", "text");
    int fd = open_folder("before");
    assert_true(MoveFileA("before", "after"));
    assert_reads(fdi_path_at(fd, "file"), "text");
    make_folder("before");
    assert_makes(fdi_path_at(fd, "new"), "after\\new");
    assert_false(is_there("before\\new"));
    _close(fd);
}

static void names_are_valid_utf8(void **state)
{
    (void)state;
    int here = open_folder(".");
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path("\xc3\xa9\xf0\x9f\x98\x80"), O_WRONLY | O_CREAT, 0666));
    _close(fd);
    assert_true(GetFileAttributesW(L"\x00e9\xd83d\xde00") != INVALID_FILE_ATTRIBUTES);
    assert_reads(fdi_path_at(here, "\xc3\xa9\xf0\x9f\x98\x80"), "");
    assert_fails(EILSEQ, fdi_open(fdi_path("\xff"), O_WRONLY | O_CREAT, 0666));
    assert_fails(EILSEQ, fdi_open(fdi_path_at(here, "a\xc3"), O_WRONLY | O_CREAT, 0666));
    _close(here);
}

static void device_names_work_only_in_win32_paths(void **state)
{
    (void)state;
    int here = open_folder(".");
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path("NUL"), O_RDWR | O_TRUNC, 0));
    assert_true(GetFileType((HANDLE)_get_osfhandle(fd)) == FILE_TYPE_CHAR);
    _close(fd);
    assert_fails(ENOENT, fdi_open(fdi_path_at(here, "NUL"), O_RDONLY, 0));
    _close(here);
}

static void names_below_a_device_are_enotdir(void **state)
{
    static const char *const names[] = {"x", ".", "..", "./", "x/y", "../x"};
    (void)state;
    struct fdi_stat status;
    int ends[2], null = open_null(false);
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
    make_file("file", "");
    int fds[] = {null, ends[0], ends[1], fdi_open(fdi_path("file"), O_RDONLY, 0)};
    for (size_t i = 0; i < 4 * sizeof names / sizeof *names; i++) {
        fdi_target target = fdi_path_at(fds[i % 4], names[i / 4]);
        assert_fails(ENOTDIR, fdi_open(target, O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_stat(target, &status, 0));
        assert_fails(ENOTDIR, fdi_access(target, 0, 0));
        assert_null(fdi_opendir(target));
        assert_int_equal(errno, ENOTDIR);
    }
    for (int i = 0; i < 4; i++) {
        errno = 0;
        assert_null(fdi_opendir(fdi_fd(fds[i])));
        assert_int_equal(errno, ENOTDIR);
        assert_fails(ENOTDIR, fdi_chdir(fdi_fd(fds[i])));
    }
    for (int i = 1; i < 4; i++)
        _close(fds[i]);
    _close(null);
}

static void a_pipe_opened_with_o_append_can_be_written(void **state)
{
    static const char *const names[] = {"\\\\.\\pipe\\fdi_append", "\\\\?\\PIPE\\fdi_append",
                                        "//./pipe/fdi_append"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        char got[8] = "";
        DWORD size = 0;
        HANDLE server =
            CreateNamedPipeA(names[0], PIPE_ACCESS_INBOUND, PIPE_TYPE_BYTE, 1, 64, 64, 0, NULL);
        int fd = fdi_open(fdi_path(names[i]), O_WRONLY | O_APPEND, 0);
        assert_int_equal(_write(fd, "text", 4), 4);
        assert_true(ReadFile(server, got, sizeof got, &size, NULL));
        assert_int_equal(size, 4);
        assert_string_equal(got, "text");
        _close(fd);
        CloseHandle(server);
    }
}

/* ---- errors --------------------------------------------------------------------------------- */

static void each_error_has_its_errno_and_leaks_no_handle(void **state)
{
    (void)state;
    make_folder("a");
    make_file("file", "text");
    int here = open_folder(".");
    int file = fdi_open(fdi_path("file"), O_RDONLY, 0);
    int pipe[2];
    assert_int_equal(_pipe(pipe, 4096, _O_NOINHERIT), 0);
    int before = handle_count();
    for (int i = 0; i < 3; i++) {
        assert_fails(ENOENT, fdi_open(fdi_path(""), O_RDONLY, 0));
        assert_fails(ENOENT, fdi_open(fdi_path_at(here, ""), O_RDONLY, 0));
        assert_fails(ENOENT, fdi_open(fdi_path("missing"), O_RDONLY, 0));
        assert_fails(ENOENT, fdi_open(fdi_path_at(here, "a/../missing"), O_RDONLY, 0));
        assert_fails(ENOENT, fdi_open(fdi_path_at(here, "missing/file"), O_RDONLY, 0));
        assert_fails(ENOENT, fdi_open(fdi_path_at(here, "file:stream"), O_WRONLY | O_CREAT, 0666));
        assert_fails(ENOENT, fdi_open(fdi_path_at(here, "f:file"), O_WRONLY | O_CREAT, 0666));
        assert_fails(ENOTDIR, fdi_open(fdi_path("file/x"), O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(fdi_path_at(here, "file/x/y"), O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(fdi_path_at(file, "x"), O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(fdi_path_at(file, "."), O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(fdi_path_at(file, ".."), O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(fdi_path_at(pipe[0], "x"), O_RDONLY, 0));
        assert_fails(ENOTDIR, fdi_open(fdi_path("file"), O_RDONLY | FDI_O_DIRECTORY, 0));
        assert_fails(EBADF, fdi_open(fdi_path_at(99, "x"), O_RDONLY, 0));
        assert_fails(EBADF, fdi_open(fdi_fd(99), O_RDONLY, 0));
        assert_fails(EISDIR, fdi_open(fdi_path("a"), O_WRONLY, 0));
        assert_fails(EISDIR, fdi_open(fdi_path("a"), O_RDONLY | O_CREAT, 0666));
        assert_fails(EISDIR, fdi_open(fdi_path("a"), O_RDWR | FDI_O_DIRECTORY, 0));
        assert_fails(EEXIST, fdi_open(fdi_path("a"), O_WRONLY | O_CREAT | O_EXCL, 0666));
        assert_fails(EEXIST, fdi_open(fdi_path("file"), O_WRONLY | O_CREAT | O_EXCL, 0666));
        assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY | O_TRUNC, 0));
        assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY | 0x40000000, 0));
        assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY | _O_U8TEXT, 0));
        assert_fails(EINVAL, fdi_open(fdi_fd(file), O_RDONLY | FDI_O_NOFOLLOW, 0));
        assert_fails(EINVAL, fdi_open(fdi_path("b"), O_CREAT | FDI_O_DIRECTORY, 0666));
    }
    assert_int_equal(handle_count(), before);
    assert_file_is("file", "text");
    _close(pipe[0]);
    _close(pipe[1]);
    _close(file);
    _close(here);
}

static void a_file_opened_exclusively_is_ebusy(void **state)
{
    (void)state;
    HANDLE alone = CreateFileA("file", GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    assert_fails(EBUSY, fdi_open(fdi_path("file"), O_RDONLY, 0));
    CloseHandle(alone);
    assert_reads(fdi_path("file"), "");
}

static void hints_are_accepted_and_o_temporary_removes_the_file(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"),
                      O_RDWR | O_CREAT | _O_TEMPORARY | _O_SHORT_LIVED | _O_SEQUENTIAL, 0600);
    assert_int_equal(_write(fd, "text", 4), 4);
    assert_true(GetFileAttributesA("file") != INVALID_FILE_ATTRIBUTES);
    _close(fd);
    assert_true(GetFileAttributesA("file") == INVALID_FILE_ATTRIBUTES);
    fd = fdi_open(fdi_path("other"), O_RDWR | O_CREAT | _O_RANDOM, 0600);
    assert_int_equal(_write(fd, "text", 4), 4);
    _close(fd);
}

static void a_path_too_long_after_expansion_is_enametoolong(void **state)
{
    static char path[32766];
    struct fdi_stat status;
    (void)state;
    memset(path, 'a',
           sizeof path - 1); /* short enough alone, but not after the current directory */
    assert_fails(ENAMETOOLONG, fdi_stat(fdi_path(path), &status, 0));
    memcpy(path, "C:\\", 3);
    assert_fails(ENAMETOOLONG, fdi_symlink(path, fdi_path("link"), 0));
    assert_fails(ENOENT, fdi_stat(fdi_path("link"), &status, FDI_NOFOLLOW));
}

static void an_fd_with_a_closed_handle_is_ebadf(void **state)
{
    struct fdi_stat status;
    (void)state;
    int fd = open_null(false);
    CloseHandle((HANDLE)_get_osfhandle(fd));
    assert_fails(EBADF, fdi_stat(fdi_fd(fd), &status, 0));
    (void)_close(fd);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(no_kind_of_child_receives_an_opened_fd),
        CASE(only_o_text_translates_line_ends),
        CASE(o_append_writes_at_the_end_after_other_writers),
        CASE(o_trunc_keeps_the_attributes),
        CASE(an_open_file_can_be_moved_and_removed),
        CASE(a_mode_without_write_bits_creates_a_read_only_file),
        CASE(a_reopened_fd_has_its_own_position),
        CASE(both_separators_work_in_any_number),
        CASE(dot_dot_is_resolved_in_the_file_system),
        CASE(dot_and_dot_dot_open_directories),
        CASE(the_parent_of_the_root_is_the_root),
        CASE(an_absolute_path_ignores_the_directory),
        CASE(a_trailing_separator_requires_a_directory),
        CASE(paths_past_260_characters_work),
        CASE(paths_follow_a_renamed_directory),
        CASE(names_are_valid_utf8),
        CASE(device_names_work_only_in_win32_paths),
        CASE(names_below_a_device_are_enotdir),
        CASE(a_pipe_opened_with_o_append_can_be_written),
        CASE(each_error_has_its_errno_and_leaks_no_handle),
        CASE(a_file_opened_exclusively_is_ebusy),
        CASE(hints_are_accepted_and_o_temporary_removes_the_file),
        CASE(a_path_too_long_after_expansion_is_enametoolong),
        CASE(an_fd_with_a_closed_handle_is_ebadf),
    };
    return cmocka_run_group_tests_name("open_windows", cases, NULL, NULL);
}
