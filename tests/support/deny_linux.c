/* SPDX-License-Identifier: MIT
 *   deny [--no-proc] [ENOSYS|EPERM CALL...] -- PROGRAM [ARGUMENT...]
 *
 * Runs a program as on another system: a filter refuses the named calls with that error, as an
 * older kernel or a sandbox does. With --no-proc, /proc is hidden. */
#include "../../src/platform.h"
#include "refuse_linux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { REFUSALS = 16 };

/* Calls by number, because headers are often older than the kernel. The numbers are the same on
 * all except very old architectures. */
static const struct {
    const char *name;
    long number;
} calls[] = {
    {"statx", SYS_statx}, {"execveat", SYS_execveat}, {"pidfd_open", 434},  {"clone3", 435},
    {"close_range", 436}, {"openat2", 437},           {"faccessat2", 439},  {"fchmodat2", 452},
    {"setxattrat", 463},  {"getxattrat", 464},        {"listxattrat", 465}, {"removexattrat", 466},
};

static long number_of(const char *name)
{
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].name, name) == 0)
            return calls[i].number;
    return -1;
}

/* Tries each call once, with arguments that no kernel accepts. */
static bool all_bite(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        errno = 0;
        if (syscall(refusals[i].number, -1, NULL, 0, 0, 0, 0) != -1 || errno != refusals[i].error)
            return false;
    }
    return true;
}

static int usage(const char *what)
{
    fprintf(stderr, "deny: %s\n", what);
    return 2;
}

int main(int argc, char **argv)
{
    struct refusal refusals[REFUSALS];
    size_t count = 0;
    int at = 1;
    bool no_proc = at < argc && strcmp(argv[at], "--no-proc") == 0;
    at += no_proc;
    int error = at < argc && strcmp(argv[at], "EPERM") == 0 ? EPERM : ENOSYS;
    at += at < argc && argv[at][0] == 'E';
    for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
        long number = number_of(argv[at]);
        if (number < 0 || count == REFUSALS)
            return usage("unknown call, or too many");
        refusals[count++] = (struct refusal){number, 0, 0, 0, error};
    }
    if (at + 1 >= argc)
        return usage("no program");
    if (no_proc && !lose_proc())
        return usage("/proc cannot be taken away");
    if (count > 0 && !refuse(refusals, count))
        return usage("no filter");
    if (!all_bite(refusals, count))
        return usage("a call is not refused");
    execv(argv[at + 1], argv + at + 1);
    return usage("the program cannot be started");
}
