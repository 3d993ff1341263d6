/* SPDX-License-Identifier: MIT
 * Starts children and waits for them. The child's calls before its exec fail in turn as well. */
#define _GNU_SOURCE 1
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the child's report -------------------------------------------------------------------- */

static char program[PATH_MAX];

static void note_signals(void)
{
    struct sigaction action;
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int signal = 1; signal < 65; signal++) {
        if (sigismember(&mask, signal) == 1)
            effect_note("blocked %d\n", signal);
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            effect_note("ignored %d\n", signal);
    }
}

int child_report(const char *tree)
{
    struct stat here;
    effect_begin();
    if (stat(".", &here) < 0 || chdir(tree) < 0)
        return 1;
    effect_note("in %s, %s group, %s session\n", effect_file_name(&here),
                getpgrp() == getpid() ? "own" : "parent's",
                getsid(0) == getpid() ? "own" : "parent's");
    note_signals();
    effect_note_descriptors();
    int report = open("report", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    size_t length = strlen(effect_text());
    return write(report, effect_text(), length) == (ssize_t)length ? 0 : 2;
}

static void note_report(void)
{
    char text[4096];
    int report = open("report", O_RDONLY | O_CLOEXEC);
    ssize_t length = report < 0 ? 0 : read(report, text, sizeof text);
    effect_note("child: %.*s\n", (int)length, text);
    if (report >= 0 && (close(report) < 0 || unlink("report") < 0))
        abort();
}

/* ---- starting ------------------------------------------------------------------------------ */

/* The child is this program, which reports what it received. */
static fdi_spawn_options options_for(const char *path)
{
    static char tree[PATH_MAX];
    static char *arguments[] = {"faults", "--report", tree, NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    if (!getcwd(tree, sizeof tree))
        abort();
    options.program = fdi_path(path);
    options.argv = arguments;
    return options;
}

void children_begin(const char *directory)
{
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char link[PATH_MAX];
    (void)snprintf(link, sizeof link, "%s/report-child", directory);
    if (length < 0 || symlink(program, link) < 0 || setenv("PATH", directory, 1) < 0)
        abort();
}

/* Also waits for a child that fdi_spawn reports as started. */
static int64_t start(const fdi_spawn_options *options)
{
    fdi_process process = 0;
    int64_t status = -1;
    injector_begin();
    int result = fdi_spawn(&process, options);
    int error = errno;
    injector_end();
    if (result == 0) {
        int waited = fdi_wait(&process, &status, -1, 0);
        effect_note("waited %d, status %ld\n", waited, (long)status);
        note_report();
    }
    errno = error;
    return result;
}

static int64_t spawn_(void)
{
    fdi_spawn_options options = options_for(program);
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
    fdi_spawn_options options = options_for(program);
    options.fds = map;
    options.fd_count = 4;
    return start(&options);
}

static int64_t spawn_with_everything(void)
{
    int opened = open(program, O_RDONLY | O_CLOEXEC);
    fdi_spawn_options options = options_for(program);
    options.program = fdi_fd(opened);
    options.directory = fdi_path_at(around.here, "dir");
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_NEW_GROUP;
    (void)signal(SIGPIPE, SIG_IGN);
    int64_t result = start(&options);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)close(opened);
    return result;
}

/* More descriptors than the stack buffer holds. Number 63 is closed, so the spawn fails. */
static int64_t spawn_many(void)
{
    static fdi_fd_map map[8000];
    fdi_spawn_options options = options_for(program);
    for (int i = 0; i < 8000; i++)
        map[i] = (fdi_fd_map){63, i};
    options.fds = map;
    options.fd_count = 8000;
    return start(&options);
}

static int64_t spawn_without_stdio(void)
{
    const fdi_fd_map map[] = {{around.directory, 3}};
    fdi_spawn_options options = options_for(program);
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
    fdi_spawn_options options = options_for(program);
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
    fdi_spawn_options options = options_for("report-child");
    options.flags = FDI_SPAWN_SEARCH | FDI_SPAWN_NEW_SESSION;
    return start(&options);
}

/* The child's environment determines the search path, if it has a PATH. */
static int64_t search_in(const char *name, char *const *environment)
{
    fdi_spawn_options options = options_for(name);
    options.envp = environment;
    options.flags = FDI_SPAWN_SEARCH;
    return start(&options);
}

static int64_t spawn_searched_for_the_child(void)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "PATH=/missing::%s:/usr/bin", getenv("PATH"));
    return search_in("report-child", (char *[]){path, NULL});
}

static int64_t spawn_searched_without_path(void)
{
    return search_in("true", (char *[]){NULL});
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
    int64_t status = -77;
    injector_begin();
    int result = fdi_wait(&process, &status, milliseconds, flags);
    int error = errno;
    injector_end();
    effect_note("status %ld\n", (long)status);
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
    ROW(spawn_, .puts_back = true),
    ROW(spawn_missing, .puts_back = true, .error = ENOENT),
    ROW(spawn_rearranged, .puts_back = true),
    ROW(spawn_with_everything, .puts_back = true),
    ROW(spawn_many, .puts_back = true, .error = EBADF),
    ROW(spawn_without_stdio, .puts_back = true),
    ROW(spawn_with_closed_stdio, .puts_back = true),
    ROW(spawn_searched, .puts_back = true),
    ROW(spawn_searched_for_the_child, .puts_back = true),
    ROW(spawn_searched_without_path, .puts_back = true),
    ROW(wait_to_the_end, .calls = NULL),
    ROW(wait_looking, .calls = NULL),
    ROW(wait_for_a_time, .calls = NULL),
    ROW(wait_keeping, .calls = NULL),
    ROW(wait_keeping_for_a_time, .calls = NULL),
    ROW(release, .calls = NULL),
};

const int children_count = sizeof children / sizeof children[0];
