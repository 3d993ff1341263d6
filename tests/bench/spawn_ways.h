/* SPDX-License-Identifier: MIT
 * Methods that start a program with descriptors 0 to 3 and wait for it. */
#ifndef FDI_BENCH_SPAWN_WAYS_H
#define FDI_BENCH_SPAWN_WAYS_H

/* Returns the exit status of `program`, or -1. */
typedef int run_program(char *program);

struct way {
    const char *name;
    run_program *run;
};

extern const struct way own_ways[];  /* ends with a NULL name */
extern const struct way peer_ways[]; /* other libraries that are installed */

#endif
