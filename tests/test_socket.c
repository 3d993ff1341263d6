/* SPDX-License-Identifier: MIT
 * Sockets born non-inheritable, proved by children. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/socket.h"
#include "fdinherit.h"

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
    assert_works((made = fdi_socket_open(AF_INET, SOCK_STREAM, 0)) == FDI_NO_SOCKET ? -1 : 0);
    assert_born_private(made);
}

static fdi_socket listen_on_loopback(struct sockaddr_in *address)
{
    fdi_socket listener = fdi_socket_open(AF_INET, SOCK_STREAM, 0);
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
    int size = sizeof peer;
    char text[4] = {0};
    fdi_socket accepted = FDI_NO_SOCKET;
    fdi_socket listener = listen_on_loopback(&address);
    fdi_socket client = fdi_socket_open(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    assert_works((accepted = fdi_accept(listener, &peer, &size)) == FDI_NO_SOCKET ? -1 : 0);
    assert_int_equal(size, sizeof peer);
    assert_int_equal(peer.sin_family, AF_INET);
    assert_int_equal(send(client, "abc", 3, 0), 3);
    assert_int_equal(recv(accepted, text, 3, 0), 3);
    assert_string_equal(text, "abc");
    assert_born_private(accepted);
    close_socket(client);
    close_socket(listener);
}

static void accept_without_an_address_works(void **state)
{
    (void)state;
    struct sockaddr_in address;
    fdi_socket listener = listen_on_loopback(&address);
    fdi_socket client = fdi_socket_open(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    assert_born_private(fdi_accept(listener, NULL, NULL));
    close_socket(client);
    close_socket(listener);
}

#define assert_no_socket(error, call) assert_fails(error, (call) == FDI_NO_SOCKET ? -1 : 0)

static void misuse_is_einval(void **state)
{
    (void)state;
    char address[16];
    int size = -1;
    size_t count = 1;
    assert_no_socket(EINVAL, fdi_accept(0, address, NULL));
    assert_no_socket(EINVAL, fdi_accept(0, NULL, &size));
    assert_no_socket(EINVAL, fdi_accept(0, address, &size));
    assert_fails(EINVAL, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, NULL));
    assert_fails(EINVAL, fdi_recv_fds(0, address, 1, NULL, &count));
    assert_fails(EINVAL, fdi_recv_fds(0, NULL, 1, NULL, NULL));
    count = 0;
    assert_fails(EINVAL, fdi_recv_fds(0, NULL, 1, NULL, &count));
    assert_fails(EINVAL, fdi_recv_fds(0, NULL, 0, NULL, &(size_t){1}));
}

static void unknown_bits_in_type_do_not_pass_silently(void **state)
{
    (void)state;
    if (getenv("FDI_EMULATED")) /* qemu-user takes them away before the kernel sees them */
        return;
    assert_true(fdi_socket_open(AF_INET, SOCK_STREAM | 0x40000000, 0) == FDI_NO_SOCKET);
    assert_true(fdi_socket_open(AF_INET, SOCK_STREAM | 0x100, 0) == FDI_NO_SOCKET);
    assert_true(fdi_socket_open(AF_INET, -1, 0) == FDI_NO_SOCKET);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(socket_is_not_inherited),
        CASE(accepted_socket_is_not_inherited),
        CASE(accept_without_an_address_works),
        CASE(misuse_is_einval),
        CASE(unknown_bits_in_type_do_not_pass_silently),
    };
    sockets_start();
    return cmocka_run_group_tests_name("socket", cases, NULL, NULL);
}
