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

void fdi__refuse(fdi_function function, fdi_target target, unsigned flags)
{
    (void)fdi__fail(fdi__is_misuse(function, target, flags) ? EINVAL : EBADF);
}
