/* SPDX-License-Identifier: MIT
 * The path from fdi_spawn to the new program: the parent's preparation and the child's steps up
 * to execve. */
#ifndef FDI__SPAWN_H
#define FDI__SPAWN_H

#include "spawn_plan.h"

#include <signal.h>

/* A signal mask in the kernel's format. On Linux it is set without the C library, which hides
 * some signals. */
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
void fdi__default_signals(bool keep_ignored, bool no_handlers);

struct fdi__child {
    const fdi_spawn_options *options;
    char *const *envp;
    const char *search; /* the directories to search for the program, or NULL */
    struct fdi__fd_plan plan;
    int program_fd;        /* the child's number of the program's fd or directory fd, or -1 */
    bool program_is_given; /* the caller passes this fd to the child, so it stays open */
    int report_from;       /* a pipe for the error; -1: `error` is in shared memory */
    int report_fd;         /* its number in the child, which no other slot reads */
    bool shares_table;
    bool no_handlers;
    struct fdi__mask mask; /* for the program; unused with no_handlers */
    /* results */
    volatile int error;
    volatile bool refused; /* the child could not get a descriptor table of its own */
};

/* Returns the directories to search for the program, or NULL if the program's path is used as it
 * is. */
const char *fdi__search_path(const fdi_spawn_options *options);
/* Calls `run` with `name` in each directory, until it succeeds or the error is final. */
typedef int fdi__run(void *context, const char *path);
int fdi__search(const char *directories, const char *name, fdi__run *run, void *context);

/* Runs in the child and never returns. In shared memory it writes only `error`, `refused` and
 * errno. It reaches no cancellation point unless cancellation is disabled. */
void fdi__run_child(struct fdi__child *child);

/* Computes the slots and steps of the plan, including the program's fd and the error pipe. The
 * caller provides the arrays. */
void fdi__plan_child(struct fdi__child *child);

/* Creates the child in the fastest way that works here. Returns the process ID, or -1. */
pid_t fdi__start_child(struct fdi__child *child);
/* Creates the child as a copy of this process. The child reports an error through a pipe. */
pid_t fdi__start_copy(struct fdi__child *child);
/* Makes the copy for fdi__start_copy. */
pid_t fdi__copy_process(struct fdi__child *child);
/* Returns the process ID. If the child reported an error, reaps the child, sets errno and
 * returns -1. */
pid_t fdi__reap_failed_child(pid_t pid, int error);

/* Closes the descriptors from `first` to `last`; INT_MAX means no upper limit. Returns -1 if
 * that is not possible. */
int fdi__close_range(int first, int last);
/* Gives the child a descriptor table of its own, in case it shares the parent's, and closes the
 * descriptors above `last`.
 *
 * Returns 1 on success. Returns 0 if the table is separate, but those descriptors are still open
 * because fdi__close_range is unavailable. Returns -1 if the table is still shared. */
int fdi__unshare_fd_table(int last, bool shares_table);

#endif
