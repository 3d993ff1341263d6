/* SPDX-License-Identifier: MIT
 * Signal masks and actions of a child that is a copy of this process. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__SPAWNS_FDS && !FDI__CLONES

/* On every system that uses this code, sigprocmask equals pthread_sigmask in a process with
 * threads. */
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

/* Skips the signals that the C library keeps for itself. */
static bool is_to_reset(int signal, bool keep_ignored)
{
    struct sigaction action;
    return sigaction(signal, NULL, &action) == 0 && action.sa_handler != SIG_DFL &&
           !(keep_ignored && action.sa_handler == SIG_IGN);
}

int fdi__default_signals(bool keep_ignored, bool no_handlers)
{
    const struct sigaction action = {.sa_handler = SIG_DFL};
    (void)no_handlers;
    for (int signal = 1; signal < NSIG; signal++)
        if (is_to_reset(signal, keep_ignored) && sigaction(signal, &action, NULL) < 0)
            return -1;
    return 0;
}

#endif
