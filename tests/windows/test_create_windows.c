/* SPDX-License-Identifier: MIT
 * Tests streams, pipes and temporary files of Windows. A child of CreateProcess and a child of the
 * CRT's _spawn must receive none of them. Each call that can fail is made to fail. */
#include "../../src/platform.h"
#include "../support/child.h"
#include "../support/files.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* ---- the calls that are replaced ----------------------------------------------------------- */

static __typeof__(_fdopen) *real_fdopen;
static __typeof__(_pipe) *real_pipe;
static __typeof__(rand_s) *real_random;
static bool fdopen_fails;
static bool pipe_fails;
static bool random_fails;
static int repeats; /* random numbers to come that are equal */

static FILE *__cdecl open_stream(int fd, const char *mode)
{
    if (!fdopen_fails)
        return real_fdopen(fd, mode);
    errno = EMFILE;
    return NULL;
}

static int __cdecl make_pipe(int *fds, unsigned size, int mode)
{
    if (!pipe_fails)
        return real_pipe(fds, size, mode);
    errno = EMFILE;
    return -1;
}

static errno_t __cdecl random_number(unsigned *number)
{
    if (random_fails)
        return ENOMEM;
    if (repeats == 0)
        return real_random(number);
    repeats--;
    *number = 0; /* "aaaaaa" */
    return 0;
}

REPLACE(_fdopen, open_stream);
REPLACE(_pipe, make_pipe);
REPLACE(rand_s, random_number);

#define FIND(pointer, module, name)                                                                \
    (pointer = (__typeof__(pointer))(void (*)(void))GetProcAddress(module, name))

static int find_real_calls(void **state)
{
    (void)state;
#if defined(_UCRT)
    HMODULE run_time = GetModuleHandleA("ucrtbase.dll");
#else
    HMODULE run_time = GetModuleHandleA("msvcrt.dll");
#endif
    return FIND(real_fdopen, run_time, "_fdopen") && FIND(real_pipe, run_time, "_pipe") &&
                   FIND(real_random, run_time, "rand_s")
               ? 0
               : -1;
}

/* ---- inheritance --------------------------------------------------------------------------- */

static void assert_private(int fd)
{
    assert_true(fd > 2);
    assert_int_equal(fdi_get_inheritable(fd), 0);
    assert_false(child_has(fd));
    assert_false(child_has_run_time_fd(fd));
}

static void neither_kind_of_child_receives_a_new_descriptor(void **state)
{
    char name[] = "XXXXXX";
    int fds[4];
    (void)state;
    FILE *stream = fdi_fopen(fdi_path("stream"), "w+", 0);
    assert_int_equal(fdi_pipe(fds, 0), 0);
    fds[2] = fdi_mkstemp(fdi_path("."), name, 0, 0);
    fds[3] = fdi_open(fdi_path("file"), O_RDWR | O_CREAT, 0600);
    assert_private(_fileno(stream));
    for (int i = 0; i < 4; i++) {
        assert_private(fds[i]);
        _close(fds[i]);
    }
    fclose(stream);
}

/* Control: proves that the case above can fail. */
static void both_kinds_of_child_receive_what_the_crt_creates(void **state)
{
    int fds[2];
    (void)state;
    FILE *stream = fopen("stream", "w");
    assert_int_equal(_pipe(fds, 4096, _O_BINARY), 0);
    assert_true(child_has(_fileno(stream)) && child_has_run_time_fd(_fileno(stream)));
    assert_true(child_has(fds[1]) && child_has_run_time_fd(fds[1]));
    _close(fds[0]);
    _close(fds[1]);
    fclose(stream);
}

/* ---- line ends and positions --------------------------------------------------------------- */

static void write_stream(fdi_target target, const char *mode, const char *text)
{
    FILE *stream = fdi_fopen(target, mode, 0);
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
    assert_int_equal(fclose(stream), 0);
}

static void a_stream_translates_line_ends_unless_b_is_given(void **state)
{
    char line[8] = {0};
    (void)state;
    write_stream(fdi_path("text"), "w", "1\n2\n");
    write_stream(fdi_path("text"), "a", "3\n");
    write_stream(fdi_path("text"), "ab", "4\n");
    assert_file_is("text", "1\r\n2\r\n3\r\n4\n");
    FILE *stream = fdi_fopen(fdi_path("text"), "r", 0);
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    assert_string_equal(line, "1\n");
    stream = fdi_fopen(fdi_path("text"), "rb", FDI_ABOVE_STDIO);
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    assert_string_equal(line, "1\r\n");
}

static void a_reopened_fd_has_its_own_position(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_RDWR | O_CREAT | O_BINARY, 0600);
    assert_int_equal(_write(fd, "12", 2), 2);
    write_stream(fdi_fd(fd), "r+b", "x");
    assert_int_equal(_write(fd, "3", 1), 1);
    write_stream(fdi_fd(fd), "ab", "4");
    _close(fd);
    assert_file_is("file", "x234");
}

/* Appending is a property of the handle, so duplicates append too. */
static void a_duplicate_appends_like_the_original(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_WRONLY | O_CREAT | O_APPEND | O_BINARY, 0600);
    int copy = fdi_dup(fd, 0);
    assert_int_equal(fdi_dup2(fd, 50, 0), 50);
    assert_int_equal(_write(fd, "1", 1), 1);
    assert_int_equal(_write(copy, "2", 1), 1);
    assert_int_equal(_lseek(50, 0, SEEK_SET), 0);
    assert_int_equal(_write(50, "3", 1), 1);
    _close(50), _close(copy), _close(fd);
    assert_file_is("file", "123");
}

/* ---- temporary files ----------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void names_of_temporary_files_do_not_repeat(void **state)
{
    enum { COUNT = 200 };
    static char names[COUNT][16];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        strcpy(names[i], "t-XXXXXX");
        int fd = fdi_mkstemp(fdi_path("."), names[i], 0, 0);
        assert_true(fd >= 0);
        _close(fd);
        assert_int_equal(strspn(names[i] + 2, "abcdefghijklmnopqrstuvwxyz0123456789"), 6);
    }
    qsort(names, COUNT, sizeof names[0], compare_names);
    for (int i = 1; i < COUNT; i++)
        assert_string_not_equal(names[i - 1], names[i]);
}

static void a_temporary_name_that_exists_is_not_used(void **state)
{
    char first[] = "XXXXXX", second[] = "XXXXXX", third[] = "XXXXXX";
    (void)state;
    repeats = 1;
    int fd = fdi_mkstemp(fdi_path("."), first, 0, 0);
    assert_string_equal(first, "aaaaaa");
    assert_int_equal(_write(fd, "kept", 4), 4);
    _close(fd);
    repeats = 5;
    assert_works(fd = fdi_mkstemp(fdi_path("."), second, 0, 0));
    assert_string_not_equal(second, "aaaaaa");
    _close(fd);
    repeats = INT_MAX;
    assert_fails(EEXIST, fdi_mkstemp(fdi_path("."), third, 0, 0));
    repeats = 0;
    assert_string_equal(third, "XXXXXX");
    assert_file_is("aaaaaa", "kept");
}

static void a_template_in_utf_8_is_a_name(void **state)
{
    char name[] = "g\xC3\xA4ste-XXXXXX", bad[] = "\xFF-XXXXXX";
    (void)state;
    int fd = fdi_mkstemp(fdi_path("."), name, 0, 0);
    assert_true(fd >= 0);
    _close(fd);
    fd = fdi_open(fdi_path(name), O_RDONLY, 0);
    assert_true(fd >= 0);
    _close(fd);
    assert_fails(EILSEQ, fdi_mkstemp(fdi_path("."), bad, 0, 0));
    assert_string_equal(bad, "\xFF-XXXXXX");
}

static void assert_makes_temporary(fdi_target directory, const char *path)
{
    char name[] = "XXXXXX.txt", whole[64];
    errno = 4711;
    int fd = fdi_mkstemp(directory, name, 4, 0);
    assert_true(fd >= 0 && errno == 4711);
    assert_int_equal(_write(fd, "a\n", 2), 2);
    assert_int_equal(_lseek(fd, 0, SEEK_SET), 0);
    char text[4] = {0};
    assert_int_equal(_read(fd, text, 3), 2);
    _close(fd);
    assert_string_equal(text, "a\n");
    assert_string_equal(name + 6, ".txt");
    snprintf(whole, sizeof whole, "%s/%s", path, name);
    assert_file_is(whole, "a\n");
}

static void a_temporary_file_is_created_in_the_directory(void **state)
{
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    assert_works(fdi_mkdir(fdi_path("dir/inner"), 0777));
    int mover = fdi_open(fdi_path("dir"), O_RDONLY, 0);
    assert_makes_temporary(fdi_path("dir"), "dir");
    assert_makes_temporary(fdi_path("dir/"), "dir");
    assert_makes_temporary(fdi_path_at(mover, "inner"), "dir/inner");
    assert_makes_temporary(fdi_path_at(mover, "inner/.."), "dir");
    assert_makes_temporary(fdi_fd(mover), "dir");
    assert_works(fdi_rename(fdi_path("dir"), fdi_path("moved"), 0));
    assert_makes_temporary(fdi_fd(mover), "moved");
    assert_makes_temporary(fdi_path_at(mover, "inner"), "moved/inner");
    _close(mover);
}

static void a_temporary_file_needs_a_directory(void **state)
{
    char name[] = "XXXXXX";
    int ends[2];
    (void)state;
    int file = fdi_open(fdi_path("file"), O_RDWR | O_CREAT, 0600);
    assert_int_equal(fdi_pipe(ends, 0), 0);
    int handles = handle_count();
    assert_fails(ENOENT, fdi_mkstemp(fdi_path("missing"), name, 0, 0));
    assert_fails(ENOENT, fdi_mkstemp(fdi_path(""), name, 0, 0));
    assert_fails(ENOTDIR, fdi_mkstemp(fdi_path("file"), name, 0, 0));
    assert_fails(ENOTDIR, fdi_mkstemp(fdi_fd(file), name, 0, 0));
    assert_fails(ENOTDIR, fdi_mkstemp(fdi_path_at(file, "dir"), name, 0, 0));
    assert_fails(ENOTDIR, fdi_mkstemp(fdi_fd(ends[0]), name, 0, 0));
    assert_fails(EBADF, fdi_mkstemp(fdi_fd(99), name, 0, 0));
    assert_int_equal(handle_count(), handles);
    assert_string_equal(name, "XXXXXX");
    _close(ends[0]), _close(ends[1]), _close(file);
}

static void a_template_with_a_separator_or_a_stream_is_einval(void **state)
{
    static const char *const templates[] = {"dir\\XXXXXX", "XXXXXX\\x", "..\\XXXXXX", "a:XXXXXX",
                                            "XXXXXX:b",    "XXXXXX/x",  "dir/XXXXXX"};
    (void)state;
    assert_works(fdi_mkdir(fdi_path("dir"), 0777));
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        char name[16];
        strcpy(name, templates[i]);
        size_t suffix = strlen(strstr(name, "XXXXXX")) - 6;
        assert_fails(EINVAL, fdi_mkstemp(fdi_path("."), name, suffix, 0));
        assert_string_equal(name, templates[i]);
        assert_fails(EINVAL, fdi_mkstemp(fdi_path("missing"), name, suffix, 0));
    }
}

static void a_temporary_file_takes_the_flags_of_open(void **state)
{
    const int flags = _O_NOINHERIT | _O_SEQUENTIAL | _O_RANDOM | _O_SHORT_LIVED;
    const int wrong[] = {O_WRONLY, O_RDWR,          O_CREAT,        O_EXCL,  O_TRUNC,
                         _O_WTEXT, FDI_O_DIRECTORY, FDI_O_NOFOLLOW, 0x800000};
    char appending[] = "XXXXXX", text[] = "XXXXXX", gone[] = "XXXXXX", name[] = "XXXXXX";
    (void)state;
    int fd = fdi_mkstemp(fdi_path("."), appending, 0, O_APPEND | O_BINARY | flags);
    assert_int_equal(_write(fd, "12", 2), 2);
    assert_int_equal(_lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(_write(fd, "3", 1), 1);
    _close(fd);
    assert_file_is(appending, "123");
    fd = fdi_mkstemp(fdi_path("."), text, 0, O_TEXT);
    assert_int_equal(_write(fd, "\n", 1), 1);
    _close(fd);
    assert_file_is(text, "\r\n");
    fd = fdi_mkstemp(fdi_path("."), gone, 0, _O_TEMPORARY);
    assert_true(fd >= 0);
    _close(fd);
    assert_false(exists(gone));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_fails(EINVAL, fdi_mkstemp(fdi_path("."), name, 0, wrong[i]));
}

/* ---- failures ------------------------------------------------------------------------------ */

static void mkstemp_fails_without_random_numbers(void **state)
{
    char name[] = "XXXXXX";
    (void)state;
    random_fails = true;
    assert_fails(EIO, fdi_mkstemp(fdi_path("."), name, 0, 0));
    random_fails = false;
    assert_string_equal(name, "XXXXXX");
}

static void a_failed_pipe_leaves_the_array_unchanged(void **state)
{
    int fds[2] = {-7, -8};
    (void)state;
    pipe_fails = true;
    assert_fails(EMFILE, fdi_pipe(fds, 0));
    pipe_fails = false;
    assert_int_equal(fds[0], -7);
    assert_int_equal(fds[1], -8);
    assert_fails(ENOTSUP, fdi_pipe(fds, FDI_NONBLOCK));
    assert_int_equal(fds[0], -7);
    assert_int_equal(fds[1], -8);
}

static void a_failed_stream_leaves_no_file_and_no_handle(void **state)
{
    (void)state;
    int handles = handle_count();
    fdopen_fails = true;
    assert_fails(EMFILE, fdi_fopen(fdi_path("file"), "wx", 0) ? 0 : -1);
    assert_fails(EMFILE, fdi_fopen(fdi_path("file"), "wx", FDI_ABOVE_STDIO) ? 0 : -1);
    fdopen_fails = false;
    assert_int_equal(handle_count(), handles);
    assert_fails(ENOENT, fdi_open(fdi_path("file"), O_RDONLY, 0));
}

static void functions_that_windows_lacks_are_enotsup(void **state)
{
    int fds[2] = {-7, -8};
    (void)state;
    assert_fails(ENOTSUP, fdi_openpty(&fds[0], &fds[1], 0));
    assert_fails(ENOTSUP, fdi_memfd_create("name", 0));
    assert_fails(ENOTSUP, fdi_eventfd(0, 0));
    assert_fails(ENOTSUP, fdi_epoll_create());
    assert_fails(ENOTSUP, fdi_kqueue());
    assert_true(fds[0] == -7 && fds[1] == -8);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(neither_kind_of_child_receives_a_new_descriptor),
        CASE(both_kinds_of_child_receive_what_the_crt_creates),
        CASE(a_stream_translates_line_ends_unless_b_is_given),
        CASE(a_reopened_fd_has_its_own_position),
        CASE(a_duplicate_appends_like_the_original),
        CASE(names_of_temporary_files_do_not_repeat),
        CASE(a_temporary_name_that_exists_is_not_used),
        CASE(a_template_in_utf_8_is_a_name),
        CASE(a_temporary_file_is_created_in_the_directory),
        CASE(a_temporary_file_needs_a_directory),
        CASE(a_template_with_a_separator_or_a_stream_is_einval),
        CASE(a_temporary_file_takes_the_flags_of_open),
        CASE(mkstemp_fails_without_random_numbers),
        CASE(a_failed_pipe_leaves_the_array_unchanged),
        CASE(a_failed_stream_leaves_no_file_and_no_handle),
        CASE(functions_that_windows_lacks_are_enotsup),
    };
    return cmocka_run_group_tests_name("create_windows", cases, find_real_calls, NULL);
}
