/* SPDX-License-Identifier: MIT
 * Pseudo-terminals on OpenBSD, where posix_openpt ignores O_CLOEXEC and ptsname_r is missing. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#if FDI__HAS_PTMGET

#include <sys/ioctl.h>
#include <sys/tty.h>

static int open_both(int multiplexer, int *ends)
{
    struct fdi__fork_lock held;
    struct ptmget made;
    int result;
    if (fdi__fork_lock_acquire(&held) < 0)
        return -1;
    FDI__RETRY(result, ioctl(multiplexer, PTMGET, &made));
    ends[0] = made.cfd;
    ends[1] = made.sfd;
    result = fdi__set_cloexec_or_close_two(result, ends);
    fdi__fork_lock_release(&held);
    return result;
}

int fdi__os_openpty(int *primary, int *secondary)
{
    int ends[2];
    int multiplexer = fdi__openat(AT_FDCWD, PATH_PTMDEV, O_RDWR | O_CLOEXEC, 0);
    if (multiplexer < 0)
        return -1;
    if (fdi__close_keep_errno(multiplexer, open_both(multiplexer, ends)) < 0)
        return -1;
    *primary = ends[0];
    *secondary = ends[1];
    return 0;
}

#endif
