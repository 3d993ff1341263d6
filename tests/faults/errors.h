/* SPDX-License-Identifier: MIT
 * The errors that each system call can return. */
#ifndef FDI_TEST_ERRORS_H
#define FDI_TEST_ERRORS_H

/* Returns the errors in the manual page of the call `number`, plus ENOSYS and EPERM, and EINTR if a
 * signal can interrupt the call. The list ends with 0. Returns NULL for a call without a row: the harness then fails, so the row is
 * added. */
const int *errors_of(long number);
const char *name_of_call(long number);

/* Calls that older kernels lack and sandboxes refuse. The list ends with -1. */
extern const long newer_calls[];

#endif
