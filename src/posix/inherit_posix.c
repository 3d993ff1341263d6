/* SPDX-License-Identifier: MIT
 * The close-on-exec flag. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "raw_syscall.h"

#include <sys/ioctl.h>

int fdi__os_get_inheritable(int fd)
{
    int flags = fdi__fcntl(fd, F_GETFD);
    return flags < 0 ? -1 : !(flags & FD_CLOEXEC);
}

static int set_by_flags(int fd, bool inheritable)
{
    int flags = fdi__fcntl(fd, F_GETFD);
    if (flags < 0)
        return -1;
    int wanted = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
    return wanted == flags ? 0 : fdi__fcntl(fd, F_SETFD, wanted);
}

/* Returns true if the ioctl set the flag; a failure preserves errno. Only the ioctl changes this
 * one bit without a read of the other flags. */
#if defined(FDI__BY_NUMBER)
static bool set_one_bit(int fd, bool inheritable)
{
    return fdi__raw_syscall(SYS_ioctl, fd, inheritable ? FIONCLEX : FIOCLEX, 0) == 0;
}
#elif defined(FIOCLEX)
static bool set_one_bit(int fd, bool inheritable)
{
    int saved_errno = errno;
    if (ioctl(fd, inheritable ? FIONCLEX : FIOCLEX, NULL) == 0)
        return true;
    return fdi__restore_errno(saved_errno, false);
}
#else
static bool set_one_bit(int fd, bool inheritable)
{
    (void)fd;
    (void)inheritable;
    return false;
}
#endif

/* The ioctl fails for O_PATH descriptors (EBADF), under some security policies (EACCES, EPERM)
 * and where the kernel lacks it (ENOTTY). Every failure falls back to fcntl. The next call tries
 * the ioctl again, because the failure may concern this descriptor only. */
int fdi__os_set_inheritable(int fd, bool inheritable)
{
    return set_one_bit(fd, inheritable) ? 0 : set_by_flags(fd, inheritable);
}

int fdi__os_get_handle_inheritable(fdi_handle handle)
{
    (void)handle;
    return fdi__fail(ENOTSUP);
}

int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable)
{
    (void)handle;
    (void)inheritable;
    return fdi__fail(ENOTSUP);
}

#if defined(FDI__BY_NUMBER)
bool fdi__os_mark_range(int first, int last)
{
    return fdi__raw_syscall(FDI__SYS_CLOSE_RANGE, first, last, CLOSE_RANGE_CLOEXEC) == 0;
}
#elif defined(__FreeBSD__) && defined(CLOSE_RANGE_CLOEXEC)
bool fdi__os_mark_range(int first, int last)
{
    int saved_errno = errno;
    int result = close_range((unsigned)first, (unsigned)last, CLOSE_RANGE_CLOEXEC);
    return fdi__restore_errno(saved_errno, result == 0);
}
#else
bool fdi__os_mark_range(int first, int last)
{
    (void)first;
    (void)last;
    return false;
}
#endif
