/* SPDX-License-Identifier: MIT
 * fdi_wait reaps a child once, and fdi_release gives up a child. */
#include "../src/platform.h"
#include "support/files.h"
#include "support/child_report.h"

#include <unistd.h>

/* Starts a child that ends when `*end` is closed. It runs outside the test's directory, because
 * Windows could not remove that directory otherwise. */
static fdi_process start_waiting(int *end)
{
    int fds[2];
    fdi_process process = FDI_NO_PROCESS;
    fdi_spawn_options options = try_stdio_options(true);
    assert_int_equal(fdi_pipe(fds, 0), 0);
    options.fds = (const fdi_fd_map[]){{fds[0], 0}};
    options.fd_count = 1;
    options.directory = fdi_path("..");
    assert_works(fdi_spawn(&process, &options));
    close(fds[0]);
    *end = fds[1];
    return process;
}

static void wait_reports_the_end_of_a_process_once(void **state)
{
    (void)state;
    int end;
    int64_t status = 4711;
    fdi_process process = start_waiting(&end);
    const fdi_process before = process;
    assert_int_equal(fdi_wait(&process, &status, 0, 0), 0);
    assert_int_equal(fdi_wait(&process, &status, 20, 0), 0);
    assert_int_equal(fdi_wait(&process, NULL, 0, FDI_WAIT_KEEP), 0);
    assert_true(process == before && status == 4711);
    close(end);
    assert_works(fdi_wait(&process, &status, -1, 0));
    assert_true(process == FDI_NO_PROCESS && status == 7);
    assert_fails(EINVAL, fdi_wait(&process, &status, -1, 0));
    assert_fails(EINVAL, fdi_wait(&process, &status, 0, FDI_WAIT_KEEP));
    assert_works(fdi_release(&process));
    assert_true(status == 7);
}

static void kept_child_can_be_waited_for_again(void **state)
{
    (void)state;
    const int times[] = {-1, 0, 1000};
    int end;
    fdi_process process = start_waiting(&end);
    const fdi_process before = process;
    close(end);
    for (int i = 0; i < 3; i++) {
        int64_t status = 4711;
        errno = 4711;
        assert_int_equal(fdi_wait(&process, &status, times[i], FDI_WAIT_KEEP), 1);
        assert_int_equal(errno, 4711);
        assert_true(process == before && status == 7);
        assert_true(fdi_process_id(process) > 0);
    }
    assert_int_equal(fdi_wait(&process, NULL, 0, FDI_WAIT_KEEP), 1);
    assert_int_equal(fdi_wait(&process, NULL, 0, 0), 1);
    assert_true(process == FDI_NO_PROCESS);
    assert_fails(EINVAL, fdi_wait(&process, NULL, 0, FDI_WAIT_KEEP));
}

static void release_resets_the_process(void **state)
{
    (void)state;
    int end;
    fdi_process process = start_waiting(&end);
    fdi_process copy = process;
    assert_works(fdi_release(&process));
    assert_true(process == FDI_NO_PROCESS);
    assert_works(fdi_release(&process));
    assert_fails(EINVAL, fdi_wait(&process, NULL, 0, 0));
    close(end);
#if defined(_WIN32)
    (void)copy; /* its handle is closed */
#else
    int64_t status = -1;
    assert_int_equal(fdi_wait(&copy, &status, -1, 0), 1);
    assert_true(status == 7);
#endif
}

#if !defined(_WIN32)

static void child_reaped_elsewhere_is_echild(void **state)
{
    (void)state;
    const unsigned flags[] = {0, FDI_WAIT_KEEP};
    const int times[] = {-1, 0, 20};
    for (int i = 0; i < 6; i++) {
        int end;
        int64_t status = 4711;
        fdi_process process = start_waiting(&end);
        fdi_process elsewhere = process;
        close(end);
        assert_int_equal(fdi_wait(&elsewhere, NULL, -1, 0), 1);
        assert_fails(ECHILD, fdi_wait(&process, &status, times[i / 2], flags[i % 2]));
        assert_true(process == FDI_NO_PROCESS && status == 4711);
        assert_fails(EINVAL, fdi_wait(&process, &status, -1, flags[i % 2]));
    }
}

#endif

static void failed_spawn_leaves_the_process_unchanged(void **state)
{
    (void)state;
    fdi_process process = 4711;
    fdi_spawn_options options = report_options();
    options.program = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    assert_true(process == 4711);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(wait_reports_the_end_of_a_process_once),
        CASE(kept_child_can_be_waited_for_again),
        CASE(release_resets_the_process),
#if !defined(_WIN32)
        CASE(child_reaped_elsewhere_is_echild),
#endif
        CASE(failed_spawn_leaves_the_process_unchanged),
    };
    return cmocka_run_group_tests_name("wait", cases, NULL, NULL);
}
