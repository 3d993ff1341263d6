/* SPDX-License-Identifier: MIT
 * Waits for a child. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static int status_of(int status)
{
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Returns 1 and stores the status, 0 if the process still runs, or -1. */
static int reap(pid_t pid, bool wait, int64_t *status)
{
    int raw;
    pid_t ended;
    FDI__RETRY(ended, waitpid(pid, &raw, wait ? 0 : WNOHANG));
    if (ended <= 0)
        return (int)ended;
    if (status)
        *status = status_of(raw);
    return 1;
}

/* Does the same without reaping the process. */
static int look(pid_t pid, bool wait, int64_t *status)
{
    siginfo_t info;
    int result;
    info.si_pid = 0;
    FDI__RETRY(result, waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | (wait ? 0 : WNOHANG)));
    if (result < 0 || info.si_pid == 0)
        return result;
    if (status)
        *status = info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
    return 1;
}

/* The child to wait for, and the result to store. */
struct waiting {
    pid_t pid;
    bool keep;
    int64_t *status;
};

static int check_once(const struct waiting *waiting, bool wait)
{
    return waiting->keep ? look(waiting->pid, wait, waiting->status)
                         : reap(waiting->pid, wait, waiting->status);
}

int64_t fdi__now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void sleep_for(int64_t microseconds)
{
    struct timespec time = {(time_t)(microseconds / 1000000),
                            (long)(microseconds % 1000000) * 1000};
    (void)nanosleep(&time, NULL);
}

static int check_until(const struct waiting *waiting, int64_t end)
{
    for (int64_t pause = 500;; pause = least(2 * pause, 10000)) {
        int result = check_once(waiting, false);
        int64_t left = end - fdi__now();
        if (result != 0 || left <= 0)
            return result;
        sleep_for(least(pause, left));
    }
}

#if FDI__CALLS_BY_NUMBER

static int open_process(pid_t pid)
{
    return (int)syscall(FDI__SYS_PIDFD_OPEN, pid, 0);
}

#else

static int open_process(pid_t pid)
{
    (void)pid;
    return fdi__fail(ENOTSUP);
}

#endif

static void close_process(void *fd)
{
    fdi__close(*(int *)fd);
}

/* Sleeps until the process has ended or the time is over. A cancellation of the thread also
 * closes the descriptor. */
static void poll_process(int fd, int64_t end)
{
    struct pollfd process = {fd, POLLIN, 0};
    int64_t left;
    pthread_cleanup_push(close_process, &fd);
    while ((left = end - fdi__now()) > 0 && poll(&process, 1, (int)((left + 999) / 1000)) < 0)
        if (errno != EINTR)
            break;
    pthread_cleanup_pop(1);
}

/* Checks the status in a loop, because a process that another one traces polls readable before
 * its parent can reap it. */
static int wait_until(const struct waiting *waiting, int64_t end)
{
    int fd = open_process(waiting->pid);
    if (fd >= 0)
        poll_process(fd, end);
    return check_until(waiting, end);
}

int fdi__os_wait(fdi_process process, int64_t *status, int milliseconds, bool keep)
{
    int saved_errno = errno;
    const struct waiting waiting = {(pid_t)process, keep, status};
    if (process > INT_MAX)
        return fdi__fail(ECHILD);
    int result = check_once(&waiting, milliseconds < 0);
    if (result == 0 && milliseconds > 0)
        result = wait_until(&waiting, fdi__now() + (int64_t)milliseconds * 1000);
    return fdi__restore_errno_on_success(saved_errno, result);
}

/* A process ID needs no cleanup. The caller can still collect the status with waitpid. */
void fdi__os_release(fdi_process process)
{
    (void)process;
}

int64_t fdi__os_process_id(fdi_process process)
{
    return process;
}
