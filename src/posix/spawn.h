/* SPDX-License-Identifier: MIT
 * The path from fdi_spawn to the new program: the parent's preparation, the child's steps up to
 * execve, and the parent's check that the program runs. */
#ifndef FDI__SPAWN_H
#define FDI__SPAWN_H

#include "spawn_plan.h"

#include <signal.h>
#include <sys/types.h>

/* ---- spawn_signals_linux.c, spawn_signals_posix.c ------------------------------------------ */

/* A signal mask in the kernel's format. On Linux it is set without the C library, which hides some
 * signals. */
struct fdi__mask {
    union {
        sigset_t standard;
        unsigned long words[128 / sizeof(long)];
    } set;
};

/* Blocks every signal of the calling thread. */
void fdi__mask_all(struct fdi__mask *before);
void fdi__mask_set(const struct fdi__mask *mask);
void fdi__mask_none(struct fdi__mask *mask);
/* Resets every signal to its default action. `keep_ignored` leaves ignored signals ignored.
 * `no_handlers` means that the kernel has already reset every handler, so only ignored signals
 * remain. */
int fdi__default_signals(bool keep_ignored, bool no_handlers);

/* ---- the child ----------------------------------------------------------------------------- */

struct fdi__child {
    const fdi_spawn_options *options;
    char *const *envp;
    const char *search; /* the directories to search for the program, or NULL */
    struct fdi__fd_plan plan;
    int program_fd;        /* the child's number of the program's fd or directory fd, or -1 */
    bool program_is_given; /* the caller passes this fd to the child, so it stays open */
    int report_fd;         /* the pipe to the parent; -1: the results are in shared memory */
    bool shares_table;
    bool no_handlers;
    struct fdi__mask mask; /* for the program; unused with no_handlers */
    /* results */
    volatile int error;
    volatile bool refused;   /* the child could not get a descriptor table of its own */
    volatile bool executing; /* the child is about to execute the program */
};

/* spawn_parent.c: computes the slots of the plan, including the program's fd. The caller provides
 * the arrays. */
void fdi__plan_child(struct fdi__child *child);

/* spawn_child.c: runs in the child and never returns. In shared memory it writes only the results
 * and errno. It reaches no cancellation point unless cancellation is disabled. */
void fdi__run_child(struct fdi__child *child);

/* spawn_linux.c, spawn_bsd.c: creates the child in the fastest way that works here. Returns the
 * process ID, or -1. */
pid_t fdi__start_child(struct fdi__child *child);
/* Makes the copy for fdi__start_copy. */
pid_t fdi__copy_process(struct fdi__child *child, void *stack);
/* Closes the descriptors from `first` to `last`; INT_MAX means no upper limit. Returns -1 if that
 * is not possible. */
int fdi__close_range(int first, int last);
/* Gives the child a descriptor table of its own, in case it shares the parent's, and closes the
 * descriptors above `last`.
 *
 * Returns 1 on success. Returns 0 if the table is separate, but those descriptors are still open
 * because fdi__close_range is unavailable. Returns -1 if the table is still shared. */
int fdi__unshare_fd_table(int last, bool shares_table);

/* spawn_copy.c: creates the child as a copy of this process, which reports through a pipe. */
pid_t fdi__start_copy(struct fdi__child *child, void *stack);

/* ---- spawn_outcome.c: whether the program runs --------------------------------------------- */

enum fdi__outcome { FDI__NOT_EXECUTED, FDI__EXECUTED, FDI__UNKNOWN };

/* Reports whether the child has executed a program since its creation. */
enum fdi__outcome fdi__outcome(const struct fdi__child *child, pid_t pid);
/* spawn_outcome_linux.c, spawn_bsd.c: the same if setpgid does not say that it has. */
enum fdi__outcome fdi__other_outcome(const struct fdi__child *child, pid_t pid);
/* Reports whether the child has ended, even if another thread has reaped it. */
bool fdi__has_ended(pid_t pid);
/* Returns the process ID of a child that has executed the program. If the child has reported an
 * error or died before, this reaps it, sets errno and returns -1. */
pid_t fdi__finish(const struct fdi__child *child, pid_t pid);

/* ---- spawn_search.c ------------------------------------------------------------------------ */

/* Returns the directories to search for the program, or NULL if the program's path is used as it
 * is. */
const char *fdi__search_path(const fdi_spawn_options *options);
/* Calls `run` with `name` in each directory, until it succeeds or the error is final. */
typedef int fdi__run(void *context, const char *path);
int fdi__search(const char *directories, const char *name, fdi__run *run, void *context);

#endif
