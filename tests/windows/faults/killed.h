/* SPDX-License-Identifier: MIT
 * A process that is killed at each Windows call of fdi_spawn. */
#ifndef FDI_TEST_KILLED_H
#define FDI_TEST_KILLED_H

#include <stdbool.h>

/* Kills this program, `self`, at each call in turn, and stores the number of calls. Returns false if
 * a process or a handle is left. */
bool killed_everywhere(const char *self, int *calls);

/* The program that is killed at call `at` while it passes `fd` to a child. Returns its exit
 * status. */
int killed_start_child(int at, int fd);

#endif
