/* SPDX-License-Identifier: MIT
 * Ways to start a program that is given 0, 1, 2 and 3, and to wait for it. */
#ifndef FDI_BENCH_SPAWN_WAYS_H
#define FDI_BENCH_SPAWN_WAYS_H

/* The exit status of `program`, or -1. */
typedef int run_program(char *program);

struct way {
    const char *name;
    run_program *run;
};

extern const struct way own_ways[];  /* ends with a NULL name */
extern const struct way peer_ways[]; /* other libraries, as far as they are installed */

#endif
