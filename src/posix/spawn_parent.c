/* SPDX-License-Identifier: MIT
 * The parent's half of fdi_spawn, common to every way of creating the child. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if !defined(__APPLE__)

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>

extern char **environ;

/* ---- descriptor numbers in the child ------------------------------------------------------- */

static int program_fd(const struct fdi__child *child)
{
    fdi_target program = child->options->program;
    if (!program.path)
        return program.fd;
    return fdi__needs_dir_fd(program) ? program.fd : -1;
}

static bool is_given(struct fdi__child *child, int fd)
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

/* The program's descriptor needs a slot, unless the caller passes it to the child anyway. */
static void plan_program(struct fdi__child *child)
{
    int fd = program_fd(child);
    child->program_fd = -1;
    child->program_is_given = false;
    if (fd < 0)
        return;
    if (is_given(child, fd))
        return;
    child->program_fd = fdi__plan_slot(&child->plan, fd) ? fdi__plan_unused(&child->plan) : fd;
    fdi__plan_add(&child->plan, fd, child->program_fd);
}

static bool is_source(const struct fdi__fd_plan *plan, int number)
{
    for (size_t i = 0; i < plan->slot_count; i++)
        if (plan->slots[i].from == number)
            return true;
    return false;
}

static void plan_report(struct fdi__child *child)
{
    struct fdi__fd_plan *plan = &child->plan;
    child->report_fd = child->report_from;
    if (child->report_from < 0)
        return;
    if (fdi__plan_slot(plan, child->report_fd))
        for (child->report_fd = 0;
             fdi__plan_slot(plan, child->report_fd) || is_source(plan, child->report_fd);
             child->report_fd++)
            ;
    fdi__plan_add(plan, child->report_fd, child->report_fd);
}

static void keep_until_entered(struct fdi__fd_plan *plan, fdi_target directory)
{
    int fd = fdi__stays(directory) ? -1 : directory.fd;
    if (fd > plan->last_source)
        plan->last_source = fd;
    if (fd > plan->last_used)
        plan->last_used = fd;
}

void fdi__plan_child(struct fdi__child *child)
{
    const fdi_spawn_options *options = child->options;
    struct fdi__fd_plan *plan = &child->plan;
    fdi__plan_fill(plan, options);
    plan_program(child);
    plan_report(child);
    fdi__plan_steps(plan);
    keep_until_entered(plan, options->directory);
}

/* ---- creating the child as a copy ---------------------------------------------------------- */

/* The sources are checked before the pipe is created, because the pipe could take a closed
 * source's number. */
static int check_sources(const fdi_spawn_options *options)
{
    for (size_t i = 0; i < options->fd_count; i++)
        if (fcntl(options->fds[i].fd, F_GETFD) < 0)
            return -1;
    return 0;
}

static int read_report(int fd)
{
    int error = 0;
    ssize_t length;
    FDI__RETRY(length, read(fd, &error, sizeof error));
    return length == (ssize_t)sizeof error ? error : 0;
}

pid_t fdi__reap_failed_child(pid_t pid, int error)
{
    pid_t ended;
    if (pid < 0 || error == 0)
        return pid;
    FDI__RETRY(ended, waitpid(pid, NULL, 0));
    (void)ended;
    return fdi__fail(error);
}

/* The pipe must not occupy a closed number of 0-2, which becomes the null device. */
static int make_report_pipe(int *ends)
{
    int low[2];
    if (fdi__os_pipe(low, 0) < 0)
        return -1;
    ends[0] = fdi__os_dup(low[0], FDI__STDIO, false);
    ends[1] = ends[0] < 0 ? -1 : fdi__os_dup(low[1], FDI__STDIO, false);
    fdi__close(low[0]);
    fdi__close(low[1]);
    if (ends[1] < 0 && ends[0] >= 0)
        fdi__close(ends[0]);
    return ends[1] < 0 ? -1 : 0;
}

pid_t fdi__start_copy(struct fdi__child *child)
{
    int ends[2];
    child->error = 0;
    if (check_sources(child->options) < 0 || make_report_pipe(ends) < 0)
        return -1;
    child->report_from = ends[1];
    child->shares_table = child->no_handlers = false;
    fdi__plan_child(child);
    fdi__mask_all(&child->mask);
    pid_t pid = fdi__copy_process(child);
    int error = errno;
    fdi__mask_set(&child->mask);
    fdi__close(ends[1]);
    if (pid >= 0)
        error = read_report(ends[0]);
    fdi__close(ends[0]);
    return pid < 0 ? fdi__fail(error) : fdi__reap_failed_child(pid, error);
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
        .report_from = -1,
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

/* Stdio, the program and the error pipe add five slots. The steps can be half as many again as
 * the slots. */
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
