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
    int error;    /* the injected errno; 0 for none */
    long number;  /* the call that fails */
    int index;    /* its position among the calls of the scenario */
    bool later;   /* all later calls fail too */
    bool is_last; /* only calls follow that clean up */
    enum subject subject;
    long answer; /* what the call returns without injection */
    int natural; /* the errno without injection; 0 if the call succeeds */
};

/* An expectation is an errno, or one of these. */
enum {
    SAME = 0,         /* the result, the errno and the effect of an undisturbed call */
    COMES_OUT = -1,   /* the injected errno */
    ONE_LESS = -2,    /* success; one line of the effect is missing or different */
    ONE_AT_MOST = -6, /* ONE_LESS or SAME */
    ENDS_EARLY = -3,  /* success; some lines of the effect are missing */
    NOT_TRIED = -4,   /* this error cannot happen here */
    IGNORED = -5      /* SAME, and nothing else is tried instead */
};

/* Returns the call's name, after "procfs" or "stdio" if it acts on these. */
const char *subject_name(const struct injection *injection);

/* Returns SAME, ONE_LESS, ENDS_EARLY, NOT_TRIED or an errno. */
int expectation_of(const struct injection *injection);

/* Returns the errno of an undisturbed call on this system, or 0 if it succeeds. */
int undisturbed_error(const struct scenario *scenario, const struct system *system);

/* Returns the reason why the library is known to break this promise, or NULL. */
const char *known_fault(const struct injection *injection);

/* Prints each row that no injection used, and returns their number. Such a row could hide a
 * mistake. */
int unused_expectations(void);

#endif
