/* SPDX-License-Identifier: MIT
 * What a program started from here really receives: the only proof of inheritance. */
#ifndef FDI_TEST_CHILD_H
#define FDI_TEST_CHILD_H

#include <stdbool.h>

/* Starts the program list_fds the plain way (fork and exec; CreateProcess with inheritance on
 * Windows) and stores the descriptors past stdio that it found open, ascending. Returns how many. */
int child_fds(int *fds, int capacity);

/* Whether such a child has `fd` open. */
bool child_has(int fd);

#endif
