/* SPDX-License-Identifier: MIT
 * WASI has no processes: the command can list its own descriptors and report what works. */
#include "../../platform.h"
#include "../watch.h"

#include <errno.h>
#include <string.h>

static int add(void *context, int fd, bool inheritable)
{
    (void)descriptors_add(context, fd, inheritable);
    return 0;
}

int system_descriptors(int pid, enum wanted wanted, int first, struct descriptors *list)
{
    if (pid)
        return complain("process %d cannot be inspected: there are no processes", pid);
    if (fdi_foreach_open(add, list) != 0)
        return complain("the open descriptors cannot be listed: %s", strerror(errno));
    if (wanted == INHERITABLE)
        descriptors_keep_inheritable(list, first);
    return 0;
}

void system_start(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
}

int system_own_pid(void)
{
    return 0;
}

void system_process_name(int pid, char *name, size_t size)
{
    (void)pid;
    (void)size;
    name[0] = '\0';
}

bool system_is_terminal(FILE *out)
{
    (void)out;
    return false;
}

bool system_likes_backslashes(void)
{
    return false;
}

int system_run(const fdi_spawn_options *options, int64_t *status)
{
    fdi_process child;
    (void)status;
    return fdi_spawn(&child, options); /* always fails with ENOTSUP */
}

int system_watch(const struct start *start, struct watched *watched)
{
    (void)start;
    (void)watched;
    return complain("a command can be watched on Linux only");
}

/* No command is watched here, so none is interrupted. */
void system_end_by_interrupt(int status)
{
    (void)status;
}
