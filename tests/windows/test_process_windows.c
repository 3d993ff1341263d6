/* SPDX-License-Identifier: MIT
 * Tests fdi_wait, fdi_release and fdi_process_id on Windows. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_report.h"
#include "../support/windows_run_time.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>

static struct child_report report;

static void wait_stores_the_exit_code_once(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    char *arguments[] = {"report_child", options.argv[1], "77", NULL};
    fdi_process process;
    int64_t status = -7;
    options.argv = arguments;
    assert_works(fdi_spawn(&process, &options));
    assert_true(fdi_process_id(process) > 0);
    int handles = handle_count();
    errno = 4711;
    assert_int_equal(fdi_wait(&process, &status, -1, 0), 1);
    assert_int_equal(errno, 4711);
    assert_int_equal(status, 77);
    assert_int_equal(handle_count(), handles - 1);
    assert_true(process == FDI_NO_PROCESS);
    read_report(&report);
    status = -7;
    assert_fails(EINVAL, fdi_wait(&process, &status, -1, 0));
    assert_int_equal(status, -7);
    assert_fails(EINVAL, fdi_process_id(process));
}

/* Starts a child that runs until its input ends. */
static fdi_process start_sleeper(int *input)
{
    int ends[2];
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
    options.program = fdi_path(STARTED);
    options.argv = (char *[]){"started", "wait", NULL};
    options.fds = (fdi_fd_map[]){{ends[0], 0}};
    options.fd_count = 1;
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_works(fdi_spawn(&process, &options));
    _close(ends[0]);
    *input = ends[1];
    return process;
}

static void twenty_released_children_leave_no_handle(void **state)
{
    (void)state;
    int handles = handle_count();
    for (int i = 0; i < 20; i++) {
        int input;
        fdi_process process = start_sleeper(&input);
        assert_works(fdi_release(&process));
        assert_true(process == FDI_NO_PROCESS);
        _close(input);
    }
    assert_int_equal(handle_count(), handles);
}

static void wait_can_poll_and_time_out(void **state)
{
    (void)state;
    int input;
    int64_t status = -7;
    fdi_process process = start_sleeper(&input), child = process;
    assert_int_equal(fdi_wait(&process, &status, 0, 0), 0);
    assert_int_equal(fdi_wait(&process, &status, 50, 0), 0);
    assert_int_equal(fdi_wait(&process, &status, 0, FDI_WAIT_KEEP), 0);
    assert_int_equal(status, -7);
    assert_true(process == child);
    assert_true(fdi_process_id(process) != (int64_t)GetCurrentProcessId());
    _close(input);
    assert_int_equal(fdi_wait(&process, NULL, -1, 0), 1);
}

static void wait_with_keep_leaves_the_process_unchanged(void **state)
{
    (void)state;
    int input;
    fdi_process process = start_sleeper(&input), child = process;
    int64_t id = fdi_process_id(process);
    int handles = handle_count();
    assert_true(TerminateProcess((HANDLE)process, 5));
    for (int i = 0; i < 2; i++) {
        int64_t status = -7;
        assert_int_equal(fdi_wait(&process, &status, -1, FDI_WAIT_KEEP), 1);
        assert_int_equal(status, 5);
        assert_true(process == child);
        assert_int_equal(fdi_process_id(process), id);
        assert_int_equal(handle_count(), handles);
    }
    assert_int_equal(fdi_wait(&process, NULL, 0, FDI_WAIT_KEEP), 1);
    assert_int_equal(fdi_wait(&process, NULL, 0, 0), 1);
    assert_true(process == FDI_NO_PROCESS);
    assert_int_equal(handle_count(), handles - 1);
    _close(input);
}

static void the_status_is_the_unchanged_exit_code(void **state)
{
    (void)state;
    /* The second is STILL_ACTIVE, which GetExitCodeProcess reports for a running process. */
    static const UINT codes[] = {0, 259, 0x80000000U, 0xC0000005U, 0xFFFFFFFFU};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        int input;
        int64_t status = -7;
        fdi_process process = start_sleeper(&input);
        assert_true(TerminateProcess((HANDLE)process, codes[i]));
        assert_int_equal(fdi_wait(&process, &status, -1, 0), 1);
        assert_true(status == (int64_t)codes[i]);
        _close(input);
    }
}

static void a_handle_that_is_no_process_is_echild(void **state)
{
    (void)state;
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);
    fdi_process process = (fdi_process)event;
    assert_fails(EINVAL, fdi_process_id(process));
    assert_fails(ECHILD, fdi_wait(&process, NULL, -1, 0));
    assert_true(process == FDI_NO_PROCESS);
    assert_int_equal(WaitForSingleObject(event, 0), WAIT_OBJECT_0); /* it is still open */
    CloseHandle(event);
}

static void release_closes_the_handle_and_the_child_keeps_running(void **state)
{
    (void)state;
    int input;
    fdi_process process = start_sleeper(&input);
    HANDLE self = GetCurrentProcess(), own;
    assert_true(
        DuplicateHandle(self, (HANDLE)process, self, &own, 0, FALSE, DUPLICATE_SAME_ACCESS));
    int handles = handle_count();
    assert_works(fdi_release(&process));
    assert_true(process == FDI_NO_PROCESS);
    assert_int_equal(handle_count(), handles - 1);
    assert_works(fdi_release(&process));
    assert_int_equal(handle_count(), handles - 1);
    assert_fails(EINVAL, fdi_wait(&process, NULL, 0, 0));
    assert_int_equal(WaitForSingleObject(own, 0), WAIT_TIMEOUT);
    _close(input);
    assert_int_equal(WaitForSingleObject(own, INFINITE), WAIT_OBJECT_0);
    CloseHandle(own);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(wait_stores_the_exit_code_once),
        CASE(twenty_released_children_leave_no_handle),
        CASE(wait_can_poll_and_time_out),
        CASE(wait_with_keep_leaves_the_process_unchanged),
        CASE(the_status_is_the_unchanged_exit_code),
        CASE(a_handle_that_is_no_process_is_echild),
        CASE(release_closes_the_handle_and_the_child_keeps_running),
    };
    return cmocka_run_group_tests_name("process_windows", cases, NULL, NULL);
}
