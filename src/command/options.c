/* SPDX-License-Identifier: MIT */
#include "../platform.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool take_value(struct arguments *arguments, const char *name, const char **value)
{
    const char *argument = arguments->items[arguments->at];
    size_t length = strlen(name);
    if (strncmp(argument, name, length) != 0 || (argument[length] && argument[length] != '='))
        return false;
    if (argument[length] == '=')
        *value = argument + length + 1;
    else if (arguments->at + 1 < arguments->count)
        *value = arguments->items[++arguments->at];
    else {
        *value = NULL;
        (void)misused("no value for the option", argument);
    }
    return true;
}

/* ---- Process ids ----------------------------------------------------------------------------- */

static void append(struct pids *pids, int pid)
{
    pids->items = make_room(pids->items, pids->count, &pids->capacity, sizeof *pids->items);
    pids->items[pids->count++] = pid;
}

int pids_add(struct pids *pids, const char *text)
{
    int pid = parse_number(text);
    if (pid < 0)
        return misused(text[0] == '-' ? "unknown option" : "not a process id", text);
    append(pids, pid);
    return 0;
}

void pids_default_to_own(struct pids *pids)
{
    if (pids->count == 0)
        append(pids, 0);
}

/* ---- A command to start ---------------------------------------------------------------------- */

void start_begin(struct start *start, const struct arguments *arguments)
{
    memset(start, 0, sizeof *start);
    start->maps = allocate(((size_t)arguments->count + 3) * sizeof *start->maps);
}

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

static bool is_taken(const struct start *start, int child_fd)
{
    for (size_t i = 0; i < start->count; i++)
        if (start->maps[i].child_fd == child_fd)
            return true;
    return false;
}

static int add_kept(struct start *start, const char *text)
{
    fdi_fd_map *map = &start->maps[start->count];
    const char *end = read_fd(text, &map->fd);
    map->child_fd = map->fd;
    if (end && *end == ':')
        end = read_fd(end + 1, &map->child_fd);
    if (!end || *end)
        return misused("not FD or FD:CHILD_FD", text);
    if (is_taken(start, map->child_fd))
        return misused("two descriptors for the same number", text);
    if (fdi_get_inheritable(map->fd) < 0)
        return complain("descriptor %d cannot be kept: %s", map->fd, strerror(errno));
    start->count++;
    return 1;
}

static int take_command(struct start *start, struct arguments *arguments)
{
    start->command = arguments->items + arguments->at + 1;
    arguments->at = arguments->count;
    return start->command[0] ? 1 : misused("no command", "put one after --");
}

int start_take(struct start *start, struct arguments *arguments)
{
    const char *value;
    if (strcmp(arguments->items[arguments->at], "--") == 0)
        return take_command(start, arguments);
    if (take_value(arguments, "--keep", &value))
        return value ? add_kept(start, value) : TROUBLE;
    if (!take_value(arguments, "--cwd", &value))
        return 0;
    start->directory = value;
    return value ? 1 : TROUBLE;
}

int start_prepare(struct start *start)
{
    if (start->directory && fdi_chdir(fdi_path(start->directory)) < 0)
        return complain_of(start->directory, strerror(errno));
    for (int fd = 0; fd <= 2; fd++)
        if (!is_taken(start, fd) && fdi_get_inheritable(fd) >= 0)
            start->maps[start->count++] = (fdi_fd_map){fd, fd};
    return 0;
}
