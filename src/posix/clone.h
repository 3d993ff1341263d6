/* SPDX-License-Identifier: MIT
 * Functions in assembly that no C library provides, for each architecture. */
#ifndef FDI__CLONE_H
#define FDI__CLONE_H

#include "spawn.h"

/* clone_linux.c: creates a child that shares memory and the descriptor table, and whose signal
 * handlers are reset.
 *
 * The child runs on the stack of `size` bytes at `stack`. The calling thread is suspended until the
 * child executes a program or exits. Fails with ENOSYS if the kernel or this architecture's code
 * lacks the call. */
pid_t fdi__clone_without_handlers(struct fdi__child *child, void *stack, size_t size);

/* valgrind_linux.c: reports whether Valgrind runs this process. Valgrind copies the process instead
 * of sharing memory, and aborts if the descriptor table would be shared. */
bool fdi__is_under_valgrind(void);

#endif
