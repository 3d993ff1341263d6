/* SPDX-License-Identifier: MIT
 * A sandbox for the rest of this process that refuses system calls. */
#ifndef FDI_TEST_REFUSE_LINUX_H
#define FDI_TEST_REFUSE_LINUX_H

#include <stdbool.h>
#include <stddef.h>

struct refusal {
    long number;
    int argument;  /* whose bits are looked at, if `bits` are any */
    unsigned mask; /* refused if these bits of the argument ... */
    unsigned bits; /* ... are these; both 0: always refused */
    int error;
};

/* False if the kernel does not take the filter. */
bool refuse(const struct refusal *refusals, size_t count);

/* Runs `body` in a process of its own, for what cannot be undone, and tells whether it answered
 * true. */
bool apart(bool (*body)(const void *), const void *argument);

/* Takes /proc away, by a namespace where that may be made. */
bool lose_proc(void);

/* Makes this directory and what is below read-only, by such a namespace. Who is in it already, by an
 * fd or as the current directory, is not touched. */
bool make_read_only(const char *directory);

#endif
