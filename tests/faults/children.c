/* SPDX-License-Identifier: MIT
 * Starting a child and waiting for it. The child's calls fail as well, until it is the program. */
#define _GNU_SOURCE 1
#include "scenarios.h"
#include "fdinherit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static fdi_spawn_options options_for(const char *path)
{
    static char *arguments[] = {"true", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(path);
    options.argv = arguments;
    return options;
}

/* What was started is waited for. That it was started at all must be no lie: it exits with 0. */
static int64_t start(const fdi_spawn_options *options)
{
    fdi_process process = 0;
    int status = -1;
    injector_begin();
    int result = fdi_spawn(&process, options);
    int error = errno;
    injector_end();
    if (result == 0 && (fdi_wait(process, &status) < 0 || status != 0))
        abort();
    errno = error;
    return result;
}

static int64_t spawn_(void)
{
    fdi_spawn_options options = options_for("/bin/true");
    return start(&options);
}

static int64_t spawn_missing(void)
{
    fdi_spawn_options options = options_for("/missing");
    return start(&options);
}

static int64_t spawn_rearranged(void)
{
    const fdi_fd_map map[] = {{around.file, around.inheritable},
                              {around.inheritable, around.file},
                              {around.directory, 2},
                              {around.directory, 50}};
    fdi_spawn_options options = options_for("/bin/true");
    options.fds = map;
    options.fd_count = 4;
    return start(&options);
}

static int64_t spawn_with_everything(void)
{
    int program = open("/bin/true", O_RDONLY | O_CLOEXEC);
    fdi_spawn_options options = options_for("/bin/true");
    options.program = fdi_fd(program);
    options.directory = fdi_path_at(around.here, "dir");
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_NEW_GROUP;
    (void)signal(SIGPIPE, SIG_IGN);
    int64_t result = start(&options);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)close(program);
    return result;
}

/* More than there is room for on the stack, and not open, so that nothing is moved. */
static int64_t spawn_many(void)
{
    static fdi_fd_map map[8000];
    fdi_spawn_options options = options_for("/bin/true");
    for (int i = 0; i < 8000; i++)
        map[i] = (fdi_fd_map){63, i};
    options.fds = map;
    options.fd_count = 8000;
    return start(&options);
}

static int64_t spawn_searched(void)
{
    fdi_spawn_options options = options_for("true");
    options.flags = FDI_SPAWN_SEARCH | FDI_SPAWN_NEW_SESSION;
    return start(&options);
}

static int64_t wait_for(int milliseconds)
{
    fdi_process process = 0;
    fdi_spawn_options options = options_for("/bin/sleep");
    options.argv = (char *[]){"sleep", "0.05", NULL};
    if (fdi_spawn(&process, &options) < 0)
        abort();
    injector_begin();
    int result = fdi_wait_timeout(process, milliseconds, NULL);
    int error = errno;
    injector_end();
    (void)fdi_wait(process, NULL);
    errno = error;
    return result;
}

static int64_t wait_to_the_end(void)
{
    return wait_for(-1);
}

static int64_t wait_looking(void)
{
    return wait_for(0);
}

static int64_t wait_for_a_time(void)
{
    return wait_for(10000);
}

/* A child that failed must be waited for: not if that fails, too. */
const struct scenario children[] = {
    ROW_PUTS_BACK(spawn_),
    ROW_PUTS_BACK(spawn_missing),
    ROW_PUTS_BACK(spawn_rearranged),
    ROW_PUTS_BACK(spawn_with_everything),
    ROW_PUTS_BACK(spawn_many),
    ROW_PUTS_BACK(spawn_searched),
    ROW(wait_to_the_end),
    ROW(wait_looking),
    ROW(wait_for_a_time),
};

const int children_count = sizeof children / sizeof children[0];
