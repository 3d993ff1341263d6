/* SPDX-License-Identifier: MIT
 * The child of the inheritance tests. Writes the numbers of its descriptors above stdio to the
 * descriptor in its argument, and leaves that one out. It shares no code with the library. */
#include "../../src/platform.h"
#include "open_fds_posix.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NUMBERS = 8192 };

static bool is_open[NUMBERS];

/* Removes what a test mounted over /proc, for this process only. A call for each number takes most
 * of a test's time on a slow kernel. */
#if defined(__linux__)
#include <sched.h>
#include <sys/mount.h>
static bool reveal_proc(void)
{
    return unshare(CLONE_NEWNS) == 0 && umount2("/proc", MNT_DETACH) == 0;
}
#else
static bool reveal_proc(void)
{
    return false;
}
#endif

int main(int argc, char **argv)
{
    int output = argc > 1 ? atoi(argv[1]) : 1;
    if (!ask_procfs(is_open, NUMBERS) && !(reveal_proc() && ask_procfs(is_open, NUMBERS)))
        ask_each_fd(is_open, NUMBERS);
    for (int fd = 3; fd < NUMBERS; fd++)
        if (fd != output && is_open[fd])
            dprintf(output, "%d\n", fd);
    return 0;
}
