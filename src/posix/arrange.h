/* SPDX-License-Identifier: MIT
 * In which order to move descriptors so that none is lost: reckoning only, no system call. */
#ifndef FDI__ARRANGE_H
#define FDI__ARRANGE_H

#include "../backend.h"

/* A descriptor that must get from one number to another. */
struct fdi__seat {
    int from;
    int to;
    unsigned readers; /* other seats that take from this one's number, until they have */
};

/* dup2(from, to); where the numbers are the same, the descriptor stays and becomes inheritable. */
struct fdi__step {
    int from;
    int to;
};

struct fdi__plan {
    struct fdi__seat *seats; /* ascending by `to`, all different */
    size_t seat_count;
    struct fdi__step *steps; /* room for one and a half for each seat */
    size_t step_count;
    int last_source; /* the highest number that is read; -1: none */
    int last_used;   /* the highest that matters before or after the steps: above it, only seats */
};

/* Adds a seat in its place; there is room. */
void fdi__plan_add(struct fdi__plan *plan, int from, int to);
/* Fills one seat for each descriptor that the child is given: the options' own, and up to
 * FDI__STDIO more. */
void fdi__plan_fill(struct fdi__plan *plan, const fdi_spawn_options *options);
/* The seat with this number, or NULL. */
struct fdi__seat *fdi__plan_seat(const struct fdi__plan *plan, int number);
/* The lowest number that is no seat. */
int fdi__plan_spare(const struct fdi__plan *plan);
/* Reckons the steps. Changes the seats' `from`. */
void fdi__plan_arrange(struct fdi__plan *plan);
/* The next numbers, from `first` on, that are no seats and that may be open after the steps: stores
 * the last of them in `last` (INT_MAX: all above) and returns the first, or -1. */
int fdi__plan_gap(const struct fdi__plan *plan, int first, int *last);

#endif
