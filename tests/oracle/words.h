/* SPDX-License-Identifier: MIT
 * Reads the words of a line, and writes the answer to it. */
#ifndef FDI_ORACLE_WORDS_H
#define FDI_ORACLE_WORDS_H

#include "fdinherit.h"

enum { UNTOUCHED = 4000, LONGEST_VALUE = 65536, PERIOD = 97 };

/* The error that this driver makes on purpose, or "". */
extern const char *fault;
extern unsigned long line_count;

/* The operation of this line: its first target and its flags, and whether it has failed. */
struct operation {
    fdi_form form;
    unsigned flags;
    bool has_failed;
};

extern struct operation current;

/* Begins a line; returns its first word. */
const char *begin_line(char *line);

char *word(void);
long long number(void);
/* Flags of the library, which fdi_supports is asked for as well. */
unsigned flags(void);
fdi_target target(void);
/* Stores bytes that are written in hex at `out` and returns their number. */
size_t bytes(char *out);

void failed(void);
void answer(long long result);
void answer_bytes(long long length, const char *value);

/* In creators.c. */
void do_dup(void);
void do_dup2(void);
void do_execve(void);
void do_fopen(void);
void do_mkstemp(void);
void do_open(void);
void do_pipe(void);
void do_spawn(void);

#endif
