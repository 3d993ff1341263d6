/* SPDX-License-Identifier: MIT
 * Waiting for a child: to the end, with a timeout, or without blocking; with signals and
 * cancellation. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_report.h"
#include "ended.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static fdi_process start_shell(char *script)
{
    fdi_process process = 0;
    char *arguments[] = {"sh", "-c", script, NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path("/bin/sh");
    options.argv = arguments;
    assert_works(fdi_spawn(&process, &options));
    return process;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int64_t status_of(char *script)
{
    fdi_process process = start_shell(script);
    return status_at_end(&process);
}

static void wait_distinguishes_exit_codes_from_signals(void **state)
{
    (void)state;
    assert_int_equal(status_of("exit 0"), 0);
    assert_int_equal(status_of("exit 255"), 255);
    assert_int_equal(status_of("kill -TERM $$"), -SIGTERM);
    fdi_process process = start_shell("exit 1");
    assert_int_equal(fdi_wait(&process, NULL, -1, 0), 1);
    assert_int_equal(process, FDI_NO_PROCESS);
}

static void zero_timeout_does_not_block(void **state)
{
    (void)state;
    int64_t status = 4711;
    fdi_process process = start_shell("exec sleep 30");
    fdi_process former = process;
    double start = now();
    errno = 4711;
    assert_int_equal(fdi_wait(&process, &status, 0, 0), 0);
    assert_int_equal(errno, 4711);
    assert_int_equal(status, 4711);
    assert_int_equal(process, former);
    assert_true(now() - start < 1);
    kill((pid_t)process, SIGKILL);
    assert_int_equal(status_at_end(&process), -SIGKILL);
    assert_fails(EINVAL, fdi_wait(&process, &status, 0, 0));
    assert_fails(ECHILD, fdi_wait(&former, &status, 0, 0));
    assert_int_equal(former, FDI_NO_PROCESS);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void timeout_is_kept_while_signals_arrive(void **state)
{
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    fdi_process process = start_shell("exec sleep 30");
    setitimer(ITIMER_REAL, &often, NULL);
    double start = now();
    assert_int_equal(fdi_wait(&process, NULL, 300, 0), 0);
    double took = now() - start;
    assert_true(took > 0.29 && took < 3);
    assert_true(process > 1);
    kill((pid_t)process, SIGKILL);
    assert_int_equal(fdi_wait(&process, NULL, 30000, 0), 1);
    assert_int_equal(status_of("sleep 0.2; exit 3"), 3);
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
}

static void wait_returns_soon_after_the_end(void **state)
{
    (void)state;
    int64_t status;
    fdi_process process = start_shell("sleep 0.1; exit 4");
    double start = now();
    errno = 4711;
    assert_int_equal(fdi_wait(&process, &status, 20000, 0), 1);
    assert_int_equal(errno, 4711);
    assert_int_equal(status, 4);
    assert_true(now() - start < 10);
}

static void process_of_another_parent_is_echild(void **state)
{
    (void)state;
    fdi_process others[] = {getpid(), getppid(), (fdi_process)INT32_MAX};
    const int milliseconds[] = {-1, 10, -1};
    for (int i = 0; i < 3; i++) {
        assert_fails(ECHILD, fdi_wait(&others[i], NULL, milliseconds[i], 0));
        assert_int_equal(others[i], FDI_NO_PROCESS);
    }
}

/* ---- FDI_WAIT_KEEP -------------------------------------------------------------------------- */

static void kept_child_can_be_waited_for_again(void **state)
{
    (void)state;
    const int milliseconds[] = {-1, 0, 20000, -1};
    fdi_process process = start_shell("exit 5");
    fdi_process former = process;
    for (int i = 0; i < 4; i++) {
        int64_t status = 4711;
        errno = 4711;
        assert_int_equal(fdi_wait(&process, &status, milliseconds[i], FDI_WAIT_KEEP), 1);
        assert_int_equal(errno, 4711);
        assert_int_equal(status, 5);
        assert_int_equal(process, former);
    }
    assert_int_equal(fdi_wait(&process, NULL, 0, FDI_WAIT_KEEP), 1);
    assert_int_equal(kill((pid_t)process, 0), 0);
    assert_int_equal(status_at_end(&process), 5);
    assert_fails(ECHILD, waitpid((pid_t)former, NULL, WNOHANG));
}

static void keeping_a_running_child_stores_nothing(void **state)
{
    (void)state;
    int64_t status = 4711;
    fdi_process process = start_shell("exec sleep 30");
    fdi_process former = process;
    double start = now();
    errno = 4711;
    assert_int_equal(fdi_wait(&process, &status, 0, FDI_WAIT_KEEP), 0);
    assert_int_equal(fdi_wait(&process, &status, 100, FDI_WAIT_KEEP), 0);
    assert_int_equal(errno, 4711);
    double took = now() - start;
    assert_true(took > 0.09 && took < 10);
    assert_int_equal(status, 4711);
    assert_int_equal(process, former);
    kill((pid_t)process, SIGKILL);
    assert_int_equal(fdi_wait(&process, &status, -1, FDI_WAIT_KEEP), 1);
    assert_int_equal(status, -SIGKILL);
    assert_int_equal(status_at_end(&process), -SIGKILL);
}

/* Each signal of the second group dumps core if the platform and the limit allow it. */
static void kept_signal_status_equals_that_of_a_later_wait(void **state)
{
    (void)state;
    static const struct {
        char script[64];
        int signal;
    } deaths[] = {
        {"kill -TERM $$", SIGTERM},
        {"kill -KILL $$", SIGKILL},
        {"ulimit -c unlimited; kill -QUIT $$", SIGQUIT},
        {"ulimit -c unlimited; kill -SEGV $$", SIGSEGV},
        {"ulimit -c 0; kill -ABRT $$", SIGABRT},
    };
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
        char script[64];
        int64_t status = 0;
        strcpy(script, deaths[i].script);
        fdi_process process = start_shell(script);
        assert_int_equal(fdi_wait(&process, &status, -1, FDI_WAIT_KEEP), 1);
        assert_int_equal(status, -deaths[i].signal);
        assert_int_equal(status_at_end(&process), -deaths[i].signal);
    }
}

static void group_of_a_kept_child_can_be_signalled(void **state)
{
    (void)state;
    char text;
    int ends[2];
    char *arguments[] = {"sh", "-c", "sleep 30 & exit 0", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    assert_works(fdi_pipe(ends, 0));
    options.program = fdi_path("/bin/sh");
    options.argv = arguments;
    options.flags = FDI_SPAWN_NEW_GROUP;
    options.fds = &(fdi_fd_map){ends[1], 5};
    options.fd_count = 1;
    assert_works(fdi_spawn(&process, &options));
    close(ends[1]);
    assert_int_equal(fdi_wait(&process, NULL, -1, FDI_WAIT_KEEP), 1);
    assert_true(process > 1);
    assert_int_equal(kill(-(pid_t)process, SIGKILL), 0);
    assert_int_equal(read(ends[0], &text, 1), 0); /* the killed sleep held the other end */
    assert_int_equal(status_at_end(&process), 0);
    close(ends[0]);
}

static void child_reaped_by_the_kernel_is_echild(void **state)
{
    (void)state;
    const int milliseconds[] = {-1, 20000};
    const unsigned flags[] = {0, FDI_WAIT_KEEP};
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 4; i++) {
        int64_t status = 4711;
        fdi_process process = start_shell("exit 0");
        assert_fails(ECHILD, fdi_wait(&process, &status, milliseconds[i / 2], flags[i % 2]));
        assert_int_equal(process, FDI_NO_PROCESS);
        assert_int_equal(status, 4711);
    }
    signal(SIGCHLD, SIG_DFL);
}

static void process_id_is_the_kernels_pid(void **state)
{
    (void)state;
    fdi_process process = start_shell("exit 0");
    siginfo_t info;
    memset(&info, 0, sizeof info);
    assert_int_equal(waitid(P_PID, (id_t)fdi_process_id(process), &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(info.si_pid, fdi_process_id(process));
    assert_int_equal(status_at_end(&process), 0);
}

/* The thread is cancelled before it starts. The request stays pending until a later cancellation
 * point acts on it. */
static void *spawn_cancelled(void *started)
{
    (void)pthread_cancel(pthread_self());
    fdi_process process = start_shell("exit 6");
    *(fdi_process *)started = process;
    pthread_testcancel();
    return NULL;
}

static void spawn_is_not_a_cancellation_point(void **state)
{
    (void)state;
    pthread_t thread;
    void *result;
    fdi_process process = 0;
    assert_int_equal(pthread_create(&thread, NULL, spawn_cancelled, &process), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
    assert_true(process > 0);
    assert_int_equal(status_at_end(&process), 6);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(wait_distinguishes_exit_codes_from_signals),
        CASE(zero_timeout_does_not_block),
        CASE(timeout_is_kept_while_signals_arrive),
        CASE(wait_returns_soon_after_the_end),
        CASE(process_of_another_parent_is_echild),
        CASE(process_id_is_the_kernels_pid),
        CASE(spawn_is_not_a_cancellation_point),
        CASE(kept_child_can_be_waited_for_again),
        CASE(keeping_a_running_child_stores_nothing),
        CASE(kept_signal_status_equals_that_of_a_later_wait),
        CASE(group_of_a_kept_child_can_be_signalled),
        CASE(child_reaped_by_the_kernel_is_echild),
    };
    return cmocka_run_group_tests_name("wait_posix", cases, NULL, NULL);
}
