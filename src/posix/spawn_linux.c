/* SPDX-License-Identifier: MIT
 * Creates the child on Linux, in the fastest available way.
 *
 * The child shares the memory and the descriptor table of the parent, while the calling thread is
 * suspended. The child then takes a table of its own that ends at the highest descriptor it needs.
 * The kernel thus never copies the descriptors above it. The child may or may not receive
 * descriptors that other threads open or close meanwhile; it closes every descriptor that it was
 * not given. The child never changes a table that is still shared.
 *
 * The parent's signal handlers never run in the child. Either clone3 resets them, or every
 * signal stays blocked until the child has reset them. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "clone.h"
#include "sanitizer.h"

#if defined(__linux__)

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

/* ---- the child's descriptor table ---------------------------------------------------------- */

#if defined(FDI__BY_NUMBER)

int fdi__close_range(int first, int last)
{
    unsigned end = last == INT_MAX ? UINT_MAX : (unsigned)last;
    return (int)syscall(FDI__SYS_CLOSE_RANGE, (unsigned)first, end, 0);
}

int fdi__unshare_fd_table(int last, bool shares_table)
{
    unsigned flags = shares_table ? CLOSE_RANGE_UNSHARE : 0;
    if (syscall(FDI__SYS_CLOSE_RANGE, (unsigned)last + 1, UINT_MAX, flags) == 0)
        return 1;
    return shares_table ? unshare(CLONE_FILES) : 0;
}

#else

int fdi__close_range(int first, int last)
{
    (void)first;
    (void)last;
    return fdi__fail(ENOTSUP);
}

int fdi__unshare_fd_table(int last, bool shares_table)
{
    (void)last;
    return shares_table ? unshare(CLONE_FILES) : 0;
}

#endif

/* ---- ways to create the child -------------------------------------------------------------- */

/* The child's stack, within the parent's. 64-bit words give the alignment that every
 * architecture needs. */
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
    fdi__run_child(child);
    return 127;
}

/* The functions on this stack never return, so AddressSanitizer's marks around their variables
 * remain and must be cleared. */
static pid_t leave_stack(struct stack *stack, pid_t pid)
{
    ASAN_UNPOISON_MEMORY_REGION(stack, sizeof *stack);
    return pid;
}

static pid_t clone_child(struct fdi__child *child, int flags)
{
    struct stack stack;
    return leave_stack(&stack, clone(run_child, end_of(&stack), flags | SIGCHLD, child));
}

pid_t fdi__copy_process(struct fdi__child *child)
{
    return clone_child(child, 0);
}

static pid_t share_without_handlers(struct fdi__child *child)
{
    struct stack stack;
    char *end = end_of(&stack);
    uintptr_t start = ((uintptr_t)&stack + 15) & ~(uintptr_t)15;
    child->no_handlers = child->shares_table = true;
    size_t size = (size_t)((uintptr_t)end - start);
    return leave_stack(&stack, fdi__clone_without_handlers(child, (void *)start, size));
}

static pid_t share_blocked(struct fdi__child *child, int flags)
{
    child->no_handlers = false;
    child->shares_table = (flags & CLONE_FILES) != 0;
    fdi__mask_all(&child->mask);
    pid_t pid = clone_child(child, CLONE_VM | CLONE_VFORK | flags);
    int error = errno;
    fdi__mask_set(&child->mask);
    return pid < 0 ? fdi__fail(error) : pid;
}

enum way { NO_HANDLERS, SHARED_TABLE, SHARED_MEMORY, COPY };

static pid_t share(struct fdi__child *child, enum way way)
{
    child->error = 0;
    child->refused = false;
    pid_t pid = way == NO_HANDLERS ? share_without_handlers(child)
                                   : share_blocked(child, way == SHARED_TABLE ? CLONE_FILES : 0);
    return fdi__reap_failed_child(pid, child->error);
}

/* Selects the next way if the child cannot be created or cannot get a table of its own. Some
 * emulators silently copy the process instead of sharing memory; their EINVAL for CLONE_FILES
 * reveals them. */
static enum way next_way(const struct fdi__child *child, enum way way)
{
    if (child->refused)
        return SHARED_MEMORY;
    if (child->error != 0 || (errno != ENOSYS && errno != EPERM && errno != EINVAL))
        return way;
    return way == SHARED_TABLE && errno == EINVAL ? COPY : way + 1;
}

pid_t fdi__start_child(struct fdi__child *child)
{
    enum way way = fdi__is_under_valgrind() ? COPY : NO_HANDLERS;
    fdi__plan_child(child);
    while (way != COPY) {
        pid_t pid = share(child, way);
        enum way next = pid < 0 ? next_way(child, way) : way;
        if (next == way)
            return pid;
        way = next;
    }
    return fdi__start_copy(child);
}

#endif
