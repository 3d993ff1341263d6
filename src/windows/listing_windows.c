/* SPDX-License-Identifier: MIT
 * Lists the open descriptors of the CRT. The CRT has no call that lists its table, but the table is
 * bounded, so this tries every number. */
#include "../platform.h"
#include "win.h"

int fdi__os_list_open(struct fdi__listing *listing, int first)
{
    listing->fd = FDI__NO_DIRECTORY;
    listing->next = first;
    listing->end = FDI__PAST_LAST_FD;
    listing->inheritable = -1;
    return 0;
}

int fdi__os_list_next(struct fdi__listing *listing)
{
    while (listing->next < listing->end) {
        int fd = listing->next++;
        if (fdi__handle(fd) != INVALID_HANDLE_VALUE)
            return fd;
    }
    return FDI__LIST_END;
}

void fdi__os_list_close(struct fdi__listing *listing)
{
    (void)listing;
}

int fdi__os_list_run(struct fdi__listing *listing,
                     int (*body)(struct fdi__listing *listing, void *context), void *context)
{
    return body(listing, context);
}
