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

/* Exit statuses of the command. Functions return TROUBLE after an error message. main turns it into
 * EXIT_TROUBLE, or into EXIT_FAILED if the status may be that of a command. A signal adds its number
 * to EXIT_SIGNAL, as in a shell. */
enum {
    EXIT_CLEAN = 0,
    EXIT_LEAK = 1,
    EXIT_TROUBLE = 2,
    EXIT_FAILED = 125,
    EXIT_SIGNAL = 128,
    TROUBLE = -1
};

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
    const char *kind; /* a static text */
    char *refers_to;  /* raw bytes, terminated; owned. A socket's comes from its facts */
    uint64_t device;  /* with the inode, identifies the file; both 0: unknown */
    uint64_t inode;
    const char *access;          /* "r", "w", "rw", "path"; NULL: unknown */
    int thread;                  /* 0, or the thread whose own table has the descriptor */
    struct socket_facts *socket; /* owned; NULL for others */
};

/* The descriptors of interest. INHERITED: the process has just started a program, so every
 * descriptor was inherited. PASSED_ON: the inheritable ones of one thread, which starts a program. */
enum wanted { ALL, INHERITABLE, INHERITED, PASSED_ON };

struct descriptors {
    struct descriptor *items;
    size_t count;
    size_t capacity;
};

/* ---- descriptors.c: the list. The command exits if memory runs out -------------------------- */

/* The exit status of a failure, also if memory runs out. */
extern int failure_exit_status;
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
/* Returns refers_to, or "" if it is unknown. */
const char *descriptor_object(const struct descriptor *descriptor);
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

/* A heading and a row for a descriptor that leaked; the caller ends the row. */
void write_leak_heading(FILE *out, bool coloured);
void write_leak(FILE *out, const struct descriptor *row, bool coloured);
/* Writes the members of a JSON object that describe a descriptor, but not its number. */
void write_json_members(FILE *out, const struct descriptor *row);

/* A report about one process or several. */
struct report {
    FILE *out;
    bool json;
    bool many;
    size_t written; /* number of processes so far */
};

/* Writes what was found in a process. `name` is "descriptors" or "leaks". */
void report_process(struct report *report, const char *name, int pid,
                    const struct descriptors *list);
/* Ends the report of several processes. */
void report_end(const struct report *report);

/* ---- subcommands: take the arguments after their name and return the exit status ------------ */

int command_list(int count, char **arguments);
int command_check(int count, char **arguments);
int command_run(int count, char **arguments);
int command_supports(int count, char **arguments);

/* ---- run.c ------------------------------------------------------------------------------------ */

/* Runs a command with exactly these descriptors. Returns the exit status that a shell would use, or
 * TROUBLE after an error message. */
int run_to_the_end(char **command, const fdi_fd_map *maps, size_t count);
/* Returns 0 and stores the status as fdi_wait does. If the command does not start, returns the exit
 * status that a shell would use, or TROUBLE, after an error message. */
int run_reporting(char **command, const fdi_fd_map *maps, size_t count, int64_t *status);
/* The exit status that a shell would use. */
int shell_status(int64_t status);

/* ---- main.c ----------------------------------------------------------------------------------- */

/* Prints "fdinherit: ..." to stderr. Returns TROUBLE. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
int complain(const char *format, ...);
/* The same, and refers to `fdinherit help`. */
int misused(const char *what, const char *argument);
/* Prints "fdinherit: NAME: why" to stderr. The name may contain any bytes. */
int complain_of(const char *name, const char *why);
/* Returns TROUBLE if output to `out` was lost, otherwise `result`. */
int finish_output(FILE *out, int result);
/* Returns a decimal number from 1 to INT32_MAX, or -1 for any other text. */
int parse_number(const char *text);

/* ---- the platform ------------------------------------------------------------------------------ */

/* Runs first. On Windows it converts the arguments of main to UTF-8, and exits with EXIT_TROUBLE if
 * that is impossible. */
void system_start(int *count, char ***arguments);
/* Lists the wanted descriptors, from number `first` up, of process `pid`, or of this process if `pid`
 * is 0, in ascending order. Returns 0, or TROUBLE after an error message. */
int system_descriptors(int pid, enum wanted wanted, int first, struct descriptors *list);
int system_own_pid(void);
/* Stores the name of a process, or of this one if `pid` is 0; "" if it is unknown. The name may
 * contain any bytes. */
void system_process_name(int pid, char *name, size_t size);
/* True if `out` is a terminal and the environment does not forbid colour. */
bool system_is_terminal(FILE *out);
/* True if paths normally contain backslashes, which are then not doubled. */
bool system_likes_backslashes(void);

/* Starts a child, waits for it, and forwards signals to it meanwhile. Returns 0 and stores the status
 * as fdi_wait does, or returns -1 with errno set if the child cannot be started. */
int system_run(const fdi_spawn_options *options, int64_t *status);

#endif
