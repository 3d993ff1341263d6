/* SPDX-License-Identifier: MIT
 * Runs a piece of a program in a child and lets one of its system calls fail, whichever library or
 * language level makes it. */
#ifndef FDI_TEST_INJECTOR_H
#define FDI_TEST_INJECTOR_H

#include <stdbool.h>

/* Between these the child's calls count. */
void injector_begin(void);
void injector_end(void);

enum { CALLS_AT_MOST = 4096 };

struct injector_run {
    int call_to_fail; /* index from 0 on; -1: none */
    bool and_all_later;
    int error;
    const long *refused; /* calls that are answered with `refusal`; ends with -1. NULL: none */
    int refusal;
    /* answers */
    int exit_status; /* of the child; -1 if it was killed */
    int calls;       /* how many it made, its own children's before their exec included */
    long numbers[CALLS_AT_MOST]; /* which */
};

/* Forks, runs `body` in the child, which ends with exit(body(context)). */
void injector_run(struct injector_run *run, int (*body)(void *context), void *context);

#endif
