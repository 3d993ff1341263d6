/* SPDX-License-Identifier: MIT
 * Every function that makes descriptors. */
#define _GNU_SOURCE 1
#include "scenarios.h"
#include "fdinherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- one descriptor ------------------------------------------------------------------------ */

ACT_FD(dup_, fdi_dup(around.inheritable))
ACT_FD(memfd, fdi_memfd_create("name", 0))
ACT_FD(event, fdi_eventfd(3, 0))
ACT_FD(epoll, fdi_epoll_create())
ACT_FD(queue, fdi_kqueue())
ACT_FD(socket_unix, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0))
ACT_FD(accept_, fdi_accept(around.listener, NULL, NULL))

static int64_t mkstemp_(void)
{
    char name[] = "temporary.XXXXXX";
    injector_begin();
    int fd = fdi_mkstemp(name);
    injector_end();
    if (fd >= 0)
        close(fd);
    return fd;
}

static int64_t accept_address(void)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    injector_begin();
    int fd = fdi_accept(around.listener, &address, &size);
    injector_end();
    if (fd >= 0)
        close(fd);
    return fd;
}

/* ---- streams ------------------------------------------------------------------------------- */

#define ACT_STREAM(name, call)                                                                     \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        FILE *stream = (call);                                                                     \
        injector_end();                                                                            \
        if (stream)                                                                                \
            fclose(stream);                                                                        \
        return stream ? 0 : -1;                                                                    \
    }

ACT_STREAM(fopen_path, fdi_fopen(fdi_path("file"), "r"))
ACT_STREAM(fopen_exclusive, fdi_fopen(fdi_path("new"), "w+bx"))
ACT_STREAM(fopen_at, fdi_fopen(fdi_path_at(around.directory, "inner"), "r+"))
ACT_STREAM(fopen_fd, fdi_fopen(fdi_fd(around.file), "r"))
ACT_STREAM(fopen_above, fdi_fopen_above_stdio(fdi_path("file"), "r"))

ACT_STREAM(fopen_at_exclusive, fdi_fopen(fdi_path_at(around.directory, "new"), "wx"))
ACT_STREAM(fopen_above_exclusive, fdi_fopen_above_stdio(fdi_path("new"), "wx"))

/* ---- two descriptors ----------------------------------------------------------------------- */

#define ACT_TWO(name, call)                                                                        \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        int fds[2] = {-1, -1};                                                                     \
        injector_begin();                                                                          \
        int result = (call);                                                                       \
        injector_end();                                                                            \
        if (result < 0 && (fds[0] != -1 || fds[1] != -1))                                          \
            abort();                                                                               \
        if (result >= 0) {                                                                         \
            close(fds[0]);                                                                         \
            close(fds[1]);                                                                         \
        }                                                                                          \
        return result;                                                                             \
    }

ACT_TWO(pipe_, fdi_pipe(fds))
ACT_TWO(openpty_, fdi_openpty(&fds[0], &fds[1]))
ACT_TWO(socketpair_, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds))

/* ---- dup2 ---------------------------------------------------------------------------------- */

/* Onto a descriptor that is there before and after. */
static int64_t replace(int fd2, bool inheritable)
{
    int kept = fcntl(fd2, F_DUPFD_CLOEXEC, 0);
    int flags = fcntl(fd2, F_GETFD);
    injector_begin();
    int result = fdi_dup2(around.here, fd2, inheritable);
    injector_end();
    if (result >= 0) {
        dup2(kept, fd2);
        fcntl(fd2, F_SETFD, flags);
    }
    close(kept);
    return result;
}

static int64_t dup2_private(void)
{
    return replace(around.inheritable, false);
}

static int64_t dup2_private_onto_private(void)
{
    return replace(around.file, false);
}

static int64_t dup2_inheritable(void)
{
    return replace(around.file, true);
}

static int64_t dup2_itself(void)
{
    injector_begin();
    int result = fdi_dup2(around.file, around.file, false);
    injector_end();
    return result;
}

ACT_FD(dup2_closed, fdi_dup2(around.here, 77, false))

/* ---- what arrives -------------------------------------------------------------------------- */

static void send_fds(const int *fds, size_t count)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct iovec data = {(char[]){"hello"}, 5};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(item), fds, count * sizeof(int));
    if (sendmsg(around.connection[0], &message, 0) != 5)
        abort();
}

static int64_t receive(size_t room)
{
    char data[8];
    int fds[4] = {-1, -1, -1, -1};
    size_t count = room;
    send_fds((int[]){around.file, around.here, around.inheritable}, 3);
    injector_begin();
    int64_t length = fdi_recv_fds(around.connection[1], data, sizeof data, fds, &count);
    injector_end();
    for (int i = 0; i < 4; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    return length;
}

static int64_t recv_fds(void)
{
    return receive(4);
}

static int64_t recv_too_many_fds(void)
{
    return receive(2);
}

/* ---- away from stdio ----------------------------------------------------------------------- */

static int64_t above_stdio(void)
{
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(0);
    injector_begin();
    int fd = fdi_above_stdio(fdi_epoll_create());
    injector_end();
    int error = errno;
    if (fcntl(0, F_GETFD) >= 0)
        abort();
    dup2(kept, 0);
    close(kept);
    if (fd >= 0)
        close(fd);
    errno = error;
    return fd;
}

static int64_t above_stdio_many(void)
{
    int fds[2] = {-1, -1};
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(0);
    injector_begin();
    int result = fdi_above_stdio_many(fdi_pipe(fds), fds, 2);
    injector_end();
    int error = errno;
    if (fcntl(0, F_GETFD) >= 0)
        abort();
    dup2(kept, 0);
    close(kept);
    if (result >= 0) {
        close(fds[0]);
        close(fds[1]);
    }
    errno = error;
    return result;
}

const struct scenario creators[] = {
    ROW(dup_),
    ROW(memfd),
    ROW(event),
    ROW(epoll),
    ROW(queue),
    ROW(socket_unix),
    ROW(accept_),
    ROW(accept_address),
    ROW_PUTS_BACK(mkstemp_), /* a name that is always taken it tries 238,328 times */
    ROW(fopen_path),
    ROW(fopen_exclusive),
    ROW(fopen_at),
    ROW(fopen_fd),
    ROW(fopen_above),
    ROW_PUTS_BACK(fopen_at_exclusive), /* the new file cannot go if that fails, too */
    ROW_PUTS_BACK(fopen_above_exclusive),
    ROW(pipe_),
    ROW(openpty_),
    ROW(socketpair_),
    ROW_PUTS_BACK(dup2_private),
    ROW_PUTS_BACK(dup2_private_onto_private),
    ROW(dup2_inheritable),
    ROW(dup2_itself),
    ROW(dup2_closed),
    ROW(recv_fds),
    ROW(recv_too_many_fds),
    ROW(above_stdio),
    ROW(above_stdio_many),
};

const int creator_count = sizeof creators / sizeof creators[0];
