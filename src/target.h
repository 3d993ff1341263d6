/* SPDX-License-Identifier: MIT
 * Whether a target and its flags make sense: the one place that says EINVAL or EBADF to them. */
#ifndef FDI__TARGET_H
#define FDI__TARGET_H

#include "../include/fdinherit.h"

/* Bits that a mode may have: of permissions, and of a kind of file too. */
enum { FDI__PERMISSION_BITS = 07777, FDI__MODE_BITS = 0177777 };

/* What has a meaning for a function, one row for each. */
struct fdi__row {
    const char *name;
    bool fd;
    unsigned flags;
};

extern const struct fdi__row fdi__rows[FDI_FUNCTION_COUNT];

/* Says EINVAL or EBADF to what is not sound. */
void fdi__refuse(fdi_function function, fdi_target target, unsigned flags);

static inline bool fdi__is_misuse(fdi_function function, fdi_target target, unsigned flags)
{
    const struct fdi__row *row = &fdi__rows[function];
    if (flags & ~row->flags)
        return true;
    if (target.fd == FDI_NO_FD)
        return false;
    return target.path || !row->fd || target.dir_fd != FDI_AT_FDCWD || (flags & FDI_NOFOLLOW);
}

/* 0, or -1 with EINVAL or EBADF. Inline, so that the usual caller is a few comparisons and a jump. */
static inline int fdi__check(fdi_function function, fdi_target target, unsigned flags)
{
    if (!fdi__is_misuse(function, target, flags) && (target.path || target.fd >= 0))
        return 0;
    fdi__refuse(function, target, flags);
    return -1;
}

#endif
