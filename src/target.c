/* SPDX-License-Identifier: MIT
 * Targets: making them, and judging them. */
#include "platform.h"
#include "target.h"
#include "result.h"

fdi_target fdi_path(const char *path)
{
    return (fdi_target){path, FDI_NO_FD, FDI_AT_FDCWD};
}

fdi_target fdi_path_at(int dir_fd, const char *path)
{
    return (fdi_target){path, FDI_NO_FD, dir_fd};
}

fdi_target fdi_fd(int fd)
{
    return (fdi_target){NULL, fd, FDI_AT_FDCWD};
}

static bool is_misuse(const struct fdi__row *row, fdi_target target, unsigned flags)
{
    if (flags & ~row->flags)
        return true;
    if (target.fd == FDI_NO_FD)
        return false;
    return target.path || !row->fd || target.dir_fd != FDI_AT_FDCWD || (flags & FDI_NOFOLLOW);
}

int fdi__judge(fdi_function function, fdi_target target, unsigned flags)
{
    if (is_misuse(&fdi__rows[function], target, flags))
        return fdi__fail(EINVAL);
    if (!target.path && target.fd < 0)
        return fdi__fail(EBADF);
    return 0;
}
