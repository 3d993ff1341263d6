/* SPDX-License-Identifier: MIT
 * fdinherit run: runs a command with stdio and the listed descriptors only. */
#include "../platform.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Exit statuses of a shell for a command that is not found or cannot be run. */
enum { EXIT_NOT_FOUND = 127, EXIT_CANNOT_RUN = 126 };

int shell_status(int64_t status)
{
    return (int)(uint32_t)(status < 0 ? EXIT_SIGNAL - status : status);
}

static int complain_of_command(const char *name, int error)
{
    int trouble = complain_of(name, strerror(error));
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        return EXIT_NOT_FOUND;
    case EBADF:
    case EINVAL:
    case ENOTSUP:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
    case ENOMEM:
        return trouble;
    default:
        return EXIT_CANNOT_RUN;
    }
}

int run_reporting(char **command, const fdi_fd_map *maps, size_t count, int64_t *status)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(command[0]);
    options.argv = command;
    options.fds = count > 0 ? maps : NULL;
    options.fd_count = count;
    options.flags = FDI_SPAWN_SEARCH | FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NO_STDIO;
    return system_run(&options, status) < 0 ? complain_of_command(command[0], errno) : 0;
}

int run_to_the_end(char **command, const fdi_fd_map *maps, size_t count)
{
    int64_t status;
    int failure = run_reporting(command, maps, count, &status);
    return failure ? failure : shell_status(status);
}

static int parse_run_options(struct arguments *arguments, struct start *start)
{
    for (; arguments->at < arguments->count; arguments->at++) {
        const char *argument = arguments->items[arguments->at];
        int taken = start_take(start, arguments);
        if (taken == 0)
            return misused(argument[0] == '-' ? "unknown option" : "put the command after --",
                           argument);
        if (taken < 0)
            return TROUBLE;
    }
    return start->command ? 0 : misused("no command", "put one after --");
}

int command_run(int count, char **items)
{
    struct arguments arguments = {items, count, 0};
    struct start start;
    start_begin(&start, &arguments);
    int result = parse_run_options(&arguments, &start);
    if (result == 0)
        result = start_prepare(&start);
    if (result == 0)
        result = run_to_the_end(start.command, start.maps, start.count);
    free(start.maps);
    return result;
}
