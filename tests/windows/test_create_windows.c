/* SPDX-License-Identifier: MIT
 * Streams, pipes and temporary files of Windows: what both kinds of children receive, and every
 * call that can fail. */
#include "../../src/platform.h"
#include "../support/child.h"
#include "../support/files.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <io.h>
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
static int repeats; /* so many numbers are the same */

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

/* ---- what children receive ----------------------------------------------------------------- */

static void assert_private(int fd)
{
    assert_true(fd > 2);
    assert_int_equal(fdi_get_inheritable(fd), 0);
    assert_false(child_has(fd));
    assert_false(child_has_run_time_fd(fd));
}

static void what_is_created_is_given_to_neither_kind_of_child(void **state)
{
    char name[] = "XXXXXX";
    int fds[4];
    (void)state;
    FILE *stream = fdi_fopen(fdi_path("stream"), "w+");
    assert_int_equal(fdi_pipe(fds), 0);
    fds[2] = fdi_mkstemp(name);
    fds[3] = fdi_open(fdi_path("file"), O_RDWR | O_CREAT, 0600);
    assert_private(_fileno(stream));
    for (int i = 0; i < 4; i++) {
        assert_private(fds[i]);
        _close(fds[i]);
    }
    fclose(stream);
}

/* Otherwise the case above could not fail. */
static void what_the_run_time_creates_is_given_to_both(void **state)
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
    FILE *stream = fdi_fopen(target, mode);
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
    FILE *stream = fdi_fopen(fdi_path("text"), "r");
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    assert_string_equal(line, "1\n");
    stream = fdi_fopen_above_stdio(fdi_path("text"), "rb");
    assert_non_null(fgets(line, sizeof line, stream));
    fclose(stream);
    assert_string_equal(line, "1\r\n");
}

static void an_fd_opened_again_has_a_position_of_its_own(void **state)
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

/* The handle appends, so that whatever shares it does. */
static void a_duplicate_appends_as_the_original_does(void **state)
{
    (void)state;
    int fd = fdi_open(fdi_path("file"), O_WRONLY | O_CREAT | O_APPEND | O_BINARY, 0600);
    int copy = fdi_dup(fd);
    assert_int_equal(fdi_dup2(fd, 50, false), 50);
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
        int fd = fdi_mkstemp(names[i]);
        assert_true(fd >= 0);
        _close(fd);
        assert_int_equal(strspn(names[i] + 2, "abcdefghijklmnopqrstuvwxyz0123456789"), 6);
    }
    qsort(names, COUNT, sizeof names[0], compare_names);
    for (int i = 1; i < COUNT; i++)
        assert_string_not_equal(names[i - 1], names[i]);
}

static void a_name_that_exists_is_not_taken(void **state)
{
    char first[] = "XXXXXX", second[] = "XXXXXX", third[] = "XXXXXX";
    (void)state;
    repeats = 1;
    int fd = fdi_mkstemp(first);
    assert_string_equal(first, "aaaaaa");
    assert_int_equal(_write(fd, "kept", 4), 4);
    _close(fd);
    repeats = 5;
    assert_works(fd = fdi_mkstemp(second));
    assert_string_not_equal(second, "aaaaaa");
    _close(fd);
    repeats = INT_MAX;
    assert_fails(EEXIST, fdi_mkstemp(third));
    repeats = 0;
    assert_string_equal(third, "XXXXXX");
    assert_file_is("aaaaaa", "kept");
}

static void a_template_beside_others_in_utf_8_is_a_path(void **state)
{
    char name[] = "g\xC3\xA4ste-XXXXXX", bad[] = "\xFF-XXXXXX";
    (void)state;
    int fd = fdi_mkstemp(name);
    assert_true(fd >= 0);
    _close(fd);
    fd = fdi_open(fdi_path(name), O_RDONLY, 0);
    assert_true(fd >= 0);
    _close(fd);
    assert_fails(EILSEQ, fdi_mkstemp(bad));
    assert_string_equal(bad, "\xFF-XXXXXX");
}

/* ---- failures ------------------------------------------------------------------------------ */

static void without_random_numbers_there_is_no_temporary_file(void **state)
{
    char name[] = "XXXXXX";
    (void)state;
    random_fails = true;
    assert_fails(EIO, fdi_mkstemp(name));
    random_fails = false;
    assert_string_equal(name, "XXXXXX");
}

static void a_failed_pipe_leaves_the_numbers_alone(void **state)
{
    int fds[2] = {-7, -8};
    (void)state;
    pipe_fails = true;
    assert_fails(EMFILE, fdi_pipe(fds));
    pipe_fails = false;
    assert_int_equal(fds[0], -7);
    assert_int_equal(fds[1], -8);
}

static void a_stream_that_cannot_be_made_leaves_nothing(void **state)
{
    (void)state;
    int handles = handle_count();
    fdopen_fails = true;
    assert_fails(EMFILE, fdi_fopen(fdi_path("file"), "wx") ? 0 : -1);
    assert_fails(EMFILE, fdi_fopen_above_stdio(fdi_path("file"), "wx") ? 0 : -1);
    fdopen_fails = false;
    assert_int_equal(handle_count(), handles);
    assert_fails(ENOENT, fdi_open(fdi_path("file"), O_RDONLY, 0));
}

static void what_windows_lacks_is_not_supported(void **state)
{
    int fds[2] = {-7, -8};
    (void)state;
    assert_fails(ENOTSUP, fdi_openpty(&fds[0], &fds[1]));
    assert_fails(ENOTSUP, fdi_memfd_create("name", 0));
    assert_fails(ENOTSUP, fdi_eventfd(0, 0));
    assert_fails(ENOTSUP, fdi_epoll_create());
    assert_fails(ENOTSUP, fdi_kqueue());
    assert_true(fds[0] == -7 && fds[1] == -8);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(what_is_created_is_given_to_neither_kind_of_child),
        CASE(what_the_run_time_creates_is_given_to_both),
        CASE(a_stream_translates_line_ends_unless_b_is_given),
        CASE(an_fd_opened_again_has_a_position_of_its_own),
        CASE(a_duplicate_appends_as_the_original_does),
        CASE(names_of_temporary_files_do_not_repeat),
        CASE(a_name_that_exists_is_not_taken),
        CASE(a_template_beside_others_in_utf_8_is_a_path),
        CASE(without_random_numbers_there_is_no_temporary_file),
        CASE(a_failed_pipe_leaves_the_numbers_alone),
        CASE(a_stream_that_cannot_be_made_leaves_nothing),
        CASE(what_windows_lacks_is_not_supported),
    };
    return cmocka_run_group_tests_name("create_windows", cases, find_real_calls, NULL);
}
