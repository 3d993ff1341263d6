/* SPDX-License-Identifier: MIT
 * A command under watch: what a system finds, and what is reported of it. */
#ifndef FDI_COMMAND_WATCH_H
#define FDI_COMMAND_WATCH_H

#include "command.h"

/* Arguments, each terminated; perhaps cut. */
struct words {
    char *bytes; /* owned */
    size_t size;
};

/* A program that was started, and received more than stdio. */
struct program {
    int pid;
    char *path; /* the file that runs; of a script, its interpreter. Owned */
    struct words arguments;
    struct words started_by; /* what ran in that process before, and so what handed them over */
    struct descriptors received;
};

struct watched {
    struct program *leaks;
    size_t count;
    size_t capacity;
    unsigned long started; /* programs in all */
    unsigned long unseen;  /* programs whose descriptors could not be read */
    unsigned long running; /* processes that outlived the watch */
    int status;            /* of the command, as fdi_wait has it */
};

/* Makes room for one more. */
struct program *watched_add(struct watched *watched);

/* Runs a command with these descriptors, and looks at each program that it and its descendants
 * start, until it has ended and, of those that outlive it, a second longer. Returns 0, with
 * `started` 0 if that was said not to start; or EXIT_TROUBLE after a complaint. */
int system_watch(char **command, const fdi_fd_map *maps, size_t count, struct watched *watched);

/* fdinherit check -- COMMAND; returns what to exit with. */
int watch_command(char **command, bool json);

#endif
