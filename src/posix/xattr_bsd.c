/* SPDX-License-Identifier: MIT
 * Extended attributes are missing on every other system. BSD's own calls have other names and
 * namespaces. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "xattr.h"

#if !FDI__HAS_XATTR

int64_t fdi__run_xattr(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    (void)call;
    (void)target;
    (void)flags;
    return fdi__fail(ENOTSUP);
}

#endif
