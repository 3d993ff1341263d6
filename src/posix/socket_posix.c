/* SPDX-License-Identifier: MIT
 * Creates sockets and receives descriptors through them. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>

/* ---- descriptors in a message -------------------------------------------------------------- */

/* macOS and FreeBSD pass up to 512 descriptors at once, Linux 253. The remaining bytes hold
 * other control messages, such as credentials and security labels. */
enum {
    CONTROL_BYTES = CMSG_SPACE(512 * sizeof(int)) + 512,
    FDS_AT_MOST = CONTROL_BYTES / (int)sizeof(int)
};

union control {
    struct cmsghdr aligned;
    unsigned char bytes[CONTROL_BYTES];
};

/* The descriptors received with one message. */
struct parcel {
    int fds[FDS_AT_MOST];
    size_t count;
    bool is_cut; /* the data or the descriptors did not fit */
};

/* With SO_PASSPIDFD, the kernel adds a pidfd of the sender to the message. */
static bool holds_fds(const struct cmsghdr *item)
{
    return item->cmsg_level == SOL_SOCKET &&
           (item->cmsg_type == SCM_RIGHTS || item->cmsg_type == FDI__SCM_PIDFD);
}

static void close_each(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        fdi__close(fds[i]);
}

/* Replaces CMSG_NXTHDR, which mixes signed and unsigned values in musl. */
static struct cmsghdr *next_item(const struct msghdr *message, const struct cmsghdr *item)
{
    unsigned char *bytes = message->msg_control;
    size_t next = (size_t)((const unsigned char *)item - bytes) +
                  CMSG_SPACE((size_t)item->cmsg_len - CMSG_LEN(0));
    return next + CMSG_LEN(0) > message->msg_controllen ? NULL : (void *)(bytes + next);
}

/* Stores the descriptors of the message. Closes a pidfd, because fdi_recv_fds has no way to return
 * it. */
static void unpack(struct msghdr *message, struct parcel *parcel)
{
    for (struct cmsghdr *item = CMSG_FIRSTHDR(message); item; item = next_item(message, item)) {
        if (!holds_fds(item))
            continue;
        int *fds = parcel->fds + parcel->count;
        size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds, CMSG_DATA(item), count * sizeof(int));
        if (item->cmsg_type == SCM_RIGHTS)
            parcel->count += count;
        else
            close_each(fds, count);
    }
    parcel->is_cut = message->msg_flags & (MSG_TRUNC | MSG_CTRUNC);
}

/* Receives one message. Its descriptors may still be inheritable. */
static int64_t receive_once(int connection, struct iovec *data, struct parcel *parcel,
                            int message_flags)
{
    union control control;
    struct msghdr message = {.msg_iov = data, .msg_iovlen = 1};
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    parcel->count = 0;
    int64_t length = recvmsg(connection, &message, message_flags);
    if (length >= 0)
        unpack(&message, parcel);
    return length;
}

static int set_cloexec_on_each(const struct parcel *parcel)
{
    if (FDI__HAS_ATOMIC_CALLS && FDI__TRUSTS_CLOEXEC)
        return 0;
    for (size_t i = 0; i < parcel->count; i++)
        if (fdi__os_set_inheritable(parcel->fds[i], false) < 0) {
            close_each(parcel->fds, parcel->count);
            return -1;
        }
    return 0;
}

/* ---- timeouts ----------------------------------------------------------------------------- */

/* Returns the socket's receive timeout in milliseconds, or -1 for no limit. */
static int64_t receive_limit(int fd)
{
    struct timeval limit = {0, 0};
    socklen_t size = sizeof limit;
    (void)getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, &size);
    int64_t milliseconds = (int64_t)limit.tv_sec * 1000 + (limit.tv_usec + 999) / 1000;
    return milliseconds == 0 ? -1 : milliseconds;
}

/* Returns the milliseconds that poll may wait, or -1 for no limit. The timeout runs from `start`,
 * so that signals do not extend it. */
static int time_left(int fd, int64_t start)
{
    int64_t limit = receive_limit(fd);
    if (limit < 0)
        return -1;
    int64_t left = limit - (fdi__now() - start) / 1000;
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* Waits for input until the timeout that began at `start` ends. Returns 1 if the caller should
 * repeat its call, or -1. */
static int wait_for_input(int fd, int64_t start)
{
    struct pollfd waiting = {fd, POLLIN, 0};
    int flags = fdi__fcntl(fd, F_GETFL);
    int ready;
    if (flags < 0 || flags & O_NONBLOCK)
        return flags < 0 ? -1 : fdi__fail(EAGAIN);
    FDI__RETRY(ready, poll(&waiting, 1, time_left(fd, start)));
    return ready == 0 ? fdi__fail(EAGAIN) : ready;
}

#if FDI__HAS_ATOMIC_CALLS

/* ---- atomic calls -------------------------------------------------------------------------- */

static int socket_flags(unsigned flags)
{
    return flags & FDI_NONBLOCK ? SOCK_CLOEXEC | SOCK_NONBLOCK : SOCK_CLOEXEC;
}

int fdi__os_socket_open(int domain, int type, int protocol, unsigned flags)
{
    return fdi__ensure_cloexec(
        fdi__enosys_to_enotsup(socket(domain, type | socket_flags(flags), protocol)));
}

int fdi__os_socketpair(int domain, int type, int protocol, int *pair, unsigned flags)
{
    int result = socketpair(domain, type | socket_flags(flags), protocol, pair);
    return fdi__ensure_cloexec_two(fdi__enosys_to_enotsup(result), pair);
}

static int accept_cloexec(int listener, void *address, socklen_t *length, unsigned flags)
{
    int saved_errno = errno;
    int64_t start = fdi__now();
    int fd;
    do
        fd = accept4(listener, address, length, socket_flags(flags));
    while (fd < 0 && errno == EINTR && wait_for_input(listener, start) > 0);
    if (fd >= 0)
        errno = saved_errno;
    return fdi__ensure_cloexec(fdi__enosys_to_enotsup(fd));
}

static int64_t receive(int connection, struct iovec *data, struct parcel *parcel)
{
    int saved_errno = errno;
    int64_t start = fdi__now();
    int message_flags = MSG_CMSG_CLOEXEC;
    int64_t length;
    bool is_early;
    do {
        length = receive_once(connection, data, parcel, message_flags);
        is_early = errno == EINTR || (errno == EAGAIN && message_flags & MSG_DONTWAIT);
        message_flags |= MSG_DONTWAIT;
    } while (length < 0 && is_early && wait_for_input(connection, start) > 0);
    if (length >= 0)
        errno = saved_errno;
    return length >= 0 && set_cloexec_on_each(parcel) < 0 ? -1 : length;
}

#else

/* ---- create, then set FD_CLOEXEC ------------------------------------------------------------ *
 *
 * These functions wait for a connection or a message without the fork lock. They act on
 * cancellation only before and during the wait. */

int fdi__os_socket_open(int domain, int type, int protocol, unsigned flags)
{
    struct fdi__fork_lock held;
    if (fdi__fork_lock_acquire(&held) < 0)
        return -1;
    int fd = fdi__set_cloexec_or_close(socket(domain, type, protocol));
    fdi__fork_lock_release(&held);
    return fdi__nonblock(fd, flags);
}

int fdi__os_socketpair(int domain, int type, int protocol, int *pair, unsigned flags)
{
    struct fdi__fork_lock held;
    if (fdi__fork_lock_acquire(&held) < 0)
        return -1;
    int result = fdi__set_cloexec_or_close_two(socketpair(domain, type, protocol, pair), pair);
    fdi__fork_lock_release(&held);
    return fdi__nonblock_two(result, pair, flags);
}

/* accept copies O_NONBLOCK from the listener; accept4 does not. */
static int configure_accepted(int fd, unsigned flags)
{
    if (fd < 0 || fdi__set_cloexec_or_close(fd) < 0)
        return -1;
    int before = fdi__fcntl(fd, F_GETFL);
    int wanted = flags & FDI_NONBLOCK ? before | O_NONBLOCK : before & ~O_NONBLOCK;
    if (before < 0 || (wanted != before && fdi__fcntl(fd, F_SETFL, wanted) < 0))
        return fdi__close_keep_errno(fd, -1);
    return fd;
}

static int accept_if_ready(int listener, void *address, socklen_t *length)
{
    struct pollfd waiting = {listener, POLLIN, 0};
    int ready = poll(&waiting, 1, 0);
    if (ready <= 0)
        return ready < 0 ? -1 : fdi__fail(EAGAIN);
    return accept(listener, address, length);
}

/* Calls accept without the fork lock: if another process takes the connection first, accept waits
 * for the next one. */
static int accept_once(int listener, void *address, socklen_t *length, unsigned flags,
                       bool *was_accepted)
{
    int fd;
    int *slot = fdi__accept_begin(listener);
    if (!slot)
        return -1;
    pthread_cleanup_push(fdi__accept_end, slot);
    fd = accept_if_ready(listener, address, length);
    int state = fdi__os_cancel_off();
    *was_accepted = fd >= 0;
    fd = configure_accepted(fd, flags);
    fdi__os_cancel_restore(state);
    pthread_cleanup_pop(1);
    return fd;
}

static int accept_cloexec(int listener, void *address, socklen_t *length, unsigned flags)
{
    int saved_errno = errno;
    int64_t start = fdi__now();
    bool was_accepted = false;
    int fd;
    pthread_testcancel();
    do
        fd = accept_once(listener, address, length, flags, &was_accepted);
    while (fd < 0 && !was_accepted &&
           (errno == EINTR || (errno == EAGAIN && wait_for_input(listener, start) > 0)));
    return fdi__restore_errno_on_success(saved_errno, fd);
}

static int64_t receive(int connection, struct iovec *data, struct parcel *parcel)
{
    int saved_errno = errno;
    int64_t start = fdi__now();
    int64_t length;
    bool was_received;
    pthread_testcancel();
    do {
        struct fdi__fork_lock held;
        if (fdi__fork_lock_acquire(&held) < 0)
            return -1;
        length = receive_once(connection, data, parcel, MSG_DONTWAIT);
        was_received = length >= 0;
        if (was_received && set_cloexec_on_each(parcel) < 0)
            length = -1;
        fdi__fork_lock_release(&held);
    } while (!was_received &&
             (errno == EINTR || (errno == EAGAIN && wait_for_input(connection, start) > 0)));
    if (length >= 0)
        errno = saved_errno;
    return length;
}

#endif

/* ---- functions ----------------------------------------------------------------------------- */

/* fdi_socklen must be the same type as socklen_t. The compiler warns about this assignment if it is
 * not. */
int fdi__os_accept(int listener, void *address, fdi_socklen *address_size, unsigned flags)
{
    socklen_t *length = address_size;
    return accept_cloexec(listener, address, length, flags);
}

int fdi__os_socket_above_stdio(int socket)
{
    return socket < FDI__STDIO
               ? fdi__close_keep_errno(socket, fdi__os_dup(socket, FDI__STDIO, false))
               : socket;
}

void fdi__os_discard_socket(int socket)
{
    fdi__close(socket);
}

int64_t fdi__os_recv_fds(int connection, void *data, size_t size, int *fds, size_t *count)
{
    struct parcel parcel;
    struct iovec whole = {data, size};
    int64_t length = receive(connection, &whole, &parcel);
    if (length < 0)
        return -1;
    if (parcel.is_cut || parcel.count > *count) {
        close_each(parcel.fds, parcel.count);
        return fdi__fail(EMSGSIZE);
    }
    if (parcel.count > 0)
        memcpy(fds, parcel.fds, parcel.count * sizeof(int));
    *count = parcel.count;
    return length;
}
