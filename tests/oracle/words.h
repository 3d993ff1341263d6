/* SPDX-License-Identifier: MIT
 * Reads the words of a line and writes its result. */
#ifndef FDI_ORACLE_WORDS_H
#define FDI_ORACLE_WORDS_H

#include "fdinherit.h"

enum { UNTOUCHED = 4000, LONGEST_VALUE = 65536, PERIOD = 97 };

/* The fault that this driver makes on purpose, or "". */
extern const char *fault;
extern unsigned long line_count;

/* The current operation: its first target, its flags, and its success. */
struct operation {
    fdi_form form;
    unsigned flags;
    bool has_failed;
};

extern struct operation current;

/* Begins a line and returns its first word. */
const char *begin_line(char *line);

char *word(void);
long long number(void);
/* Reads flags of the library, which are passed to fdi_supports as well. */
unsigned flags(void);
fdi_target target(void);
/* Decodes hexadecimal bytes into `out` and returns their number. */
size_t bytes(char *out);

void failed(void);
void answer(long long result);
void answer_bytes(long long length, const char *value);

/* Defined in creators.c. */
void do_dup(void);
void do_dup2(void);
void do_execve(void);
void do_fopen(void);
void do_mkstemp(void);
void do_open(void);
void do_pipe(void);
void do_spawn(void);

#endif
