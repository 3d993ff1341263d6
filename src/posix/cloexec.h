/* SPDX-License-Identifier: MIT
 * Helpers that set FD_CLOEXEC and O_NONBLOCK on new descriptors. */
#ifndef FDI__CLOEXEC_H
#define FDI__CLOEXEC_H

#include "../result.h"
#include "fork_lock.h"

/* Sets FD_CLOEXEC on a new descriptor, or closes it on failure. Returns -1 for -1. */
int fdi__set_cloexec_or_close(int fd);
/* Does the same for both descriptors of a successful call. */
int fdi__set_cloexec_or_close_two(int result, const int *fds);

/* Does the same after an atomic call, on systems that may ignore its flag. NetBSD and Haiku can
 * ignore F_DUPFD_CLOEXEC. FDI_VERIFY_CLOEXEC sets the flag again on every system. */
#if (defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__)) &&                          \
    !defined(FDI_VERIFY_CLOEXEC)
#define FDI__TRUSTS_CLOEXEC 1
#endif

#if defined(FDI__TRUSTS_CLOEXEC)
static inline int fdi__ensure_cloexec(int fd)
{
    return fd;
}
static inline int fdi__ensure_cloexec_two(int result, const int *fds)
{
    (void)fds;
    return result;
}
#else
#define fdi__ensure_cloexec     fdi__set_cloexec_or_close
#define fdi__ensure_cloexec_two fdi__set_cloexec_or_close_two
#endif

/* Sets O_NONBLOCK on a new descriptor if `flags` contains FDI_NONBLOCK, or closes it on failure. */
int fdi__nonblock(int fd, unsigned flags);
int fdi__nonblock_two(int result, const int *fds, unsigned flags);

/* Returns the result of an atomic call, with ENOTSUP for ENOSYS. A missing call is not emulated,
 * because a build with atomic calls has no fork lock. */
static inline int fdi__enosys_to_enotsup(int result)
{
    return result < 0 && errno == ENOSYS ? fdi__fail(ENOTSUP) : result;
}

#endif
