/* SPDX-License-Identifier: MIT
 *   seccomp_exec [--no-proc] [ENOSYS|EPERM] [CALL...] -- PROGRAM [ARGUMENT...]
 *
 * Runs a program as on another system: a filter refuses the named calls with that error, as an
 * older kernel or a sandbox does. With --no-proc, /proc is hidden. */
#include "../../src/platform.h"
#include "seccomp_linux.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RULES = 16 };

/* Newer calls stand here by number, because headers are often older than the kernel. Their
 * numbers are the same on all except very old architectures. A name may cover several calls,
 * because C libraries make different ones. */
static const struct {
    const char *name;
    long number;
} calls[] = {
    {"statx", SYS_statx},       {"execveat", SYS_execveat},
    {"pidfd_open", 434},        {"clone3", 435},
    {"close_range", 436},       {"openat2", 437},
    {"faccessat2", 439},        {"fchmodat2", 452},
    {"setxattrat", 463},        {"getxattrat", 464},
    {"listxattrat", 465},       {"removexattrat", 466},
    {"ptrace", SYS_ptrace},     {"clone", SYS_clone},
    {"pipe2", SYS_pipe2},       {"getdents64", SYS_getdents64},
    {"select", SYS_pselect6},   {"seccomp", SYS_seccomp},
#if defined(SYS_fork)
    {"clone", SYS_fork},
#endif
#if defined(SYS_select)
    {"select", SYS_select},
#endif
#if defined(SYS__newselect)
    {"select", SYS__newselect},
#endif
};

/* Appends rules for the library's own calls of statx, which ask for the birth time or for nothing.
 * 32-bit C libraries call statx for every stat, and ask for neither. */
static bool add_own_statx(struct seccomp_rule *rules, size_t *count, int error)
{
    enum { MASK = 3, EVERYTHING = 0xfff, BIRTH_TIME = 0x800 };
    if (*count + 2 > RULES)
        return false;
    rules[(*count)++] = (struct seccomp_rule){SYS_statx, MASK, EVERYTHING, 0, error};
    rules[(*count)++] = (struct seccomp_rule){SYS_statx, MASK, BIRTH_TIME, BIRTH_TIME, error};
    return true;
}

/* Appends a rule for each call with this name. Returns false if there is none, or no room. */
static bool add_rules(struct seccomp_rule *rules, size_t *count, const char *name, int error)
{
    size_t before = *count;
    if (strcmp(name, "own_statx") == 0)
        return add_own_statx(rules, count, error);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (strcmp(calls[i].name, name) != 0)
            continue;
        if (*count == RULES)
            return false;
        rules[(*count)++] = (struct seccomp_rule){calls[i].number, 0, 0, 0, error};
    }
    return *count > before;
}

/* Tries each call once, with arguments that no kernel accepts. */
static bool all_bite(const struct seccomp_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        errno = 0;
        if (syscall(rules[i].number, -1, NULL, 0, rules[i].bits, 0, 0) != -1 ||
            errno != rules[i].error)
            return false;
    }
    return true;
}

static int usage(const char *what)
{
    fprintf(stderr, "seccomp_exec: %s\n", what);
    return 2;
}

int main(int argc, char **argv)
{
    struct seccomp_rule rules[RULES];
    size_t count = 0;
    int at = 1;
    bool no_proc = at < argc && strcmp(argv[at], "--no-proc") == 0;
    at += no_proc;
    int error = at < argc && strcmp(argv[at], "EPERM") == 0 ? EPERM : ENOSYS;
    at += at < argc && argv[at][0] == 'E';
    for (; at < argc && strcmp(argv[at], "--") != 0; at++)
        if (!add_rules(rules, &count, argv[at], error))
            return usage("unknown call, or too many");
    if (at + 1 >= argc)
        return usage("no program");
    if (no_proc && !lose_proc())
        return usage("/proc cannot be taken away");
    if (count > 0 && !seccomp_refuse(rules, count))
        return usage("no filter");
    if (!all_bite(rules, count))
        return usage("a call is not refused");
    (void)execvp(argv[at + 1], argv + at + 1);
    return usage("the program cannot be started");
}
