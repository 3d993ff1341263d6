/* SPDX-License-Identifier: MIT
 * The floor, this library, and the methods of the C library. */
#include "../../src/platform.h"
#include "spawn_ways.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { CLOSE_RANGE = 436, UNSHARE = 2 };

static int wait_for(pid_t pid)
{
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

/* ---- the floor: no checks, no signal handling, flags already right -------------------------- */

static char stack[16384] __attribute__((aligned(16)));

static int floor_child(void *program)
{
    char *arguments[] = {program, NULL};
    syscall(CLOSE_RANGE, 4, ~0U, UNSHARE);
    execve(program, arguments, environ);
    _exit(127);
}

static int run_floor(char *program)
{
    int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;
    return wait_for(clone(floor_child, stack + sizeof stack, flags, program));
}

/* ---- the floor with correct signals: no signal stays ignored -------------------------------- */

static uint64_t read_ignored(void)
{
    char text[2048];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    const char *ignored = strstr(text, "SigIgn:\t");
    return ignored ? strtoull(ignored + sizeof "SigIgn:\t" - 1, NULL, 16) : 0;
}

static int floor_signals_child(void *program)
{
    char *arguments[] = {program, NULL};
    syscall(CLOSE_RANGE, 4, ~0U, UNSHARE);
    uint64_t ignored = read_ignored();
    for (int number = 1; ignored; number++, ignored >>= 1)
        if (ignored & 1)
            (void)sigaction(number, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    execve(program, arguments, environ);
    _exit(127);
}

static int run_floor_signals(char *program)
{
    int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;
    return wait_for(clone(floor_signals_child, stack + sizeof stack, flags, program));
}

/* ---- vfork and close_range ----------------------------------------------------------------- */

static int vfork_child(void *program)
{
    char *arguments[] = {program, NULL};
    syscall(CLOSE_RANGE, 4, ~0U, 0);
    execve(program, arguments, environ);
    _exit(127);
}

static int run_vfork(char *program)
{
    int flags = CLONE_VM | CLONE_VFORK | SIGCHLD;
    return wait_for(clone(vfork_child, stack + sizeof stack, flags, program));
}

/* ---- this library -------------------------------------------------------------------------- */

static int run_with(char *program, unsigned flags)
{
    static const fdi_fd_map map[] = {{3, 3}};
    char *arguments[] = {program, NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int64_t status;
    options.program = fdi_path(program);
    options.argv = arguments;
    options.fds = map;
    options.fd_count = 1;
    options.flags = flags;
    if (fdi_spawn(&process, &options) < 0 || fdi_wait(&process, &status, -1, 0) < 0)
        return -1;
    return (int)status;
}

static int run_library(char *program)
{
    return run_with(program, 0);
}

static int run_keeping(char *program)
{
    return run_with(program, FDI_SPAWN_KEEP_IGNORED);
}

/* ---- posix_spawn --------------------------------------------------------------------------- */

static int run_posix_spawn(char *program)
{
    char *arguments[] = {program, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
#ifdef HAVE_CLOSEFROM
    posix_spawn_file_actions_addclosefrom_np(&actions, 4);
#endif
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawn(&pid, program, &actions, &attributes, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error ? -1 : wait_for(pid);
}

const struct way own_ways[] = {
    {"floor", run_floor},
    {"floor again", run_floor},
    {"floor, signals done right", run_floor_signals},
    {"fdi_spawn", run_library},
    {"fdi_spawn, KEEP_IGNORED", run_keeping},
    {"vfork + close_range", run_vfork},
    {"posix_spawn + closefrom", run_posix_spawn},
    {NULL, NULL},
};
