/* SPDX-License-Identifier: MIT
 * The body of the generated test of foreign flags. */
#ifndef FDI_TEST_FLAGS_H
#define FDI_TEST_FLAGS_H

#include "../support/fixture.h"
#include "calls.h"

struct constant {
    const char *name;
    unsigned value;
};

/* Generated from the header and the compiler's list of constants. Each array ends with a NULL. */
extern const struct constant fdi_flags[];
extern const struct constant system_constants[];
extern const struct constant close_on_constants[];
extern const struct constant flags_of_functions[]; /* the flags of each fdi_function */
extern const char *const without_trap[]; /* functions whose comment does not mention the trap */

enum { NO_NUMBER = -1 };

/* An argument of flags. `taken` has the bits that may be set. `of_system` is true if these are
 * system constants. `number` is an fdi_function or NO_NUMBER. `call` is NULL for an operation that
 * call_any calls. */
struct function {
    const char *name;
    unsigned taken;
    bool of_system;
    flags_call *call;
    int number;
};

/* Asserts that each foreign flag and each system constant is EINVAL and changes nothing. The
 * same call without flags must work afterwards. */
void refuse_each_foreign(const struct function *function);

void flags_are_distinct_bits_in_their_halves(void **state);
void no_flag_has_the_value_of_a_close_on_constant(void **state);
void listed_pairs_collide(void **state);
void supports_rejects_each_foreign_flag(void **state);
void comment_of_each_bool_mentions_the_trap(void **state);

#define FLAGS_CASES                                                                                \
    CASE(flags_are_distinct_bits_in_their_halves),                                                 \
        CASE(no_flag_has_the_value_of_a_close_on_constant), CASE(listed_pairs_collide),            \
        CASE(supports_rejects_each_foreign_flag), CASE(comment_of_each_bool_mentions_the_trap)

#endif
