/* SPDX-License-Identifier: MIT
 * The command fdinherit: declarations that its files share. The functions in the last section,
 * "the platform", are defined in src/command/posix, windows and wasi. */
#ifndef FDI_COMMAND_H
#define FDI_COMMAND_H

#include "fdinherit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit statuses of the command. */
enum { EXIT_CLEAN = 0, EXIT_LEAK = 1, EXIT_TROUBLE = 2 };

/* Known facts about a socket. Texts are raw bytes from the kernel, and "" if unknown. */
struct socket_facts {
    const char *protocol; /* "tcp", "udp6", "unix stream" ...; NULL: no facts known */
    bool listening;
    int port; /* of `local`; 0: none */
    char local[160];
    char peer[160];
};

/* One open descriptor of the inspected process. */
struct descriptor {
    int fd;
    bool inheritable;
    const char *kind;            /* a static text */
    char *refers_to;             /* raw bytes, terminated; owned. A socket's comes from its facts */
    uint64_t inode;              /* of a socket */
    struct socket_facts *socket; /* owned; NULL for others */
};

struct descriptors {
    struct descriptor *items;
    size_t count;
    size_t capacity;
};

/* ---- descriptors.c: the list. The command exits if memory runs out -------------------------- */

void *allocate(size_t size);
/* Returns the array with room for one more item than `count`; an item has `size` bytes. The array
 * may move. */
void *make_room(void *items, size_t count, size_t *capacity, size_t size);
char *copy_text(const char *text, size_t length);
struct descriptor *descriptors_add(struct descriptors *list, int fd, bool inheritable);
void descriptors_drop_last(struct descriptors *list);
void descriptors_sort(struct descriptors *list);
/* Keeps the inheritable descriptors from number `first` up. */
void descriptors_keep_inheritable(struct descriptors *list, int first);
void descriptors_free(struct descriptors *list);
/* Stores text such as "tcp 127.0.0.1:80 listening" in refers_to if the facts are known. */
void descriptor_describe_socket(struct descriptor *descriptor);

/* ---- text.c: prints arbitrary bytes safely ---------------------------------------------------- */

/* Writes bytes as text that is safe for a terminal. Bytes that are not printable UTF-8 become \n,
 * \t or \xHH. Backslashes are doubled, except on Windows. */
void write_escaped(FILE *out, const char *text);
/* Writes a JSON string. Bytes that are not UTF-8 become \udc80 to \udcff. Python's
 * os.fsencode converts these back into the same bytes. */
void write_json_text(FILE *out, const char *text);

/* ---- table.c --------------------------------------------------------------------------------- */

void write_table(FILE *out, const struct descriptors *list, bool coloured);
void write_json_array(FILE *out, const struct descriptors *list);

/* ---- subcommands: take the arguments after their name and return the exit status ------------ */

int command_list(int count, char **arguments);
int command_check(int count, char **arguments);
int command_run(int count, char **arguments);
int command_supports(int count, char **arguments);

/* ---- run.c ------------------------------------------------------------------------------------ */

/* Adds each of 0 to 2 that is open in this process and not mapped yet. `maps` has room for three
 * more. Returns the new count. */
size_t map_stdio(fdi_fd_map *maps, size_t count);
/* Runs a command with exactly these descriptors. Returns the exit status that a shell would use. */
int run_to_the_end(char **command, const fdi_fd_map *maps, size_t count);

/* ---- main.c ----------------------------------------------------------------------------------- */

/* Prints "fdinherit: ..." to stderr. Returns EXIT_TROUBLE. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
int complain(const char *format, ...);
/* The same, and refers to `fdinherit help`. */
int misused(const char *what, const char *argument);
/* Prints "fdinherit: NAME: why" to stderr. The name may contain any bytes. */
int complain_of(const char *name, const char *why);
/* Returns EXIT_TROUBLE if output was lost, otherwise `result`. */
int finish_output(int result);
/* Returns a decimal number from 1 to INT32_MAX, or -1 for any other text. */
int parse_number(const char *text);

/* ---- the platform ------------------------------------------------------------------------------ */

/* Runs first. On Windows it converts the arguments of main to UTF-8, and exits with EXIT_TROUBLE if
 * that is impossible. */
void system_start(int *count, char ***arguments);
/* Lists the descriptors of process `pid`, or of this process if `pid` is 0, in ascending order.
 * Returns 0, or EXIT_TROUBLE after an error message. */
int system_descriptors(int pid, struct descriptors *list);
int system_own_pid(void);
/* True if standard output is a terminal and the environment does not forbid colour. */
bool system_is_terminal(void);
/* True if paths normally contain backslashes, which are then not doubled. */
bool system_likes_backslashes(void);

/* Starts a child, waits for it, and forwards signals to it meanwhile. Returns 0 and stores the exit
 * status that a shell would use, or returns -1 with errno set if the child cannot be started. */
int system_run(const fdi_spawn_options *options, int *exit_status);

#endif
