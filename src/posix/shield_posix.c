/* SPDX-License-Identifier: MIT
 * The shield: one lock for the whole process. The only state that the library has, and only on
 * systems that need it. */
#include "../platform.h"
#include "../backend.h"
#include "posix.h"
#include "shield.h"

#if defined(FDI__SHIELDED)

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Signals wait while it is raised, so that a handler may create descriptors and fork as well. */
void fdi__shield_raise(struct fdi__shield *shield)
{
    sigset_t all;
    (void)sigfillset(&all);
    shield->cancelling = fdi__os_cancel_off();
    (void)pthread_sigmask(SIG_SETMASK, &all, &shield->signals);
    (void)pthread_mutex_lock(&lock);
}

void fdi__shield_lower(const struct fdi__shield *shield)
{
    (void)pthread_mutex_unlock(&lock);
    (void)pthread_sigmask(SIG_SETMASK, &shield->signals, NULL);
    fdi__os_cancel_restore(shield->cancelling);
}

/* Of the fork that is going on: guarded by the lock. */
static struct fdi__shield forking;

static void before_fork(void)
{
    struct fdi__shield shield;
    fdi__shield_raise(&shield);
    forking = shield;
}

/* In the parent and in the child, whose one thread is the one that holds the lock. */
static void after_fork(void)
{
    struct fdi__shield shield = forking;
    fdi__shield_lower(&shield);
}

/* At load time: registered by the first creation, it would miss a fork that is under way. */
__attribute__((constructor)) static void cover_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

#endif
