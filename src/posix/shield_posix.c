/* SPDX-License-Identifier: MIT
 * The fork lock: one mutex for the whole process. It is the library's only state, and exists
 * only on systems that need it. */
#include "../platform.h"
#include "../backend.h"
#include "posix.h"
#include "shield.h"

#if defined(FDI__SHIELDED)

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Signals are blocked while the lock is held, so that a signal handler may create descriptors
 * and fork too. */
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

/* The saved state of the fork in progress. The lock protects it. */
static struct fdi__shield forking;

static void before_fork(void)
{
    struct fdi__shield shield;
    fdi__shield_raise(&shield);
    forking = shield;
}

/* Runs in the parent and in the child. The child's only thread is the one that holds the lock. */
static void after_fork(void)
{
    struct fdi__shield shield = forking;
    fdi__shield_lower(&shield);
}

/* Registers at load time. A registration by the first creation would miss a fork in progress. */
__attribute__((constructor)) static void cover_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

#endif
