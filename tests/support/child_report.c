/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "child_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char answer_path[4096];
static char *arguments[] = {"report_child", answer_path, NULL};

fdi_spawn_options report_options(void)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    if (!getcwd(answer_path, sizeof answer_path - 16))
        abort();
    strcat(answer_path, "/answer");
    options.program = fdi_path(REPORT_CHILD);
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

static void take_line(struct child_report *report, const char *line)
{
    int number;
    char text[128];
    if (report->count < REPORT_FDS &&
        sscanf(line, "fd %d %llu %d", &report->fds[report->count].fd,
               &report->fds[report->count].ino, &report->fds[report->count].flags) == 3)
        report->count++;
    else if (sscanf(line, "blocked %d", &number) == 1)
        report->blocked |= UINT64_C(1) << (number - 1);
    else if (sscanf(line, "ignored %d", &number) == 1)
        report->ignored |= UINT64_C(1) << (number - 1);
    else if (sscanf(line, "stream %d", &number) == 1)
        report->streams |= UINT64_C(1) << number;
    else if (sscanf(line, "text %d", &number) == 1 && number < 64)
        report->text |= UINT64_C(1) << number;
    else if (sscanf(line, "arg %127[^\n]", text) == 1 && report->arg_count < 8)
        strcpy(report->args[report->arg_count++], text);
    else if (sscanf(line, "cwd %511[^\n]", report->cwd) != 1 &&
             sscanf(line, "pid %ld", &report->pid) != 1 &&
             sscanf(line, "session %ld", &report->session) != 1 &&
             sscanf(line, "group %ld", &report->group) != 1 &&
             sscanf(line, "inherited %d", &report->inherited) != 1)
        (void)sscanf(line, "variable %63[^\n]", report->variable);
}

void read_report(struct child_report *report)
{
    char line[4200];
    int64_t status = report->status;
    FILE *answer = fopen(answer_path, "r");
    if (!answer)
        abort();
    memset(report, 0, sizeof *report);
    report->status = status;
    report->inherited = -1;
    while (fgets(line, sizeof line, answer))
        take_line(report, line);
    fclose(answer);
    remove(answer_path);
}

int spawn_report(const fdi_spawn_options *options, struct child_report *report)
{
    fdi_process process;
    if (fdi_spawn(&process, options) < 0)
        return -1;
    int errno_of_spawn = errno;
    if (fdi_wait(&process, &report->status, -1, 0) != 1 || process != FDI_NO_PROCESS)
        abort();
    read_report(report);
    errno = errno_of_spawn;
    return 0;
}

static bool has_it(const struct child_report *report, fdi_fd_map map)
{
    for (int i = 0; i < report->count; i++)
        if (report->fds[i].fd == map.child_fd)
            return report->fds[i].ino == identity_of(map.fd) && report->fds[i].flags == 0;
    return false;
}

bool child_has_expected(const fdi_spawn_options *options, const fdi_fd_map *expected, size_t count)
{
    static struct child_report report;
    if (spawn_report(options, &report) < 0 || report.status != 0 || report.count != (int)count)
        return false;
    if (report.inherited >= 0 && report.inherited != (int)count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!has_it(&report, expected[i]))
            return false;
    return true;
}

bool child_has_exactly(const fdi_fd_map *fds, size_t count)
{
    fdi_spawn_options options = report_options();
    options.fds = fds;
    options.fd_count = count;
    options.flags = FDI_SPAWN_NO_STDIO;
    return child_has_expected(&options, fds, count);
}
