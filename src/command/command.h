/* SPDX-License-Identifier: MIT
 * The command fdinherit: what its files share. Everything above the line "the system" is the same
 * everywhere; below it, src/command/posix and src/command/windows answer. */
#ifndef FDI_COMMAND_H
#define FDI_COMMAND_H

#include "fdinherit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the command exits with. */
enum { EXIT_CLEAN = 0, EXIT_LEAK = 1, EXIT_TROUBLE = 2 };

/* What is known of a socket; texts are raw, as the system has them, and "" where unknown. */
struct socket_facts {
    const char *protocol; /* "tcp", "udp6", "unix stream" ...; NULL: nothing is known */
    bool listening;
    int port; /* of `local`; 0: none */
    char local[160];
    char peer[160];
};

/* One open descriptor of the process that is looked at. */
struct descriptor {
    int fd;
    bool inheritable;
    const char *kind;            /* a static text */
    char *refers_to;             /* raw bytes, terminated; owned. For sockets made of the facts */
    uint64_t inode;              /* of a socket */
    struct socket_facts *socket; /* owned; NULL for others */
};

struct descriptors {
    struct descriptor *items;
    size_t count;
    size_t capacity;
};

/* ---- descriptors.c: the list. Running out of memory ends the command ------------------------ */

void *allocate(size_t size);
/* The array, moved if it had no room for one more than `count` items of `size` bytes. */
void *make_room(void *items, size_t count, size_t *capacity, size_t size);
char *copy_text(const char *text, size_t length);
struct descriptor *descriptors_add(struct descriptors *list, int fd, bool inheritable);
void descriptors_drop_last(struct descriptors *list);
void descriptors_sort(struct descriptors *list);
/* Keeps the inheritable ones, of at least `first`. */
void descriptors_keep_inheritable(struct descriptors *list, int first);
void descriptors_free(struct descriptors *list);
/* "tcp 127.0.0.1:80 listening", into refers_to, where the facts are known. */
void descriptor_tell_socket(struct descriptor *descriptor);

/* ---- text.c: any bytes, made fit to be read or to be parsed ---------------------------------- */

/* Writes bytes as text that cannot disturb a terminal: whatever is not printable UTF-8 becomes \n,
 * \t or \xHH, and a backslash is doubled where names rarely have one. */
void write_escaped(FILE *out, const char *text);
/* Writes a JSON string. Bytes that are not UTF-8 become \udc80 to \udcff, which Python's
 * os.fsencode turns back into the same bytes. */
void write_json_text(FILE *out, const char *text);

/* ---- table.c --------------------------------------------------------------------------------- */

void write_table(FILE *out, const struct descriptors *list, bool coloured);
void write_json_array(FILE *out, const struct descriptors *list);

/* ---- subcommands: the arguments after their name; they return what to exit with ------------- */

int command_list(int count, char **arguments);
int command_check(int count, char **arguments);
int command_run(int count, char **arguments);
int command_supports(int count, char **arguments);

/* ---- run.c ------------------------------------------------------------------------------------ */

/* Adds those of 0 to 2 that are open here and not taken yet; `maps` has room for them. Returns the
 * new count. */
size_t map_stdio(fdi_fd_map *maps, size_t count);
/* Runs a command with these descriptors; returns what a shell would exit with. */
int run_to_the_end(char **command, const fdi_fd_map *maps, size_t count);

/* ---- main.c ----------------------------------------------------------------------------------- */

/* "fdinherit: ..." on stderr; returns EXIT_TROUBLE. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
int complain(const char *format, ...);
/* The same, with a pointer to the help. */
int misused(const char *what, const char *argument);
/* "fdinherit: NAME: why", for a name of any bytes. */
int complain_of(const char *name, const char *why);
/* EXIT_TROUBLE if standard output did not take everything, else `result`. */
int finish_output(int result);
/* A positive decimal number of at most INT32_MAX; -1 for anything else. */
int parse_number(const char *text);

/* ---- the system ---------------------------------------------------------------------------------- */

/* Before anything else: makes the arguments of main UTF-8 where they are not the caller's bytes. Exits
 * with EXIT_TROUBLE where they cannot be. */
void system_start(int *count, char ***arguments);
/* The descriptors of process `pid`, or of this one if that is 0, ascending. Returns 0; or
 * EXIT_TROUBLE after a complaint. */
int system_descriptors(int pid, struct descriptors *list);
int system_own_pid(void);
/* Whether standard output wants colour: a terminal, and NO_COLOR does not object. */
bool system_is_terminal(void);
/* Whether names have backslashes in them as a matter of course: then they are not doubled. */
bool system_likes_backslashes(void);

/* Starts a child and waits for it; signals meanwhile are the child's, not this process's. Returns
 * 0 with the status that a shell would exit with; -1 with errno set if it cannot be started. */
int system_run(const fdi_spawn_options *options, int *exit_status);

#endif
