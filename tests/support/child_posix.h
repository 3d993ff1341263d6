/* SPDX-License-Identifier: MIT
 * Children started by fork and exec, with a step in between. */
#ifndef FDI_TEST_CHILD_POSIX_H
#define FDI_TEST_CHILD_POSIX_H

#include "child.h"

/* Works as child_fds, but the child calls `prepare` before exec. The child fails if `prepare`
 * returns false. */
int prepared_child_fds(bool (*prepare)(void), int *fds, int capacity);

#endif
