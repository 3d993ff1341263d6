/* SPDX-License-Identifier: MIT
 * File names: creating, renaming and removing them. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

/* Rejects an fd, because a new name is always a path. */
static int check_name(fdi_target to)
{
    return fdi__check(FDI_FN_RENAME, to, 0);
}

int fdi_link(fdi_target from, fdi_target to, unsigned flags)
{
    if (fdi__check(FDI_FN_LINK, from, flags) < 0)
        return -1;
    if (check_name(to) < 0)
        return -1;
    return fdi__os_link(from, to, flags);
}

/* Argument checks for mkdir, mkfifo and mknod. */
static int check_new(fdi_function function, fdi_target target, unsigned mode, unsigned bits)
{
    if (fdi__check(function, target, 0) < 0)
        return -1;
    return mode & ~bits ? fdi__fail(EINVAL) : 0;
}

int fdi_mkdir(fdi_target target, unsigned mode)
{
    if (check_new(FDI_FN_MKDIR, target, mode, FDI__DIRECTORY_BITS) < 0)
        return -1;
    return fdi__os_mkdir(target, mode);
}

int fdi_mkfifo(fdi_target target, unsigned mode)
{
    if (check_new(FDI_FN_MKFIFO, target, mode, FDI__PERMISSION_BITS) < 0)
        return -1;
    return fdi__os_mkfifo(target, mode);
}

int fdi_mknod(fdi_target target, unsigned mode, uint64_t device)
{
    if (check_new(FDI_FN_MKNOD, target, mode, FDI__MODE_BITS) < 0)
        return -1;
    return fdi__os_mknod(target, mode, device);
}

int64_t fdi_readlink(fdi_target target, char *buffer, size_t size)
{
    if (fdi__check(FDI_FN_READLINK, target, 0) < 0)
        return -1;
    if (!buffer || size == 0)
        return fdi__fail(EINVAL);
    return fdi__os_readlink(target, buffer, size);
}

int fdi_rename(fdi_target from, fdi_target to, unsigned flags)
{
    if (fdi__check(FDI_FN_RENAME, from, flags) < 0 || check_name(to) < 0)
        return -1;
    return fdi__os_rename(from, to);
}

int fdi_rmdir(fdi_target target)
{
    if (fdi__check(FDI_FN_RMDIR, target, 0) < 0)
        return -1;
    return fdi__os_rmdir(target);
}

int fdi_symlink(const char *text, fdi_target link, unsigned flags)
{
    if (fdi__check(FDI_FN_SYMLINK, link, flags) < 0)
        return -1;
    if (!text)
        return fdi__fail(EINVAL);
    return fdi__os_symlink(text, link, flags);
}

int fdi_unlink(fdi_target target)
{
    if (fdi__check(FDI_FN_UNLINK, target, 0) < 0)
        return -1;
    return fdi__os_unlink(target);
}
