/* SPDX-License-Identifier: MIT
 * Describes everything that a failed call must not change. */
#ifndef FDI_TEST_STATE_H
#define FDI_TEST_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* Describes the process and its current directory. The text lists open descriptors with their
 * flags, positions and files, the signal mask, the current directory, the umask, children, memory
 * in use, and the tree of the directory. The second call after this one overwrites the text. */
char *state_describe(void);

/* Returns the beginning of that text: the open numbers and the state of the process. A successful
 * call does not change it either. */
char *state_of_process(void);

#endif
