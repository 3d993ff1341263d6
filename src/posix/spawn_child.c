/* SPDX-License-Identifier: MIT
 * The child's half of fdi_spawn. The child may share the parent's memory, so it allocates nothing,
 * takes no lock, and ends with execve or _exit. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "sanitizer.h"
#include "spawn.h"

#if FDI__SPAWNS_FDS

#include <limits.h>

/* ---- descriptors --------------------------------------------------------------------------- */

static int close_gaps(const struct fdi__fd_plan *plan)
{
    int last;
    for (int first = 0; (first = fdi__plan_gap(plan, first, &last)) >= 0; first = last + 1) {
        if (fdi__close_range(first, last) < 0)
            return -1;
        if (last == INT_MAX)
            break;
    }
    return 0;
}

static int close_listed(const struct fdi__fd_plan *plan)
{
    struct fdi__listing listing;
    int fd;
    if (fdi__os_list_open(&listing, 0) < 0)
        return -1;
    while ((fd = fdi__os_list_next(&listing)) >= 0)
        if (!fdi__plan_slot(plan, fd))
            (void)close(fd);
    fdi__os_list_close(&listing);
    return fd == FDI__LIST_END ? 0 : -1;
}

/* dup2 fails with EBADF not only if `from` is closed, but also if `to` is above the limit. The
 * second case becomes EMFILE. */
static int move(int from, int to)
{
    int result;
    FDI__RETRY(result, dup2(from, to));
    if (result < 0 && errno == EBADF && fcntl(from, F_GETFD) >= 0)
        return fdi__fail(EMFILE);
    return result;
}

/* Reports whether `step` failed only because the parent has closed a stdio number that the options
 * do not name. The options name the program's descriptor, so a closed one is an error. */
static bool is_closed_stdio(const struct fdi__child *child, struct fdi__step step)
{
    return step.from == step.to && step.to < FDI__STDIO && errno == EBADF &&
           step.to != child->program_fd && fdi__adds_stdio(child->options, step.to);
}

/* Performs the steps. Returns how many stdio numbers are closed, or -1. */
static int set_up_fds(const struct fdi__child *child)
{
    const struct fdi__fd_plan *plan = &child->plan;
    int closed = 0;
    for (size_t i = 0; i < plan->step_count; i++) {
        struct fdi__step step = plan->steps[i];
        int result = step.from == step.to ? fcntl(step.from, F_SETFD, 0) : move(step.from, step.to);
        if (result < 0 && !is_closed_stdio(child, step))
            return -1;
        closed += result < 0;
    }
    return closed;
}

/* Opens the null device at each closed stdio number. This follows all moves, because a move must
 * fail if its source is closed. openat returns the number to fill, because all lower numbers are
 * open. */
static int fill_closed_stdio(const fdi_spawn_options *options)
{
    for (int number = 0; number < FDI__STDIO; number++)
        if (fdi__adds_stdio(options, number) && fcntl(number, F_GETFD) < 0 &&
            fdi__openat(AT_FDCWD, "/dev/null", O_RDWR, 0) < 0)
            return -1;
    return 0;
}

static int set_close_on_exec(int fd)
{
    return fd < 0 ? 0 : fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Enters the directory before the moves, while the directory's fd is still open. fdi__os_chdir may
 * open a descriptor, but closes it before the moves. */
static int prepare_descriptors(struct fdi__child *child)
{
    const struct fdi__fd_plan *plan = &child->plan;
    fdi_target directory = child->options->directory;
    int ranges = fdi__unshare_fd_table(plan->last_source, child->shares_table);
    if (ranges < 0) {
        child->refused = true;
        return -1;
    }
    if (!fdi__stays(directory) && fdi__os_chdir(directory) < 0)
        return -1;
    int closed = set_up_fds(child);
    if (closed < 0 || (closed > 0 && fill_closed_stdio(child->options) < 0))
        return -1;
    if ((ranges == 0 || close_gaps(plan) < 0) && close_listed(plan) < 0)
        return -1;
    if (child->program_fd >= 0 && !child->program_is_given &&
        set_close_on_exec(child->program_fd) < 0)
        return -1;
    return set_close_on_exec(child->report_fd);
}

/* ---- program ------------------------------------------------------------------------------- */

static fdi_target program_in_child(const struct fdi__child *child)
{
    fdi_target program = child->options->program;
    if (child->program_fd >= 0)
        program.fd = child->program_fd;
    return program;
}

static int try_path(void *context, const char *path)
{
    const struct fdi__child *child = context;
    return execve(path, child->options->argv, child->envp);
}

static int set_signals(const struct fdi__child *child)
{
    struct fdi__mask none;
    unsigned flags = child->options->flags;
    if (fdi__default_signals((flags & FDI_SPAWN_KEEP_IGNORED) != 0, child->no_handlers) < 0)
        return -1;
    fdi__mask_none(&none);
    if (flags & FDI_SPAWN_EMPTY_MASK)
        fdi__mask_set(&none);
    else if (!child->no_handlers)
        fdi__mask_set(&child->mask);
    return 0;
}

static int set_group(unsigned flags)
{
    if (flags & FDI_SPAWN_NEW_SESSION)
        return setsid() < 0 ? -1 : 0;
    return flags & FDI_SPAWN_NEW_GROUP ? setpgid(0, 0) : 0;
}

/* Reports an error to the parent. 0 means that the child is about to execute the program. */
static void report(struct fdi__child *child, int error)
{
    ssize_t written;
    child->error = error;
    child->executing = true;
    if (child->report_fd < 0)
        return;
    FDI__RETRY(written, write(child->report_fd, &error, sizeof error));
    (void)written;
}

static int become_program(struct fdi__child *child)
{
    if (prepare_descriptors(child) < 0 || set_group(child->options->flags) < 0 ||
        set_signals(child) < 0)
        return -1;
    report(child, 0);
    if (child->search)
        return fdi__search(child->search, child->options->program.path, try_path, child);
    return fdi__os_execve(program_in_child(child), child->options->argv, child->envp);
}

FDI__ON_OTHER_STACK void fdi__run_child(struct fdi__child *child)
{
    (void)become_program(child);
    report(child, errno);
    _exit(127);
}

#endif
