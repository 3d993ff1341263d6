/* SPDX-License-Identifier: MIT
 * The scenarios of fdi_spawn, fdi_wait, fdi_release and fdi_process_id. */
#include "../../../src/platform.h"
#include "fdinherit.h"
#include "scenarios.h"
#include "injector.h"

#include <errno.h>
#include <io.h>

static fdi_spawn_options options_for(fdi_target program)
{
    static char *arguments[] = {"list_fds", "count", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = program;
    options.argv = arguments;
    return options;
}

static int64_t run(fdi_spawn_options options, int count)
{
    const fdi_fd_map map[] = {{around.file, 5}, {around.inheritable, 0}, {around.directory, 3}};
    fdi_process child;
    options.fds = count > 0 ? map : NULL;
    options.fd_count = (size_t)count;
    MARKED(int, fdi_spawn(&child, &options));
    if (result == 0)
        must(fdi_wait(&child, NULL, -1, 0));
    return result;
}

static int64_t spawn_alone(void)
{
    fdi_spawn_options options = options_for(fdi_path(LIST_FDS));
    options.flags = FDI_SPAWN_NO_STDIO;
    return run(options, 0);
}

static int64_t spawn_with_fds(void)
{
    fdi_spawn_options options = options_for(fdi_path(LIST_FDS));
    options.flags = FDI_SPAWN_NO_STDIO;
    return run(options, 3);
}

/* Closes fd 2, so the child gets the null device. */
static int64_t spawn_with_null_device(void)
{
    int saved = _dup(2);
    must(_close(2));
    errno = UNTOUCHED;
    int64_t result = run(options_for(fdi_path(LIST_FDS)), 2);
    int error = errno;
    must(_dup2(saved, 2));
    must(_close(saved));
    errno = error;
    return result;
}

static int64_t spawn_in_directory(void)
{
    fdi_spawn_options options = options_for(fdi_path(LIST_FDS));
    options.directory = EMPTY_AT;
    options.envp = (char *[]){"SystemRoot=C:\\windows", "A=b", NULL};
    options.flags = FDI_SPAWN_NO_STDIO;
    return run(options, 1);
}

static int64_t spawn_missing(void)
{
    fdi_spawn_options options = options_for(fdi_path("nothing-like-it"));
    options.flags = FDI_SPAWN_SEARCH;
    return run(options, 0);
}

static int64_t spawn_missing_on_given_path(void)
{
    fdi_spawn_options options = options_for(fdi_path("nothing-like-it"));
    options.envp = (char *[]){"PATH=dir", NULL};
    options.flags = FDI_SPAWN_SEARCH;
    return run(options, 0);
}

static int64_t spawn_missing_without_path(void)
{
    fdi_spawn_options options = options_for(fdi_path("nothing-like-it"));
    options.envp = (char *[]){"A=b", NULL};
    options.flags = FDI_SPAWN_SEARCH;
    return run(options, 0);
}

static fdi_process started(void)
{
    fdi_spawn_options options = options_for(fdi_path(LIST_FDS));
    fdi_process child;
    options.flags = FDI_SPAWN_NO_STDIO;
    must(fdi_spawn(&child, &options));
    errno = UNTOUCHED;
    return child;
}

/* Waits for the child after a failed call, by its saved handle. */
static int64_t waited(fdi_process child, int64_t result)
{
    int error = errno;
    if (result < 0)
        must(fdi_wait(&child, NULL, -1, 0));
    errno = error;
    return result;
}

static int64_t wait_for_child(void)
{
    fdi_process child = started(), same = child;
    int64_t code;
    MARKED(int, fdi_wait(&child, &code, -1, 0));
    return waited(same, result);
}

static int64_t look_at_child(void)
{
    fdi_process child = started(), same = child;
    int64_t code;
    injector_begin();
    int64_t id = fdi_process_id(child);
    int kept = fdi_wait(&child, &code, 60000, FDI_WAIT_KEEP);
    int error = errno;
    int result = kept < 0 ? kept : fdi_wait(&child, &code, 60000, 0);
    injector_end();
    if (kept < 0)
        errno = error;
    (void)waited(same, result);
    return id < 0 ? id : result;
}

static int64_t release_child(void)
{
    fdi_process child = started();
    HANDLE self = GetCurrentProcess(), own;
    must(DuplicateHandle(self, (HANDLE)child, self, &own, 0, FALSE, DUPLICATE_SAME_ACCESS) - 1);
    errno = UNTOUCHED;
    MARKED(int, fdi_release(&child));
    must(-(WaitForSingleObject(own, INFINITE) != WAIT_OBJECT_0));
    (void)CloseHandle(own);
    return result;
}

const struct scenario child_scenarios[] = {
    ROW(spawn_alone),
    ROW(spawn_with_fds),
    ROW(spawn_with_null_device),
    ROW(spawn_in_directory),
    ROW(spawn_missing),
    ROW(spawn_missing_on_given_path),
    ROW(spawn_missing_without_path),
    ROW(wait_for_child),
    ROW(look_at_child),
    ROW(release_child),
};
const int child_scenario_count = sizeof child_scenarios / sizeof *child_scenarios;
