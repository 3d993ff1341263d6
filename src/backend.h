/* SPDX-License-Identifier: MIT
 * What the meaning (src) asks of a system (src/posix, src/windows, src/wasi).
 *
 * Every fdi__os_ function is called with arguments that were checked: pointers are not NULL where
 * the public function forbids it, flags hold known bits only, a target is either an fd or a path.
 * It answers as the C library does: -1 with errno set, and errno as it was on success. EINVAL for
 * misuse is decided before it is called; ENOTSUP is decided here. */
#ifndef FDI__BACKEND_H
#define FDI__BACKEND_H

#include "../include/fdinherit.h"

/* inherit */
int fdi__os_get_inheritable(int fd);
int fdi__os_set_inheritable(int fd, bool inheritable);
int fdi__os_get_handle_inheritable(fdi_handle handle);
int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable);

/* Marks all descriptors of a range as not inheritable in one call; any error means that there is
 * no such call here and now. */
int fdi__os_mark_range(int first, int last);

/* A walk over the open descriptors, from below upwards. `fd` is the directory being read, or
 * FDI__NO_DIRECTORY in a scan of the numbers from `next` to below `end`. */
struct fdi__listing {
    int fd;
    int next;
    int end;
    unsigned used;
    unsigned filled;
    uint64_t buffer[512];
};

#define FDI__NO_DIRECTORY (-1)
#define FDI__LIST_END     (-2)

/* Starts a walk over the descriptors from `first` on: nothing is open after a failure. */
int fdi__os_list_open(struct fdi__listing *listing, int first);
/* The next open descriptor, FDI__LIST_END, or -1. */
int fdi__os_list_next(struct fdi__listing *listing);
void fdi__os_list_close(struct fdi__listing *listing);

#endif
