/* SPDX-License-Identifier: MIT
 * Signal masks and actions of the child. Linux uses system calls here. The C library hides two
 * signals of its own from its callers, but their handlers must not run in the child either. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/syscall.h>

#if defined(__mips__)
enum { SIGNALS = 128 };
#else
enum { SIGNALS = 64 };
#endif

static void set_mask(int how, const struct fdi__mask *mask, struct fdi__mask *before)
{
    (void)syscall(SYS_rt_sigprocmask, how, mask, before, SIGNALS / 8);
}

void fdi__mask_all(struct fdi__mask *before)
{
    struct fdi__mask all;
    memset(&all, 0xff, sizeof all);
    set_mask(SIG_SETMASK, &all, before);
}

void fdi__mask_set(const struct fdi__mask *mask)
{
    set_mask(SIG_SETMASK, mask, NULL);
}

void fdi__mask_none(struct fdi__mask *mask)
{
    memset(mask, 0, sizeof *mask);
}

/* An all-zero action means SIG_DFL on every architecture. */
static void set_default(int signal)
{
    static const unsigned long action[16];
    (void)syscall(SYS_rt_sigaction, signal, action, NULL, SIGNALS / 8);
}

static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void default_each(bool keep_ignored)
{
    for (int signal = 1; signal <= SIGNALS; signal++)
        if (!keep_ignored || !is_ignored(signal))
            set_default(signal);
}

#if defined(__mips__)

/* Returns false, because MIPS has more signals than a uint64_t has bits. */
static bool read_ignored(uint64_t *set)
{
    (void)set;
    return false;
}

#else

/* Returns true if a complete hexadecimal number follows `label`, and stores it in `set`. */
static bool find_set(const char *text, const char *label, uint64_t *set)
{
    const char *digits = strstr(text, label);
    char *end;
    if (!digits)
        return false;
    *set = strtoull(digits + strlen(label), &end, 16);
    return *end == '\n';
}

/* Returns true if it could read the set of ignored signals. This needs two system calls, instead
 * of one for each signal. execve closes the descriptor. Direct system calls are not cancellation
 * points. */
static bool read_ignored(uint64_t *set)
{
    char text[2048];
    long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    long length = syscall(SYS_read, (int)fd, text, sizeof text - 1);
    if (length <= 0)
        return false;
    text[length] = '\0';
    return find_set(text, "\nSigIgn:\t", set);
}

#endif

void fdi__default_signals(bool keep_ignored, bool no_handlers)
{
    uint64_t ignored;
    if (no_handlers && keep_ignored)
        return;
    if (!no_handlers || !read_ignored(&ignored)) {
        default_each(keep_ignored);
        return;
    }
    for (int signal = 1; ignored != 0; signal++, ignored >>= 1)
        if (ignored & 1)
            set_default(signal);
}

#elif !defined(__APPLE__)

void fdi__mask_all(struct fdi__mask *before)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &before->set.standard);
}

void fdi__mask_set(const struct fdi__mask *mask)
{
    (void)sigprocmask(SIG_SETMASK, &mask->set.standard, NULL);
}

void fdi__mask_none(struct fdi__mask *mask)
{
    (void)sigemptyset(&mask->set.standard);
}

/* On every system that uses this code, sigprocmask equals pthread_sigmask in a process with
 * threads. */
void fdi__default_signals(bool keep_ignored, bool no_handlers)
{
    (void)no_handlers;
    for (int signal = 1; signal < NSIG; signal++) {
        struct sigaction action;
        if (sigaction(signal, NULL, &action) < 0 || action.sa_handler == SIG_DFL ||
            (keep_ignored && action.sa_handler == SIG_IGN))
            continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = SIG_DFL;
        (void)sigaction(signal, &action, NULL);
    }
}

#endif
