/* SPDX-License-Identifier: MIT
 * Starts children and waits for them. The child's calls before its exec fail in turn as well. */
#define _GNU_SOURCE 1
#include "scenarios.h"
#include "fdinherit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static fdi_spawn_options options_for(const char *path)
{
    static char *arguments[] = {"true", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(path);
    options.argv = arguments;
    return options;
}

/* Waits for a child that fdi_spawn reports as started. It must exit with 0, so it did run the
 * program. */
static int64_t start(const fdi_spawn_options *options)
{
    fdi_process process = 0;
    int64_t status = -1;
    injector_begin();
    int result = fdi_spawn(&process, options);
    int error = errno;
    injector_end();
    if (result == 0 && (fdi_wait(&process, &status, -1, 0) != 1 || status != 0))
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

/* More descriptors than the stack buffer holds. Number 63 is closed, so the spawn fails. */
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

static int64_t spawn_without_stdio(void)
{
    const fdi_fd_map map[] = {{around.directory, 3}};
    fdi_spawn_options options = options_for("/bin/true");
    options.fds = map;
    options.fd_count = 1;
    options.flags = FDI_SPAWN_NO_STDIO;
    return start(&options);
}

/* The child has the null device as its stdin and stderr. */
static int64_t spawn_with_closed_stdio(void)
{
    int in = fcntl(0, F_DUPFD_CLOEXEC, 10);
    int err = fcntl(2, F_DUPFD_CLOEXEC, 10);
    fdi_spawn_options options = options_for("/bin/true");
    close(0);
    close(2);
    int64_t result = start(&options);
    int error = errno;
    if (fcntl(0, F_GETFD) >= 0 || fcntl(2, F_GETFD) >= 0)
        abort();
    dup2(in, 0);
    dup2(err, 2);
    close(in);
    close(err);
    errno = error;
    return result;
}

static int64_t spawn_searched(void)
{
    fdi_spawn_options options = options_for("true");
    options.flags = FDI_SPAWN_SEARCH | FDI_SPAWN_NEW_SESSION;
    return start(&options);
}

/* The child's environment determines the search path, if it has a PATH. */
static int64_t search_in(char *const *environment)
{
    fdi_spawn_options options = options_for("true");
    options.envp = environment;
    options.flags = FDI_SPAWN_SEARCH;
    return start(&options);
}

static int64_t spawn_searched_for_the_child(void)
{
    return search_in((char *[]){"PATH=/missing::/bin:/usr/bin", NULL});
}

static int64_t spawn_searched_without_path(void)
{
    return search_in((char *[]){NULL});
}

static fdi_process start_sleep(void)
{
    fdi_process process = FDI_NO_PROCESS;
    fdi_spawn_options options = options_for("/bin/sleep");
    options.argv = (char *[]){"sleep", "0.05", NULL};
    if (fdi_spawn(&process, &options) < 0)
        abort();
    return process;
}

/* A failed wait keeps the process for the next wait, unless the error is ECHILD. */
static int64_t wait_for(int milliseconds, unsigned flags)
{
    fdi_process process = start_sleep();
    pid_t child = (pid_t)process;
    injector_begin();
    int result = fdi_wait(&process, NULL, milliseconds, flags);
    int error = errno;
    injector_end();
    bool is_kept =
        result == 0 || (result < 0 && error != ECHILD) || (result == 1 && (flags & FDI_WAIT_KEEP));
    if (process != (is_kept ? (fdi_process)child : FDI_NO_PROCESS))
        abort();
    if (result != 1 || is_kept)
        (void)waitpid(child, NULL, 0);
    errno = error;
    return result;
}

static int64_t wait_to_the_end(void)
{
    return wait_for(-1, 0);
}

static int64_t wait_looking(void)
{
    return wait_for(0, 0);
}

static int64_t wait_for_a_time(void)
{
    return wait_for(10000, 0);
}

static int64_t wait_keeping(void)
{
    return wait_for(-1, FDI_WAIT_KEEP);
}

static int64_t wait_keeping_for_a_time(void)
{
    return wait_for(10000, FDI_WAIT_KEEP);
}

static int64_t release(void)
{
    fdi_process process = start_sleep();
    pid_t child = (pid_t)process;
    injector_begin();
    int result = fdi_release(&process);
    injector_end();
    int error = errno;
    if (process != FDI_NO_PROCESS || waitpid(child, NULL, 0) != child)
        abort();
    errno = error;
    return result;
}

/* A failed spawn reaps its child, so these scenarios cannot pass if wait4 fails too. */
const struct scenario children[] = {
    ROW_PUTS_BACK(spawn_),
    ROW_PUTS_BACK(spawn_missing),
    ROW_PUTS_BACK(spawn_rearranged),
    ROW_PUTS_BACK(spawn_with_everything),
    ROW_PUTS_BACK(spawn_many),
    ROW_PUTS_BACK(spawn_without_stdio),
    ROW_PUTS_BACK(spawn_with_closed_stdio),
    ROW_PUTS_BACK(spawn_searched),
    ROW_PUTS_BACK(spawn_searched_for_the_child),
    ROW_PUTS_BACK(spawn_searched_without_path),
    ROW(wait_to_the_end),
    ROW(wait_looking),
    ROW(wait_for_a_time),
    ROW(wait_keeping),
    ROW(wait_keeping_for_a_time),
    ROW(release),
};

const int children_count = sizeof children / sizeof children[0];
