/* SPDX-License-Identifier: MIT
 * Creates the child as a copy of this process that reports through a pipe. Every system can do
 * this.
 *
 * An execve in the child closes the pipe, but a process that another thread forks meanwhile may
 * keep it open. The parent therefore also looks for other signs that the program runs. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__SPAWNS_FDS

#include <poll.h>

/* ---- the pipe ------------------------------------------------------------------------------ */

/* Moves an end of the pipe to a number that the child does not use. Fails with EMFILE if the limit
 * allows no such number. */
static int move_aside(const struct fdi__fd_plan *plan, int end)
{
    int fd = -1;
    int number = fdi__plan_unused(plan, FDI__STDIO);
    while ((fd = fdi__os_dup(end, number, false)) >= 0) {
        number = fdi__plan_unused(plan, fd);
        if (number == fd)
            break;
        fdi__close(fd);
    }
    fdi__close(end);
    if (fd < 0 && errno == EINVAL)
        return fdi__fail(EMFILE);
    return fd;
}

static int make_report_pipe(const struct fdi__fd_plan *plan, int *ends)
{
    int low[2];
    if (fdi__os_pipe(low, 0) < 0)
        return -1;
    ends[0] = move_aside(plan, low[0]);
    if (ends[0] < 0) {
        fdi__close(low[1]);
        return -1;
    }
    ends[1] = move_aside(plan, low[1]);
    return ends[1] < 0 ? fdi__close_keep_errno(ends[0], -1) : 0;
}

/* ---- the report ---------------------------------------------------------------------------- */

enum { FIRST_PAUSE = 1, LONGEST_PAUSE = 64 }; /* milliseconds */

static int wait_for_message(int fd, int milliseconds)
{
    struct pollfd pipe_end = {fd, POLLIN, 0};
    int ready;
    FDI__RETRY(ready, poll(&pipe_end, 1, milliseconds));
    return ready;
}

/* Stores the child's next message: an errno, or 0 if the child is about to execute the program.
 * Returns false at the end of the pipe. */
static bool take_message(struct fdi__child *child, int fd)
{
    int message = 0;
    ssize_t length;
    FDI__RETRY(length, read(fd, &message, sizeof message));
    if (length <= 0)
        return false;
    child->error = message;
    child->executing = true;
    return true;
}

/* Returns once the child has reported an error, has executed the program or has ended. */
static void read_report(struct fdi__child *child, pid_t pid, int fd)
{
    int pause = FIRST_PAUSE;
    bool ended = false;
    while (child->error == 0) {
        if (wait_for_message(fd, ended ? 0 : pause) != 0) {
            if (!take_message(child, fd))
                return;
        } else if (ended || fdi__outcome(child, pid) == FDI__EXECUTED) {
            return;
        } else {
            ended = fdi__has_ended(pid); /* one more poll finds its last message */
            pause = pause < LONGEST_PAUSE ? 2 * pause : pause;
        }
    }
}

pid_t fdi__start_copy(struct fdi__child *child, void *stack)
{
    int ends[2];
    fdi__plan_child(child);
    if (make_report_pipe(&child->plan, ends) < 0)
        return -1;
    fdi__plan_add(&child->plan, ends[1], ends[1]);
    fdi__plan_steps(&child->plan);
    child->report_fd = ends[1];
    child->error = 0;
    child->executing = child->shares_table = child->no_handlers = false;
    fdi__mask_all(&child->mask);
    pid_t pid = fdi__copy_process(child, stack);
    int error = errno;
    fdi__mask_set(&child->mask);
    fdi__close(ends[1]);
    if (pid >= 0)
        read_report(child, pid, ends[0]);
    fdi__close(ends[0]);
    return pid < 0 ? fdi__fail(error) : fdi__finish(child, pid);
}

#endif
