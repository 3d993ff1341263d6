/* SPDX-License-Identifier: MIT
 * Wrong arguments that compile without a warning. */
#ifndef FDI_TEST_MISUSE_H
#define FDI_TEST_MISUSE_H

#include "../support/fixture.h"
#include "calls.h"

/* NULL for one pointer of a function. `error` is 0 where NULL is allowed. */
struct null_call {
    const char *pointer;
    int error;
    int64_t (*call)(struct objects *objects);
};

/* The array ends with a NULL. */
extern const struct null_call null_calls[];

#endif
