/* SPDX-License-Identifier: MIT
 * Declarations that the files of this folder share. */
#ifndef FDI_COMMAND_POSIX_H
#define FDI_COMMAND_POSIX_H

#include "../command.h"

#include <sys/types.h>

/* Fills in `descriptor` from procfs; `directory` is the process's directory there. Returns false
 * with errno set on failure: ENOENT if the descriptor was closed meanwhile. */
bool describe(const char *directory, struct descriptor *descriptor);

/* Looks up the sockets in `list` in the tables of the process's network namespace. */
void describe_sockets(const char *directory, struct descriptors *list);

/* Fills in a socket of this process by socket calls, in any namespace and without procfs. */
void ask_socket(struct descriptor *descriptor);

/* Lists the descriptors of a process from procfs. Returns -1 with errno set on failure. */
int read_process(int pid, struct descriptors *list);

/* Reads at most `size` - 1 bytes of DIRECTORY/NAME and terminates them. Returns their number. */
size_t read_start(const char *directory, const char *name, char *text, size_t size);

/* Makes this process survive the signals meant for its child. pass_signals_to names the child; a
 * signal that arrived before is then forwarded too. */
void outlive_signals(void);
void pass_signals_to(pid_t pid);

#endif
