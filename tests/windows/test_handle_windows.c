/* SPDX-License-Identifier: MIT
 * A bad fd must not cause a call of the handler that ends the process. Wine never calls that
 * handler, so this file replaces the CRT's functions by ones that act as Microsoft documents. It
 * defines their import pointers. It compiles the code under test for the UCRT even if it links
 * msvcrt.dll. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>
#include <windows.h>

/* handle_windows.c needs _UCRT for the function that msvcrt.dll lacks. */
#ifndef _UCRT
#define _UCRT 1
#endif
#include "../../src/windows/handle_windows.c"

typedef _invalid_parameter_handler handler_type;

static handler_type thread_handler; /* of the only thread */
static int aborts;
static int ignored;
static int changed;
static int real_fd = -1;
static intptr_t answer;

static handler_type swap_thread_handler(handler_type handler)
{
    handler_type previous = thread_handler;
    thread_handler = handler;
    return previous;
}

/* Calls the handler of the thread or else of the process, as documented; without one it aborts. */
static intptr_t get_osfhandle(int fd)
{
    if (fd == real_fd)
        return answer;
    handler_type handler = thread_handler ? thread_handler : _get_invalid_parameter_handler();
    if (handler)
        handler(NULL, NULL, NULL, 0, 0);
    else
        aborts++;
    ignored += handler == ignore_invalid;
    changed += _get_invalid_parameter_handler() == ignore_invalid; /* other threads would use it */
    errno = EBADF;
    return -1;
}

REPLACE(_get_osfhandle, get_osfhandle);
REPLACE(_set_thread_local_invalid_parameter_handler, swap_thread_handler);

static void start(void)
{
    thread_handler = NULL;
    _set_invalid_parameter_handler(NULL); /* mingw's start-up code sets an empty one */
    aborts = ignored = changed = 0;
    real_fd = -1;
}

static void a_bad_fd_does_not_end_the_process(void **state)
{
    (void)state;
    start();
    assert_fails(EBADF, fdi_get_inheritable(99));
    assert_fails(EBADF, fdi_set_inheritable(99, true));
    assert_fails(EBADF, fdi_set_inheritable(INT_MAX, false));
    assert_int_equal(aborts, 0);
    assert_int_equal(ignored, 3);
}

/* Control: proves that the case above can fail. */
static void the_replaced_crt_does_end_the_process(void **state)
{
    (void)state;
    start();
    assert_int_equal(_get_osfhandle(99), -1);
    assert_int_equal(aborts, 1);
}

static void a_walk_over_all_fds_does_not_end_the_process(void **state)
{
    (void)state;
    start();
    assert_works(fdi_set_inheritable_range(3, FDI_LAST_FD, false));
    assert_int_equal(aborts, 0);
    assert_int_equal(ignored, 8192 - 3);
}

static void __cdecl own_handler(const wchar_t *expression, const wchar_t *function,
                                const wchar_t *file, unsigned line, uintptr_t reserved)
{
    (void)expression, (void)function, (void)file, (void)line, (void)reserved;
    aborts++;
}

static void the_program_keeps_its_own_handlers_uncalled(void **state)
{
    (void)state;
    start();
    thread_handler = own_handler;
    handler_type before = _set_invalid_parameter_handler(own_handler);
    assert_fails(EBADF, fdi_set_inheritable(99, true));
    assert_int_equal(aborts, 0);
    assert_int_equal(changed, 0);
    assert_true(thread_handler == own_handler);
    assert_true(_set_invalid_parameter_handler(before) == own_handler);
}

static void a_negative_fd_is_refused_without_a_crt_call(void **state)
{
    (void)state;
    start();
    assert_fails(EBADF, fdi_get_inheritable(-1));
    assert_fails(EBADF, fdi_set_inheritable(-2, true));
    assert_int_equal(ignored, 0);
}

static void a_stream_without_a_handle_is_ebadf(void **state)
{
    (void)state;
    start();
    real_fd = 1;
    answer = -2;
    assert_fails(EBADF, fdi_get_inheritable(1));
    assert_fails(EBADF, fdi_set_inheritable(1, true));
}

static void an_open_fd_gives_its_handle(void **state)
{
    (void)state;
    start();
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    real_fd = 7;
    answer = (intptr_t)event;
    assert_works(fdi_set_inheritable(7, true));
    assert_int_equal(fdi_get_inheritable(7), 1);
    CloseHandle(event);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_bad_fd_does_not_end_the_process),
        cmocka_unit_test(the_replaced_crt_does_end_the_process),
        cmocka_unit_test(a_walk_over_all_fds_does_not_end_the_process),
        cmocka_unit_test(the_program_keeps_its_own_handlers_uncalled),
        cmocka_unit_test(a_negative_fd_is_refused_without_a_crt_call),
        cmocka_unit_test(a_stream_without_a_handle_is_ebadf),
        cmocka_unit_test(an_open_fd_gives_its_handle),
    };
    return cmocka_run_group_tests_name("handle_windows", cases, NULL, NULL);
}
