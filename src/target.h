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

int fdi__judge(fdi_function function, fdi_target target, unsigned flags);

/* 0, or -1 with EINVAL or EBADF. The common case, a path and known flags, is settled inline. */
static inline int fdi__check(fdi_function function, fdi_target target, unsigned flags)
{
    if (target.path && target.fd == FDI_NO_FD && !(flags & ~fdi__rows[function].flags))
        return 0;
    return fdi__judge(function, target, flags);
}

#endif
