/* SPDX-License-Identifier: MIT
 * Marking what was just made. */
#include "../platform.h"
#include "../backend.h"
#include "born.h"
#include "posix.h"

int fdi__mark(int fd)
{
    if (fd >= 0 && fdi__os_set_inheritable(fd, false) < 0)
        return fdi__leave(fd, -1);
    return fd;
}

int fdi__mark_two(int result, const int *fds)
{
    if (result < 0)
        return result;
    if (fdi__mark(fds[0]) < 0)
        return fdi__leave(fds[1], -1);
    if (fdi__mark(fds[1]) < 0)
        return fdi__leave(fds[0], -1);
    return result;
}

void fdi__os_discard(int fd)
{
    (void)fdi__leave(fd, 0);
}
