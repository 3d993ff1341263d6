/* SPDX-License-Identifier: MIT
 * fdinherit run: runs a command with stdio and the listed descriptors only. */
#include "../platform.h"
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Exit statuses of a shell for a command that is not found or cannot be run. */
enum { EXIT_NOT_FOUND = 127, EXIT_CANNOT_RUN = 126 };

struct run_options {
    fdi_fd_map *maps; /* has room for stdio too */
    size_t count;
    const char *directory; /* NULL: the current one */
    char **command;        /* NULL: none was given */
};

/* ---- Starting, also for check ---------------------------------------------------------------- */

static bool is_taken(const fdi_fd_map *maps, size_t count, int child_fd)
{
    for (size_t i = 0; i < count; i++)
        if (maps[i].child_fd == child_fd)
            return true;
    return false;
}

size_t map_stdio(fdi_fd_map *maps, size_t count)
{
    for (int fd = 0; fd <= 2; fd++)
        if (!is_taken(maps, count, fd) && fdi_get_inheritable(fd) >= 0)
            maps[count++] = (fdi_fd_map){fd, fd};
    return count;
}

static int complain_of_command(const char *name, int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        (void)complain_of(name, strerror(error));
        return EXIT_NOT_FOUND;
    case EBADF:
    case EINVAL:
    case ENOTSUP:
    case EMFILE:
    case ENFILE:
    case EAGAIN:
    case ENOMEM:
        return complain_of(name, strerror(error));
    default:
        (void)complain_of(name, strerror(error));
        return EXIT_CANNOT_RUN;
    }
}

int run_to_the_end(char **command, const fdi_fd_map *maps, size_t count)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    int status;
    options.program = fdi_path(command[0]);
    options.argv = command;
    options.fds = count > 0 ? maps : NULL;
    options.fd_count = count;
    options.flags = FDI_SPAWN_SEARCH | FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NO_STDIO;
    if (system_run(&options, &status) < 0)
        return complain_of_command(command[0], errno);
    return status;
}

/* ---- The arguments --------------------------------------------------------------------------- */

/* Parses a descriptor number. Returns the end of its digits, or NULL if it is invalid. */
static const char *read_fd(const char *text, int *fd)
{
    int64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        if ((number = number * 10 + (*at - '0')) > INT32_MAX)
            return NULL;
    *fd = (int)number;
    return at > text ? at : NULL;
}

static int add_kept(struct run_options *options, const char *text)
{
    fdi_fd_map *map = &options->maps[options->count];
    const char *end = read_fd(text, &map->fd);
    map->child_fd = map->fd;
    if (end && *end == ':')
        end = read_fd(end + 1, &map->child_fd);
    if (!end || *end)
        return misused("not FD or FD:CHILD_FD", text);
    if (is_taken(options->maps, options->count, map->child_fd))
        return misused("two descriptors for the same number", text);
    if (fdi_get_inheritable(map->fd) < 0)
        return complain("descriptor %d cannot be kept: %s", map->fd, strerror(errno));
    options->count++;
    return 0;
}

/* Returns 0, or EXIT_TROUBLE after an error message. */
static int parse_run_options(int count, char **arguments, struct run_options *options)
{
    for (int i = 0; i < count; i++) {
        const char *argument = arguments[i];
        bool takes_value = strcmp(argument, "--keep") == 0 || strcmp(argument, "--cwd") == 0;
        if (strcmp(argument, "--") == 0) {
            options->command = arguments + i + 1;
            return 0;
        }
        if (!takes_value)
            return misused(argument[0] == '-' ? "unknown option" : "put the command after --",
                           argument);
        if (++i == count)
            return misused("no value for the option", argument);
        if (strcmp(argument, "--cwd") == 0)
            options->directory = arguments[i];
        else if (add_kept(options, arguments[i]))
            return EXIT_TROUBLE;
    }
    return 0;
}

static int run_parsed(struct run_options *options)
{
    if (!options->command || !options->command[0])
        return misused("no command", "put one after --");
    if (options->directory && fdi_chdir(fdi_path(options->directory)) < 0)
        return complain_of(options->directory, strerror(errno));
    options->count = map_stdio(options->maps, options->count);
    return run_to_the_end(options->command, options->maps, options->count);
}

int command_run(int count, char **arguments)
{
    struct run_options options = {NULL, 0, NULL, NULL};
    options.maps = allocate(((size_t)count + 3) * sizeof *options.maps);
    int result = parse_run_options(count, arguments, &options);
    if (result == 0)
        result = run_parsed(&options);
    free(options.maps);
    return result;
}
