/* SPDX-License-Identifier: MIT
 * Parses the arguments of the subcommands. */
#ifndef FDI_COMMAND_OPTIONS_H
#define FDI_COMMAND_OPTIONS_H

#include "command.h"

/* The arguments of a subcommand, and the position of the current one. */
struct arguments {
    char **items;
    int count;
    int at;
};

/* If the current argument is the option `name`, stores its value and returns true. The value
 * follows "=" or is the next argument. A missing value is NULL, after an error message. */
bool take_value(struct arguments *arguments, const char *name, const char **value);

/* Process ids, in the order given. */
struct pids {
    int *items; /* owned */
    size_t count;
    size_t capacity;
};

/* Adds a process id. Returns 0, or TROUBLE after an error message. */
int pids_add(struct pids *pids, const char *text);

/* Adds 0, which is this process, to an empty list. */
void pids_default_to_own(struct pids *pids);

/* A command, and the descriptors and the directory that it starts with. */
struct start {
    fdi_fd_map *maps; /* owned; has room for stdio too */
    size_t count;
    const char *directory; /* NULL: the current one */
    char **command;        /* NULL: none was given */
};

/* Makes room for as many maps as there are arguments. */
void start_begin(struct start *start, const struct arguments *arguments);

/* Takes --keep, --cwd, or "--" and the command. Returns 1 if the current argument is one of them, 0
 * if not, and TROUBLE after an error message. "--" ends the arguments. */
int start_take(struct start *start, struct arguments *arguments);

/* Enters the directory and adds stdio. Returns 0, or TROUBLE after an error message. */
int start_prepare(struct start *start);

#endif
