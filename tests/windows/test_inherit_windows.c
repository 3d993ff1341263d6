/* SPDX-License-Identifier: MIT
 * Tests the inheritable flag of each kind of handle with children. */
#include "../../src/platform.h"
#include "../support/child.h"
#include "../support/fixture.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <winsock2.h>

#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdio.h>
#include <windows.h>

static void assert_flag_reaches_the_child(int fd)
{
    assert_true(fd >= 0);
    assert_works(fdi_set_inheritable(fd, true));
    assert_int_equal(fdi_get_inheritable(fd), 1);
    assert_true(child_has(fd));
    assert_works(fdi_set_inheritable(fd, false));
    assert_int_equal(fdi_get_inheritable(fd), 0);
    assert_false(child_has(fd));
}

static void a_file_reaches_the_child_only_when_inheritable(void **state)
{
    (void)state;
    int fd = _open("file", _O_CREAT | _O_RDWR | _O_NOINHERIT, 0600);
    assert_flag_reaches_the_child(fd);
    _close(fd);
}

static void both_ends_of_a_pipe_reach_the_child_only_when_inheritable(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(_pipe(ends, 4096, _O_BINARY), 0);
    assert_flag_reaches_the_child(ends[0]);
    assert_flag_reaches_the_child(ends[1]);
    _close(ends[0]);
    _close(ends[1]);
}

static void a_socket_reaches_the_child_only_when_inheritable(void **state)
{
    WSADATA data;
    (void)state;
    assert_int_equal(WSAStartup(MAKEWORD(2, 2), &data), 0);
    SOCKET plain = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(plain != INVALID_SOCKET);
    assert_int_equal(fdi_get_handle_inheritable((fdi_handle)plain), 1);
    assert_works(fdi_set_handle_inheritable((fdi_handle)plain, false));
    assert_int_equal(fdi_get_handle_inheritable((fdi_handle)plain), 0);
    int fd = _open_osfhandle((intptr_t)plain, 0);
    assert_flag_reaches_the_child(fd);
    closesocket(plain);
    _close(fd);
    WSACleanup();
}

static void an_event_is_made_inheritable_by_its_handle(void **state)
{
    (void)state;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    assert_int_equal(fdi_get_handle_inheritable(event), 0);
    assert_works(fdi_set_handle_inheritable(event, true));
    assert_works(fdi_get_handle_inheritable(event));
    assert_int_equal(fdi_get_handle_inheritable(event), 1);
    CloseHandle(event);
}

static void other_flags_of_a_handle_survive(void **state)
{
    DWORD flags = 0;
    (void)state;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    assert_works(fdi_set_handle_inheritable(event, true));
    assert_true(GetHandleInformation(event, &flags));
    assert_int_equal(flags, HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE);
    assert_works(fdi_set_handle_inheritable(event, false));
    assert_true(GetHandleInformation(event, &flags));
    assert_int_equal(flags, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    CloseHandle(event);
}

static void pseudo_handles_and_null_are_ebadf(void **state)
{
    (void)state;
    for (intptr_t number = 0; number >= -6; number--) {
        assert_fails(EBADF, fdi_get_handle_inheritable((fdi_handle)number));
        assert_fails(EBADF, fdi_set_handle_inheritable((fdi_handle)number, true));
        assert_fails(EBADF, fdi_set_handle_inheritable((fdi_handle)number, false));
    }
}

static void closed_and_invented_handles_are_ebadf(void **state)
{
    (void)state;
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    CloseHandle(event);
    assert_fails(EBADF, fdi_get_handle_inheritable(event));
    assert_fails(EBADF, fdi_set_handle_inheritable(event, true));
    assert_fails(EBADF, fdi_get_handle_inheritable((fdi_handle)(intptr_t)0x7ffffff0));
    assert_fails(EBADF, fdi_set_handle_inheritable((fdi_handle)(intptr_t)-7, false));
}

static void fds_out_of_range_are_ebadf(void **state)
{
    static const int never[] = {-1, -2, INT_MIN, 2047, 2048, 8191, 8192, 9999, INT_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        assert_fails(EBADF, fdi_get_inheritable(never[i]));
        assert_fails(EBADF, fdi_set_inheritable(never[i], true));
    }
}

/* The CRT's own flag cannot be changed and affects only _spawn. */
static void crt_children_need_both_inheritable_flags(void **state)
{
    (void)state;
    int given = open_null(true);
    int marked = open_null(false);
    assert_true(child_has_run_time_fd(given));
    assert_works(fdi_set_inheritable(marked, true));
    assert_true(child_has(marked));
    assert_false(child_has_run_time_fd(marked));
    assert_works(fdi_set_inheritable(given, false));
    assert_false(child_has(given));
    _close(given);
    _close(marked);
}

static void a_range_changes_every_crt_fd(void **state)
{
    enum { COUNT = 200 };
    int fds[COUNT];
    (void)state;
    for (int i = 0; i < COUNT; i++)
        fds[i] = open_null(true);
    assert_works(fdi_set_inheritable_range(fds[0], FDI_LAST_FD, false));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(fdi_get_inheritable(fds[i]), 0);
    assert_false(child_has(fds[COUNT - 1]));
    assert_works(fdi_set_inheritable_range(fds[1], fds[COUNT - 2], true));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(fdi_get_inheritable(fds[i]), i > 0 && i < COUNT - 1);
    for (int i = 0; i < COUNT; i++)
        _close(fds[i]);
}

/* Fills the CRT's table up to its highest number. */
static void a_range_covers_the_whole_crt_table(void **state)
{
    static int fds[8192];
    int count = 0;
    (void)state;
    _setmaxstdio(2048);
    while ((fds[count] = open_null(true)) >= 0)
        count++;
    assert_true(count > 2000);
    assert_works(fdi_set_inheritable_range(3, FDI_LAST_FD, false));
    for (int i = 0; i < count; i++)
        assert_int_equal(fdi_get_inheritable(fds[i]), 0);
    while (count-- > 0)
        _close(fds[count]);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_file_reaches_the_child_only_when_inheritable),
        CASE(both_ends_of_a_pipe_reach_the_child_only_when_inheritable),
        CASE(a_socket_reaches_the_child_only_when_inheritable),
        CASE(an_event_is_made_inheritable_by_its_handle),
        CASE(other_flags_of_a_handle_survive),
        CASE(pseudo_handles_and_null_are_ebadf),
        CASE(closed_and_invented_handles_are_ebadf),
        CASE(fds_out_of_range_are_ebadf),
        CASE(crt_children_need_both_inheritable_flags),
        CASE(a_range_changes_every_crt_fd),
        CASE(a_range_covers_the_whole_crt_table),
    };
    return cmocka_run_group_tests_name("inherit_windows", cases, NULL, NULL);
}
