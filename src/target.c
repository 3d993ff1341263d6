/* SPDX-License-Identifier: MIT
 * Creates targets and rejects invalid ones. */
#include "platform.h"
#include "target.h"
#include "result.h"

fdi_target fdi_path(const char *path)
{
    return (fdi_target){path, FDI_AT_FDCWD, FDI_FORM_PATH};
}

fdi_target fdi_path_at(int dir_fd, const char *path)
{
    return (fdi_target){path, dir_fd, FDI_FORM_DIR_FD};
}

fdi_target fdi_fd(int fd)
{
    return (fdi_target){NULL, fd, FDI_FORM_FD};
}

void fdi__refuse(fdi_function function, fdi_target target, unsigned flags)
{
    (void)fdi__fail(fdi__is_misuse(function, target, flags) ? EINVAL : EBADF);
}
