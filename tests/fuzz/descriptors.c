/* SPDX-License-Identifier: MIT
 * Calls that create descriptors or act on them, with any arguments. */
#include "../../src/platform.h"
#include "arguments.h"
#include "file_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- Descriptors ---------------------------------------------------------------------------- */

static int64_t closed(int fd)
{
    MUST(fd < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    if (fd >= 0)
        (void)close(fd);
    return fd < 0 ? -1 : 0;
}

static bool is_nonblocking(int fd)
{
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0;
}

int64_t try_open(struct input *input)
{
    fdi_target target = take_target(input);
    int oflags = (int)(take_mode(input) << 8 | take_byte(input)) | O_NONBLOCK;
    return closed(fdi_open(target, oflags, take_mode(input)));
}

int64_t try_fopen(struct input *input)
{
    fdi_target target = take_target(input);
    const char *mode = take_path(input);
    FILE *stream = fdi_fopen(target, mode, take_new_flags(input));
    if (stream)
        (void)fclose(stream);
    return stream ? 0 : -1;
}

int64_t try_mkstemp(struct input *input)
{
    const char *path = take_path(input);
    char *template = path ? strdup(path) : NULL;
    fdi_target directory = take_target(input);
    size_t suffix_length = (size_t)take_number(input);
    unsigned byte = take_byte(input);
    int oflags = byte & 0x80 ? (int)(1U << (byte & 31)) : byte & 1 ? O_APPEND | O_NONBLOCK : 0;
    int fd = fdi_mkstemp(directory, template, suffix_length, oflags);
    MUST(fd >= 0 || !path || strcmp(path, template) == 0);
    MUST(fd < 0 || memcmp(path + strlen(path) - suffix_length,
                          template + strlen(path) - suffix_length, suffix_length) == 0);
    free(template);
    return closed(fd);
}

int64_t try_memfd(struct input *input)
{
    const char *name = take_path(input);
    return closed(fdi_memfd_create(name, take_flags(input) & 7));
}

int64_t try_dup(struct input *input)
{
    int fd = take_fd(input);
    unsigned flags = take_new_flags(input);
    int result = fdi_dup(fd, flags);
    MUST(result < 0 || fdi_get_inheritable(result) == ((flags & FDI_INHERITABLE) != 0));
    if (result >= 0)
        (void)close(result);
    return result < 0 ? -1 : 0;
}

/* Duplicates onto a closed number or an invalid one. */
int64_t try_dup2(struct input *input)
{
    static const int numbers[] = {50, 63, -1, -100, INT32_MAX, INT32_MIN};
    int fd = take_fd(input);
    int fd2 = numbers[take_byte(input) % 6];
    unsigned flags = flags_of(take_byte(input), FDI_INHERITABLE, 0, FDI_ABOVE_STDIO);
    bool inheritable = (flags & FDI_INHERITABLE) != 0;
    int result = fdi_dup2(fd, fd2, flags);
    MUST(result < 0 || (fcntl(result, F_GETFD) & FD_CLOEXEC) == (inheritable ? 0 : FD_CLOEXEC));
    if (result >= 0)
        (void)close(result);
    return result < 0 ? -1 : 0;
}

int64_t try_pair(struct input *input)
{
    int pair[2] = {-1, -1};
    unsigned byte = take_byte(input);
    unsigned flags = flags_of(byte >> 1, FDI_ABOVE_STDIO, FDI_NONBLOCK, FDI_INHERITABLE);
    int64_t result = byte & 1 ? fdi_pipe(pair, flags)
                              : fdi_socketpair(AF_UNIX, (int)take_number(input), 0, pair, flags);
    MUST(result == 0 || (pair[0] == -1 && pair[1] == -1));
    MUST(result < 0 || !(flags & FDI_NONBLOCK) ||
         (is_nonblocking(pair[0]) && is_nonblocking(pair[1])));
    return result < 0 ? -1 : closed(pair[0]) | closed(pair[1]);
}

int64_t try_socket(struct input *input)
{
    int domain = take_byte(input) & 1 ? AF_INET : AF_UNIX;
    int type = (int)take_number(input);
    unsigned flags = take_new_flags(input);
    int fd = fdi_socket_open(domain, type, 0, flags);
    MUST(fd < 0 || !(flags & FDI_NONBLOCK) || is_nonblocking(fd));
    return closed(fd);
}

/* No descriptor of the tree is a listening socket. */
int64_t try_accept(struct input *input)
{
    size_t size;
    int fd = take_fd(input);
    char *room = take_room(input, &size);
    unsigned byte = take_byte(input);
    fdi_socklen length = byte & 2 ? UINT32_MAX : (fdi_socklen)size;
    int64_t result = fdi_accept(fd, room, byte & 1 ? NULL : &length, take_new_flags(input));
    MUST(result == -1);
    free(room);
    return result;
}

/* ---- Above stdio ---------------------------------------------------------------------------- */

static int make_pipe(int *fds, unsigned flags)
{
    return fdi_pipe(fds, flags | FDI_ABOVE_STDIO);
}

static int make_socketpair(int *fds, unsigned flags)
{
    return fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, flags | FDI_ABOVE_STDIO);
}

static int make_terminal(int *fds, unsigned flags)
{
    return fdi_openpty(&fds[0], &fds[1], flags | FDI_ABOVE_STDIO);
}

static int make_socket(int *fds, unsigned flags)
{
    return fds[0] = fdi_socket_open(AF_UNIX, SOCK_DGRAM, 0, flags | FDI_ABOVE_STDIO);
}

static int make_duplicate(int *fds, unsigned flags)
{
    return fds[0] = fdi_dup(tree.file, (flags & ~(unsigned)FDI_INHERITABLE) | FDI_ABOVE_STDIO);
}

/* Creates descriptors while number 0 is free. */
int64_t try_above(struct input *input)
{
    static int (*const makers[])(int *, unsigned) = {make_pipe, make_socketpair, make_terminal,
                                                     make_socket, make_duplicate};
    unsigned number = take_byte(input) % (sizeof makers / sizeof makers[0]);
    unsigned flags = take_new_flags(input);
    int fds[2] = {-1, -1};
    int kept = fcntl(0, F_DUPFD_CLOEXEC, 3);
    (void)close(0);
    errno = UNTOUCHED;
    int result = makers[number](fds, flags);
    int error = errno;
    MUST(next_fd() == 0);
    if (kept >= 0)
        MUST(dup2(kept, 0) == 0 && close(kept) == 0);
    for (int i = 0; i < 2; i++) {
        MUST(fds[i] < 0 || fds[i] > 2);
        (void)closed(fds[i]);
    }
    errno = error;
    return result < 0 ? -1 : 0;
}

int64_t try_recv(struct input *input)
{
    size_t size;
    size_t count = take_byte(input) % 8;
    int *fds = take_byte(input) & 1 ? NULL : malloc(count * sizeof *fds);
    char *room = take_room(input, &size);
    int64_t result = -1;
    size_t got = count;
    if (send_fds(input)) {
        unsigned byte = take_byte(input);
        unsigned flags = flags_of(byte >> 1, FDI_ABOVE_STDIO, 0, FDI_NONBLOCK);
        result = fdi_recv_fds(tree.pair[1], room, size, fds, byte & 1 ? NULL : &got, flags);
    }
    MUST(result < 0 || got <= count);
    for (size_t i = 0; result >= 0 && i < got; i++)
        (void)closed(fds[i]);
    int error = errno;
    empty_pair();
    errno = error;
    free(room);
    free(fds);
    return result;
}

/* ---- Inheritance ---------------------------------------------------------------------------- */

int64_t try_set(struct input *input)
{
    int fd = take_fd(input);
    bool inheritable = take_byte(input) & 1;
    int result = fdi_set_inheritable(fd, inheritable);
    MUST(result < 0 || fdi_get_inheritable(fd) == inheritable);
    return result;
}

int64_t try_range(struct input *input)
{
    int first = (int)take_number(input);
    int last = (int)take_number(input);
    int result = fdi_set_inheritable_range(first < 3 && first >= 0 ? 3 : first, last, false);
    MUST(result == 0 || first < 0 || last < 3 || last < first);
    return result;
}

int64_t try_many(struct input *input)
{
    int fds[8];
    size_t count = take_byte(input) % 9;
    for (size_t i = 0; i < count; i++)
        fds[i] = take_fd(input);
    return fdi_set_inheritable_many(fds, count, take_byte(input) & 1);
}

static int stop(void *context, int fd, bool inheritable)
{
    MUST(fdi_get_inheritable(fd) == inheritable);
    return --*(int *)context < 0 ? 7 : 0;
}

int64_t try_foreach(struct input *input)
{
    int left = (int)take_byte(input) % 16;
    return fdi_foreach_open(stop, &left);
}
