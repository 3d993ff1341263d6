/* SPDX-License-Identifier: MIT
 * Helpers that set FD_CLOEXEC and O_NONBLOCK on new descriptors. */
#ifndef FDI__CLOEXEC_H
#define FDI__CLOEXEC_H

#include "../result.h"
#include "fork_lock.h"
#include "systems.h"

/* Sets FD_CLOEXEC on a new descriptor, or closes it on failure. Returns -1 for -1. */
int fdi__set_cloexec_or_close(int fd);
/* Does the same for both descriptors of a successful call. */
int fdi__set_cloexec_or_close_two(int result, const int *fds);

/* Does the same after an atomic call, on systems that may ignore its flag. */
static inline int fdi__ensure_cloexec(int fd)
{
    return FDI__TRUSTS_CLOEXEC ? fd : fdi__set_cloexec_or_close(fd);
}
static inline int fdi__ensure_cloexec_two(int result, const int *fds)
{
    return FDI__TRUSTS_CLOEXEC ? result : fdi__set_cloexec_or_close_two(result, fds);
}

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
