/* SPDX-License-Identifier: MIT
 * File names. A call that creates, renames or removes a name is not repeated after EINTR,
 * because the first attempt may have succeeded. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

/* Reports whether the kernel allows a link to an fd. linkat returns ENOENT to a caller without
 * the privilege. A privileged caller gets EEXIST, because the root directory always exists. */
bool fdi__may_link_fd(int fd)
{
    int never = linkat(fd, "", AT_FDCWD, "/", AT_EMPTY_PATH);
    (void)never;
    return errno == EEXIST;
}

static int link_fd(int fd, fdi_target to)
{
    int saved_errno = errno;
    if (!FDI__LINKS_FDS)
        return fdi__fail(ENOTSUP);
    int result = linkat(fd, "", to.fd, to.path, AT_EMPTY_PATH);
    if (result == 0 || errno != ENOENT)
        return result;
    if (fdi__may_link_fd(fd))
        return fdi__fail(ENOENT);
    result = linkat(AT_FDCWD, fdi__procfs_path(fd).text, to.fd, to.path, AT_SYMLINK_FOLLOW);
    return fdi__restore_errno_on_success(saved_errno, fdi__procfs_result(fd, result));
}

int fdi__os_link(fdi_target from, fdi_target to, unsigned flags)
{
    int at_flags = flags & FDI_NOFOLLOW ? 0 : AT_SYMLINK_FOLLOW;
    if (!from.path)
        return link_fd(from.fd, to);
    return linkat(from.fd, from.path, to.fd, to.path, at_flags);
}

int fdi__os_mkdir(fdi_target target, unsigned mode)
{
    if (!FDI__MKDIR_IS_STICKY && mode & S_ISVTX)
        return fdi__fail(ENOTSUP);
    return mkdirat(target.fd, target.path, (mode_t)mode);
}

#if FDI__HAS_MKFIFOAT

/* Returns true if the kernel accepts the number. Linux's dev_t is wider than the kernel's device
 * number, and some C libraries truncate it. */
static bool is_device(uint64_t device)
{
    return FDI__DEVICE_BITS == 32 ? device <= UINT32_MAX : (uint64_t)(dev_t)device == device;
}

int fdi__os_mkfifo(fdi_target target, unsigned mode)
{
    return mkfifoat(target.fd, target.path, (mode_t)mode);
}

int fdi__os_mknod(fdi_target target, unsigned mode, uint64_t device)
{
    if (!is_device(device))
        return fdi__fail(EINVAL);
    return mknodat(target.fd, target.path, (mode_t)mode, (dev_t)device);
}

#endif

/* For an open file that is not a symlink, the kernel returns ENOENT instead of EINVAL. */
static ssize_t readlink_fd(int fd, char *buffer, size_t size)
{
    if (!FDI__HAS_READLINK_OF_FD)
        return fdi__fail(ENOTSUP);
    ssize_t length = readlinkat(fd, "", buffer, size);
    return length < 0 && errno == ENOENT ? fdi__fail(EINVAL) : length;
}

/* With an empty path, readlinkat reads the symlink that is open as its directory fd. Only an fd
 * target may do that, so an empty path is an error. */
static ssize_t readlink_path(fdi_target target, char *buffer, size_t size)
{
    return target.path[0] ? readlinkat(target.fd, target.path, buffer, size) : fdi__fail(ENOENT);
}

/* No system has longer symlinks, and the kernel's size parameter is an int. */
enum { FDI__LONGEST_LINK = 65536 };

int64_t fdi__os_readlink(fdi_target target, char *buffer, size_t size)
{
    ssize_t length;
    if (size > FDI__LONGEST_LINK)
        size = FDI__LONGEST_LINK;
    if (!target.path)
        FDI__RETRY(length, readlink_fd(target.fd, buffer, size));
    else
        FDI__RETRY(length, readlink_path(target, buffer, size));
    return length;
}

int fdi__os_rename(fdi_target from, fdi_target to)
{
    return renameat(from.fd, from.path, to.fd, to.path);
}

int fdi__os_rmdir(fdi_target target)
{
    return unlinkat(target.fd, target.path, AT_REMOVEDIR);
}

int fdi__os_symlink(const char *text, fdi_target link, unsigned flags)
{
    (void)flags; /* only Windows distinguishes symlinks to directories */
    return symlinkat(text, link.fd, link.path);
}

int fdi__os_unlink(fdi_target target)
{
    return unlinkat(target.fd, target.path, 0);
}
