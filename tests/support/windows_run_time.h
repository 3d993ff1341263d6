/* SPDX-License-Identifier: MIT
 * What only tests on Windows need: the C run-time's own view of its descriptors. */
#ifndef FDI_TEST_WINDOWS_RUN_TIME_H
#define FDI_TEST_WINDOWS_RUN_TIME_H

#include <stdbool.h>

/* Whether the run-time has `fd` open; asked with the invalid-parameter handler out of the way. */
bool run_time_has(int fd);

/* As child_fds and child_has, but started by the run-time's _spawn and asking the fds that the
 * child's run-time found in its start-up block. */
int child_run_time_fds(int *fds, int capacity);
bool child_has_run_time_fd(int fd);

/* How many files, pipes and devices such a child has that inherits all it can; -1: it did not
 * say. */
int count_in_child(void);

/* Whether a child started by CreateProcess, with inheritance, has `handle`. */
bool child_has_handle(void *handle);

/* How many handles this process has open. */
int handle_count(void);
int inheritable_handle_count(void);

/* The same number for two handles of the same file; of other things, what kind they are. */
unsigned long long handle_identity(void *handle);

#endif
