/* SPDX-License-Identifier: MIT
 * The end of a scan on BSD and on systems that are not named elsewhere. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "listing.h"
#include "posix.h"

#if defined(F_MAXFD)

int fdi__past_last_fd(struct fdi__listing *listing)
{
    (void)listing;
    int highest = fdi__fcntl(0, F_MAXFD);
    return highest < 0 ? -1 : highest + 1;
}

#elif !FDI__FINDS_LAST_FD

int fdi__past_last_fd(struct fdi__listing *listing)
{
    (void)listing;
    return fdi__fail(ENOTSUP);
}

#endif
