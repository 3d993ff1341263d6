/* SPDX-License-Identifier: MIT
 * Reports which descriptors a program started from here really receives, which is the only proof
 * of inheritance. */
#ifndef FDI_TEST_CHILD_H
#define FDI_TEST_CHILD_H

#include <stdbool.h>

/* Starts the program list_fds without the library: by fork and exec, or by CreateProcess with
 * inheritance on Windows. Stores the descriptors above stdio that the program found open,
 * ascending. Returns their number. */
int child_fds(int *fds, int capacity);

/* Reports whether such a child has `fd` open. */
bool child_has(int fd);

#endif
