/* SPDX-License-Identifier: MIT
 * The fork lock: one mutex for the whole process. It is the library's only state, and exists
 * only on systems that need it. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "fork_lock.h"

#if FDI__HAS_FORK_LOCK

#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

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

/* The number of threads between fdi__accept_begin and fdi__accept_end. It grows under the lock
 * only. */
static int accepting;

/* The listener of each of these threads, plus one. The last entry stands for every listener, in case
 * that more threads accept. */
enum { LISTENERS = 64, ANY_LISTENER = -1 };
static int listeners[LISTENERS];

static bool is_accepting(void)
{
    return __atomic_load_n(&accepting, __ATOMIC_SEQ_CST) > 0;
}

/* The inheritable sockets before a fork that may come from a listener, in ascending order. The lock
 * protects it. */
static struct {
    int fds[1024];
    int count;
    bool is_complete;
} known;

union address {
    struct sockaddr any;
    struct sockaddr_in inet;
    struct sockaddr_storage room;
};

/* An internet address counts by its port, because a listener may have the wildcard address. The
 * port is in the same place for both families. */
static bool has_same_name(int fd, int listener)
{
    union address one, other;
    socklen_t size = sizeof one, other_size = sizeof other;
    memset(&one, 0, sizeof one);
    memset(&other, 0, sizeof other);
    if (getsockname(fd, &one.any, &size) < 0 || getsockname(listener, &other.any, &other_size) < 0)
        return true;
    if (one.any.sa_family == AF_INET || one.any.sa_family == AF_INET6)
        return one.inet.sin_port == other.inet.sin_port;
    return size == other_size && memcmp(&one, &other, sizeof one) == 0;
}

static bool may_be_accepted(int fd)
{
    for (int i = 0; i < LISTENERS; i++) {
        int listener = __atomic_load_n(&listeners[i], __ATOMIC_SEQ_CST);
        if (listener == ANY_LISTENER || (listener > 0 && has_same_name(fd, listener - 1)))
            return true;
    }
    return false;
}

/* A listening socket is never the result of accept. */
static bool is_inheritable_socket(int fd)
{
    int listens;
    socklen_t size = sizeof listens;
    return fdi__os_get_inheritable(fd) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && !listens &&
           may_be_accepted(fd);
}

/* Returns the next inheritable socket, FDI__LIST_END or -1. */
static int next_socket(struct fdi__listing *listing)
{
    int fd;
    do
        fd = fdi__os_list_next(listing);
    while (fd >= 0 && !is_inheritable_socket(fd));
    return fd;
}

static void record_sockets(void)
{
    enum { MOST = sizeof known.fds / sizeof known.fds[0] };
    struct fdi__listing listing;
    int fd = -1;
    known.count = 0;
    if (fdi__os_list_open(&listing, 0) == 0) {
        while ((fd = next_socket(&listing)) >= 0 && known.count < MOST)
            known.fds[known.count++] = fd;
        fdi__os_list_close(&listing);
    }
    known.is_complete = fd == FDI__LIST_END;
}

static void forget_marked_sockets(void)
{
    int left = 0;
    for (int i = 0; i < known.count; i++)
        if (is_inheritable_socket(known.fds[i]))
            known.fds[left++] = known.fds[i];
    known.count = left;
}

/* A recorded socket that was just accepted gets its flag in a moment. Others stay inheritable. The
 * pauses are without the lock, because a signal handler of the accepting thread may need it. */
static void record_lasting_sockets(void)
{
    enum { PAUSES = 5000, NANOSECONDS = 200000 };
    const struct timespec pause = {0, NANOSECONDS};
    record_sockets();
    for (int i = 0; i < PAUSES && known.count > 0 && is_accepting(); i++) {
        (void)pthread_mutex_unlock(&lock);
        (void)nanosleep(&pause, NULL);
        (void)pthread_mutex_lock(&lock);
        forget_marked_sockets();
    }
}

static void mark_new_sockets(void)
{
    struct fdi__listing listing;
    int at = 0;
    int fd;
    if (!known.is_complete || fdi__os_list_open(&listing, 0) < 0)
        return;
    while ((fd = next_socket(&listing)) >= 0) {
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
    if (is_accepting())
        record_lasting_sockets();
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
    if (is_accepting())
        mark_new_sockets();
    accepting = 0;
    memset(listeners, 0, sizeof listeners);
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

int *fdi__accept_begin(int listener)
{
    struct fdi__fork_lock held;
    int *slot = listeners;
    if (fdi__fork_lock_acquire(&held) < 0)
        return NULL;
    while (slot < listeners + LISTENERS - 1 && __atomic_load_n(slot, __ATOMIC_SEQ_CST) != 0)
        slot++;
    bool is_last = slot == listeners + LISTENERS - 1;
    __atomic_store_n(slot, is_last ? ANY_LISTENER : listener + 1, __ATOMIC_SEQ_CST);
    (void)__atomic_add_fetch(&accepting, 1, __ATOMIC_SEQ_CST);
    fdi__fork_lock_release(&held);
    return slot;
}

void fdi__accept_end(void *slot)
{
    int *listener = slot;
    if (listener != listeners + LISTENERS - 1)
        __atomic_store_n(listener, 0, __ATOMIC_SEQ_CST);
    (void)__atomic_sub_fetch(&accepting, 1, __ATOMIC_SEQ_CST);
}

#endif
