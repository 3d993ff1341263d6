/* SPDX-License-Identifier: MIT
 * Creates the child on Linux, in the fastest available way.
 *
 * The child shares the memory and the descriptor table of the parent, while the calling thread is
 * suspended. The child then takes a table of its own that ends at the highest descriptor it needs.
 * The kernel thus never copies the descriptors above it. The child may or may not receive
 * descriptors that other threads open or close meanwhile; it closes every descriptor that it was
 * not given. The child never changes a table that is still shared.
 *
 * The parent's signal handlers never run in the child. Either clone3 resets them, or every signal
 * stays blocked until the child has reset them. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "clone.h"
#include "sanitizer.h"

#if FDI__CLONES

#include <limits.h>
#include <sched.h>
#include <sys/mman.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif

/* ---- the child's descriptor table ---------------------------------------------------------- */

#if FDI__CALLS_BY_NUMBER

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

/* The child calls functions that a preloaded library may replace, with any need of stack. The guard
 * is a multiple of every page size. */
enum { STACK_ROOM = 256 * 1024, STACK_GUARD = 64 * 1024, STACK_SIZE = STACK_GUARD + STACK_ROOM };

/* Returns NULL on failure. */
static char *map_stack(void)
{
    char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
        return NULL;
    if (mprotect(stack, STACK_GUARD, PROT_NONE) == 0)
        return stack;
    int error = errno;
    (void)munmap(stack, STACK_SIZE);
    errno = error;
    return NULL;
}

/* The functions on this stack never return, so AddressSanitizer's marks around their variables
 * remain and must be cleared. */
static void unmap_stack(char *stack)
{
    int error = errno;
    ASAN_UNPOISON_MEMORY_REGION(stack + STACK_GUARD, STACK_ROOM);
    (void)munmap(stack, STACK_SIZE);
    errno = error;
}

static int run_child(void *child)
{
    fdi__run_child(child);
    return 127;
}

static pid_t clone_child(struct fdi__child *child, char *stack, int flags)
{
    return clone(run_child, stack + STACK_SIZE, flags | SIGCHLD, child);
}

pid_t fdi__copy_process(struct fdi__child *child, void *stack)
{
    return clone_child(child, stack, 0);
}

static pid_t share_without_handlers(struct fdi__child *child, char *stack)
{
    child->no_handlers = child->shares_table = true;
    return fdi__clone_without_handlers(child, stack + STACK_GUARD, STACK_ROOM);
}

static pid_t share_blocked(struct fdi__child *child, char *stack, int flags)
{
    child->no_handlers = false;
    child->shares_table = (flags & CLONE_FILES) != 0;
    fdi__mask_all(&child->mask);
    pid_t pid = clone_child(child, stack, CLONE_VM | CLONE_VFORK | flags);
    int error = errno;
    fdi__mask_set(&child->mask);
    errno = error;
    return pid;
}

enum way { NO_HANDLERS, SHARED_TABLE, SHARED_MEMORY, COPY };

static pid_t create(struct fdi__child *child, char *stack, enum way way)
{
    child->error = 0;
    child->refused = child->executing = false;
    if (way == NO_HANDLERS)
        return share_without_handlers(child, stack);
    return share_blocked(child, stack, way == SHARED_TABLE ? CLONE_FILES : 0);
}

/* A sandbox may refuse a way with any errno. Some emulators silently copy the process instead of
 * sharing memory; their EINVAL for CLONE_FILES reveals them. */
static enum way next_way(const struct fdi__child *child, enum way way)
{
    if (child->refused)
        return SHARED_MEMORY;
    return way == SHARED_TABLE && errno == EINVAL ? COPY : way + 1;
}

static pid_t start_on(struct fdi__child *child, char *stack)
{
    enum way way = fdi__is_under_valgrind() ? COPY : NO_HANDLERS;
    fdi__plan_child(child);
    fdi__plan_steps(&child->plan);
    while (way != COPY) {
        pid_t pid = create(child, stack, way);
        if (pid >= 0 && !child->refused)
            return fdi__finish(child, pid);
        enum way next = next_way(child, way);
        if (pid >= 0)
            (void)fdi__finish(child, pid);
        way = next;
    }
    return fdi__start_copy(child, stack);
}

pid_t fdi__start_child(struct fdi__child *child)
{
    char *stack = map_stack();
    if (!stack)
        return -1;
    pid_t pid = start_on(child, stack);
    unmap_stack(stack);
    return pid;
}

#endif
