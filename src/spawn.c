/* SPDX-License-Identifier: MIT
 * Programs: replacing this process, starting a child and waiting for it. */
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
    return (fdi_spawn_options){0};
}

bool fdi__adds_stdio(const fdi_spawn_options *options, int number)
{
    if (options->flags & FDI_SPAWN_NO_STDIO)
        return false;
    for (size_t i = 0; i < options->fd_count; i++)
        if (options->fds[i].child_fd == number)
            return false;
    return true;
}

/* Reports whether the required options are set and the reserved ones are zero. `fds` and
 * `fd_count` must be set together. */
static bool is_complete(const fdi_spawn_options *options)
{
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return false;
    return options->argv && options->argv[0] && !options->fds == !options->fd_count;
}

static bool can_search(const fdi_spawn_options *options)
{
    return !(options->flags & FDI_SPAWN_SEARCH) || options->program.form == FDI_FORM_PATH;
}

enum { WINDOW = 16384, SEEN_WORD = 64 };

/* Reports whether a child number occurs twice in the window that starts at `base`. Stores in `next`
 * the lowest number above the window, or INT_MAX. */
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
            error = EMFILE; /* above every possible limit */
    }
    if (!are_distinct(options))
        return fdi__fail(EINVAL);
    return error ? fdi__fail(error) : 0;
}

int fdi_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    if (!process || !options || !is_complete(options))
        return fdi__fail(EINVAL);
    if (fdi__check(FDI_FN_SPAWN, options->program, options->flags) < 0)
        return -1;
    if (!can_search(options))
        return fdi__fail(EINVAL);
    if (check_fds(options) < 0)
        return -1;
    if (!fdi__stays(options->directory) && fdi__check(FDI_FN_CHDIR, options->directory, 0) < 0)
        return -1;
    return fdi__os_spawn(process, options);
}

/* Clears *process if the process has ended or cannot be waited for. */
int fdi_wait(fdi_process *process, int64_t *status, int milliseconds, unsigned flags)
{
    bool keep = (flags & FDI_WAIT_KEEP) != 0;
    if (!process || *process <= FDI_NO_PROCESS || milliseconds < -1 ||
        (flags & ~(unsigned)FDI_WAIT_KEEP))
        return fdi__fail(EINVAL);
    int result = fdi__os_wait(*process, status, milliseconds, keep);
    if ((result == 1 && !keep) || (result < 0 && errno == ECHILD))
        *process = FDI_NO_PROCESS;
    return result;
}

int fdi_release(fdi_process *process)
{
    if (!process || *process < FDI_NO_PROCESS)
        return fdi__fail(EINVAL);
    if (*process != FDI_NO_PROCESS)
        fdi__os_release(*process);
    *process = FDI_NO_PROCESS;
    return 0;
}

int64_t fdi_process_id(fdi_process process)
{
    return process <= FDI_NO_PROCESS ? fdi__fail(EINVAL) : fdi__os_process_id(process);
}
