/* SPDX-License-Identifier: MIT
 * Finds out whether a child has executed its program or has died before. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__SPAWNS_FDS

#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>

/* setpgid fails with EACCES for a child that has executed a program. It changes nothing, because
 * no process group has the number INT_MAX. If it fails so for this process too, a sandbox
 * refuses the call. */
static bool has_executed(pid_t pid)
{
    return setpgid(pid, INT_MAX) < 0 && errno == EACCES && setpgid(0, INT_MAX) < 0 &&
           errno != EACCES;
}

/* A child in another session, and a sandbox, hide the answer of setpgid. */
enum fdi__outcome fdi__outcome(const struct fdi__child *child, pid_t pid)
{
    if (has_executed(pid))
        return FDI__EXECUTED;
    return errno == ESRCH ? FDI__UNKNOWN : fdi__other_outcome(child, pid);
}

bool fdi__has_ended(pid_t pid)
{
    siginfo_t info;
    info.si_pid = 0;
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) < 0 || info.si_pid == pid;
}

enum { QUICK_TRIES = 40 };

/* The kernel resumes the parent shortly before it notes that the child executes a program, and
 * shortly before a dying child has ended. */
static enum fdi__outcome last_outcome(const struct fdi__child *child, pid_t pid)
{
    bool is_hidden = child->options->flags & FDI_SPAWN_NEW_SESSION;
    enum fdi__outcome outcome;
    bool ended = false;
    for (int i = 0; i < QUICK_TRIES && !is_hidden; i++) {
        if (has_executed(pid))
            return FDI__EXECUTED;
        (void)sched_yield();
    }
    while ((outcome = fdi__outcome(child, pid)) == FDI__NOT_EXECUTED && !ended) {
        ended = fdi__has_ended(pid);
        (void)poll(NULL, 0, ended ? 0 : 1);
    }
    return outcome;
}

static int find_error(const struct fdi__child *child, pid_t pid)
{
    if (child->error != 0)
        return child->error;
    enum fdi__outcome outcome = last_outcome(child, pid);
    bool executed = outcome == FDI__UNKNOWN ? child->executing : outcome == FDI__EXECUTED;
    return executed ? 0 : ECHILD;
}

pid_t fdi__finish(const struct fdi__child *child, pid_t pid)
{
    pid_t ended;
    int error = find_error(child, pid);
    if (error == 0)
        return pid;
    FDI__RETRY(ended, waitpid(pid, NULL, 0));
    (void)ended;
    return fdi__fail(error);
}

#endif
