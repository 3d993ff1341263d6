/* SPDX-License-Identifier: MIT
 * Looks up a confined path: by one call where the kernel has it, else component by component. */
#ifndef FDI__LOOKUP_H
#define FDI__LOOKUP_H

#include "../../include/fdinherit.h"

#include <sys/types.h>

/* The purpose of a look-up. If `out` is not NULL, the status of the file is stored there.
 * Otherwise the file is opened. Only the first `length` bytes of the path count. */
struct fdi__goal {
    fdi_target target;
    size_t length;
    int oflags;
    mode_t mode;
    struct fdi_stat *out;
};

/* within_linux.c, within_bsd.c: opens the file with one call. Fails with ENOSYS where the kernel
 * lacks the call. */
int fdi__open_by_kernel(const struct fdi__goal *goal);
/* lookup_posix.c: reaches the goal component by component. */
int fdi__look_up(const struct fdi__goal *goal);

/* A symlink on the way. `link` is open, or -1 on systems that cannot open a symlink. */
struct fdi__link {
    int link;
    int directory;
    bool is_final;
    const char *text;
    ssize_t length; /* -1 if the text could not be read, with errno set */
};

/* within_linux.c, within_bsd.c: refuses a symlink that the kernel does not follow. */
int fdi__check_link(const struct fdi__link *link);

#endif
