/* SPDX-License-Identifier: MIT
 * Simulates a kernel that accepts the close-on-exec flags and ignores them. Replacements for C
 * library functions play its part. The library is built as for platforms that may do so. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child.h"
#include "fdinherit.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* Counts the ignored flags, to show that the library passed them. */
static int ignored;
static bool is_ignoring;

static int without(int flags, int flag)
{
    if (!is_ignoring)
        return flags;
    ignored += (flags & flag) != 0;
    return flags & ~flag;
}

/* ---- the kernel ---------------------------------------------------------------------------- */

/* Defines each function under both of its names: plain, and with the suffix 64 for large files. */
#define PLAY(result, word, arguments)                                                              \
    result play_##word arguments __asm__(#word);                                                   \
    result play_##word##64 arguments __asm__(#word "64")

PLAY(int, fcntl, (int fd, int command, long argument));
PLAY(int, open, (const char *path, int flags, unsigned mode));
PLAY(int, openat, (int directory, const char *path, int flags, unsigned mode));

/* The library makes some system calls by number, because these calls are no cancellation points. */
long play_syscall(long number, long a, long b, long c, long d, long e, long f) __asm__("syscall");

long play_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    static long (*real)(long, ...);
    if (!real) {
        void *found = dlsym(RTLD_NEXT, "syscall");
        memcpy(&real, &found, sizeof real);
    }
    if (number == SYS_openat)
        c = without((int)c, O_CLOEXEC);
    return real(number, a, b, c, d, e, f);
}

int play_fcntl(int fd, int command, long argument)
{
    if (command == F_DUPFD_CLOEXEC && is_ignoring) {
        ignored++;
        command = F_DUPFD;
    }
    return (int)syscall(SYS_fcntl, fd, command, argument);
}

int play_fcntl64(int fd, int command, long argument)
{
    return play_fcntl(fd, command, argument);
}

int play_openat(int directory, const char *path, int flags, unsigned mode)
{
    return (int)syscall(SYS_openat, directory, path, without(flags, O_CLOEXEC), mode);
}

int play_openat64(int directory, const char *path, int flags, unsigned mode)
{
    return play_openat(directory, path, flags, mode);
}

int play_open(const char *path, int flags, unsigned mode)
{
    return play_openat(AT_FDCWD, path, flags, mode);
}

int play_open64(const char *path, int flags, unsigned mode)
{
    return play_openat(AT_FDCWD, path, flags, mode);
}

int posix_openpt(int flags)
{
    return openat(AT_FDCWD, "/dev/ptmx", flags);
}

int pipe2(int fds[2], int flags)
{
    return (int)syscall(SYS_pipe2, fds, without(flags, O_CLOEXEC));
}

int socket(int domain, int type, int protocol)
{
    return (int)syscall(SYS_socket, domain, without(type, SOCK_CLOEXEC), protocol);
}

int socketpair(int domain, int type, int protocol, int pair[2])
{
    return (int)syscall(SYS_socketpair, domain, without(type, SOCK_CLOEXEC), protocol, pair);
}

/* Uses this name because the C library declares `address` with its own type. */
int play_accept4(int listener, void *address, socklen_t *size, int flags) __asm__("accept4");

int play_accept4(int listener, void *address, socklen_t *size, int flags)
{
    return (int)syscall(SYS_accept4, listener, address, size, without(flags, SOCK_CLOEXEC));
}

ssize_t recvmsg(int connection, struct msghdr *message, int flags)
{
    return syscall(SYS_recvmsg, connection, message, without(flags, MSG_CMSG_CLOEXEC));
}

/* ---- tests --------------------------------------------------------------------------------- */

#define MAKE(call) (ignored = 0, is_ignoring = true, made = (call), is_ignoring = false, made)

static void assert_noticed(int fd)
{
    assert_true(fd >= 0);
    assert_true(ignored > 0);
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
}

static void ignored_flags_of_files_are_detected(void **state)
{
    (void)state;
    char name[] = "XXXXXX";
    int made;
    int fds[2];
    int here = open(".", O_RDONLY | O_CLOEXEC);
    assert_noticed(MAKE(fdi_open(fdi_path("/dev/null"), O_RDONLY, 0)));
    assert_noticed(MAKE(fdi_open(fdi_path_at(here, "new"), O_RDWR | O_CREAT, 0600)));
    assert_noticed(MAKE(fdi_open(fdi_fd(here), O_RDONLY, 0)));
    assert_noticed(MAKE(fdi_dup(here, 0)));
    assert_noticed(MAKE(fdi_mkstemp(fdi_path("."), name, 0, 0)));
    assert_int_equal(MAKE(fdi_pipe(fds, 0)), 0);
    assert_noticed(fds[0]);
    assert_noticed(fds[1]);
    assert_int_equal(MAKE(fdi_openpty(&fds[0], &fds[1], 0)), 0);
    assert_noticed(fds[1]);
    assert_noticed(fds[0]);
    close(here);
}

static void ignored_flags_of_streams_are_detected(void **state)
{
    (void)state;
    is_ignoring = true;
    FILE *stream = fdi_fopen(fdi_path("/dev/null"), "r", 0);
    is_ignoring = false;
    assert_non_null(stream);
    assert_false(child_has(fileno(stream)));
    fclose(stream);
}

static void ignored_flags_of_sockets_are_detected(void **state)
{
    (void)state;
    int made;
    int pair[2];
    assert_noticed(MAKE(fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0)));
    assert_int_equal(MAKE(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0)), 0);
    assert_noticed(pair[0]);
    assert_noticed(pair[1]);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int listener = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    int client = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    assert_noticed(MAKE(fdi_accept(listener, NULL, NULL, 0)));
    close(client);
    close(listener);
}

static void ignored_flags_of_received_descriptors_are_detected(void **state)
{
    (void)state;
    union {
        struct cmsghdr aligned;
        unsigned char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char byte = 0;
    int pair[2];
    int fd = 0;
    int made;
    size_t count = 1;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    control.aligned = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(&control.aligned), &fd, sizeof fd);
    assert_int_equal(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0), 0);
    assert_int_equal(sendmsg(pair[0], &message, 0), 1);
    assert_int_equal(MAKE((int)fdi_recv_fds(pair[1], &byte, 1, &fd, &count, 0)), 1);
    assert_noticed(fd);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(ignored_flags_of_files_are_detected),
        CASE(ignored_flags_of_streams_are_detected),
        CASE(ignored_flags_of_sockets_are_detected),
        CASE(ignored_flags_of_received_descriptors_are_detected),
    };
    return cmocka_run_group_tests_name("ignored_linux", cases, NULL, NULL);
}
