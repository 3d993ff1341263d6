/* SPDX-License-Identifier: MIT
 * Accepting connections, socket pairs, and descriptors received through them. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 253 };

static void close_both(const int *pair)
{
    close(pair[0]);
    close(pair[1]);
}

/* ---- creating ------------------------------------------------------------------------------ */

static void socketpair_is_not_inherited_and_transfers_data(void **state)
{
    (void)state;
    char text[4] = {0};
    int pair[2];
    assert_works(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0));
    assert_int_equal(write(pair[0], "abc", 3), 3);
    assert_int_equal(read(pair[1], text, 3), 3);
    assert_string_equal(text, "abc");
    assert_false(child_has(pair[0]));
    assert_false(child_has(pair[1]));
    close_both(pair);
}

static void failed_socketpair_leaves_the_array_unchanged(void **state)
{
    (void)state;
    int pair[2] = {-7, -8};
    assert_fails(EINVAL, fdi_socketpair(AF_UNIX, 15, 0, pair, 0));
    assert_fails(EAFNOSUPPORT, fdi_socketpair(1000, SOCK_STREAM, 0, pair, 0));
    assert_int_equal(pair[0], -7);
    assert_int_equal(pair[1], -8);
}

static int listen_here(struct sockaddr_un *address)
{
    int listener = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX, .sun_path = "socket"};
    assert_int_equal(bind(listener, (struct sockaddr *)address, sizeof *address), 0);
    assert_int_equal(listen(listener, 4), 0);
    return listener;
}

static int connect_here(const struct sockaddr_un *address)
{
    int client = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(client, (const struct sockaddr *)address, sizeof *address), 0);
    return client;
}

static void accepted_socket_of_a_nonblocking_listener_blocks(void **state)
{
    (void)state;
    struct sockaddr_un address;
    int listener = listen_here(&address);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    assert_fails(EAGAIN, fdi_accept(listener, NULL, NULL, 0));
    int client = connect_here(&address);
    int fd = -1;
    assert_works(fd = fdi_accept(listener, NULL, NULL, 0));
    assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    close(fd);
    close(client);
    close(listener);
}

static void address_is_truncated_and_its_full_length_reported(void **state)
{
    (void)state;
    struct sockaddr_un address;
    unsigned char peer[4] = {0, 0, 0xee, 0xee};
    fdi_socklen size = 1;
    int listener = listen_here(&address);
    int client = connect_here(&address);
    int fd = fdi_accept(listener, peer, &size, 0);
    assert_true(fd >= 0);
    assert_int_equal(size, sizeof(sa_family_t));
    assert_int_equal(peer[2], 0xee);
    close(fd);
    close(client);
    close(listener);
}

static void accept_obeys_the_listeners_timeout(void **state)
{
    (void)state;
    struct sockaddr_un address;
    struct timeval patience = {0, 20000};
    int listener = listen_here(&address);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_fails(EAGAIN, fdi_accept(listener, NULL, NULL, 0));
    close(listener);
}

/* The timeout has more milliseconds than poll accepts. */
static void accept_with_a_huge_timeout_returns_a_later_connection(void **state)
{
    (void)state;
    struct sockaddr_un address;
    struct timeval patience = {100L * 24 * 3600, 0};
    struct timespec moment = {0, 50000000};
    int listener = listen_here(&address);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)nanosleep(&moment, NULL);
        _exit(
            connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address));
    }
    int fd = fdi_accept(listener, NULL, NULL, 0);
    assert_true(fd >= 0);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
    close(listener);
}

static void accept_of_a_non_listener_fails(void **state)
{
    (void)state;
    int fd = open_null(false);
    int socket = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    assert_fails(EBADF, fdi_accept(-1, NULL, NULL, 0));
    assert_fails(EBADF, fdi_accept(4000, NULL, NULL, 0));
    assert_fails(ENOTSOCK, fdi_accept(fd, NULL, NULL, 0));
    assert_fails(EINVAL, fdi_accept(socket, NULL, NULL, 0));
    close(socket);
    close(fd);
}

/* ---- interrupted by a signal --------------------------------------------------------------- */

static void nothing(int signal)
{
    (void)signal;
}

/* Interrupts the main thread a few times, then connects. */
static void *interrupt_then_connect(void *main_thread)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    struct timespec moment = {0, 5000000};
    for (int i = 0; i < 5; i++) {
        nanosleep(&moment, NULL);
        pthread_kill(*(pthread_t *)main_thread, SIGUSR1);
    }
    nanosleep(&moment, NULL);
    int client = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    (void)!connect(client, (struct sockaddr *)&address, sizeof address);
    return (void *)(intptr_t)client;
}

static void interrupted_accept_continues(void **state)
{
    (void)state;
    struct sockaddr_un address;
    struct sigaction action = {.sa_handler = nothing};
    struct sigaction former;
    pthread_t self = pthread_self();
    pthread_t other;
    void *client;
    int fd = -1;
    int listener = listen_here(&address);
    sigaction(SIGUSR1, &action, &former);
    assert_int_equal(pthread_create(&other, NULL, interrupt_then_connect, &self), 0);
    assert_works(fd = fdi_accept(listener, NULL, NULL, 0));
    pthread_join(other, &client);
    sigaction(SIGUSR1, &former, NULL);
    close((int)(intptr_t)client);
    close(fd);
    close(listener);
}

/* ---- received descriptors ------------------------------------------------------------------ */

/* musl's sendmsg accepts little more than 1 KiB of control data. */
static ssize_t send_message(int connection, const struct msghdr *message)
{
#if defined(__linux__) && defined(SYS_sendmsg)
    return syscall(SYS_sendmsg, connection, message, 0);
#else
    return sendmsg(connection, message, 0);
#endif
}

static void send_copies(int connection, int fd, size_t count, const char *text)
{
    union {
        struct cmsghdr aligned;
        unsigned char bytes[CMSG_SPACE(MOST * sizeof(int))];
    } control;
    int fds[MOST];
    struct iovec data = {(void *)(uintptr_t)text, strlen(text)};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    for (size_t i = 0; i < count; i++)
        fds[i] = fd;
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int));
        control.aligned.cmsg_level = SOL_SOCKET;
        control.aligned.cmsg_type = SCM_RIGHTS;
        control.aligned.cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&control.aligned), fds, count * sizeof(int));
    }
    assert_int_equal(send_message(connection, &message), strlen(text));
}

static void received_fds_are_not_inherited(void **state)
{
    (void)state;
    char text[8] = {0};
    int pair[2];
    int fds[4];
    size_t count = 4;
    int fd = open_null(true);
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    send_copies(pair[0], fd, 3, "hello");
    assert_works(fdi_recv_fds(pair[1], text, sizeof text, fds, &count, 0));
    assert_string_equal(text, "hello");
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_false(child_has(fds[i]));
        assert_int_equal(close(fds[i]), 0);
    }
    close(fd);
    close_both(pair);
}

static void largest_number_of_descriptors_can_be_received(void **state)
{
    (void)state;
    char byte;
    int pair[2];
    int fds[MOST];
    size_t count = MOST;
    fdi_socketpair(AF_UNIX, SOCK_DGRAM, 0, pair, 0);
    send_copies(pair[0], 0, MOST, "x");
    assert_int_equal(fdi_recv_fds(pair[1], &byte, 1, fds, &count, 0), 1);
    assert_int_equal(count, MOST);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(close(fds[i]), 0);
    close_both(pair);
}

/* Standard input is closed for a moment here. */
static void received_fds_can_be_moved_above_stdio(void **state)
{
    (void)state;
    char byte;
    int pair[2];
    int fds[2] = {-1, -1};
    size_t count = 2;
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    send_copies(pair[0], 2, 2, "x");
    int kept = fdi_dup(0, 0);
    close(0);
    int64_t length = fdi_recv_fds(pair[1], &byte, 1, fds, &count, FDI_ABOVE_STDIO);
    bool is_free = fcntl(0, F_GETFD) < 0;
    assert_int_equal(fdi_dup2(kept, 0, FDI_INHERITABLE), 0);
    close(kept);
    assert_true(is_free);
    assert_int_equal(length, 1);
    assert_int_equal(count, 2);
    assert_true(fds[0] > 2 && fds[1] > 2);
    assert_false(child_has(fds[0]));
    assert_false(child_has(fds[1]));
    close_both(fds);
    close_both(pair);
}

/* Two descriptors arrive at 0 and 1, and 8 is the only free number above stdio. */
static bool received_fds_are_closed(void)
{
    struct rlimit limit = {10, 10};
    char byte;
    int pair[2];
    int fds[2];
    size_t count = 2;
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    send_copies(pair[0], pair[0], 2, "x");
    dup2(pair[1], 9);
    for (int fd = 0; fd < 9; fd++)
        close(fd);
    for (int fd = 3; fd < 8; fd++)
        dup2(9, fd);
    setrlimit(RLIMIT_NOFILE, &limit);
    if (fdi_recv_fds(9, &byte, 1, fds, &count, FDI_ABOVE_STDIO) != -1 || errno != EMFILE)
        return false;
    return count == 2 && fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(8, F_GETFD) < 0;
}

static void received_fds_that_cannot_be_moved_are_closed(void **state)
{
    (void)state;
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(received_fds_are_closed() ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void message_without_descriptors_reports_none(void **state)
{
    (void)state;
    char text[8];
    int pair[2];
    int fds[1] = {-7};
    size_t count = 1;
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    send_copies(pair[0], -1, 0, "hello");
    assert_int_equal(fdi_recv_fds(pair[1], text, sizeof text, fds, &count, 0), 5);
    assert_int_equal(count, 0);
    assert_int_equal(fds[0], -7);
    send_copies(pair[0], -1, 0, "hello");
    assert_int_equal(fdi_recv_fds(pair[1], text, sizeof text, NULL, &count, FDI_ABOVE_STDIO), 5);
    assert_int_equal(count, 0);
    close(pair[0]);
    count = 1;
    assert_int_equal(fdi_recv_fds(pair[1], text, sizeof text, fds, &count, 0), 0);
    assert_int_equal(count, 0);
    close(pair[1]);
}

/* The teardown checks that nothing is left open. */
static void truncated_message_leaks_nothing(void **state)
{
    (void)state;
    char text[4];
    int pair[2];
    int fds[2] = {-7, -7};
    size_t count = 2;
    fdi_socketpair(AF_UNIX, SOCK_DGRAM, 0, pair, 0);
    send_copies(pair[0], 0, 3, "x");
    assert_fails(EMSGSIZE, fdi_recv_fds(pair[1], text, sizeof text, fds, &count, 0));
    send_copies(pair[0], 0, MOST, "x");
    assert_fails(EMSGSIZE, fdi_recv_fds(pair[1], text, sizeof text, fds, &count, 0));
    send_copies(pair[0], 0, 2, "longer than that");
    assert_fails(EMSGSIZE, fdi_recv_fds(pair[1], text, sizeof text, fds, &count, 0));
    assert_int_equal(count, 2);
    assert_int_equal(fds[0], -7);
    count = 0;
    send_copies(pair[0], 0, 1, "x");
    assert_fails(EMSGSIZE, fdi_recv_fds(pair[1], text, sizeof text, NULL, &count, 0));
    close_both(pair);
}

static void descriptors_above_the_limit_leak_nothing(void **state)
{
    (void)state;
    char byte;
    int pair[2];
    int fds[8];
    size_t count = 8;
    struct rlimit former;
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    send_copies(pair[0], 0, 8, "x");
    getrlimit(RLIMIT_NOFILE, &former);
    struct rlimit low = {(rlim_t)pair[1] + 4, former.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low);
    assert_fails(EMSGSIZE, fdi_recv_fds(pair[1], &byte, 1, fds, &count, 0));
    setrlimit(RLIMIT_NOFILE, &former);
    close_both(pair);
}

#if defined(__linux__)

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

/* Credentials take control space of their own, and a pidfd is a hidden extra descriptor. */
static void credentials_and_pidfds_are_not_leaked(void **state)
{
    (void)state;
    char byte;
    int pair[2];
    int fds[MOST];
    int on = 1;
    size_t count = MOST;
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    assert_int_equal(setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on), 0);
    (void)setsockopt(pair[1], SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on); /* from Linux 6.5 on */
    send_copies(pair[0], 0, MOST, "x");
    assert_int_equal(fdi_recv_fds(pair[1], &byte, 1, fds, &count, 0), 1);
    assert_int_equal(count, MOST);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(close(fds[i]), 0);
    close_both(pair);
}

#endif

static void receive_fails_with_the_errors_of_recvmsg(void **state)
{
    (void)state;
    char byte;
    int pair[2];
    size_t count = 0;
    struct timeval patience = {0, 20000};
    int fd = open_null(false);
    fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
    assert_fails(EBADF, fdi_recv_fds(-1, &byte, 1, NULL, &count, 0));
    assert_fails(ENOTSOCK, fdi_recv_fds(fd, &byte, 1, NULL, &count, 0));
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_fails(EAGAIN, fdi_recv_fds(pair[0], &byte, 1, NULL, &count, 0));
    fcntl(pair[1], F_SETFL, O_NONBLOCK);
    assert_fails(EAGAIN, fdi_recv_fds(pair[1], &byte, 1, NULL, &count, 0));
    close(fd);
    close_both(pair);
}

#if defined(IP_PKTINFO)

/* Attaches the destination address, which is not a descriptor. */
static void other_control_data_is_not_taken_for_descriptors(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char text[4];
    int fds[4];
    size_t count = 4;
    int one = fdi_socket_open(AF_INET, SOCK_DGRAM, 0, 0),
        two = fdi_socket_open(AF_INET, SOCK_DGRAM, 0, 0);
    assert_int_equal(bind(one, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(one, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(setsockopt(one, IPPROTO_IP, IP_PKTINFO, &(int){1}, sizeof(int)), 0);
    assert_int_equal(sendto(two, "abc", 3, 0, (struct sockaddr *)&address, size), 3);
    assert_int_equal(fdi_recv_fds(one, text, sizeof text, fds, &count, 0), 3);
    assert_int_equal(count, 0);
    close(two);
    close(one);
}

#endif

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(socketpair_is_not_inherited_and_transfers_data),
        CASE(failed_socketpair_leaves_the_array_unchanged),
        CASE(accepted_socket_of_a_nonblocking_listener_blocks),
        CASE(address_is_truncated_and_its_full_length_reported),
        CASE(accept_obeys_the_listeners_timeout),
#if defined(IP_PKTINFO)
        CASE(other_control_data_is_not_taken_for_descriptors),
#endif
        CASE(accept_with_a_huge_timeout_returns_a_later_connection),
        CASE(accept_of_a_non_listener_fails),
        CASE(interrupted_accept_continues),
        CASE(received_fds_are_not_inherited),
        CASE(largest_number_of_descriptors_can_be_received),
        CASE(received_fds_can_be_moved_above_stdio),
        CASE(received_fds_that_cannot_be_moved_are_closed),
        CASE(message_without_descriptors_reports_none),
        CASE(truncated_message_leaks_nothing),
        CASE(descriptors_above_the_limit_leak_nothing),
#if defined(__linux__)
        CASE(credentials_and_pidfds_are_not_leaked),
#endif
        CASE(receive_fails_with_the_errors_of_recvmsg),
    };
    return cmocka_run_group_tests_name("socket_posix", cases, NULL, NULL);
}
