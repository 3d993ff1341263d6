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

/* One target of a function, with otherwise valid arguments. `takes_fd` is true if an fd has a
 * meaning. */
struct target_call {
    const char *target;
    bool takes_fd;
    int64_t (*call)(fdi_target target);
};

/* Both arrays end with a NULL. */
extern const struct null_call null_calls[];
extern const struct target_call target_calls[];

#endif
