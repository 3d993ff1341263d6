/* SPDX-License-Identifier: MIT
 * Watching a command: the results of a watch and the functions that fill and report them. */
#ifndef FDI_COMMAND_WATCH_H
#define FDI_COMMAND_WATCH_H

#include "options.h"
#include "rules.h"

/* Arguments, each terminated by a zero byte. */
struct words {
    char *bytes; /* owned */
    size_t size;
    bool is_cut; /* the end is missing */
};

/* A program that received more than stdio when it was started. */
struct program {
    int pid;
    char *path; /* the executable; for a script its interpreter. Owned */
    struct words arguments;
    int parent_pid;          /* the process that started the program below */
    struct words started_by; /* the program that the process ran before the exec */
    struct descriptors received;
    int jobserver[2]; /* the descriptors that MAKEFLAGS names; -1: none */
};

struct watched {
    struct program *programs;
    size_t count;
    size_t capacity;
    unsigned long started;        /* number of all programs started */
    unsigned long unseen;         /* programs whose descriptors could not be read */
    unsigned long running;        /* processes that outlived the watch */
    unsigned long without_rights; /* set-user-ID and set-group-ID programs that gained nothing */
    bool is_traced;               /* by ptrace, so no other tracer worked */
    int status;                   /* of the command, as fdi_wait reports it */
};

/* One descriptor that one program received. Descriptors of several programs with the same `leak`
 * are one open file. */
struct received {
    const struct program *program;
    const struct descriptor *descriptor;
    size_t order;  /* of all that were received */
    size_t copies; /* number of the same file among the lower descriptors of the program */
    size_t leak;
};

/* The leaks that no rule allows, in the order of their first receipt. */
struct leaks {
    struct received *items; /* by leak, then by order; owned */
    size_t count;
    size_t programs; /* number of programs that received one */
};

/* The options of `fdinherit check`. */
struct check_options {
    bool json;
    bool prints_rules;
    int error_exitcode;
    const char *output; /* NULL: none */
    struct rules rules;
    struct pids pids;
    struct start start;
};

/* ---- watch.c ---------------------------------------------------------------------------------- */

/* Adds one program and returns it. */
struct program *watched_add(struct watched *watched);

/* Implements `fdinherit check -- COMMAND`. Writes the report to `out` and returns the exit
 * status. */
int watch_command(struct check_options *options, FILE *out);

/* ---- leaks.c ---------------------------------------------------------------------------------- */

/* Groups the receipts that no rule allows by open file. */
struct leaks leaks_find(const struct watched *watched, struct rules *rules);

/* Describes one receipt for the rules. */
struct receipt leaks_receipt(const struct received *received);

/* ---- leak_report.c ---------------------------------------------------------------------------- */

void leaks_write_text(FILE *out, char **command, const struct watched *watched,
                      const struct leaks *leaks);
void leaks_write_json(FILE *out, const struct watched *watched, const struct leaks *leaks);
/* Writes the rules that allow all leaks. */
void leaks_write_rules(FILE *out, const struct leaks *leaks);

/* ---- the platform ------------------------------------------------------------------------------ */

/* Runs a command with exactly these descriptors and inspects each program that it and its
 * descendants start. The watch ends when they have all ended, or a second after the command.
 * Returns 0, or TROUBLE after an error message. If the command does not start, a message is printed
 * and the exit status of a shell is returned. */
int system_watch(const struct start *start, struct watched *watched);

/* If SIGINT ended the command, ends this process alike, so that a shell's loop stops. Otherwise, or
 * if that is impossible, returns. */
void system_end_by_interrupt(int status);

#endif
