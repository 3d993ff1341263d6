/* SPDX-License-Identifier: MIT
 * Computes the order in which to move descriptors so that none is lost. Makes no system call. */
#ifndef FDI__SPAWN_PLAN_H
#define FDI__SPAWN_PLAN_H

#include "../backend.h"

/* A slot: a descriptor that moves from one number to another. */
struct fdi__fd_slot {
    int from;
    int to;
    unsigned readers; /* the other slots that still have to read this number */
};

/* dup2(from, to). If the numbers are equal, the descriptor stays and becomes inheritable. */
struct fdi__step {
    int from;
    int to;
};

struct fdi__fd_plan {
    struct fdi__fd_slot *slots; /* distinct, in ascending order of `to` */
    size_t slot_count;
    struct fdi__step *steps; /* the array has room for 1.5 steps for each slot */
    size_t step_count;
    int directory_fd; /* the number that the child's directory is relative to, or negative */
    int last_source;  /* the highest number that a slot or the directory reads, or -1 */
    int last_used;    /* after the steps, only slots are open above this number */
};

/* Inserts a slot in order. The array must have room. */
void fdi__plan_add(struct fdi__fd_plan *plan, int from, int to);
/* Creates one slot for each descriptor that the child receives: the entries of the options and up
 * to FDI__STDIO more. Stores the number of the directory. */
void fdi__plan_fill(struct fdi__fd_plan *plan, const fdi_spawn_options *options);
/* Returns the slot with this number, or NULL. */
struct fdi__fd_slot *fdi__plan_slot(const struct fdi__fd_plan *plan, int number);
/* Returns the first number from `lowest` on that the child does not use: it is no slot, no slot
 * reads it, and it is not the directory. */
int fdi__plan_unused(const struct fdi__fd_plan *plan, int lowest);
/* Computes the steps. Changes `from` in the slots. */
void fdi__plan_steps(struct fdi__fd_plan *plan);
/* Finds the next range of numbers, from `first` on, that are not slots and that may be open after
 * the steps. Returns its first number, or -1. Stores its last number in `last`; INT_MAX means no
 * upper limit. */
int fdi__plan_gap(const struct fdi__fd_plan *plan, int first, int *last);

#endif
