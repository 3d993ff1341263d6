/* SPDX-License-Identifier: MIT
 * Creates the child on systems that have only fork. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__SPAWNS_FDS && !FDI__CLONES

#include <limits.h>

#if FDI__HAS_CLOSEFROM

/* closefrom closes every descriptor from a number up. A bounded range needs one close for each
 * number. */
int fdi__close_range(int first, int last)
{
    if (last == INT_MAX)
        closefrom(first);
    else
        for (int fd = first; fd <= last; fd++)
            (void)close(fd);
    return 0;
}

int fdi__unshare_fd_table(int last, bool shares_table)
{
    (void)shares_table;
    if (last < INT_MAX)
        closefrom(last + 1);
    return 1;
}

#else

int fdi__close_range(int first, int last)
{
    (void)first;
    (void)last;
    return fdi__fail(ENOTSUP);
}

int fdi__unshare_fd_table(int last, bool shares_table)
{
    (void)last;
    (void)shares_table;
    return 0;
}

#endif

pid_t fdi__copy_process(struct fdi__child *child, void *stack)
{
    (void)stack;
    pid_t pid = fork();
    if (pid == 0)
        fdi__run_child(child);
    return pid;
}

pid_t fdi__start_child(struct fdi__child *child)
{
    return fdi__start_copy(child, NULL);
}

/* setpgid gives no answer about a child in another session. */
enum fdi__outcome fdi__other_outcome(const struct fdi__child *child, pid_t pid)
{
    (void)pid;
    return child->options->flags & FDI_SPAWN_NEW_SESSION ? FDI__UNKNOWN : FDI__NOT_EXECUTED;
}

#endif
