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

/* Unknown limits remove the path. Only an fd has none, so every function refuses the target. */
static fdi_target confine(int dir_fd, const char *path, unsigned form, unsigned limits)
{
    bool is_known = !(limits & ~(unsigned)FDI_NO_SYMLINKS);
    return (fdi_target){is_known ? path : NULL, dir_fd, form | (is_known ? limits : 0)};
}

fdi_target fdi_path_beneath(int dir_fd, const char *path, unsigned limits)
{
    return confine(dir_fd, path, FDI_FORM_BENEATH, limits);
}

fdi_target fdi_path_in_root(int dir_fd, const char *path, unsigned limits)
{
    return confine(dir_fd, path, FDI_FORM_IN_ROOT, limits);
}

void fdi__refuse(fdi_function function, fdi_target target, unsigned flags)
{
    (void)fdi__fail(fdi__is_misuse(function, target, flags) ? EINVAL : EBADF);
}
