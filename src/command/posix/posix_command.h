/* SPDX-License-Identifier: MIT
 * Declarations that the files of this folder share. */
#ifndef FDI_COMMAND_POSIX_H
#define FDI_COMMAND_POSIX_H

#include "../command.h"

#include <sys/types.h>

/* ---- describe_posix.c: one descriptor, from procfs. `directory` is that of the process or thread --- */

/* Fills in the flags. Returns false with errno set on failure: ENOENT if the descriptor was closed
 * meanwhile. */
bool describe_flags(const char *directory, struct descriptor *descriptor);
/* Fills in what the descriptor refers to. Returns false with errno set on failure, as above. */
bool describe_object(const char *directory, struct descriptor *descriptor);

/* ---- sockets_posix.c, own_socket_posix.c -------------------------------------------------------- */

/* Describes the sockets in `list`, which belongs to process `pid`. */
void describe_sockets(int pid, struct descriptors *list);
/* Describes a socket by socket calls on `fd`, which this process has open. */
void ask_socket(int fd, struct descriptor *descriptor);

/* ---- process_posix.c --------------------------------------------------------------------------- */

/* Lists the wanted descriptors, from number `first` up, of a process from procfs. Returns -1 with
 * errno set on failure. */
int read_process(int pid, enum wanted wanted, int first, struct descriptors *list);
/* Returns the state of a process or thread, such as 'R' or 'Z', or 0 if it is unknown. `directory` is
 * its directory in procfs. */
char process_state(const char *directory);
/* Returns 0, or TROUBLE after an error message if /proc does not describe the processes that this
 * process sees. */
int require_procfs(const char *what);

/* ---- read_posix.c ------------------------------------------------------------------------------ */

/* Reads at most `size` - 1 bytes of DIRECTORY/NAME and terminates them. Returns their number. */
size_t read_start(const char *directory, const char *name, char *text, size_t size);
/* Reads DIRECTORY/NAME, up to a MiB, and terminates it. The caller frees the text. Stores the number
 * of bytes, and sets *is_cut if there are more; NULL: not of interest. */
char *read_all(const char *directory, const char *name, size_t *length, bool *is_cut);

/* ---- run_posix.c ------------------------------------------------------------------------------- */

/* Makes this process survive the signals meant for its child. pass_signals_to names the child; a
 * signal that arrived before is then forwarded too. */
void outlive_signals(void);
void pass_signals_to(pid_t pid);
/* Makes this process survive Ctrl-Z: it stops when the child has stopped, which may clean up before. */
void outlive_terminal_stops(void);
/* Makes system_run stop and continue a process together with the child. */
void stop_with_child(pid_t pid);

#endif
