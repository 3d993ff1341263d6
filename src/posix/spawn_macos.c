/* SPDX-License-Identifier: MIT
 * fdi_spawn on macOS. posix_spawn closes every descriptor that no file action names. The plan of
 * descriptors gives the actions and their order. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if defined(__APPLE__)

#include <spawn.h>
#include <stdlib.h>

/* ---- file actions -------------------------------------------------------------------------- */

/* The posix_spawn functions return an error number instead of setting errno. */
static int add_action(posix_spawn_file_actions_t *actions, struct fdi__step step)
{
    if (step.from == step.to)
        return posix_spawn_file_actions_addinherit_np(actions, step.from);
    return posix_spawn_file_actions_adddup2(actions, step.from, step.to);
}

/* Reports whether `step` keeps a number of stdio that the options do not name and that is closed
 * in the parent. */
static bool is_closed_stdio(const fdi_spawn_options *options, struct fdi__step step)
{
    return step.from == step.to && step.to < FDI__STDIO && fdi__adds_stdio(options, step.to) &&
           fdi__fcntl(step.to, F_GETFD) < 0;
}

/* Runs after the steps, because a closed source is an error. */
static int add_null_devices(posix_spawn_file_actions_t *actions, const struct fdi__fd_plan *plan,
                            const fdi_spawn_options *options)
{
    int error = 0;
    for (size_t i = 0; i < plan->step_count && error == 0; i++)
        if (is_closed_stdio(options, plan->steps[i]))
            error = posix_spawn_file_actions_addopen(actions, plan->steps[i].to, "/dev/null",
                                                     O_RDWR, 0);
    return error;
}

/* Closes the temporary number of a cycle afterwards, because it is not a slot. */
static int add_steps(posix_spawn_file_actions_t *actions, const struct fdi__fd_plan *plan,
                     const fdi_spawn_options *options)
{
    int error = 0;
    int spare = -1;
    for (size_t i = 0; i < plan->step_count && error == 0; i++) {
        if (!is_closed_stdio(options, plan->steps[i]))
            error = add_action(actions, plan->steps[i]);
        if (!fdi__plan_slot(plan, plan->steps[i].to))
            spare = plan->steps[i].to;
    }
    return error == 0 && spare >= 0 ? posix_spawn_file_actions_addclose(actions, spare) : error;
}

static int add_directory(posix_spawn_file_actions_t *actions, fdi_target directory, int fd)
{
    if (fdi__stays(directory))
        return 0;
    return fd >= 0 ? posix_spawn_file_actions_addfchdir_np(actions, fd)
                   : posix_spawn_file_actions_addchdir_np(actions, directory.path);
}

/* ---- signals and groups -------------------------------------------------------------------- */

static void default_signals(sigset_t *set, bool keep_ignored)
{
    (void)sigfillset(set);
    for (int signal = 1; keep_ignored && signal < NSIG; signal++) {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            (void)sigdelset(set, signal);
    }
}

static int set_attributes(posix_spawnattr_t *attributes, unsigned flags)
{
    sigset_t defaults;
    sigset_t mask;
    short wanted = POSIX_SPAWN_CLOEXEC_DEFAULT | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
    if (flags & FDI_SPAWN_NEW_SESSION)
        wanted |= POSIX_SPAWN_SETSID;
    else if (flags & FDI_SPAWN_NEW_GROUP)
        wanted |= POSIX_SPAWN_SETPGROUP;
    default_signals(&defaults, (flags & FDI_SPAWN_KEEP_IGNORED) != 0);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (flags & FDI_SPAWN_EMPTY_MASK)
        (void)sigemptyset(&mask);
    (void)posix_spawnattr_setsigdefault(attributes, &defaults);
    (void)posix_spawnattr_setsigmask(attributes, &mask);
    (void)posix_spawnattr_setpgroup(attributes, 0);
    return posix_spawnattr_setflags(attributes, wanted);
}

/* ---- fdi_spawn ----------------------------------------------------------------------------- */

struct launch {
    const fdi_spawn_options *options;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;
};

static int try_path(void *context, const char *path)
{
    struct launch *launch = context;
    char *const *envp = launch->options->envp ? launch->options->envp : environ;
    int error = posix_spawn(&launch->pid, path, &launch->actions, &launch->attributes,
                            launch->options->argv, envp);
    return error ? fdi__fail(error) : 0;
}

static int prepare(struct launch *launch, const struct fdi__fd_plan *plan, int directory_fd)
{
    int error = add_directory(&launch->actions, launch->options->directory, directory_fd);
    if (error == 0)
        error = add_steps(&launch->actions, plan, launch->options);
    if (error == 0)
        error = add_null_devices(&launch->actions, plan, launch->options);
    if (error == 0)
        error = set_attributes(&launch->attributes, launch->options->flags);
    return error ? fdi__fail(error) : 0;
}

static int start(struct launch *launch, const struct fdi__fd_plan *plan, int directory_fd)
{
    const char *name = launch->options->program.path;
    const char *search = fdi__search_path(launch->options);
    if (prepare(launch, plan, directory_fd) < 0)
        return -1;
    return search ? fdi__search(search, name, try_path, launch) : try_path(launch, name);
}

static int start_with_lists(fdi_process *process, const fdi_spawn_options *options,
                            const struct fdi__fd_plan *plan, int directory_fd)
{
    struct launch launch = {.options = options};
    int error = posix_spawn_file_actions_init(&launch.actions);
    if (error)
        return fdi__fail(error);
    int result = -1;
    error = posix_spawnattr_init(&launch.attributes);
    if (error == 0) {
        result = start(&launch, plan, directory_fd);
        error = errno;
        (void)posix_spawnattr_destroy(&launch.attributes);
    }
    (void)posix_spawn_file_actions_destroy(&launch.actions);
    if (result < 0)
        return fdi__fail(error);
    *process = launch.pid;
    return 0;
}

/* A file action takes an fd or a plain path, so a path with a directory fd is opened first. */
static int start_in_directory(fdi_process *process, const fdi_spawn_options *options,
                              const struct fdi__fd_plan *plan)
{
    fdi_target directory = options->directory;
    if (fdi__stays(directory) || (directory.path && !fdi__needs_dir_fd(directory)))
        return start_with_lists(process, options, plan, -1);
    if (!directory.path)
        return start_with_lists(process, options, plan, directory.fd);
    int fd = fdi__openat(directory.fd, directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    return fd < 0 ? -1 : fdi__close_keep_errno(fd, start_with_lists(process, options, plan, fd));
}

int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    int saved_errno = errno;
    if (!options->program.path || fdi__needs_dir_fd(options->program))
        return fdi__fail(ENOTSUP);
    size_t count = options->fd_count + FDI__STDIO;
    struct fdi__fd_plan plan = {.slots = calloc(count, sizeof(struct fdi__fd_slot)),
                                .steps = calloc(count + count / 2, sizeof(struct fdi__step))};
    int result = -1;
    if (plan.slots && plan.steps) {
        fdi__plan_fill(&plan, options);
        fdi__plan_steps(&plan);
        result = start_in_directory(process, options, &plan);
    }
    int error = errno;
    free(plan.slots);
    free(plan.steps);
    return fdi__restore_errno(result < 0 ? error : saved_errno, result);
}

#endif
