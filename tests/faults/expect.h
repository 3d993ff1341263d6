/* SPDX-License-Identifier: MIT
 * The one outcome that the contract allows for each injected error. */
#ifndef FDI_TEST_EXPECT_H
#define FDI_TEST_EXPECT_H

#include "scenarios.h"

/* Each kernel or sandbox lacks some calls, so the library's fallbacks fail in turn as well. */
struct system {
    const char *name;
    int refusal; /* errno of newer calls; 0 if all exist */
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
    bool is_last;      /* only calls follow that clean up */
    bool is_locked;    /* the library has the fork lock instead of the atomic calls */
    bool is_elsewhere; /* the system is not the first */
    long answer;       /* what the call returns without injection */
    int natural;       /* the errno without injection; 0 if the call succeeds */
};

/* An expectation is an errno, or one of these. */
enum {
    SAME = 0,         /* the result, the errno and the effect of an undisturbed call */
    COMES_OUT = -1,   /* the injected errno */
    ENDS_EARLY = -2,  /* success; some lines of the effect are missing */
    NOT_TRIED = -3,   /* this error cannot happen here */
    IGNORED = -4,     /* SAME, and nothing else is tried instead */
    ONE_AT_MOST = -5, /* success; one line of the effect may be missing or different */
    LINES = -100      /* LINES - n: success; n lines of the effect are missing or different */
};
#define ONE_LESS (LINES - 1)

/* Returns the call's name, after "procfs" or "stdio" if it acts on these. */
const char *subject_name(const struct injection *injection);

/* Returns an expectation other than COMES_OUT and IGNORED. */
int expectation_of(const struct injection *injection);

/* Returns the expectation of an undisturbed call on this system. SAME is the effect that it has on
 * the first system. */
int undisturbed_expectation(const struct scenario *scenario, const struct system *system);

/* Reports whether another system may answer with `error`: the injected errno, the errno of an
 * undisturbed call, the refusal, or ENOTSUP. An interrupted call is repeated there too. */
bool is_possible_elsewhere(const struct injection *injection, int error);

/* Returns the reason why the library is known to break this promise, or NULL. */
const char *known_fault(const struct injection *injection);

/* Prints each row that no injection used, and returns their number. Such a row could hide a
 * mistake. */
int unused_expectations(void);

#endif
