/* SPDX-License-Identifier: MIT
 * The way from a process like the caller to the program it asked for: what the caller prepares, and
 * what the new process does with it. */
#ifndef FDI__CHILD_H
#define FDI__CHILD_H

#include "arrange.h"

#include <signal.h>

/* A signal mask as the kernel has it; on Linux without the C library, which hides some. */
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
/* Gives every signal its default action, but for ignored ones if those are to be kept.
 * `no_handlers`: the system has already done so for all but the ignored ones. */
void fdi__default_signals(bool keep_ignored, bool no_handlers);

struct fdi__child {
    const fdi_spawn_options *options;
    char *const *envp;
    const char *search; /* where to look for the program, or NULL */
    struct fdi__plan plan;
    int program_fd;        /* the seat of the program's fd or dir_fd, or -1 */
    bool program_is_given; /* it is one of the caller's, not one to be closed */
    int report_from;       /* a pipe for the error, or -1: then `error` is in common memory */
    int report_fd;         /* its seat, which is nobody else's source */
    bool shares_table;
    bool no_handlers;
    struct fdi__mask mask; /* for the program; used unless no_handlers */
    /* answers */
    volatile int error;
    volatile bool refused; /* the failure was to get a table of its own */
};

/* Where this process looks a program up, or NULL if that is not to be looked up. */
const char *fdi__search_path(const fdi_spawn_options *options);
/* Tries `name` in each of the directories until `run` succeeds, or fails for good. */
typedef int fdi__run(void *context, const char *path);
int fdi__search(const char *directories, const char *name, fdi__run *run, void *context);

/* What the new process does; does not return. It touches nothing that it may share with the caller
 * but `error`, `refused` and errno, and calls no cancellation point but with cancelling disabled. */
void fdi__become_program(struct fdi__child *child);

/* Stores seats and steps of the plan, the extra descriptors of program and report included, in the
 * plan's room. */
void fdi__seat_child(struct fdi__child *child);

/* Starts the new process, by the best way that works here. The process id, or -1. */
pid_t fdi__start_child(struct fdi__child *child);
/* By a plain copy of this process, which tells its error through a pipe. */
pid_t fdi__start_copy(struct fdi__child *child);
/* What makes the copy. */
pid_t fdi__copy_process(struct fdi__child *child);
/* The process id, or -1 with the child's error, after which no process is left. */
pid_t fdi__settle_child(pid_t pid, int error);

/* Closes the descriptors from `first` to `last`; INT_MAX: to the last one. -1: cannot be done. */
int fdi__close_span(int first, int last);
/* Leaves a process that may share its table of descriptors with one of its own, where those above
 * `last` are closed: 1. 0: they are still open, as fdi__close_span cannot be used. -1: the table
 * is still shared. */
int fdi__own_table(int last, bool shares_table);

#endif
