/* SPDX-License-Identifier: MIT
 * Takes the bytes of one input from the front. After the last byte, every byte is 0. */
#ifndef FDI_TEST_INPUT_H
#define FDI_TEST_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *bytes;
    size_t left;
};

static inline unsigned take_byte(struct input *input)
{
    if (!input->left)
        return 0;
    input->left--;
    return *input->bytes++;
}

/* Aborts if the condition is false, so that the fuzzer reports the input. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

#endif
