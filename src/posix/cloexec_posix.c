/* SPDX-License-Identifier: MIT
 * Sets FD_CLOEXEC and O_NONBLOCK on new descriptors. */
#include "../platform.h"
#include "../backend.h"
#include "cloexec.h"
#include "posix.h"

int fdi__set_cloexec_or_close(int fd)
{
    if (fd >= 0 && fdi__os_set_inheritable(fd, false) < 0)
        return fdi__close_keep_errno(fd, -1);
    return fd;
}

int fdi__set_cloexec_or_close_two(int result, const int *fds)
{
    if (result < 0)
        return result;
    if (fdi__set_cloexec_or_close(fds[0]) < 0)
        return fdi__close_keep_errno(fds[1], -1);
    if (fdi__set_cloexec_or_close(fds[1]) < 0)
        return fdi__close_keep_errno(fds[0], -1);
    return result;
}

int fdi__nonblock(int fd, unsigned flags)
{
    if (fd < 0 || !(flags & FDI_NONBLOCK))
        return fd;
    int before = fdi__fcntl(fd, F_GETFL);
    if (before < 0 || fdi__fcntl(fd, F_SETFL, before | O_NONBLOCK) < 0)
        return fdi__close_keep_errno(fd, -1);
    return fd;
}

int fdi__nonblock_two(int result, const int *fds, unsigned flags)
{
    if (result < 0)
        return result;
    if (fdi__nonblock(fds[0], flags) < 0)
        return fdi__close_keep_errno(fds[1], -1);
    if (fdi__nonblock(fds[1], flags) < 0)
        return fdi__close_keep_errno(fds[0], -1);
    return result;
}

void fdi__os_discard(int fd)
{
    fdi__close(fd);
}
