/* SPDX-License-Identifier: MIT
 * Extended attributes. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

static int check(fdi_function function, fdi_target target, unsigned flags, const void *name,
                 const void *buffer, size_t size)
{
    if (fdi__check(function, target, flags) < 0)
        return -1;
    return !name || (!buffer && size > 0) ? fdi__fail(EINVAL) : 0;
}

int64_t fdi_getxattr(fdi_target target, const char *name, void *value, size_t size, unsigned flags)
{
    if (check(FDI_FN_GETXATTR, target, flags, name, value, size) < 0)
        return -1;
    return fdi__os_getxattr(target, name, value, size, flags);
}

int fdi_setxattr(fdi_target target, const char *name, const void *value, size_t size, int xflags,
                 unsigned flags)
{
    if (check(FDI_FN_SETXATTR, target, flags, name, value, size) < 0)
        return -1;
    return fdi__os_setxattr(target, name, value, size, xflags, flags);
}

int64_t fdi_listxattr(fdi_target target, char *list, size_t size, unsigned flags)
{
    if (check(FDI_FN_LISTXATTR, target, flags, "", list, size) < 0)
        return -1;
    return fdi__os_listxattr(target, list, size, flags);
}

int fdi_removexattr(fdi_target target, const char *name, unsigned flags)
{
    if (check(FDI_FN_REMOVEXATTR, target, flags, name, NULL, 0) < 0)
        return -1;
    return fdi__os_removexattr(target, name, flags);
}
