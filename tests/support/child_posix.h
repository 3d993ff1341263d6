/* SPDX-License-Identifier: MIT
 * Children of the plain way, with something done between fork and exec. */
#ifndef FDI_TEST_CHILD_POSIX_H
#define FDI_TEST_CHILD_POSIX_H

#include "child.h"

/* As child_fds; the child calls `prepare` before it becomes list_fds, and is an error if that
 * answers false. */
int prepared_child_fds(bool (*prepare)(void), int *fds, int capacity);

#endif
