/* SPDX-License-Identifier: MIT
 * One or more scenarios for every function that creates descriptors. */
#define _GNU_SOURCE 1
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* ---- one descriptor ------------------------------------------------------------------------ */

ACT_FD(dup_, fdi_dup(around.inheritable, 0))
ACT_FD(dup_inheritable, fdi_dup(around.file, FDI_INHERITABLE))
ACT_FD(memfd, fdi_memfd_create("name", 0))
ACT_FD(event, fdi_eventfd(3, 0))
ACT_FD(epoll, fdi_epoll_create())
ACT_FD(queue, fdi_kqueue())
ACT_FD(socket_unix, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0))
ACT_FD(socket_nonblock, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, FDI_NONBLOCK))
ACT_FD(accept_, fdi_accept(around.listener, NULL, NULL, 0))
ACT_FD(accept_nonblock, fdi_accept(around.listener, NULL, NULL, FDI_NONBLOCK))

/* The name is random, so the file is removed before the tree is described. */
static void note_temporary(int fd, const char *name, const char *template)
{
    static const char *const directories[] = {".", "dir", "dir/empty"};
    int saved_errno = errno;
    struct stat made;
    struct stat found;
    char path[128];
    if (fstat(fd, &made) < 0 || strcmp(name, template) == 0)
        abort();
    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", directories[i], name);
        if (stat(path, &found) == 0 && found.st_ino == made.st_ino && unlink(path) == 0)
            effect_note("in %s, ", directories[i]);
    }
    effect_note_fd("made", fd);
    close(fd);
    errno = saved_errno;
}

static int64_t mkstemp_in(fdi_target directory, const char *template, size_t suffix, int oflags)
{
    char name[64];
    strcpy(name, template);
    injector_begin();
    int fd = fdi_mkstemp(directory, name, suffix, oflags);
    injector_end();
    if (fd < 0 && strcmp(name, template) != 0)
        abort();
    if (fd >= 0)
        note_temporary(fd, name, template);
    return fd;
}

static int64_t mkstemp_(void)
{
    return mkstemp_in(fdi_path("."), "temporary.XXXXXX", 0, 0);
}

static int64_t mkstemp_path(void)
{
    return mkstemp_in(fdi_path("dir"), "XXXXXX.suffix", 7, O_APPEND);
}

static int64_t mkstemp_at(void)
{
    return mkstemp_in(fdi_path_at(around.directory, "empty"), "XXXXXX", 0, 0);
}

static int64_t mkstemp_fd(void)
{
    return mkstemp_in(fdi_fd(around.directory), "temporary.XXXXXX", 0, O_NONBLOCK);
}

static int64_t accept_address(void)
{
    struct sockaddr_storage address;
    fdi_socklen size = sizeof address;
    injector_begin();
    int fd = fdi_accept(around.listener, &address, &size, 0);
    injector_end();
    if (fd >= 0) {
        effect_note("family %d, size %u, ", address.ss_family, size);
        effect_note_fd("made", fd);
        close(fd);
    }
    return fd;
}

/* ---- streams ------------------------------------------------------------------------------- */

#define ACT_STREAM(name, call)                                                                     \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        FILE *stream = (call);                                                                     \
        injector_end();                                                                            \
        if (stream) {                                                                              \
            effect_note_fd("stream", fileno(stream));                                              \
            fclose(stream);                                                                        \
        }                                                                                          \
        return stream ? 0 : -1;                                                                    \
    }

ACT_STREAM(fopen_path, fdi_fopen(fdi_path("file"), "r", 0))
ACT_STREAM(fopen_exclusive, fdi_fopen(fdi_path("new"), "w+bx", 0))
ACT_STREAM(fopen_at, fdi_fopen(fdi_path_at(around.directory, "inner"), "r+", 0))
ACT_STREAM(fopen_fd, fdi_fopen(fdi_fd(around.file), "r", 0))
ACT_STREAM(fopen_above, fdi_fopen(fdi_path("file"), "r", FDI_ABOVE_STDIO))

ACT_STREAM(fopen_at_exclusive, fdi_fopen(fdi_path_at(around.directory, "new"), "wx", 0))
ACT_STREAM(fopen_above_exclusive, fdi_fopen(fdi_path("new"), "wx", FDI_ABOVE_STDIO))

/* ---- two descriptors ----------------------------------------------------------------------- */

/* Data written to the second arrives at the first. */
static void note_pair(const int *fds)
{
    char letter = '-';
    effect_note_fd("first", fds[0]);
    effect_note_fd("second", fds[1]);
    if (write(fds[1], "x", 1) == 1 && read(fds[0], &letter, 1) == 1)
        effect_note("passed %c\n", letter);
}

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
            note_pair(fds);                                                                        \
            close(fds[0]);                                                                         \
            close(fds[1]);                                                                         \
        }                                                                                          \
        return result;                                                                             \
    }

ACT_TWO(pipe_, fdi_pipe(fds, 0))
ACT_TWO(pipe_nonblock, fdi_pipe(fds, FDI_NONBLOCK))
ACT_TWO(openpty_, fdi_openpty(&fds[0], &fds[1], 0))
ACT_TWO(socketpair_, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, 0))
ACT_TWO(socketpair_nonblock, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, FDI_NONBLOCK))

/* ---- dup2 ---------------------------------------------------------------------------------- */

/* Duplicates onto an open number, and restores that descriptor afterwards. */
static int64_t replace(int fd2, bool inheritable)
{
    int kept = fcntl(fd2, F_DUPFD_CLOEXEC, 0);
    int flags = fcntl(fd2, F_GETFD);
    injector_begin();
    int result = fdi_dup2(around.here, fd2, inheritable ? FDI_INHERITABLE : 0);
    injector_end();
    if (result >= 0) {
        effect_note_fd("became", fd2);
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
    int result = fdi_dup2(around.file, around.file, 0);
    injector_end();
    effect_note_fd("is", around.file);
    return result;
}

ACT_FD(dup2_closed, fdi_dup2(around.here, 77, 0))

/* ---- received descriptors ------------------------------------------------------------------ */

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

static void note_received(int64_t length, const char *data, const int *fds, size_t count)
{
    int saved_errno = errno;
    if (length >= 0)
        effect_note("%zu with \"%.*s\"\n", count, (int)length, data);
    for (size_t i = 0; i < 4; i++)
        if (fds[i] >= 0) {
            effect_note_fd("received", fds[i]);
            close(fds[i]);
        }
    errno = saved_errno;
}

static int64_t receive(size_t room)
{
    char data[8];
    int fds[4] = {-1, -1, -1, -1};
    size_t count = room;
    send_fds((int[]){around.file, around.here, around.inheritable}, 3);
    injector_begin();
    int64_t length = fdi_recv_fds(around.connection[1], data, sizeof data, fds, &count, 0);
    injector_end();
    note_received(length, data, fds, count);
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

/* ---- above stdio --------------------------------------------------------------------------- */

static void close_all(const int *fds, int count)
{
    int error = errno;
    for (int i = 0; i < count; i++)
        if (fds[i] >= 0) {
            effect_note_fd("above", fds[i]);
            close(fds[i]);
        }
    errno = error;
}

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
    close_all(&fd, 1);
    errno = error;
    return fd;
}

/* Closes stdin during the call, so that the lowest free number is 0. */
static int kept_stdin;

static void close_stdin(void)
{
    kept_stdin = fcntl(0, F_DUPFD_CLOEXEC, 0);
    close(0);
}

static void reopen_stdin(void)
{
    int error = errno;
    if (fcntl(0, F_GETFD) >= 0)
        abort();
    dup2(kept_stdin, 0);
    close(kept_stdin);
    errno = error;
}

/* The call stores its descriptors in `fds`. */
#define ACT_ABOVE(name, call)                                                                      \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        int fds[2] = {-1, -1};                                                                     \
        close_stdin();                                                                             \
        injector_begin();                                                                          \
        int result = (call);                                                                       \
        injector_end();                                                                            \
        reopen_stdin();                                                                            \
        close_all(fds, 2);                                                                         \
        return result;                                                                             \
    }

ACT_ABOVE(dup_above, fds[0] = fdi_dup(around.file, FDI_ABOVE_STDIO | FDI_INHERITABLE))
ACT_ABOVE(pipe_above, fdi_pipe(fds, FDI_ABOVE_STDIO | FDI_NONBLOCK))
ACT_ABOVE(openpty_above, fdi_openpty(&fds[0], &fds[1], FDI_ABOVE_STDIO))
ACT_ABOVE(socket_above, fds[0] = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, FDI_ABOVE_STDIO))
ACT_ABOVE(socketpair_above, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, FDI_ABOVE_STDIO))
ACT_ABOVE(accept_above,
          fds[0] = fdi_accept(around.listener, NULL, NULL, FDI_ABOVE_STDIO | FDI_NONBLOCK))

static int64_t recv_fds_above(void)
{
    char data[8];
    int fds[4] = {-1, -1, -1, -1};
    size_t count = 4;
    send_fds((int[]){around.file, around.here, around.inheritable}, 3);
    close_stdin();
    injector_begin();
    int64_t length =
        fdi_recv_fds(around.connection[1], data, sizeof data, fds, &count, FDI_ABOVE_STDIO);
    injector_end();
    reopen_stdin();
    note_received(length, data, fds, count);
    return length;
}

static int64_t fopen_above_moved(void)
{
    close_stdin();
    injector_begin();
    FILE *stream = fdi_fopen(fdi_path("file"), "r", FDI_ABOVE_STDIO);
    injector_end();
    reopen_stdin();
    int error = errno;
    if (stream) {
        effect_note_fd("stream", fileno(stream));
        fclose(stream);
    }
    errno = error;
    return stream ? 0 : -1;
}

const struct scenario creators[] = {
    ROW(dup_, .calls = "fcntl "),
    ROW(dup_inheritable, .calls = "fcntl "),
    ROW(memfd, .calls = "memfd_create "),
    ROW(event, .calls = "eventfd2 "),
    ROW(epoll, .calls = "epoll_create1 "),
    ROW(queue, .error = ENOTSUP, .calls = ""),
    ROW(socket_unix, .calls = "socket "),
    ROW(socket_nonblock, .calls = "socket "),
    ROW(accept_, .calls = "accept4 "),
    ROW(accept_nonblock, .calls = "accept4 "),
    ROW(accept_address, .calls = "accept4 "),
    /* The call tries 1000 names if all of them exist. */
    ROW(mkstemp_, .puts_back = true, .calls = "openat openat close "),
    ROW(mkstemp_path, .puts_back = true, .calls = "openat openat close "),
    ROW(mkstemp_at, .puts_back = true, .calls = "openat openat close "),
    ROW(mkstemp_fd, .puts_back = true, .calls = "openat "),
    ROW(fopen_path, .calls = "openat "),
    ROW(fopen_exclusive, .calls = "openat "),
    ROW(fopen_at, .calls = "openat fcntl "),
    ROW(fopen_fd, .calls = "statfs openat fcntl "),
    ROW(fopen_above, .calls = "openat fcntl "),
    /* The call cannot remove the new file if unlink fails too. */
    ROW(fopen_at_exclusive, .puts_back = true, .calls = "openat fcntl "),
    ROW(fopen_above_exclusive, .puts_back = true, .calls = "openat fcntl "),
    ROW(pipe_, .calls = "pipe2 "),
    ROW(pipe_nonblock, .calls = "pipe2 "),
    ROW(openpty_, .calls = "openat ioctl ioctl "),
    ROW(socketpair_, .calls = "socketpair "),
    ROW(socketpair_nonblock, .calls = "socketpair "),
    ROW(dup2_private, .puts_back = true, .calls = "dup3 "),
    ROW(dup2_private_onto_private, .puts_back = true, .calls = "dup3 "),
    ROW(dup2_inheritable, .calls = "dup2 "),
    ROW(dup2_itself, .calls = "ioctl "),
    ROW(dup2_closed, .calls = "dup3 "),
    ROW(recv_fds, .calls = "recvmsg "),
    ROW(recv_too_many_fds, .error = EMSGSIZE, .calls = "recvmsg close close close "),
    ROW(above_stdio, .calls = "epoll_create1 fcntl close "),
    ROW(dup_above, .calls = "fcntl "),
    ROW(pipe_above, .calls = "pipe2 fcntl close "),
    ROW(openpty_above, .calls = "openat ioctl ioctl fcntl close "),
    ROW(socket_above, .calls = "socket fcntl close "),
    ROW(socketpair_above, .calls = "socketpair fcntl close "),
    ROW(accept_above, .calls = "accept4 fcntl close "),
    ROW(recv_fds_above, .calls = "recvmsg fcntl close "),
    ROW(fopen_above_moved, .calls = "openat fcntl close fcntl "),
};

const int creator_count = sizeof creators / sizeof creators[0];
