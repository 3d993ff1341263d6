/* SPDX-License-Identifier: MIT
 * One act for each public function in each form: a call with valid arguments. */
#ifndef FDI_TEST_ACTS_H
#define FDI_TEST_ACTS_H

#include "../support/operations.h"
#include "place.h"

struct act {
    const char *name;
    /* Makes the call between call_begin and call_end. Returns its result: a descriptor, a value
     * that shows the effect, or -1. Closes everything that it opened. */
    int64_t (*run)(void);
    /* Prepares more of the place. May be NULL. */
    void (*prepare)(void);
    bool without_stdio;                /* 0 to 2 are closed meanwhile */
    const struct operation *operation; /* that `run` calls; NULL if `run` calls a fixed one */
};

/* The test cancels the calling thread in call_begin, and records the state in call_end. Both
 * leave errno unchanged. */
void call_begin(void);
void call_end(void);

/* The four functions that act on a cancellation. */
extern const struct act cancellable[];
extern const size_t cancellable_count;

/* All other functions: operations on files, and the rest. */
extern const struct act operations[];
extern const size_t operation_count;
extern const struct act others[];
extern const size_t other_count;

/* Acts for each row of the contract except fdi_open, and fdi_mkstemp, whose call opens a file too.
 * Some of the calls fail. */
const struct act *contract_acts(size_t *count);
/* The operation of the act that runs now. */
extern const struct operation *acting;

#define FOR_NUMBER(name, call)                                                                     \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        call_begin();                                                                              \
        int64_t result = (int64_t)(call);                                                          \
        call_end();                                                                                \
        return result;                                                                             \
    }

#define FOR_FD(name, call)                                                                         \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        call_begin();                                                                              \
        int result = (int)(call);                                                                  \
        call_end();                                                                                \
        if (result >= 0)                                                                           \
            (void)close(result);                                                                   \
        return result;                                                                             \
    }

#define AS_ROW(name, call)       {#name, name, NULL, false, NULL},
#define AS_LOW_ROW(name, call)   {#name, name, NULL, true, NULL},
#define AS_CHILD_ROW(name, call) {#name, name, place_end_child, false, NULL},

#endif
