/* SPDX-License-Identifier: MIT
 * The end of a scan on macOS. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "listing.h"
#include "posix.h"

#if defined(__APPLE__)

#include <libproc.h>

/* Without a buffer, the kernel returns the size for its whole table. */
int fdi__past_last_fd(struct fdi__listing *listing)
{
    (void)listing;
    int size = proc_pidinfo(getpid(), PROC_PIDLISTFDS, 0, NULL, 0);
    return size <= 0 ? -1 : size / (int)PROC_PIDLISTFD_SIZE;
}

#endif
