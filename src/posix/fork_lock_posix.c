/* SPDX-License-Identifier: MIT
 * The fork lock: one mutex for the whole process. It is the library's only state, and exists
 * only on systems that need it. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "fork_lock.h"

#if FDI__HAS_FORK_LOCK

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the lock ------------------------------------------------------------------------------- */

/* Signals are blocked while the lock is held, so that a signal handler may create descriptors
 * and fork too. */
static void acquire(struct fdi__fork_lock *held)
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

/* ---- accept --------------------------------------------------------------------------------- */

/* The number of threads between fdi__accept_begin and fdi__accept_end. The lock protects it. */
static int accepting;

/* The sockets without FD_CLOEXEC just before a fork, in ascending order. The lock protects it. */
static struct {
    int fds[1024];
    int count;
    bool is_complete;
} known;

/* Returns the next socket without FD_CLOEXEC, FDI__LIST_END or -1. */
static int next_unmarked_socket(struct fdi__listing *listing)
{
    for (;;) {
        int type;
        socklen_t size = sizeof type;
        int fd = fdi__os_list_next(listing);
        if (fd < 0)
            return fd;
        if (fdi__os_get_inheritable(fd) == 1 &&
            getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0)
            return fd;
    }
}

static void record_unmarked_sockets(void)
{
    enum { MOST = sizeof known.fds / sizeof known.fds[0] };
    struct fdi__listing listing;
    int fd = -1;
    known.count = 0;
    if (fdi__os_list_open(&listing, 0) == 0) {
        while ((fd = next_unmarked_socket(&listing)) >= 0 && known.count < MOST)
            known.fds[known.count++] = fd;
        fdi__os_list_close(&listing);
    }
    known.is_complete = fd == FDI__LIST_END;
}

static void mark_new_sockets(void)
{
    struct fdi__listing listing;
    int at = 0;
    int fd;
    if (!known.is_complete || fdi__os_list_open(&listing, 0) < 0)
        return;
    while ((fd = next_unmarked_socket(&listing)) >= 0) {
        while (at < known.count && known.fds[at] < fd)
            at++;
        if (at == known.count || known.fds[at] != fd)
            (void)fdi__os_set_inheritable(fd, false);
    }
    fdi__os_list_close(&listing);
}

/* ---- fork ----------------------------------------------------------------------------------- */

/* The saved state of the fork in progress. The lock protects it. */
static struct fdi__fork_lock forking;

static void before_fork(void)
{
    struct fdi__fork_lock held;
    int saved_errno = errno;
    acquire(&held);
    forking = held;
    if (accepting > 0)
        record_unmarked_sockets();
    errno = saved_errno;
}

static void after_fork(void)
{
    struct fdi__fork_lock held = forking;
    fdi__fork_lock_release(&held);
}

/* The child's only thread is the one that holds the lock. */
static void after_fork_in_child(void)
{
    int saved_errno = errno;
    if (accepting > 0)
        mark_new_sockets();
    accepting = 0;
    after_fork();
    errno = saved_errno;
}

static bool is_covered;

/* Registers at load time. A registration by the first creation would miss a fork in progress. */
__attribute__((constructor)) static void cover_fork(void)
{
    is_covered = pthread_atfork(before_fork, after_fork, after_fork_in_child) == 0;
}

/* ---- functions ------------------------------------------------------------------------------ */

int fdi__fork_lock_acquire(struct fdi__fork_lock *held)
{
    if (!is_covered)
        return fdi__fail(ENOMEM);
    acquire(held);
    return 0;
}

static void count_accepting(int change)
{
    struct fdi__fork_lock held;
    acquire(&held);
    accepting += change;
    fdi__fork_lock_release(&held);
}

int fdi__accept_begin(void)
{
    if (!is_covered)
        return fdi__fail(ENOMEM);
    count_accepting(1);
    return 0;
}

void fdi__accept_end(void *unused)
{
    (void)unused;
    count_accepting(-1);
}

#endif
