/* SPDX-License-Identifier: MIT
 * The close-on-exec flag. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

int fdi__os_get_inheritable(int fd)
{
    int flags = fdi__fcntl(fd, F_GETFD);
    return flags < 0 ? -1 : !(flags & FD_CLOEXEC);
}

/* Sets the flag after a read of the other flags of the descriptor. */
int fdi__set_inheritable_by_fcntl(int fd, bool inheritable)
{
    int flags = fdi__fcntl(fd, F_GETFD);
    if (flags < 0)
        return -1;
    int wanted = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    return wanted == flags ? 0 : fdi__fcntl(fd, F_SETFD, wanted);
}
