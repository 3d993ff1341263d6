/* SPDX-License-Identifier: MIT
 * Waiting for a child. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <limits.h>
#include <poll.h>
#include <sys/wait.h>
#include <time.h>

static int status_of(int status)
{
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* 1 and the status stored, 0 if it still runs, or -1. */
static int reap(pid_t pid, int options, int *status)
{
    int raw;
    pid_t ended;
    FDI__RETRY(ended, waitpid(pid, &raw, options));
    if (ended <= 0)
        return (int)ended;
    if (status)
        *status = status_of(raw);
    return 1;
}

static int64_t now(void)
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

static int reap_looking(pid_t pid, int64_t end, int *status)
{
    for (int64_t pause = 500;; pause = least(2 * pause, 10000)) {
        int result = reap(pid, WNOHANG, status);
        int64_t left = end - now();
        if (result != 0 || left <= 0)
            return result;
        sleep_for(least(pause, left));
    }
}

#if defined(FDI__BY_NUMBER)

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

static int reap_until(pid_t pid, int64_t end, int *status)
{
    struct pollfd process = {open_process(pid), POLLIN, 0};
    if (process.fd < 0)
        return reap_looking(pid, end, status);
    int64_t left;
    while ((left = end - now()) > 0 && poll(&process, 1, (int)((left + 999) / 1000)) < 0)
        if (errno != EINTR)
            break;
    (void)close(process.fd);
    return reap(pid, WNOHANG, status);
}

int fdi__os_wait(fdi_process process, int milliseconds, int *status)
{
    int saved_errno = errno;
    pid_t pid = (pid_t)process;
    if (process > INT_MAX)
        return fdi__fail(ECHILD);
    int result = reap(pid, milliseconds < 0 ? 0 : WNOHANG, status);
    if (result == 0 && milliseconds > 0)
        result = reap_until(pid, now() + (int64_t)milliseconds * 1000, status);
    return fdi__recovered(saved_errno, result);
}

int64_t fdi__os_process_id(fdi_process process)
{
    return process;
}
