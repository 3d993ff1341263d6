/* SPDX-License-Identifier: MIT
 * The BSD file flags. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if !FDI__HAS_BSD_FLAGS

int fdi__os_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    (void)target;
    (void)bsd_flags;
    (void)flags;
    return fdi__fail(ENOTSUP);
}

#else

#if FDI__HAS_CHFLAGSAT

static int chflags_path(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    int result;
    FDI__RETRY(result, chflagsat(target.fd, target.path, bsd_flags, fdi__at_flags(flags)));
    return result;
}

#else

static int chflags_opened(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    int result;
    int fd = FDI__OPENS_SYMLINKS ? fdi__open_path(target, flags) : fdi__fail(ENOTSUP);
    if (fd < 0)
        return -1;
    FDI__RETRY(result, fchflags(fd, bsd_flags));
    return fdi__close_keep_errno(fd, result);
}

static int chflags_path(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    int result;
    if (fdi__needs_dir_fd(target))
        return chflags_opened(target, bsd_flags, flags);
    if (flags & FDI_NOFOLLOW)
        FDI__RETRY(result, lchflags(target.path, bsd_flags));
    else
        FDI__RETRY(result, chflags(target.path, bsd_flags));
    return result;
}

#endif

int fdi__os_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    int result;
    if (target.path)
        return chflags_path(target, bsd_flags, flags);
    FDI__RETRY(result, fchflags(target.fd, bsd_flags));
    return result;
}

#endif
