/* SPDX-License-Identifier: MIT
 * Lists the open descriptors. It allocates nothing, so it is safe in a signal handler and
 * between fork and exec. It returns an error instead of an incomplete list. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "listing.h"
#include "posix.h"

#include <pthread.h>

int fdi__scan_open(struct fdi__listing *listing)
{
    int end = fdi__past_last_fd(listing);
    if (end < 0)
        return fdi__fail(ENOTSUP);
    listing->fd = FDI__NO_DIRECTORY;
    listing->end = end;
    return 0;
}

int fdi__scan_next(struct fdi__listing *listing)
{
    while (listing->next < listing->end) {
        int fd = listing->next++;
        int flags = fdi__fcntl(fd, F_GETFD);
        listing->inheritable = !(flags & FD_CLOEXEC);
        if (flags >= 0)
            return fd;
        if (errno != EBADF)
            return -1;
    }
    return FDI__LIST_END;
}

#if !FDI__HAS_PROCFS

int fdi__os_list_open(struct fdi__listing *listing, int first)
{
    listing->next = first;
    return fdi__scan_open(listing);
}

int fdi__os_list_next(struct fdi__listing *listing)
{
    return fdi__scan_next(listing);
}

#endif

void fdi__os_list_close(struct fdi__listing *listing)
{
    if (listing->fd != FDI__NO_DIRECTORY)
        fdi__close(listing->fd);
}

static void close_listing(void *listing)
{
    fdi__os_list_close(listing);
}

int fdi__os_list_run(struct fdi__listing *listing,
                     int (*body)(struct fdi__listing *listing, void *context), void *context)
{
    int result;
    pthread_cleanup_push(close_listing, listing);
    result = body(listing, context);
    pthread_cleanup_pop(1);
    return result;
}
