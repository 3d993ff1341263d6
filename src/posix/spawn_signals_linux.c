/* SPDX-License-Identifier: MIT
 * Signal masks and actions of the child on Linux, by system calls. The C library hides two signals
 * of its own from its callers, but their handlers must not run in the child either. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__CLONES

#include <string.h>

enum { MASK_SIZE = FDI__KERNEL_SIGNALS / 8 };

static void set_mask(const struct fdi__mask *mask, struct fdi__mask *before)
{
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, mask, before, MASK_SIZE);
}

void fdi__mask_all(struct fdi__mask *before)
{
    struct fdi__mask all;
    memset(&all, 0xff, sizeof all);
    set_mask(&all, before);
}

void fdi__mask_set(const struct fdi__mask *mask)
{
    set_mask(mask, NULL);
}

void fdi__mask_none(struct fdi__mask *mask)
{
    memset(mask, 0, sizeof *mask);
}

static bool is_ignored(int signal)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* An all-zero action means SIG_DFL on every architecture. An emulator keeps some signals for itself
 * and refuses them with EINVAL. */
static int set_default(int signal)
{
    static const unsigned long action[16];
    if (syscall(SYS_rt_sigaction, signal, action, NULL, MASK_SIZE) < 0 && errno != EINVAL)
        return -1;
    return 0;
}

/* Resets every signal, because these calls take less time than reading the ignored signals from
 * /proc/self/status. */
int fdi__default_signals(bool keep_ignored, bool no_handlers)
{
    if (keep_ignored && no_handlers)
        return 0;
    for (int signal = 1; signal <= FDI__KERNEL_SIGNALS; signal++) {
        if (signal == SIGKILL || signal == SIGSTOP || (keep_ignored && is_ignored(signal)))
            continue;
        if (set_default(signal) < 0)
            return -1;
    }
    return 0;
}

#endif
