/* SPDX-License-Identifier: MIT
 * Access and permissions on Linux: the newest call first, then one that means the same. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if FDI__CALLS_BY_NUMBER

/* ---- access -------------------------------------------------------------------------------- */

/* Calls faccessat by number, because the C library's function tries faccessat2 first even
 * without flags. */
static int access_plain(int directory, const char *path, int mode)
{
    int result;
    FDI__RETRY(result, (int)syscall(SYS_faccessat, directory, path, mode));
    return result;
}

static bool ids_differ(void)
{
    return getuid() != geteuid() || getgid() != getegid();
}

/* faccessat(2) takes no flags, so the file is opened with O_PATH and checked by its procfs path. */
static int access_by_proc(fdi_target target, int mode, unsigned flags)
{
    if ((flags & FDI_EFFECTIVE_IDS) && ids_differ())
        return fdi__fail(ENOTSUP);
    if (target.path && !(flags & FDI_NOFOLLOW))
        return access_plain(target.fd, target.path, mode);
    int fd = target.path ? fdi__open_path(target, flags) : target.fd;
    if (fd < 0)
        return -1;
    int result = fdi__procfs_result(fd, access_plain(AT_FDCWD, fdi__procfs_path(fd).text, mode));
    return target.path ? fdi__close_keep_errno(fd, result) : result;
}

static int access_with_flags(fdi_target target, int mode, unsigned flags)
{
    int saved_errno = errno;
    int at_flags = fdi__at_flags(flags) | (target.path ? 0 : AT_EMPTY_PATH) |
                   (flags & FDI_EFFECTIVE_IDS ? AT_EACCESS : 0);
    int directory = target.fd;
    const char *path = target.path ? target.path : "";
    long result;
    FDI__RETRY(result, syscall(FDI__SYS_FACCESSAT2, directory, path, mode, at_flags));
    if (result == 0 || !fdi__was_refused(FDI__SYS_FACCESSAT2))
        return (int)result;
    return fdi__restore_errno_on_success(saved_errno, access_by_proc(target, mode, flags));
}

int fdi__os_access(fdi_target target, int mode, unsigned flags)
{
    if (!target.path || flags)
        return access_with_flags(target, mode, flags);
    return access_plain(target.fd, target.path, mode);
}

/* ---- chmod --------------------------------------------------------------------------------- */

/* fchmod and fchown reject an O_PATH fd, so its procfs path is used. On musl they are called by
 * number, because musl's functions fall back to procfs even for symlinks. A symlink is rejected
 * here first, because older kernels change its mode on some file systems. */
static int chmod_by_proc(int fd, unsigned mode)
{
    struct fdi_stat status;
    int result;
    if (fdi__os_stat((fdi_target){NULL, fd, FDI_FORM_FD}, &status, 0) < 0)
        return -1;
    if (S_ISLNK(status.mode))
        return fdi__fail(ENOTSUP);
    FDI__RETRY(result, fchmodat(AT_FDCWD, fdi__procfs_path(fd).text, (mode_t)mode, 0));
    return fdi__procfs_result(fd, result);
}

static int chmod_reached(int fd, unsigned mode)
{
    long result;
    FDI__RETRY(result, syscall(FDI__SYS_FCHMODAT2, fd, "", (mode_t)mode, AT_EMPTY_PATH));
    if (result == 0 || !fdi__was_refused(FDI__SYS_FCHMODAT2))
        return (int)result;
    return chmod_by_proc(fd, mode);
}

int fdi__chmod_nofollow(fdi_target target, unsigned mode)
{
    int saved_errno = errno;
    long result;
    FDI__RETRY(result, syscall(FDI__SYS_FCHMODAT2, target.fd, target.path, (mode_t)mode,
                               AT_SYMLINK_NOFOLLOW));
    if (result == 0 || !fdi__was_refused(FDI__SYS_FCHMODAT2))
        return (int)result;
    int fd = fdi__open_path(target, FDI_NOFOLLOW);
    if (fd < 0)
        return -1;
    return fdi__restore_errno_on_success(saved_errno,
                                         fdi__close_keep_errno(fd, chmod_by_proc(fd, mode)));
}

static int chmod_opened(int fd, mode_t mode)
{
    return FDI__LIBC_USES_PROCFS ? (int)syscall(SYS_fchmod, fd, mode) : fchmod(fd, mode);
}

int fdi__chmod_fd(int fd, unsigned mode)
{
    int saved_errno = errno;
    int result;
    FDI__RETRY(result, chmod_opened(fd, (mode_t)mode));
    if (result < 0 && errno == EBADF)
        result = chmod_reached(fd, mode);
    return fdi__restore_errno_on_success(saved_errno, result);
}

#endif
