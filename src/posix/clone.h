/* SPDX-License-Identifier: MIT
 * What the C library has no function for, by architecture. */
#ifndef FDI__CLONE_H
#define FDI__CLONE_H

#include "child.h"

/* Makes a child that shares memory and the table of descriptors, has no handlers, and runs on the
 * stack of `size` bytes at `stack`; the calling thread stands still until the child has become a
 * program or ended. ENOSYS where the kernel or this library lacks it. */
pid_t fdi__clone_without_handlers(struct fdi__child *child, void *stack, size_t size);

/* Whether Valgrind runs this process: it makes a copy where memory was to be shared, and gives up
 * when the table of descriptors was to be. */
bool fdi__is_under_valgrind(void);

#endif
