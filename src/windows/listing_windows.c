/* SPDX-License-Identifier: MIT
 * Which descriptors the C run-time has open. It keeps them in a table of its own that cannot be
 * listed, but is bounded: asking for every number is complete. */
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
