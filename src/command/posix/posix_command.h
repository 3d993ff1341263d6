/* SPDX-License-Identifier: MIT
 * What the files of this folder share. */
#ifndef FDI_COMMAND_POSIX_H
#define FDI_COMMAND_POSIX_H

#include "../command.h"

#include <sys/types.h>

/* What descriptor `number` of the process whose directory in procfs is `directory` refers to, as
 * far as procfs tells. False, with errno set: ENOENT if it was closed meanwhile. */
bool describe(const char *directory, struct descriptor *descriptor);

/* Looks the sockets among `list` up in the tables of the process's network namespace. */
void describe_sockets(const char *directory, struct descriptors *list);

/* What this process's own socket `fd` says of itself, in any namespace and without procfs. */
void ask_socket(struct descriptor *descriptor);

/* The descriptors of a process, with all that procfs tells. -1 with errno set. */
int read_process(int pid, struct descriptors *list);

/* Reads at most `size` - 1 bytes of DIRECTORY/NAME and terminates them. Returns how many. */
size_t read_start(const char *directory, const char *name, char *text, size_t size);

/* From now on this process survives the signals that are meant for its child, which get there once
 * it is told which that is. */
void outlive_signals(void);
void pass_signals_to(pid_t pid);

#endif
