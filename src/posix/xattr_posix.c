/* SPDX-License-Identifier: MIT
 * Extended attributes: four operations with a common path to the file. */
#include "../platform.h"
#include "../backend.h"
#include "xattr.h"

int64_t fdi__os_getxattr(fdi_target target, const char *name, void *value, size_t size,
                         unsigned flags)
{
    struct fdi__xattr_call call = {FDI_FN_GETXATTR, name, value, size, 0};
    return fdi__run_xattr(&call, target, flags);
}

int fdi__os_setxattr(fdi_target target, const char *name, const void *value, size_t size,
                     int xflags, unsigned flags)
{
    /* Only the set operation uses `value`, and it only reads it. */
    struct fdi__xattr_call call = {FDI_FN_SETXATTR, name, (void *)(uintptr_t)value, size, xflags};
    return (int)fdi__run_xattr(&call, target, flags);
}

int64_t fdi__os_listxattr(fdi_target target, char *list, size_t size, unsigned flags)
{
    struct fdi__xattr_call call = {FDI_FN_LISTXATTR, NULL, list, size, 0};
    return fdi__run_xattr(&call, target, flags);
}

int fdi__os_removexattr(fdi_target target, const char *name, unsigned flags)
{
    struct fdi__xattr_call call = {FDI_FN_REMOVEXATTR, name, NULL, 0, 0};
    return (int)fdi__run_xattr(&call, target, flags);
}
