/* SPDX-License-Identifier: MIT
 * Tests fdi_dup and fdi_dup2 with children of CreateProcess and of the CRT's _spawn. Also makes
 * each Windows call fail in turn. */
#include "../../src/platform.h"
#include "../support/child.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

enum { PAST_LAST = 8192 };

/* ---- the calls that are replaced ----------------------------------------------------------- */

typedef BOOL(WINAPI *duplicate_function)(HANDLE, HANDLE, HANDLE, HANDLE *, DWORD, BOOL, DWORD);
typedef int(__cdecl *adopt_function)(intptr_t, int);

static duplicate_function real_duplicate;
static adopt_function real_adopt;
static int duplicates_until_failure; /* 0: none fails */
static int adoptions_until_failure;
static int adoptions_until_theft;
static int stolen;
static intptr_t stolen_handle;

static bool is_now(int *countdown)
{
    return *countdown > 0 && --*countdown == 0;
}

static BOOL WINAPI duplicate(HANDLE from, HANDLE handle, HANDLE to, HANDLE *copy, DWORD access,
                             BOOL inherit, DWORD options)
{
    if (is_now(&duplicates_until_failure)) {
        SetLastError(ERROR_NO_SYSTEM_RESOURCES);
        return FALSE;
    }
    return real_duplicate(from, handle, to, copy, access, inherit, options);
}

/* May open a descriptor first, like another thread that takes the number just freed. */
static int __cdecl adopt(intptr_t handle, int run_time_flags)
{
    if (is_now(&adoptions_until_failure)) {
        errno = EMFILE;
        return -1;
    }
    if (is_now(&adoptions_until_theft))
        stolen_handle = _get_osfhandle(stolen = open_null(false));
    return real_adopt(handle, run_time_flags);
}

REPLACE(DuplicateHandle, duplicate);
REPLACE(_open_osfhandle, adopt);

static int find_real_calls(void **state)
{
    (void)state;
#if defined(_UCRT)
    HMODULE run_time = GetModuleHandleA("ucrtbase.dll");
#else
    HMODULE run_time = GetModuleHandleA("msvcrt.dll");
#endif
    HMODULE kernel = GetModuleHandleA("kernel32.dll");
    real_adopt = (adopt_function)(void (*)(void))GetProcAddress(run_time, "_open_osfhandle");
    real_duplicate = (duplicate_function)(void (*)(void))GetProcAddress(kernel, "DuplicateHandle");
    return real_adopt && real_duplicate ? 0 : -1;
}

/* ---- inheritance --------------------------------------------------------------------------- */

static void assert_private(int fd)
{
    assert_int_equal(fdi_get_inheritable(fd), 0);
    assert_false(child_has(fd));
    assert_false(child_has_run_time_fd(fd));
}

static void neither_kind_of_child_receives_a_private_dup(void **state)
{
    (void)state;
    int fds[2] = {open_null(true), open_null(false)};
    for (int i = 0; i < 2; i++) {
        int copy = fdi_dup(fds[i], 0);
        assert_private(copy);
        _close(copy);
        _close(fds[i]);
    }
}

/* Control: proves that the case above can fail. */
static void both_kinds_of_child_receive_a_crt_dup(void **state)
{
    (void)state;
    int fd = open_null(false);
    int copy = _dup(fd);
    assert_true(child_has(copy));
    assert_true(child_has_run_time_fd(copy));
    _close(fd);
    _close(copy);
}

static void assert_inheritable(int fd)
{
    assert_int_equal(fdi_get_inheritable(fd), 1);
    assert_true(child_has(fd));
    assert_true(child_has_run_time_fd(fd));
}

static void both_kinds_of_child_receive_an_inheritable_dup(void **state)
{
    (void)state;
    int fds[2] = {open_null(true), open_null(false)};
    for (int i = 0; i < 2; i++) {
        int copy, above;
        assert_works(copy = fdi_dup(fds[i], FDI_INHERITABLE));
        assert_works(above = fdi_dup(fds[i], FDI_INHERITABLE | FDI_ABOVE_STDIO));
        assert_inheritable(copy);
        assert_inheritable(above);
        _close(above);
        _close(copy);
        _close(fds[i]);
    }
}

/* Number 0 is free, so the CRT would assign it. */
static void dup_above_stdio_has_a_number_above_2(void **state)
{
    (void)state;
    static const unsigned flags[] = {FDI_ABOVE_STDIO, FDI_ABOVE_STDIO | FDI_INHERITABLE};
    int fd = open_null(false);
    for (int i = 0; i < 2; i++) {
        int saved = _dup(0);
        _close(0);
        int low = fdi_dup(fd, flags[i] & ~(unsigned)FDI_ABOVE_STDIO), inheritable = -1;
        int copy = (_close(low), fdi_dup(fd, flags[i]));
        bool zero_is_free = !run_time_has(0);
        inheritable = fdi_get_inheritable(copy);
        _dup2(saved, 0);
        _close(saved);
        assert_int_equal(low, 0);
        assert_true(copy > 2);
        assert_true(zero_is_free);
        assert_int_equal(inheritable, i);
        _close(copy);
    }
    _close(fd);
}

static void neither_kind_of_child_receives_a_private_dup2(void **state)
{
    (void)state;
    int fd = open_null(true);
    int target = open_null(true);
    assert_int_equal(fdi_dup2(fd, target, 0), target);
    assert_private(target);
    assert_int_equal(fdi_dup2(fd, 100, 0), 100);
    assert_private(100);
    assert_int_equal(fdi_dup2(fd, 100, 0), 100);
    assert_private(100);
    _close(100);
    _close(target);
    _close(fd);
}

static void both_kinds_of_child_receive_an_inheritable_dup2(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = open_null(false);
    assert_int_equal(fdi_dup2(fd, target, FDI_INHERITABLE), target);
    assert_true(child_has(target));
    assert_true(child_has_run_time_fd(target));
    assert_private(fd);
    _close(target);
    _close(fd);
}

/* ---- properties of a duplicate ------------------------------------------------------------- */

static void write_through(int fd, const char *text)
{
    assert_int_equal(_write(fd, text, (unsigned)strlen(text)), (int)strlen(text));
}

static void a_duplicate_translates_line_ends_like_the_original(void **state)
{
    (void)state;
    static const int modes[] = {_O_TEXT, _O_BINARY};
    static const long sizes[] = {10, 5}; /* five line ends, of two bytes or one */
    for (int i = 0; i < 2; i++) {
        int fd = _open("file", _O_RDWR | _O_CREAT | _O_TRUNC | _O_NOINHERIT | modes[i], 0600);
        int copy = fdi_dup(fd, 0), inheritable = fdi_dup(fd, FDI_INHERITABLE);
        assert_int_equal(fdi_dup2(fd, 90, 0), 90);
        assert_int_equal(fdi_dup2(fd, 91, FDI_INHERITABLE), 91);
        write_through(fd, "\n");
        write_through(copy, "\n");
        write_through(inheritable, "\n");
        write_through(90, "\n");
        write_through(91, "\n");
        assert_int_equal(_filelength(fd), sizes[i]);
        _close(fd), _close(copy), _close(inheritable), _close(90), _close(91);
    }
}

static void dup2_frees_the_numbers_it_filled(void **state)
{
    (void)state;
    int fd = open_null(false);
    int handles = handle_count();
    assert_works(fdi_dup2(fd, 500, 0));
    assert_int_equal(handle_count(), handles + 1);
    for (int number = fd + 1; number < 500; number++)
        assert_false(run_time_has(number));
    assert_works(fdi_dup2(fd, 500, 0));
    assert_int_equal(handle_count(), handles + 1);
    _close(500);
    _close(fd);
}

static void dup2_works_when_no_number_is_free(void **state)
{
    static int fds[PAST_LAST];
    int count = 0;
    (void)state;
    while ((fds[count] = open_null(true)) >= 0)
        count++;
    int last = fds[count - 1];
    assert_true(fdi_dup(fds[0], 0) == -1);
    assert_fails(EMFILE, fdi_dup(fds[0], FDI_INHERITABLE));
    assert_fails(EMFILE, fdi_dup(fds[0], FDI_INHERITABLE | FDI_ABOVE_STDIO));
    assert_works(fdi_dup2(fds[0], fds[1], 0));
    assert_works(fdi_dup2(fds[0], last, 0));
    assert_int_equal(fdi_get_inheritable(fds[1]), 0);
    assert_int_equal(fdi_get_inheritable(last), 0);
    assert_fails(EBADF, fdi_dup2(fds[0], last + 1, 0));
    assert_fails(EBADF, fdi_dup2(fds[0], last + 1, FDI_INHERITABLE));
    while (count-- > 0)
        _close(fds[count]);
}

static void numbers_past_the_table_are_ebadf(void **state)
{
    static const int never[] = {-1, -2, INT_MIN, PAST_LAST, 9999, INT_MAX};
    (void)state;
    int fd = open_null(false);
    int handles = handle_count();
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        assert_fails(EBADF, fdi_dup2(fd, never[i], 0));
        assert_fails(EBADF, fdi_dup2(fd, never[i], FDI_INHERITABLE));
    }
    assert_int_equal(handle_count(), handles);
    _close(fd);
}

/* ---- failures ------------------------------------------------------------------------------ */

static void assert_reads_text(int fd)
{
    char text[5] = {0};
    assert_int_equal(_lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(_read(fd, text, 4), 4);
    assert_string_equal(text, "text");
}

static int open_text(void)
{
    int fd = _open("file", _O_RDWR | _O_CREAT | _O_TRUNC | _O_NOINHERIT | _O_BINARY, 0600);
    write_through(fd, "text");
    return fd;
}

static void a_failed_call_in_dup_leaves_no_handle_open(void **state)
{
    (void)state;
    int fd = open_null(false);
    int handles = handle_count();
    duplicates_until_failure = 1;
    assert_fails(ENOMEM, fdi_dup(fd, 0));
    adoptions_until_failure = 1;
    assert_fails(EMFILE, fdi_dup(fd, 0));
    assert_int_equal(handle_count(), handles);
    _close(fd);
}

static void a_failed_call_in_dup2_changes_nothing(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = open_text();
    int handles = handle_count();
    for (int step = 1; step <= 2; step++) {
        duplicates_until_failure = step;
        assert_fails(ENOMEM, fdi_dup2(fd, target, 0));
        assert_reads_text(target);
        duplicates_until_failure = step;
        assert_fails(ENOMEM, fdi_dup2(fd, 60, 0));
        assert_false(run_time_has(60));
    }
    duplicates_until_failure = 1;
    assert_fails(ENOMEM, fdi_dup2(fd, target, FDI_INHERITABLE));
    assert_reads_text(target);
    assert_int_equal(handle_count(), handles);
    _close(target);
    _close(fd);
}

/* The CRT's _dup2 would close the target before it notices the closed handle. */
static void dup2_of_a_closed_handle_keeps_the_target(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = open_text();
    CloseHandle((HANDLE)_get_osfhandle(fd));
    assert_fails(EBADF, fdi_dup2(fd, target, FDI_INHERITABLE));
    assert_fails(EBADF, fdi_dup2(fd, target, 0));
    assert_fails(EBADF, fdi_dup(fd, 0));
    assert_fails(EBADF, fdi_dup(fd, FDI_INHERITABLE));
    assert_fails(EBADF, fdi_dup(999, FDI_INHERITABLE));
    assert_reads_text(target);
    _close(target);
    _close(fd);
}

/* The number is free at first. While every number below is in use, another thread opens a file and
 * gets it. */
static void dup2_keeps_a_descriptor_that_another_thread_opens_meanwhile(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = fd + 4;
    int handles = handle_count();
    adoptions_until_theft = target - fd;
    assert_fails(EBUSY, fdi_dup2(fd, target, 0));
    assert_int_equal(stolen, target);
    assert_int_equal(_get_osfhandle(target), stolen_handle);
    assert_int_equal(handle_count(), handles + 1);
    _close(target);
    _close(fd);
}

/* The first adoption gets a number above the target; the second should get the target's. */
static void a_number_taken_by_another_thread_is_ebusy(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = open_null(false);
    int handles = handle_count();
    adoptions_until_theft = 2;
    assert_fails(EBUSY, fdi_dup2(fd, target, 0));
    assert_int_equal(stolen, target);
    assert_int_equal(handle_count(), handles);
    _close(stolen);
    _close(fd);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(neither_kind_of_child_receives_a_private_dup),
        CASE(both_kinds_of_child_receive_a_crt_dup),
        CASE(both_kinds_of_child_receive_an_inheritable_dup),
        CASE(dup_above_stdio_has_a_number_above_2),
        CASE(neither_kind_of_child_receives_a_private_dup2),
        CASE(both_kinds_of_child_receive_an_inheritable_dup2),
        CASE(a_duplicate_translates_line_ends_like_the_original),
        CASE(dup2_frees_the_numbers_it_filled),
        CASE(dup2_works_when_no_number_is_free),
        CASE(numbers_past_the_table_are_ebadf),
        CASE(a_failed_call_in_dup_leaves_no_handle_open),
        CASE(a_failed_call_in_dup2_changes_nothing),
        CASE(dup2_of_a_closed_handle_keeps_the_target),
        CASE(a_number_taken_by_another_thread_is_ebusy),
        CASE(dup2_keeps_a_descriptor_that_another_thread_opens_meanwhile),
    };
    return cmocka_run_group_tests_name("duplicate_windows", cases, find_real_calls, NULL);
}
