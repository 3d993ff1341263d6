/* SPDX-License-Identifier: MIT
 * Checks a target and its flags. Only this module rejects them with EINVAL or EBADF. */
#ifndef FDI__TARGET_H
#define FDI__TARGET_H

#include "../include/fdinherit.h"

/* The bits that a mode may contain: permissions alone, or permissions and a file type. mkdir(2)
 * ignores the set-id bits. */
enum { FDI__PERMISSION_BITS = 07777, FDI__DIRECTORY_BITS = 01777, FDI__MODE_BITS = 0177777 };

/* The arguments that have a meaning for one function. */
struct fdi__row {
    const char *name;
    bool target; /* the function takes a path, with or without a directory fd */
    bool fd;
    unsigned flags;
};

extern const struct fdi__row fdi__rows[];

/* Sets errno to EINVAL or EBADF for a target that fdi__check rejects. */
void fdi__refuse(fdi_function function, fdi_target target, unsigned flags);

static inline bool fdi__is_misuse(fdi_function function, fdi_target target, unsigned flags)
{
    const struct fdi__row *row = &fdi__rows[function];
    if (flags & ~row->flags)
        return true;
    if (target.path)
        return false;
    return target.form != FDI_FORM_FD || !row->fd || (flags & FDI_NOFOLLOW);
}

/* Returns 0, or -1 with EINVAL or EBADF. It is inline, so that a valid call costs a few
 * comparisons and a jump. */
static inline int fdi__check(fdi_function function, fdi_target target, unsigned flags)
{
    if (!fdi__is_misuse(function, target, flags) && (target.path || target.fd >= 0))
        return 0;
    fdi__refuse(function, target, flags);
    return -1;
}

#endif
