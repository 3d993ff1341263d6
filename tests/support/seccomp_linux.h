/* SPDX-License-Identifier: MIT
 * A sandbox for the rest of this process that refuses system calls. */
#ifndef FDI_TEST_SECCOMP_LINUX_H
#define FDI_TEST_SECCOMP_LINUX_H

#include <stdbool.h>
#include <stddef.h>

/* In place of an error: the call kills the process, or raises SIGSYS. */
enum { SECCOMP_KILLS = -1, SECCOMP_TRAPS = -2 };

struct seccomp_rule {
    long number;
    int argument;  /* the argument to examine, if `bits` has any */
    unsigned mask; /* the filter refuses the call if these bits of the argument ... */
    unsigned bits; /* ... equal these; with both 0, always */
    int error;
};

/* Returns false if the kernel rejects the filter. */
bool seccomp_refuse(const struct seccomp_rule *rules, size_t count);

/* Runs `body` in a separate process, for changes that cannot be undone. Reports whether `body`
 * returned true. */
bool apart(bool (*body)(const void *), const void *argument);

/* Hides /proc, in a mount namespace if the kernel permits one. */
bool lose_proc(void);

/* Makes this directory and everything below it read-only, in a new mount namespace. An fd or a
 * current directory opened earlier stays writable. */
bool make_read_only(const char *directory);

#endif
