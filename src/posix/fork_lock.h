/* SPDX-License-Identifier: MIT
 * The fork lock, for systems where some call creates a descriptor without FD_CLOEXEC. It prevents a
 * fork between the creation of a descriptor and the setting of its flag.
 *
 * A creating function holds the lock around both calls. Every fork takes it through pthread_atfork,
 * so fork must not be called with the lock held. When fdi_spawn forks, it takes the lock the same
 * way. Its other ways to create a child do not need the lock, because the child keeps only the
 * descriptors it was given. The lock is not recursive and must not be held around a call that can
 * block.
 *
 * accept blocks if another process takes the connection first, so it runs without the lock. A fork
 * that meets it records the inheritable sockets first. The child sets the flag on each one that is
 * new.
 *
 * FDI_NO_ATOMIC_CALLS builds for a system without the atomic calls, to test the lock.
 * FDI_NO_FORK_LOCK removes the lock from that build, to show that the test can fail. */
#ifndef FDI__FORK_LOCK_H
#define FDI__FORK_LOCK_H

#include "systems.h"

#include <signal.h>

struct fdi__fork_lock {
    sigset_t signals; /* the thread's signal mask before */
    int cancelling;   /* the thread's cancel state before */
};

/* Both preserve errno on success. Acquiring fails with ENOMEM if forks cannot take the lock. */
#if FDI__HAS_FORK_LOCK
int fdi__fork_lock_acquire(struct fdi__fork_lock *held);
void fdi__fork_lock_release(const struct fdi__fork_lock *held);

/* Encloses a call of accept and the setting of the flag. The first returns NULL on failure, and
 * otherwise the argument of the second. */
int *fdi__accept_begin(int listener);
void fdi__accept_end(void *slot);
#else
static inline int fdi__fork_lock_acquire(struct fdi__fork_lock *held)
{
    (void)held;
    return 0;
}
static inline void fdi__fork_lock_release(const struct fdi__fork_lock *held)
{
    (void)held;
}
static inline int *fdi__accept_begin(int listener)
{
    static int unused;
    (void)listener;
    return &unused;
}
static inline void fdi__accept_end(void *slot)
{
    (void)slot;
}
#endif

#endif
