/* SPDX-License-Identifier: MIT
 * Everything a failing call must leave as it was. */
#ifndef FDI_TEST_STATE_H
#define FDI_TEST_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* A description of the process and of the directory it is in: open descriptors with their flags,
 * positions and files, signal mask, current directory, umask, children, memory in use, and the tree
 * below. The text is overwritten by the call after the next. */
char *state_describe(void);

/* Its beginning, which also a call that succeeds leaves as it was: which numbers are open, and what
 * is the process's own. */
char *state_of_process(void);

#endif
