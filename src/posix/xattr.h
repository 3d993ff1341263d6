/* SPDX-License-Identifier: MIT
 * The four operations on extended attributes, as one call. */
#ifndef FDI__XATTR_H
#define FDI__XATTR_H

#include "../../include/fdinherit.h"

struct fdi__xattr_call {
    fdi_function function;
    const char *name;
    void *value;
    size_t size;
    int xflags;
};

/* xattr_linux.c, xattr_macos.c, xattr_bsd.c: checks `xflags`, makes the call, and preserves errno
 * on success. */
int64_t fdi__run_xattr(const struct fdi__xattr_call *call, fdi_target target, unsigned flags);

#endif
