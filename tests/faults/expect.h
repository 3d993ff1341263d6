/* SPDX-License-Identifier: MIT
 * States the one outcome that the contract allows for each injected error. */
#ifndef FDI_TEST_EXPECT_H
#define FDI_TEST_EXPECT_H

#include "scenarios.h"

/* A simulated kernel or sandbox. It lacks some calls, so that the errors are injected into the
 * library's fallbacks too. */
struct system {
    const char *name;
    int refusal; /* the errno of newer calls; 0 if all exist */
    bool no_proc;
};

struct injection {
    const struct scenario *scenario;
    const struct system *system;
    int error;   /* the injected errno; 0 for none */
    long number; /* the call that fails */
    enum subject subject;
    int index;         /* its position among the calls of the scenario */
    int nth;           /* its position among the calls of this name, from 0 */
    bool later;        /* all later calls fail too */
    bool is_last;      /* only cleanup follows */
    bool is_locked;    /* the library is built with the fork lock, not with atomic calls */
    bool is_elsewhere; /* on another system than the first, which lacks nothing */
    long answer;       /* the result of the call without injection */
    int natural;       /* the operation's errno without injection; 0 for success */
};

/* An expectation is an errno or one of these constants. */
enum {
    SAME = 0,         /* the result, the errno and the effect of an undisturbed call */
    COMES_OUT = -1,   /* a failure with the injected errno */
    ENDS_EARLY = -2,  /* success; some lines of the effect are missing */
    NOT_TRIED = -3,   /* this error cannot happen here */
    IGNORED = -4,     /* SAME, without a try of any other way */
    ONE_AT_MOST = -5, /* success; one line of the effect may be missing or different */
    LINES = -100      /* LINES - n: success; n lines of the effect are missing or different */
};
#define ONE_LESS (LINES - 1)

/* Returns the call's name. A prefix, such as "procfs" or "stdio", says what the call acts on. */
const char *subject_name(const struct injection *injection);

/* Returns an expectation other than COMES_OUT and IGNORED. */
int expectation_of(const struct injection *injection);

/* Returns the expectation of an undisturbed call on this system. SAME is the effect that it has on
 * the first system. */
int undisturbed_expectation(const struct scenario *scenario, const struct system *system);

/* Reports whether the operation may fail with `error` on another system than the first: with the
 * injected errno, the errno of an undisturbed call, the refusal, or ENOTSUP. The library repeats an
 * interrupted call there too. */
bool is_possible_elsewhere(const struct injection *injection, int error);

/* Returns the reason why the library is known to break this promise, or NULL. */
const char *known_fault(const struct injection *injection, int error);

/* Prints each row of the tables that no injection used, and returns their number. Such a row could
 * hide a mistake. */
int unused_expectations(void);

#endif
