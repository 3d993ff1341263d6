/* SPDX-License-Identifier: MIT
 * File attributes: permissions, owner, limits, length and times. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

/* ---- chmod --------------------------------------------------------------------------------- */

int fdi__os_chmod(fdi_target target, unsigned mode, unsigned flags)
{
    int result;
    if (!target.path)
        return fdi__chmod_fd(target.fd, mode);
    if (flags & FDI_NOFOLLOW)
        return fdi__chmod_nofollow(target, mode);
    FDI__RETRY(result, fchmodat(target.fd, target.path, (mode_t)mode, 0));
    return result;
}

/* ---- chown --------------------------------------------------------------------------------- */

#if FDI__LIBC_USES_PROCFS

#if defined(SYS_fchown32)
#define FDI__SYS_FCHOWN SYS_fchown32
#else
#define FDI__SYS_FCHOWN SYS_fchown
#endif

static int chown_opened(int fd, uid_t uid, gid_t gid)
{
    return (int)syscall(FDI__SYS_FCHOWN, fd, uid, gid);
}

#else

static int chown_opened(int fd, uid_t uid, gid_t gid)
{
    return fchown(fd, uid, gid);
}

#endif

static int chown_fd(int fd, uid_t uid, gid_t gid)
{
    int saved_errno = errno;
    int result;
    FDI__RETRY(result, chown_opened(fd, uid, gid));
    if (FDI__HAS_EMPTY_PATH && result < 0 && errno == EBADF) /* O_PATH */
        FDI__RETRY(result, fchownat(fd, "", uid, gid, AT_EMPTY_PATH));
    return fdi__restore_errno_on_success(saved_errno, result);
}

int fdi__os_chown(fdi_target target, uint32_t uid, uint32_t gid, unsigned flags)
{
    int at_flags = fdi__at_flags(flags);
    int result;
    if (!target.path)
        return chown_fd(target.fd, (uid_t)uid, (gid_t)gid);
    FDI__RETRY(result, fchownat(target.fd, target.path, (uid_t)uid, (gid_t)gid, at_flags));
    return result;
}

/* ---- pathconf ------------------------------------------------------------------------------ */

/* pathconf returns -1 without an error for "no limit". Cancellation is disabled because glibc
 * may open a file to find the limit. */
static int64_t limit_of(const char *path, int fd, int name)
{
    int saved_errno = errno;
    int state = fdi__os_cancel_off();
    int64_t limit;
    do {
        errno = 0;
        limit = path ? pathconf(path, name) : fpathconf(fd, name);
    } while (limit == -1 && errno == EINTR);
    fdi__os_cancel_restore(state);
    if (limit == -1 && errno != 0)
        return -1;
    return fdi__restore_errno(saved_errno, 0), limit == -1 ? FDI_NO_LIMIT : limit;
}

/* Some C libraries also return a limit for a closed fd. */
static int64_t limit_of_fd(int fd, int name)
{
    return fdi__fcntl(fd, F_GETFD) < 0 ? -1 : limit_of(NULL, fd, name);
}

int64_t fdi__os_pathconf(fdi_target target, int name)
{
    if (!target.path)
        return limit_of_fd(target.fd, name);
    if (!fdi__needs_dir_fd(target))
        return limit_of(target.path, -1, name);
    int fd = fdi__open_mounted(target);
    if (fd < 0)
        return -1;
    int64_t limit = limit_of(NULL, fd, name);
    (void)fdi__close_keep_errno(fd, 0);
    return limit;
}

/* ---- truncate ------------------------------------------------------------------------------ */

static int truncate_fd(int fd, off_t length)
{
    int saved_errno = errno;
    int result;
    FDI__RETRY(result, ftruncate(fd, length));
    if (result < 0 && errno == EBADF) { /* O_PATH */
        FDI__RETRY(result, truncate(fdi__procfs_path(fd).text, length));
        result = fdi__procfs_result(fd, result);
    }
    return fdi__restore_errno_on_success(saved_errno, result);
}

/* Only a regular file is opened, because opening another file for writing could wake a waiting
 * reader. If the file is replaced after the check, O_NONBLOCK keeps the open from waiting. Only a
 * lease makes it fail with EAGAIN, and the second open waits for its holder. */
static int open_for_length(fdi_target target)
{
    const int oflags = O_WRONLY | O_NOCTTY | O_CLOEXEC;
    struct fdi_stat status;
    if (fdi__os_stat(target, &status, 0) < 0)
        return -1;
    if (!S_ISREG(status.mode))
        return fdi__fail(S_ISDIR(status.mode) ? EISDIR : EINVAL);
    int fd = fdi__openat(target.fd, target.path, oflags | O_NONBLOCK, 0);
    return fd < 0 && errno == EAGAIN ? fdi__openat(target.fd, target.path, oflags, 0) : fd;
}

static int truncate_opened(fdi_target target, off_t length)
{
    int result;
    int fd = open_for_length(target);
    if (fd < 0)
        return -1;
    FDI__RETRY(result, ftruncate(fd, length));
    return fdi__close_keep_errno(fd, result);
}

/* truncate on a procfs path has the same meaning as on the path itself. */
static int truncate_at(fdi_target target, off_t length)
{
    int saved_errno = errno;
    int result;
    if (!FDI__HAS_PROCFS)
        return truncate_opened(target, length);
    int fd = fdi__open_path(target, 0);
    if (fd < 0)
        return -1;
    FDI__RETRY(result, truncate(fdi__procfs_path(fd).text, length));
    result = fdi__close_keep_errno(fd, fdi__procfs_result(fd, result));
    if (result < 0 && errno == ENOTSUP)
        result = truncate_opened(target, length);
    return fdi__restore_errno_on_success(saved_errno, result);
}

int fdi__os_truncate(fdi_target target, int64_t length)
{
    int result;
    if (length != (int64_t)(off_t)length)
        return fdi__fail(EFBIG);
    if (!target.path)
        return truncate_fd(target.fd, (off_t)length);
    if (fdi__needs_dir_fd(target))
        return truncate_at(target, (off_t)length);
    FDI__RETRY(result, truncate(target.path, (off_t)length));
    return result;
}

/* ---- utime --------------------------------------------------------------------------------- */

static int to_timespecs(const struct fdi_time *times, struct timespec *out)
{
    for (int i = 0; i < 2; i++) {
        out[i].tv_sec = (time_t)times[i].sec;
        out[i].tv_nsec = (long)times[i].nsec;
        if ((int64_t)out[i].tv_sec != times[i].sec)
            return fdi__fail(EOVERFLOW);
    }
    return 0;
}

/* Sets the times of an O_PATH fd. Linux 5.8 and later accept the fd; older kernels need its
 * procfs path. */
static int utime_reached(int fd, const struct timespec *times)
{
    int result = -1;
    if (FDI__HAS_EMPTY_PATH) {
        FDI__RETRY(result, utimensat(fd, "", times, AT_EMPTY_PATH));
        if (result == 0 || (errno != EINVAL && errno != ENOENT))
            return result;
    }
    FDI__RETRY(result, utimensat(AT_FDCWD, fdi__procfs_path(fd).text, times, 0));
    return fdi__procfs_result(fd, result);
}

static int utime_fd(int fd, const struct timespec *times)
{
    int saved_errno = errno;
    int result;
    FDI__RETRY(result, futimens(fd, times));
    if (result < 0 && errno == EBADF)
        result = utime_reached(fd, times);
    return fdi__restore_errno_on_success(saved_errno, result);
}

int fdi__os_utime(fdi_target target, const struct fdi_time *times, unsigned flags)
{
    struct timespec specs[2];
    int result;
    if (times && to_timespecs(times, specs) < 0)
        return -1;
    if (!target.path)
        return utime_fd(target.fd, times ? specs : NULL);
    FDI__RETRY(result,
               utimensat(target.fd, target.path, times ? specs : NULL, fdi__at_flags(flags)));
    return result;
}
