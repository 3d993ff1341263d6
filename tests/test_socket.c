/* SPDX-License-Identifier: MIT
 * Every new socket is private. A child proves it. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/socket.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static void assert_born_private(fdi_socket socket)
{
    assert_true(socket != FDI_NO_SOCKET);
    assert_false(child_has_socket(socket));
    close_socket(socket);
}

static void socket_is_not_inherited(void **state)
{
    (void)state;
    fdi_socket made = FDI_NO_SOCKET;
    assert_works((made = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0)) == FDI_NO_SOCKET ? -1 : 0);
    assert_born_private(made);
}

static fdi_socket listen_on_loopback(struct sockaddr_in *address)
{
    fdi_socket listener = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    socklen_t size = sizeof *address;
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)address, size), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)address, &size), 0);
    return listener;
}

static void accepted_socket_is_not_inherited(void **state)
{
    (void)state;
    struct sockaddr_in address;
    struct sockaddr_in peer;
    fdi_socklen size = sizeof peer;
    char text[4] = {0};
    fdi_socket accepted = FDI_NO_SOCKET;
    fdi_socket listener = listen_on_loopback(&address);
    fdi_socket client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    assert_works((accepted = fdi_accept(listener, &peer, &size, 0)) == FDI_NO_SOCKET ? -1 : 0);
    assert_int_equal(size, sizeof peer);
    assert_int_equal(peer.sin_family, AF_INET);
    assert_int_equal(send(client, "abc", 3, 0), 3);
    assert_int_equal(recv(accepted, text, 3, 0), 3);
    assert_string_equal(text, "abc");
    assert_born_private(accepted);
    close_socket(client);
    close_socket(listener);
}

/* ---- socket pairs -------------------------------------------------------------------------- */

#if defined(_WIN32)
enum { PAIR_DOMAIN = AF_INET };
#else
enum { PAIR_DOMAIN = AF_UNIX };
#endif

static void pair_is_not_inherited_and_transfers_data(void **state)
{
    (void)state;
    fdi_socket pair[2];
    char text[4] = {0};
    assert_works(fdi_socketpair(PAIR_DOMAIN, SOCK_STREAM, 0, pair, 0));
    assert_int_equal(send(pair[0], "abc", 3, 0), 3);
    assert_int_equal(recv(pair[1], text, 3, 0), 3);
    assert_string_equal(text, "abc");
    assert_born_private(pair[0]);
    assert_born_private(pair[1]);
}

/* ---- nonblocking sockets ------------------------------------------------------------------- */

/* Reports whether the socket is nonblocking and a read of the empty socket returns at once. */
static bool does_not_block(fdi_socket socket)
{
#if !defined(_WIN32)
    if (!(fcntl(socket, F_GETFL) & O_NONBLOCK))
        return false;
#endif
    char byte;
    return recv(socket, &byte, 1, 0) == -1;
}

static bool blocks(fdi_socket socket)
{
#if defined(_WIN32)
    (void)socket; /* Windows cannot query the mode */
    return true;
#else
    return !(fcntl(socket, F_GETFL) & O_NONBLOCK);
#endif
}

static void sockets_block_unless_nonblock_is_set(void **state)
{
    (void)state;
    const unsigned flags[] = {FDI_NONBLOCK, FDI_NONBLOCK | FDI_ABOVE_STDIO};
    fdi_socket pair[2];
    for (int i = 0; i < 2; i++) {
        fdi_socket made = fdi_socket_open(AF_INET, SOCK_DGRAM, 0, flags[i]);
        assert_true(made != FDI_NO_SOCKET && does_not_block(made));
        assert_born_private(made);
        assert_works(fdi_socketpair(PAIR_DOMAIN, SOCK_STREAM, 0, pair, flags[i]));
        assert_true(does_not_block(pair[0]) && does_not_block(pair[1]));
        assert_born_private(pair[0]);
        assert_born_private(pair[1]);
    }
    fdi_socket made = fdi_socket_open(AF_INET, SOCK_STREAM, 0, FDI_ABOVE_STDIO);
    assert_true(made != FDI_NO_SOCKET && blocks(made));
    close_socket(made);
    assert_works(fdi_socketpair(PAIR_DOMAIN, SOCK_STREAM, 0, pair, 0));
    assert_true(blocks(pair[0]) && blocks(pair[1]));
    close_socket(pair[0]);
    close_socket(pair[1]);
}

static fdi_socket accept_one(fdi_socket listener, const struct sockaddr_in *address,
                             fdi_socket *client, unsigned flags)
{
    *client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(*client, (const struct sockaddr *)address, sizeof *address), 0);
    return fdi_accept(listener, NULL, NULL, flags);
}

static void accepted_socket_blocks_unless_nonblock_is_set(void **state)
{
    (void)state;
    struct sockaddr_in address;
    fdi_socket client;
    fdi_socket listener = listen_on_loopback(&address);
    fdi_socket accepted = accept_one(listener, &address, &client, FDI_NONBLOCK);
    assert_true(accepted != FDI_NO_SOCKET && does_not_block(accepted));
    assert_born_private(accepted);
    close_socket(client);
    accepted = accept_one(listener, &address, &client, 0);
    assert_true(accepted != FDI_NO_SOCKET && blocks(accepted));
    assert_born_private(accepted);
    close_socket(client);
    close_socket(listener);
}

/* ---- FDI_ABOVE_STDIO ----------------------------------------------------------------------- */

#if defined(_WIN32)

static void socket_accepts_a_flag_without_effect_on_windows(void **state)
{
    (void)state;
    struct sockaddr_in address;
    fdi_socket client, pair[2];
    fdi_socket listener = listen_on_loopback(&address);
    assert_born_private(accept_one(listener, &address, &client, FDI_ABOVE_STDIO));
    assert_born_private(fdi_socket_open(AF_INET, SOCK_STREAM, 0, FDI_ABOVE_STDIO));
    assert_works(fdi_socketpair(PAIR_DOMAIN, SOCK_STREAM, 0, pair, FDI_ABOVE_STDIO));
    assert_born_private(pair[0]);
    assert_born_private(pair[1]);
    close_socket(client);
    close_socket(listener);
}

#else

static int kept[3];

static void close_stdio(void)
{
    for (int fd = 0; fd < 3; fd++)
        kept[fd] = fdi_dup(fd, FDI_ABOVE_STDIO);
    for (int fd = 0; fd < 3; fd++)
        close(fd);
}

/* Returns whether 0 to 2 were still closed. */
static bool restore_stdio(void)
{
    bool were_closed = true;
    for (int fd = 0; fd < 3; fd++) {
        were_closed = were_closed && fdi_get_inheritable(fd) == -1;
        (void)fdi_dup2(kept[fd], fd, FDI_INHERITABLE);
        close(kept[fd]);
    }
    return were_closed;
}

static void sockets_are_moved_out_of_stdio(void **state)
{
    (void)state;
    struct sockaddr_in address;
    fdi_socket client, pair[2] = {-1, -1};
    fdi_socket listener = listen_on_loopback(&address);
    fdi_socket accepted = accept_one(listener, &address, &client, 0);
    close_socket(accepted);
    close_socket(client);
    client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    close_stdio();
    fdi_socket made = fdi_socket_open(AF_INET, SOCK_STREAM, 0, FDI_ABOVE_STDIO);
    accepted = fdi_accept(listener, NULL, NULL, FDI_ABOVE_STDIO);
    int result = fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, FDI_ABOVE_STDIO);
    assert_true(restore_stdio());
    assert_int_equal(result, 0);
    assert_true(made > 2 && accepted > 2 && pair[0] > 2 && pair[1] > 2);
    assert_born_private(made);
    assert_born_private(accepted);
    assert_born_private(pair[0]);
    assert_born_private(pair[1]);
    close_socket(client);
    close_socket(listener);
}

/* Sends `count` descriptors with one byte. */
static void send_fds(int socket, const int *fds, size_t count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(3 * sizeof(int))];
    } control;
    char byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr message;
    memset(&control, 0, sizeof control);
    memset(&message, 0, sizeof message);
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(3 * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(3 * sizeof(int));
    assert_int_equal(count, 3);
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
    assert_int_equal(sendmsg(socket, &message, 0), 1);
}

static void received_descriptors_are_moved_out_of_stdio(void **state)
{
    (void)state;
    const unsigned flags[] = {0, FDI_ABOVE_STDIO};
    fdi_socket pair[2];
    assert_works(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0));
    for (int i = 0; i < 2; i++) {
        char byte = 0;
        int fds[5] = {-7, -7, -7, -7, -7};
        size_t count = 5;
        send_fds(pair[0], (const int[]){0, 1, 2}, 3);
        close_stdio();
        int64_t length = fdi_recv_fds(pair[1], &byte, 1, fds, &count, flags[i]);
        bool were_low = fds[0] == 0 && fds[1] == 1 && fds[2] == 2;
        for (int fd = 0; !flags[i] && fd < 3; fd++)
            close(fd);
        assert_true(restore_stdio());
        assert_true(length == 1 && byte == 'x' && count == 3);
        assert_int_equal(were_low, flags[i] == 0);
        assert_int_equal(fds[3], -7);
        for (int j = 0; flags[i] && j < 3; j++) {
            assert_true(fds[j] > 2);
            assert_born_private(fds[j]);
        }
    }
    close_socket(pair[0]);
    close_socket(pair[1]);
}

#endif

static void accept_without_an_address_works(void **state)
{
    (void)state;
    struct sockaddr_in address;
    fdi_socket listener = listen_on_loopback(&address);
    fdi_socket client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    assert_born_private(fdi_accept(listener, NULL, NULL, 0));
    close_socket(client);
    close_socket(listener);
}

#define assert_no_socket(error, call) assert_fails(error, (call) == FDI_NO_SOCKET ? -1 : 0)

static void misuse_is_einval(void **state)
{
    (void)state;
    char address[16];
    fdi_socklen size = (fdi_socklen)-1;
    size_t count = 1;
    assert_no_socket(EINVAL, fdi_accept(0, address, NULL, 0));
    assert_no_socket(EINVAL, fdi_accept(0, NULL, &size, 0));
    assert_no_socket(EINVAL, fdi_accept(0, address, &size, 0));
    assert_fails(EINVAL, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, NULL, 0));
    assert_fails(EINVAL, fdi_recv_fds(0, address, 1, NULL, &count, 0));
    assert_fails(EINVAL, fdi_recv_fds(0, NULL, 1, NULL, NULL, 0));
    count = 0;
    assert_fails(EINVAL, fdi_recv_fds(0, NULL, 1, NULL, &count, 0));
    assert_fails(EINVAL, fdi_recv_fds(0, NULL, 0, NULL, &(size_t){1}, 0));
}

static void foreign_flags_are_einval_and_change_nothing(void **state)
{
    (void)state;
    char data[4];
    fdi_socket pair[2] = {7, 8};
    int fds[1] = {-7};
    size_t count = 1;
    for (int bit = 0; bit < 32; bit++) {
        unsigned flag = 1U << bit;
        if (flag != FDI_ABOVE_STDIO)
            assert_fails(EINVAL, fdi_recv_fds(0, data, 1, fds, &count, flag));
        if (flag == FDI_ABOVE_STDIO || flag == FDI_NONBLOCK)
            continue;
        assert_no_socket(EINVAL, fdi_socket_open(AF_INET, SOCK_STREAM, 0, flag));
        assert_no_socket(EINVAL, fdi_accept(0, NULL, NULL, flag));
        assert_no_socket(EINVAL, fdi_accept(0, NULL, NULL, FDI_NONBLOCK | flag));
        assert_fails(EINVAL, fdi_socketpair(PAIR_DOMAIN, SOCK_STREAM, 0, pair, flag));
    }
    assert_true(pair[0] == 7 && pair[1] == 8 && fds[0] == -7 && count == 1);
}

static void unknown_bits_in_type_are_an_error(void **state)
{
    (void)state;
    if (getenv("FDI_EMULATED")) /* qemu-user removes these bits before the kernel sees them */
        return;
    assert_true(fdi_socket_open(AF_INET, SOCK_STREAM | 0x40000000, 0, 0) == FDI_NO_SOCKET);
    assert_true(fdi_socket_open(AF_INET, SOCK_STREAM | 0x100, 0, 0) == FDI_NO_SOCKET);
    assert_true(fdi_socket_open(AF_INET, -1, 0, 0) == FDI_NO_SOCKET);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(socket_is_not_inherited),
        CASE(accepted_socket_is_not_inherited),
        CASE(accept_without_an_address_works),
        CASE(pair_is_not_inherited_and_transfers_data),
        CASE(sockets_block_unless_nonblock_is_set),
        CASE(accepted_socket_blocks_unless_nonblock_is_set),
#if defined(_WIN32)
        CASE(socket_accepts_a_flag_without_effect_on_windows),
#else
        CASE(sockets_are_moved_out_of_stdio),
        CASE(received_descriptors_are_moved_out_of_stdio),
#endif
        CASE(misuse_is_einval),
        CASE(foreign_flags_are_einval_and_change_nothing),
        CASE(unknown_bits_in_type_are_an_error),
    };
    sockets_start();
    return cmocka_run_group_tests_name("socket", cases, NULL, NULL);
}
