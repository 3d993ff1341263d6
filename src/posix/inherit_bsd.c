/* SPDX-License-Identifier: MIT
 * Sets the close-on-exec flag on every system but Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if !FDI__CALLS_BY_NUMBER

#include <sys/ioctl.h>

#if defined(FIOCLEX)

/* Only the ioctl changes this one bit without a read of the other flags. If the kernel lacks it
 * (ENOTTY) or refuses it, fcntl sets the flag. */
int fdi__os_set_inheritable(int fd, bool inheritable)
{
    int saved_errno = errno;
    if (ioctl(fd, inheritable ? FIONCLEX : FIOCLEX, NULL) == 0)
        return 0;
    errno = saved_errno;
    return fdi__set_inheritable_by_fcntl(fd, inheritable);
}

#else

int fdi__os_set_inheritable(int fd, bool inheritable)
{
    return fdi__set_inheritable_by_fcntl(fd, inheritable);
}

#endif

#if FDI__HAS_CLOSE_RANGE

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
#endif
