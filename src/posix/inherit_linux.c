/* SPDX-License-Identifier: MIT
 * Sets the close-on-exec flag on Linux, by direct system calls. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "raw_syscall.h"

#if FDI__CALLS_BY_NUMBER

#include <sys/ioctl.h>

enum { SET_CLOEXEC = 1 << 2 }; /* CLOSE_RANGE_CLOEXEC, which older headers lack */

/* Only the ioctl changes this one bit without a read of the other flags.
 *
 * It fails for O_PATH descriptors (EBADF) and under some security policies (EACCES, EPERM). Every
 * failure falls back to fcntl. The next call tries the ioctl again, because the failure may
 * concern this descriptor only. */
int fdi__os_set_inheritable(int fd, bool inheritable)
{
    if (fdi__raw_syscall(SYS_ioctl, fd, inheritable ? FIONCLEX : FIOCLEX, 0) == 0)
        return 0;
    return fdi__set_inheritable_by_fcntl(fd, inheritable);
}

bool fdi__os_mark_range(int first, int last)
{
    return fdi__raw_syscall(FDI__SYS_CLOSE_RANGE, first, last, SET_CLOEXEC) == 0;
}

#endif
