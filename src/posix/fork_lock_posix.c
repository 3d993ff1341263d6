/* SPDX-License-Identifier: MIT
 * Implements the fork lock with one mutex for the whole process. This is the library's only state,
 * and it exists only on systems that need it. */
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

/* The number of threads between fdi__accept_begin and fdi__accept_end. Only a thread that holds the
 * lock increments it. */
static int accepting;

/* The listener of each of these threads, plus one; 0 marks a free entry. If all other entries are
 * in use, the last entry becomes ANY_LISTENER, which stands for every listener. */
enum { LISTENERS = 64, ANY_LISTENER = -1 };
static int listeners[LISTENERS];

static bool is_accepting(void)
{
    return __atomic_load_n(&accepting, __ATOMIC_SEQ_CST) > 0;
}

/* The inheritable sockets that accept may have created before a fork, in ascending order. The lock
 * protects this list. */
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

/* An accepted socket has the name of its listener. Internet addresses are compared by port only,
 * because a listener may have the wildcard address. Both families have the port in the same
 * place. */
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

/* Reports whether `fd` is an inheritable socket that accept may have created. accept never creates
 * a listening socket. */
static bool is_inheritable_socket(int fd)
{
    int listens;
    socklen_t size = sizeof listens;
    return fdi__os_get_inheritable(fd) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && !listens &&
           may_be_accepted(fd);
}

/* Returns the next such socket, FDI__LIST_END or -1. */
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

static void forget_cloexec_sockets(void)
{
    int left = 0;
    for (int i = 0; i < known.count; i++)
        if (is_inheritable_socket(known.fds[i]))
            known.fds[left++] = known.fds[i];
    known.count = left;
}

/* Waits up to a second, until the accepting threads have set FD_CLOEXEC on the sockets that they
 * just accepted. The remaining sockets are meant to be inheritable. The pauses release the lock,
 * because a signal handler of an accepting thread may need it. */
static void record_lasting_sockets(void)
{
    enum { PAUSES = 5000, NANOSECONDS = 200000 };
    const struct timespec pause = {0, NANOSECONDS};
    record_sockets();
    for (int i = 0; i < PAUSES && known.count > 0 && is_accepting(); i++) {
        (void)pthread_mutex_unlock(&lock);
        (void)nanosleep(&pause, NULL);
        (void)pthread_mutex_lock(&lock);
        forget_cloexec_sockets();
    }
}

static void protect_new_sockets(void)
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

/* The state that the fork in progress has saved. The lock protects it. The kernel copies the
 * descriptors before the memory. An accept that ends in between leaves an inheritable socket in the
 * child. Therefore the child uses the listeners from before the fork. */
static struct fdi__fork_lock forking;
static bool forking_during_accept;
static int forking_listeners[LISTENERS];

static void save_listeners(void)
{
    for (int i = 0; i < LISTENERS; i++)
        forking_listeners[i] = __atomic_load_n(&listeners[i], __ATOMIC_SEQ_CST);
}

static void before_fork(void)
{
    struct fdi__fork_lock held;
    int saved_errno = errno;
    acquire(&held);
    forking = held;
    forking_during_accept = is_accepting();
    if (forking_during_accept) {
        record_lasting_sockets();
        save_listeners();
    }
    errno = saved_errno;
}

static void after_fork(void)
{
    struct fdi__fork_lock held = forking;
    fdi__fork_lock_release(&held);
}

/* The child's only thread holds the lock, so it may release it. */
static void after_fork_in_child(void)
{
    int saved_errno = errno;
    if (forking_during_accept) {
        memcpy(listeners, forking_listeners, sizeof listeners);
        protect_new_sockets();
    }
    accepting = 0;
    memset(listeners, 0, sizeof listeners);
    after_fork();
    errno = saved_errno;
}

static bool is_registered;

/* Runs when the library is loaded. If the first creating function registered the handlers, a fork
 * already in progress would not take the lock. */
__attribute__((constructor)) static void register_fork_handlers(void)
{
    is_registered = pthread_atfork(before_fork, after_fork, after_fork_in_child) == 0;
}

/* ---- functions ------------------------------------------------------------------------------ */

int fdi__fork_lock_acquire(struct fdi__fork_lock *held)
{
    if (!is_registered)
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
