/* SPDX-License-Identifier: MIT
 * The shield: where no call creates and marks a descriptor at once, the time between the two is
 * closed to everything in this process that makes a child.
 *
 * Raised around create-and-mark, and by every fork through pthread_atfork, which is why fork must
 * not be called with it raised. fdi_spawn takes it by forking, where it forks; where it shares
 * memory or asks posix_spawn it has no need to: its child keeps nothing that it was not given, half
 * made or not. Not to be raised twice, and not around what can block.
 *
 * FDI_NO_ATOMIC_CALLS builds as for a system without the atomic calls, FDI_NO_SHIELD leaves the
 * shield out of that: the one to prove it, the other to prove that the proof can fail. */
#ifndef FDI__SHIELD_H
#define FDI__SHIELD_H

#include <signal.h>
#include <sys/socket.h>

/* The calls came together: a system with one has pipe2, dup3 and accept4, too. */
#if defined(SOCK_CLOEXEC) && defined(MSG_CMSG_CLOEXEC) && !defined(FDI_NO_ATOMIC_CALLS)
#define FDI__ATOMIC_CALLS 1
#elif !defined(FDI_NO_SHIELD)
#define FDI__SHIELDED 1
#endif

struct fdi__shield {
    sigset_t signals; /* that were blocked before */
    int cancelling;   /* the thread's cancel state before */
};

/* Neither can fail; errno is left alone. */
#if defined(FDI__SHIELDED)
void fdi__shield_raise(struct fdi__shield *shield);
void fdi__shield_lower(const struct fdi__shield *shield);
#else
static inline void fdi__shield_raise(struct fdi__shield *shield)
{
    (void)shield;
}
static inline void fdi__shield_lower(const struct fdi__shield *shield)
{
    (void)shield;
}
#endif

#endif
