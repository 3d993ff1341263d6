/* SPDX-License-Identifier: MIT
 * Turns a confined target into a plain one for the time of a call. */
#ifndef FDI__WITHIN_H
#define FDI__WITHIN_H

#include "../include/fdinherit.h"

/* The plain target and the flags for a backend. fdi__leave closes `opened`, unless it is -1. */
struct fdi__within {
    fdi_target target;
    unsigned flags;
    int opened;
};

static inline bool fdi__is_confined(fdi_target target)
{
    return target.form >= FDI_FORM_BENEATH;
}

/* These functions look up a confined target and keep a plain one as it is. A failed call leaves
 * nothing open. fdi__reach is for a call that acts on the file, and fdi__reach_name for one that
 * makes, removes or renames the name. */
int fdi__reach(struct fdi__within *place, fdi_target target, unsigned flags);
/* fdi__reach for a call with a second target: always opens the file, so that its errors come
 * first. */
int fdi__reach_opened(struct fdi__within *place, fdi_target target, unsigned flags);
int fdi__reach_name(struct fdi__within *place, fdi_target target);
/* Preserves errno. */
void fdi__leave(const struct fdi__within *place);

/* fdi_stat of a confined target. */
int fdi__stat_within(fdi_target target, struct fdi_stat *out, unsigned flags);
/* fdi_unlink without the check of its argument. */
int fdi__unlink(fdi_target target);

/* Returns the result of `call`, which uses the variables `what` and `how`: the target and the flags.
 * A call on a plain target stays a tail call. */
#define FDI__ON_FILE(type, what, how, call)                                                        \
    do {                                                                                           \
        struct fdi__within place;                                                                  \
        if (!fdi__is_confined(what))                                                               \
            return call;                                                                           \
        if (fdi__reach(&place, what, how) < 0)                                                     \
            return -1;                                                                             \
        (what) = place.target;                                                                     \
        (how) = place.flags;                                                                       \
        type result = call;                                                                        \
        fdi__leave(&place);                                                                        \
        return result;                                                                             \
    } while (0)

/* Does the same for a call that makes, removes or renames the name. */
#define FDI__ON_NAME(what, call)                                                                   \
    do {                                                                                           \
        struct fdi__within place;                                                                  \
        if (!fdi__is_confined(what))                                                               \
            return call;                                                                           \
        if (fdi__reach_name(&place, what) < 0)                                                     \
            return -1;                                                                             \
        (what) = place.target;                                                                     \
        int result = call;                                                                         \
        fdi__leave(&place);                                                                        \
        return result;                                                                             \
    } while (0)

#endif
