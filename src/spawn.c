/* SPDX-License-Identifier: MIT
 * Programs: becoming one, starting one, waiting for it. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

#include <limits.h>

int fdi_execve(fdi_target target, char *const argv[], char *const envp[])
{
    if (fdi__check(FDI_FN_EXECVE, target, 0) < 0)
        return -1;
    if (!argv || !argv[0])
        return fdi__fail(EINVAL);
    return fdi__os_execve(target, argv, envp);
}

fdi_spawn_options fdi_spawn_defaults(void)
{
    static const fdi_fd_map stdio[] = {{0, 0}, {1, 1}, {2, 2}};
    return (fdi_spawn_options){
        .program = {NULL, FDI_NO_FD, FDI_AT_FDCWD},
        .fds = stdio,
        .fd_count = 3,
        .directory = {NULL, FDI_NO_FD, FDI__STAY},
    };
}

static const unsigned known_flags = FDI_SPAWN_SEARCH | FDI_SPAWN_EMPTY_MASK |
                                    FDI_SPAWN_NEW_SESSION | FDI_SPAWN_NEW_GROUP |
                                    FDI_SPAWN_KEEP_IGNORED;

static bool is_complete(const fdi_spawn_options *options)
{
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return false;
    return options->argv && options->argv[0] && (options->fds || options->fd_count == 0) &&
           !(options->flags & ~known_flags);
}

static bool can_search(const fdi_spawn_options *options)
{
    return !(options->flags & FDI_SPAWN_SEARCH) ||
           (options->program.path && options->program.dir_fd == FDI_AT_FDCWD);
}

/* Whether a child number below `end` and not below `base` is there twice. `next` becomes the lowest
 * number from `end` on, if there is one. */
enum { WINDOW = 16384, SEEN_WORD = 64 };

static bool has_twice(const fdi_spawn_options *options, int base, int *next)
{
    uint64_t seen[WINDOW / SEEN_WORD] = {0};
    *next = INT_MAX;
    for (size_t i = 0; i < options->fd_count; i++) {
        int number = options->fds[i].child_fd;
        if (number >= base && number - base < WINDOW) {
            uint64_t bit = UINT64_C(1) << ((number - base) % SEEN_WORD);
            if (seen[(number - base) / SEEN_WORD] & bit)
                return true;
            seen[(number - base) / SEEN_WORD] |= bit;
        } else if (number > base && number < *next) {
            *next = number;
        }
    }
    return false;
}

static bool are_distinct(const fdi_spawn_options *options)
{
    for (int base = 0, next; base < INT_MAX; base = next)
        if (has_twice(options, base, &next))
            return false;
    return true;
}

static int check_fds(const fdi_spawn_options *options)
{
    int error = 0;
    for (size_t i = 0; i < options->fd_count; i++) {
        if (options->fds[i].child_fd < 0)
            return fdi__fail(EINVAL);
        if (options->fds[i].fd < 0)
            error = EBADF;
        else if (options->fds[i].child_fd == INT_MAX && !error)
            error = EMFILE; /* whatever the limit is */
    }
    if (!are_distinct(options))
        return fdi__fail(EINVAL);
    return error ? fdi__fail(error) : 0;
}

int fdi_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    if (!process || !options || !is_complete(options) || !can_search(options))
        return fdi__fail(EINVAL);
    if (check_fds(options) < 0 || fdi__check(FDI_FN_EXECVE, options->program, 0) < 0)
        return -1;
    if (!fdi__stays(options->directory) && fdi__check(FDI_FN_CHDIR, options->directory, 0) < 0)
        return -1;
    return fdi__os_spawn(process, options);
}

int fdi_wait(fdi_process process, int *status)
{
    if (process <= 0)
        return fdi__fail(EINVAL);
    return fdi__os_wait(process, -1, status) < 0 ? -1 : 0;
}

int fdi_wait_timeout(fdi_process process, int milliseconds, int *status)
{
    if (process <= 0 || milliseconds < -1)
        return fdi__fail(EINVAL);
    return fdi__os_wait(process, milliseconds, status);
}

int64_t fdi_process_id(fdi_process process)
{
    return process <= 0 ? fdi__fail(EINVAL) : fdi__os_process_id(process);
}
