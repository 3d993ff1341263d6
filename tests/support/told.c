/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "told.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char answer_path[4096];
static char *arguments[] = {"tell", answer_path, NULL};

fdi_spawn_options tell_options(void)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    if (!getcwd(answer_path, sizeof answer_path - 16))
        abort();
    strcat(answer_path, "/answer");
    options.program = fdi_path(TELL);
    options.argv = arguments;
    return options;
}

fdi_spawn_options try_stdio_options(bool wait)
{
    static char *plain[] = {"try_stdio", NULL};
    static char *waiting[] = {"try_stdio", "wait", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(TRY_STDIO);
    options.argv = wait ? waiting : plain;
    return options;
}

static void take_line(struct told *told, const char *line)
{
    int number;
    char text[128];
    if (told->count < TOLD_FDS &&
        sscanf(line, "fd %d %llu %d", &told->fds[told->count].fd, &told->fds[told->count].ino,
               &told->fds[told->count].flags) == 3)
        told->count++;
    else if (sscanf(line, "blocked %d", &number) == 1)
        told->blocked |= UINT64_C(1) << (number - 1);
    else if (sscanf(line, "ignored %d", &number) == 1)
        told->ignored |= UINT64_C(1) << (number - 1);
    else if (sscanf(line, "stream %d", &number) == 1)
        told->streams |= UINT64_C(1) << number;
    else if (sscanf(line, "text %d", &number) == 1 && number < 64)
        told->text |= UINT64_C(1) << number;
    else if (sscanf(line, "arg %127[^\n]", text) == 1 && told->arg_count < 8)
        strcpy(told->args[told->arg_count++], text);
    else if (sscanf(line, "cwd %511[^\n]", told->cwd) != 1 &&
             sscanf(line, "pid %ld", &told->pid) != 1 &&
             sscanf(line, "session %ld", &told->session) != 1 &&
             sscanf(line, "group %ld", &told->group) != 1 &&
             sscanf(line, "inherited %d", &told->inherited) != 1)
        (void)sscanf(line, "variable %63[^\n]", told->variable);
}

void tell_read(struct told *told)
{
    char line[4200];
    int64_t status = told->status;
    FILE *answer = fopen(answer_path, "r");
    if (!answer)
        abort();
    memset(told, 0, sizeof *told);
    told->status = status;
    told->inherited = -1;
    while (fgets(line, sizeof line, answer))
        take_line(told, line);
    fclose(answer);
    remove(answer_path);
}

int tell_all(const fdi_spawn_options *options, struct told *told)
{
    fdi_process process;
    if (fdi_spawn(&process, options) < 0)
        return -1;
    int errno_of_spawn = errno;
    if (fdi_wait(&process, &told->status, -1, 0) != 1 || process != FDI_NO_PROCESS)
        abort();
    tell_read(told);
    errno = errno_of_spawn;
    return 0;
}

static bool has_it(const struct told *told, fdi_fd_map map)
{
    for (int i = 0; i < told->count; i++)
        if (told->fds[i].fd == map.child_fd)
            return told->fds[i].ino == identity_of(map.fd) && told->fds[i].flags == 0;
    return false;
}

bool tell_expected(const fdi_spawn_options *options, const fdi_fd_map *expected, size_t count)
{
    static struct told told;
    if (tell_all(options, &told) < 0 || told.status != 0 || told.count != (int)count)
        return false;
    if (told.inherited >= 0 && told.inherited != (int)count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!has_it(&told, expected[i]))
            return false;
    return true;
}

bool tell_exact(const fdi_fd_map *fds, size_t count)
{
    fdi_spawn_options options = tell_options();
    options.fds = fds;
    options.fd_count = count;
    options.flags = FDI_SPAWN_NO_STDIO;
    return tell_expected(&options, fds, count);
}
