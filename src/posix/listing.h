/* SPDX-License-Identifier: MIT
 * The parts of listing the open descriptors: a scan of the numbers for every system, and the end of
 * that scan for each. */
#ifndef FDI__LISTING_H
#define FDI__LISTING_H

#include "../backend.h"

/* listing_linux.c, listing_macos.c or listing_bsd.c: returns a number above every open descriptor,
 * or -1 if the system cannot report one. */
int fdi__past_last_fd(struct fdi__listing *listing);

/* listing_posix.c: asks for the flags of each number, up to that end. */
int fdi__scan_open(struct fdi__listing *listing);
int fdi__scan_next(struct fdi__listing *listing);

#endif
