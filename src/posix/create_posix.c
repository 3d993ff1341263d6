/* SPDX-License-Identifier: MIT
 * Descriptors that are born close-on-exec. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

/* Opens once more what is open as `fd`. procfs leads to any file; without it only a directory can
 * be opened from itself. */
static int open_again(int fd, int oflags)
{
    int saved_errno = errno;
    int again;
    FDI__RETRY(again, open(fdi__proc_name(fd).text, oflags));
    again = fdi__by_proc(fd, again);
    if (again >= 0 || errno != ENOTSUP || fdi__has_proc())
        return again;
    FDI__RETRY(again, openat(fd, ".", oflags));
    if (again < 0 && errno == ENOTDIR)
        return fdi__fail(ENOTSUP);
    return fdi__recovered(saved_errno, again);
}

int fdi__os_open(fdi_target target, int oflags, unsigned mode)
{
    int fd;
    if (!target.path)
        return open_again(target.fd, oflags | O_CLOEXEC);
    FDI__RETRY(fd, openat(target.dir_fd, target.path, oflags | O_CLOEXEC, mode));
    return fd;
}
