/* SPDX-License-Identifier: MIT
 * What the creating functions share. */
#ifndef FDI__BORN_H
#define FDI__BORN_H

#include "../result.h"
#include "shield.h"

/* Marks the descriptor that was just made, if it was (-1 goes through); where that fails, closes
 * it. */
int fdi__mark(int fd);
/* The same for the two that a call with this result made. */
int fdi__mark_two(int result, const int *fds);

/* The same for one that an atomic call made. These systems do what they were asked for; elsewhere
 * (F_DUPFD_CLOEXEC on NetBSD and Haiku) the flag may have been ignored. FDI_MARK_AGAIN trusts no
 * system. */
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__)) && !defined(FDI_MARK_AGAIN)
#define FDI__TRUSTED 1
#endif

#if defined(FDI__TRUSTED)
static inline int fdi__born(int fd)
{
    return fd;
}
static inline int fdi__born_two(int result, const int *fds)
{
    (void)fds;
    return result;
}
#else
#define fdi__born     fdi__mark
#define fdi__born_two fdi__mark_two
#endif

/* Makes the new descriptor non-blocking if `flags` has FDI_NONBLOCK; where that fails, closes it. */
int fdi__nonblock(int fd, unsigned flags);
int fdi__nonblock_two(int result, const int *fds, unsigned flags);

/* The result of an atomic call. One that the kernel does not have is not replaced by creating and
 * marking, for which there is no shield where the call can be had. */
static inline int fdi__atomic(int result)
{
    return result < 0 && errno == ENOSYS ? fdi__fail(ENOTSUP) : result;
}

#endif
