/* SPDX-License-Identifier: MIT
 * New processes on Linux, the best way first.
 *
 * The child shares memory and the table of descriptors with this process while the calling thread
 * stands still. It takes a table of its own that ends at the highest descriptor it needs, so that
 * those above are never copied; what other threads open or close until then it either gets or not,
 * and closes with everything else that it was not given. Nothing is done to a table that is still
 * shared.
 *
 * Handlers of this process do not run in the child: either the kernel takes them away with the
 * same call that makes it, or every signal is blocked until the child has reset them. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "child.h"

#if defined(__linux__)

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif
#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

/* ---- its table of descriptors -------------------------------------------------------------- */

#if defined(FDI__BY_NUMBER)

int fdi__close_span(int first, int last)
{
    unsigned end = last == INT_MAX ? UINT_MAX : (unsigned)last;
    return (int)syscall(FDI__SYS_CLOSE_RANGE, (unsigned)first, end, 0);
}

int fdi__own_table(int first, bool shares_table)
{
    unsigned flags = shares_table ? CLOSE_RANGE_UNSHARE : 0;
    if (syscall(FDI__SYS_CLOSE_RANGE, (unsigned)first, UINT_MAX, flags) == 0)
        return 1;
    return shares_table ? unshare(CLONE_FILES) : 0;
}

#else

int fdi__close_span(int first, int last)
{
    (void)first;
    (void)last;
    return fdi__fail(ENOTSUP);
}

int fdi__own_table(int first, bool shares_table)
{
    (void)first;
    return shares_table ? unshare(CLONE_FILES) : 0;
}

#endif

/* ---- ways ---------------------------------------------------------------------------------- */

/* The child's, within the caller's. 64 bits are as far as any architecture aligns a number. */
struct stack {
    uint64_t words[2048];
};

static void *end_of(struct stack *stack)
{
    uintptr_t end = (uintptr_t)(stack + 1);
    return (void *)(end & ~(uintptr_t)15);
}

static int run_child(void *child)
{
    fdi__become_program(child);
    return 127;
}

static pid_t clone_child(struct fdi__child *child, int flags)
{
    struct stack stack;
    return clone(run_child, end_of(&stack), flags | SIGCHLD, child);
}

pid_t fdi__copy_process(struct fdi__child *child)
{
    return clone_child(child, 0);
}

static pid_t clone_blocked(struct fdi__child *child, int flags)
{
    child->error = 0;
    child->refused = false;
    child->no_handlers = false;
    child->shares_table = (flags & CLONE_FILES) != 0;
    fdi__mask_all(&child->mask);
    pid_t pid = clone_child(child, flags);
    int error = errno;
    fdi__mask_set(&child->mask);
    return fdi__settle_child(pid < 0 ? fdi__fail(error) : pid, child->error);
}

static bool is_refusal(const struct fdi__child *child, pid_t pid)
{
    return pid < 0 && (child->refused || child->error == 0) &&
           (child->refused || errno == ENOSYS || errno == EPERM || errno == EINVAL);
}

pid_t fdi__start_child(struct fdi__child *child)
{
    fdi__seat_child(child);
    pid_t pid = clone_blocked(child, CLONE_VM | CLONE_VFORK | CLONE_FILES);
    if (!is_refusal(child, pid))
        return pid;
    if (errno != EINVAL) {
        pid = clone_blocked(child, CLONE_VM | CLONE_VFORK);
        if (!is_refusal(child, pid))
            return pid;
    }
    return fdi__start_copy(child);
}

#endif
