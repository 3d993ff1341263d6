/* SPDX-License-Identifier: MIT
 * The fork lock: one mutex for the whole process. It is the library's only state, and exists
 * only on systems that need it. */
#include "../platform.h"
#include "../backend.h"
#include "posix.h"
#include "fork_lock.h"

#if FDI__HAS_FORK_LOCK

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Signals are blocked while the lock is held, so that a signal handler may create descriptors
 * and fork too. */
void fdi__fork_lock_acquire(struct fdi__fork_lock *held)
{
    sigset_t all;
    (void)sigfillset(&all);
    held->cancelling = fdi__os_cancel_off();
    (void)pthread_sigmask(SIG_SETMASK, &all, &held->signals);
    (void)pthread_mutex_lock(&lock);
}

void fdi__fork_lock_release(const struct fdi__fork_lock *held)
{
    (void)pthread_mutex_unlock(&lock);
    (void)pthread_sigmask(SIG_SETMASK, &held->signals, NULL);
    fdi__os_cancel_restore(held->cancelling);
}

/* The saved state of the fork in progress. The lock protects it. */
static struct fdi__fork_lock forking;

static void before_fork(void)
{
    struct fdi__fork_lock held;
    fdi__fork_lock_acquire(&held);
    forking = held;
}

/* Runs in the parent and in the child. The child's only thread is the one that holds the lock. */
static void after_fork(void)
{
    struct fdi__fork_lock held = forking;
    fdi__fork_lock_release(&held);
}

/* Registers at load time. A registration by the first creation would miss a fork in progress. */
__attribute__((constructor)) static void cover_fork(void)
{
    (void)pthread_atfork(before_fork, after_fork, after_fork);
}

#endif
