/* SPDX-License-Identifier: MIT
 * File attributes: reading and setting them. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

enum { ACCESS_BITS = 7, NSEC_PER_SEC = 1000000000 };

int fdi_access(fdi_target target, int mode, unsigned flags)
{
    if (fdi__check(FDI_FN_ACCESS, target, flags) < 0)
        return -1;
    if (mode & ~ACCESS_BITS)
        return fdi__fail(EINVAL);
    return fdi__os_access(target, mode, flags);
}

int fdi_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    if (fdi__check(FDI_FN_CHFLAGS, target, flags) < 0)
        return -1;
    return fdi__os_chflags(target, bsd_flags, flags);
}

int fdi_chmod(fdi_target target, unsigned mode, unsigned flags)
{
    if (fdi__check(FDI_FN_CHMOD, target, flags) < 0)
        return -1;
    if (mode & ~(unsigned)FDI__MODE_BITS)
        return fdi__fail(EINVAL);
    return fdi__os_chmod(target, mode & 07777, flags);
}

int fdi_chown(fdi_target target, uint32_t uid, uint32_t gid, unsigned flags)
{
    if (fdi__check(FDI_FN_CHOWN, target, flags) < 0)
        return -1;
    return fdi__os_chown(target, uid, gid, flags);
}

int64_t fdi_pathconf(fdi_target target, int name)
{
    if (fdi__check(FDI_FN_PATHCONF, target, 0) < 0)
        return -1;
    return fdi__os_pathconf(target, name);
}

int fdi_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    if (fdi__check(FDI_FN_STAT, target, flags) < 0)
        return -1;
    if (!out)
        return fdi__fail(EINVAL);
    return fdi__os_stat(target, out, flags);
}

int fdi_statvfs(fdi_target target, struct fdi_statvfs *out)
{
    if (fdi__check(FDI_FN_STATVFS, target, 0) < 0)
        return -1;
    if (!out)
        return fdi__fail(EINVAL);
    return fdi__os_statvfs(target, out);
}

int fdi_truncate(fdi_target target, int64_t length)
{
    if (fdi__check(FDI_FN_TRUNCATE, target, 0) < 0)
        return -1;
    if (length < 0)
        return fdi__fail(EINVAL);
    return fdi__os_truncate(target, length);
}

static bool is_time(const struct fdi_time *time)
{
    return time->nsec >= 0 && time->nsec < NSEC_PER_SEC;
}

static bool are_times(const struct fdi_time times[2])
{
    return is_time(&times[0]) && is_time(&times[1]);
}

int fdi_utime(fdi_target target, const struct fdi_time times[2], unsigned flags)
{
    if (fdi__check(FDI_FN_UTIME, target, flags) < 0)
        return -1;
    if (times && !are_times(times))
        return fdi__fail(EINVAL);
    return fdi__os_utime(target, times, flags);
}
