/* SPDX-License-Identifier: MIT
 * Support for tests on Windows only: the CRT's descriptors and the handles of processes. */
#ifndef FDI_TEST_WINDOWS_RUN_TIME_H
#define FDI_TEST_WINDOWS_RUN_TIME_H

#include <stdbool.h>

/* Returns true if `fd` is open in the CRT. Disables the invalid-parameter handler meanwhile. */
bool run_time_has(int fd);

/* Like child_fds and child_has, for a child of the CRT's _spawn. They report the fds that
 * the child's CRT found in its start-up block. */
int child_run_time_fds(int *fds, int capacity);
bool child_has_run_time_fd(int fd);

/* Returns how many files, pipes and devices a child that inherits all handles has, or -1 if it
 * did not report. */
int count_in_child(void);

/* Returns true if a child of CreateProcess inherits `handle`. */
bool child_has_handle(void *handle);

/* The number of open handles of this process, and of its inheritable ones. */
int handle_count(void);
int inheritable_handle_count(void);

/* Returns a number that is equal for two handles of one file; for other objects, their file
 * type. */
unsigned long long handle_identity(void *handle);

#endif
