/* SPDX-License-Identifier: MIT
 * What each system call can fail with. */
#ifndef FDI_TEST_ERRORS_H
#define FDI_TEST_ERRORS_H

/* The errors of the manual page of the call `number`, and always EINTR, ENOSYS and EPERM; ends with
 * 0. NULL for a call that is not in the table: the harness fails, so that a new one is noticed. */
const int *errors_of(long number);
const char *name_of_call(long number);

/* Calls that older kernels do not have and sandboxes do not know; ends with -1. */
extern const long newer_calls[];

#endif
