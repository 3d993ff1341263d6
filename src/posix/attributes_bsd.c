/* SPDX-License-Identifier: MIT
 * Access and permissions on every system but Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if !FDI__CALLS_BY_NUMBER

/* ---- access -------------------------------------------------------------------------------- */

static int access_plain(int directory, const char *path, int mode)
{
    return faccessat(directory, path, mode, 0);
}

static int access_with_flags(fdi_target target, int mode, unsigned flags)
{
    int at_flags = fdi__at_flags(flags) | (flags & FDI_EFFECTIVE_IDS ? AT_EACCESS : 0);
    int result;
    if (!target.path)
        return fdi__fail(ENOTSUP);
    FDI__RETRY(result, faccessat(target.fd, target.path, mode, at_flags));
    return result;
}

int fdi__os_access(fdi_target target, int mode, unsigned flags)
{
    int result;
    if (!target.path || flags)
        return access_with_flags(target, mode, flags);
    FDI__RETRY(result, access_plain(target.fd, target.path, mode));
    return result;
}

/* ---- chmod --------------------------------------------------------------------------------- */

int fdi__chmod_nofollow(fdi_target target, unsigned mode)
{
    int result;
    FDI__RETRY(result, fchmodat(target.fd, target.path, (mode_t)mode, AT_SYMLINK_NOFOLLOW));
    return result;
}

int fdi__chmod_fd(int fd, unsigned mode)
{
    int result;
    FDI__RETRY(result, fchmod(fd, (mode_t)mode));
    return result;
}

#endif
