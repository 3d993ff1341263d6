/* SPDX-License-Identifier: MIT
 * Watching a command: the results of a watch and the functions that fill and report them. */
#ifndef FDI_COMMAND_WATCH_H
#define FDI_COMMAND_WATCH_H

#include "command.h"

/* Arguments, each terminated by a zero byte; the end may be cut off. */
struct words {
    char *bytes; /* owned */
    size_t size;
};

/* A program that received more than stdio when it was started. */
struct program {
    int pid;
    char *path; /* the executable; for a script its interpreter. Owned */
    struct words arguments;
    struct words started_by; /* the program that the process ran before the exec */
    struct descriptors received;
};

struct watched {
    struct program *leaks;
    size_t count;
    size_t capacity;
    unsigned long started; /* number of all programs started */
    unsigned long unseen;  /* programs whose descriptors could not be read */
    unsigned long running; /* processes that outlived the watch */
    int status;            /* of the command, as fdi_wait reports it */
};

/* Adds one program and returns it. */
struct program *watched_add(struct watched *watched);

/* Runs a command with exactly these descriptors and inspects each program that it and its
 * descendants start. The watch ends when they have all ended, or a second after the command.
 * Returns 0, or EXIT_TROUBLE after an error message. If the command does not start, a message is
 * printed and `started` is 0. */
int system_watch(char **command, const fdi_fd_map *maps, size_t count, struct watched *watched);

/* Implements `fdinherit check -- COMMAND`. Returns the exit status. */
int watch_command(char **command, bool json);

#endif
