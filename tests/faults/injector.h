/* SPDX-License-Identifier: MIT
 * Runs a function in a child process and makes one of its system calls fail, even a call inside the
 * C library. */
#ifndef FDI_TEST_INJECTOR_H
#define FDI_TEST_INJECTOR_H

#include <stdbool.h>

/* Only the child's calls between these two are counted. */
void injector_begin(void);
void injector_end(void);

enum { CALLS_AT_MOST = 4096 };

/* The object that a call acts on, by its registers. */
enum subject { OTHER_FILE, PROCFS_FILE, STDIO_NUMBER, NO_FILE };

struct injector_run {
    int call_to_fail; /* index from 0; -1 for none */
    bool and_all_later;
    int error;
    const long *refused; /* calls that fail with `refusal`; ends with -1; NULL for none */
    int refusal;
    /* results */
    int exit_status; /* of the child; -1 if a signal killed it */
    int calls;       /* includes the calls of its own children before their exec */
    long numbers[CALLS_AT_MOST];
    enum subject subjects[CALLS_AT_MOST];
    long answers[CALLS_AT_MOST]; /* what each call returned */
    int unmarked; /* index of the first call that makes an inheritable descriptor; -1 for none */
};

/* Forks a child, which exits with the result of body(context). */
void injector_run(struct injector_run *run, int (*body)(void *context), void *context);

#endif
