/* SPDX-License-Identifier: MIT
 * Confined targets: opens the file by the kernel's own call, or component by component. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "../within.h"
#include "lookup.h"
#include "posix.h"

#include <limits.h>
#include <string.h>

int fdi__os_check_within(fdi_target target)
{
    if (strlen(target.path) >= PATH_MAX)
        return fdi__fail(ENAMETOOLONG);
    bool is_beneath = (target.form & ~(unsigned)FDI_NO_SYMLINKS) == FDI_FORM_BENEATH;
    return is_beneath && target.path[0] == '/' ? fdi__fail(EXDEV) : 0;
}

/* A sandbox refuses the call with different errors. Each of them can also be the file's own: then
 * the look-up by components ends with it again. */
static bool is_refused(int error)
{
    return error == ENOSYS || error == EPERM || error == ENOTSUP || error == EACCES ||
           error == EAGAIN;
}

static int open_goal(const struct fdi__goal *goal)
{
    int saved_errno = errno;
    int fd = fdi__open_by_kernel(goal);
    if (fd >= 0 || !is_refused(errno))
        return fd;
    return fdi__restore_errno_on_success(saved_errno, fdi__look_up(goal));
}

/* openat ignores flags beside O_PATH, and a mode without a new file. openat2 refuses both. */
int fdi__open_within(fdi_target target, int oflags, unsigned mode)
{
    const int with_path = FDI__O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    bool creates = (oflags & O_CREAT) || (oflags & FDI__O_TMPFILE) == FDI__O_TMPFILE;
    if (FDI__O_PATH && (oflags & FDI__O_PATH)) {
        oflags &= with_path;
        creates = false;
    }
    const struct fdi__goal goal = {target, strlen(target.path), oflags | O_CLOEXEC,
                                   creates ? (mode_t)mode : 0, NULL};
    return fdi__os_check_within(target) < 0 ? -1 : open_goal(&goal);
}

int fdi__os_reach(fdi_target target, size_t length, unsigned flags)
{
    int nofollow = flags & FDI_NOFOLLOW ? FDI__O_SYMLINK_ITSELF : 0;
    const struct fdi__goal goal = {target, length, FDI__O_ONLY_PATH | nofollow, 0, NULL};
    return open_goal(&goal);
}

int fdi__os_stat_within(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    int nofollow = flags & FDI_NOFOLLOW ? O_NOFOLLOW : 0;
    struct fdi__goal goal = {target, strlen(target.path), FDI__O_ONLY_PATH | nofollow, 0, NULL};
    int saved_errno = errno;
    int fd = fdi__open_by_kernel(&goal);
    if (fd >= 0)
        return fdi__close_keep_errno(fd, fdi__os_stat((fdi_target){NULL, fd, FDI_FORM_FD}, out, 0));
    if (!is_refused(errno))
        return -1;
    goal.out = out;
    return fdi__restore_errno_on_success(saved_errno, fdi__look_up(&goal));
}
