/* SPDX-License-Identifier: MIT
 * The parent's half of fdi_spawn, common to every way of creating the child. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__SPAWNS_FDS

#include <pthread.h>
#include <stdlib.h>

/* ---- descriptor numbers in the child ------------------------------------------------------- */

/* Returns the fd of the program, or the directory fd of its path, or -1. */
static int program_fd(const struct fdi__child *child)
{
    fdi_target program = child->options->program;
    if (!program.path)
        return program.fd;
    return fdi__needs_dir_fd(program) ? program.fd : -1;
}

/* If the caller passes `fd` to the child, stores its number in the child and returns true. */
static bool reuse_slot(struct fdi__child *child, int fd)
{
    const struct fdi__fd_plan *plan = &child->plan;
    for (size_t i = 0; i < plan->slot_count; i++)
        if (plan->slots[i].from == fd) {
            child->program_fd = plan->slots[i].to;
            child->program_is_given = true;
            return true;
        }
    return false;
}

/* Adds a slot for the program's descriptor, unless the caller passes it to the child anyway. */
static void plan_program(struct fdi__child *child)
{
    int fd = program_fd(child);
    child->program_fd = -1;
    child->program_is_given = false;
    if (fd < 0)
        return;
    if (reuse_slot(child, fd))
        return;
    child->program_fd = fdi__plan_slot(&child->plan, fd) ? fdi__plan_unused(&child->plan, 0) : fd;
    fdi__plan_add(&child->plan, fd, child->program_fd);
}

void fdi__plan_child(struct fdi__child *child)
{
    fdi__plan_fill(&child->plan, child->options);
    plan_program(child);
}

/* ---- fdi_spawn ----------------------------------------------------------------------------- */

static int start(fdi_process *process, const fdi_spawn_options *options, struct fdi__fd_slot *slots,
                 struct fdi__step *steps)
{
    struct fdi__child child = {
        .options = options,
        .envp = options->envp ? options->envp : environ,
        .search = fdi__search_path(options),
        .plan = {.slots = slots, .steps = steps},
        .report_fd = -1,
    };
    int saved_errno = errno;
    int cancelling;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
    pid_t pid = fdi__start_child(&child);
    int error = errno;
    (void)pthread_setcancelstate(cancelling, &cancelling);
    if (pid < 0)
        return fdi__fail(error);
    *process = pid;
    return fdi__restore_errno(saved_errno, 0);
}

/* The plan adds up to five slots: three for stdio, one for the program, and one for the error pipe.
 * Two slots need at most three steps. */
enum { EXTRA_SLOTS = FDI__STDIO + 2, LOCAL_SLOTS = 32 + EXTRA_SLOTS };

int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    struct fdi__fd_slot slots[LOCAL_SLOTS];
    struct fdi__step steps[LOCAL_SLOTS + LOCAL_SLOTS / 2];
    size_t count = options->fd_count + EXTRA_SLOTS;
    if (count <= LOCAL_SLOTS)
        return start(process, options, slots, steps);
    struct fdi__fd_slot *more = malloc(count * (sizeof *slots + 2 * sizeof *steps));
    if (!more)
        return -1;
    int result = start(process, options, more, (struct fdi__step *)(void *)(more + count));
    int saved_errno = errno;
    free(more);
    return fdi__restore_errno(saved_errno, result);
}

#endif
