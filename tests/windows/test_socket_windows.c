/* SPDX-License-Identifier: MIT
 * Tests sockets on Windows. No other process can join a pair. Each Winsock call is made to fail. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "../support/socket.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <mswsock.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

/* ---- the calls that are replaced ----------------------------------------------------------- */

/* The number of replaced calls until one fails; 0: none fails. */
static int calls_until_failure;
static int made_calls;
static DWORD socket_flags;
static bool is_exclusive;
/* Makes another socket connect first. */
static bool has_stranger;
static SOCKET stranger;

static __typeof__(WSASocketW) *real_socket;
static __typeof__(setsockopt) *real_setsockopt;
static __typeof__(bind) *real_bind;
static __typeof__(listen) *real_listen;
static __typeof__(getsockname) *real_getsockname;
static __typeof__(connect) *real_connect;
static __typeof__(accept) *real_accept;
static __typeof__(getpeername) *real_getpeername;
static __typeof__(WSAIoctl) *real_find;
static LPFN_ACCEPTEX real_accept_into;
static __typeof__(ioctlsocket) *real_ioctl;
static __typeof__(WSAEventSelect) *real_select;
static __typeof__(SetHandleInformation) *real_set;

/* Returns true and sets the error if this call should fail. */
static bool fails(void)
{
    made_calls++;
    if (calls_until_failure == 0 || --calls_until_failure > 0)
        return false;
    WSASetLastError(WSAENOBUFS);
    return true;
}

static SOCKET WSAAPI make(int domain, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group,
                          DWORD flags)
{
    socket_flags = flags;
    return fails() ? INVALID_SOCKET : real_socket(domain, type, protocol, info, group, flags);
}

static int WSAAPI set_option(SOCKET s, int level, int name, const char *value, int size)
{
    if (level == SOL_SOCKET && name == SO_EXCLUSIVEADDRUSE)
        is_exclusive = *(const BOOL *)value;
    return fails() ? SOCKET_ERROR : real_setsockopt(s, level, name, value, size);
}

static int WSAAPI bind_to(SOCKET s, const struct sockaddr *address, int size)
{
    return fails() ? SOCKET_ERROR : real_bind(s, address, size);
}

static int WSAAPI listen_at(SOCKET s, int backlog)
{
    return fails() ? SOCKET_ERROR : real_listen(s, backlog);
}

static int WSAAPI name(SOCKET s, struct sockaddr *address, int *size)
{
    return fails() ? SOCKET_ERROR : real_getsockname(s, address, size);
}

static int WSAAPI connect_to(SOCKET s, const struct sockaddr *address, int size)
{
    if (has_stranger) {
        stranger = socket(address->sa_family, SOCK_STREAM, 0);
        if (real_connect(stranger, address, size) != 0)
            return SOCKET_ERROR;
    }
    return fails() ? SOCKET_ERROR : real_connect(s, address, size);
}

static SOCKET WSAAPI accept_one(SOCKET s, struct sockaddr *address, int *size)
{
    return fails() ? INVALID_SOCKET : real_accept(s, address, size);
}

static int WSAAPI peer_name(SOCKET s, struct sockaddr *address, int *size)
{
    return fails() ? SOCKET_ERROR : real_getpeername(s, address, size);
}

static BOOL PASCAL accept_into(SOCKET listener, SOCKET made, void *addresses, DWORD data,
                               DWORD here, DWORD there, DWORD *length, OVERLAPPED *waiting)
{
    if (fails())
        return FALSE;
    return real_accept_into(listener, made, addresses, data, here, there, length, waiting);
}

/* Returns the replacement above as the extension function. */
static int WSAAPI find_call(SOCKET s, DWORD code, void *in, DWORD in_size, void *out,
                            DWORD out_size, DWORD *size, WSAOVERLAPPED *overlapped,
                            LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LPFN_ACCEPTEX own = accept_into;
    if (fails() || real_find(s, code, in, in_size, &real_accept_into, sizeof real_accept_into, size,
                             overlapped, routine) != 0)
        return SOCKET_ERROR;
    memcpy(out, &own, out_size);
    return 0;
}

static int WSAAPI control(SOCKET s, long command, u_long *argument)
{
    return fails() ? SOCKET_ERROR : real_ioctl(s, command, argument);
}

static int WSAAPI select_events(SOCKET s, WSAEVENT event, long events)
{
    return fails() ? SOCKET_ERROR : real_select(s, event, events);
}

static BOOL WINAPI set_information(HANDLE handle, DWORD mask, DWORD flags)
{
    return fails() ? FALSE : real_set(handle, mask, flags);
}

REPLACE(WSASocketW, make);
REPLACE(setsockopt, set_option);
REPLACE(bind, bind_to);
REPLACE(listen, listen_at);
REPLACE(getsockname, name);
REPLACE(connect, connect_to);
REPLACE(accept, accept_one);
REPLACE(getpeername, peer_name);
REPLACE(WSAIoctl, find_call);
REPLACE(ioctlsocket, control);
REPLACE(WSAEventSelect, select_events);
REPLACE(SetHandleInformation, set_information);

#define FIND(pointer, module, name)                                                                \
    (pointer = (__typeof__(pointer))(void (*)(void))GetProcAddress(GetModuleHandleA(module), name))

static int find_real_calls(void **state)
{
    (void)state;
    sockets_start();
    return FIND(real_socket, "ws2_32", "WSASocketW") &&
                   FIND(real_setsockopt, "ws2_32", "setsockopt") &&
                   FIND(real_bind, "ws2_32", "bind") && FIND(real_listen, "ws2_32", "listen") &&
                   FIND(real_getsockname, "ws2_32", "getsockname") &&
                   FIND(real_connect, "ws2_32", "connect") &&
                   FIND(real_accept, "ws2_32", "accept") &&
                   FIND(real_getpeername, "ws2_32", "getpeername") &&
                   FIND(real_find, "ws2_32", "WSAIoctl") &&
                   FIND(real_ioctl, "ws2_32", "ioctlsocket") &&
                   FIND(real_select, "ws2_32", "WSAEventSelect") &&
                   FIND(real_set, "kernel32", "SetHandleInformation")
               ? 0
               : -1;
}

#define assert_no_socket(error, call) assert_fails(error, (call) == FDI_NO_SOCKET ? -1 : 0)

/* ---- sockets ------------------------------------------------------------------------------- */

static void a_socket_is_created_private(void **state)
{
    (void)state;
    fdi_socket made = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_true(made != FDI_NO_SOCKET);
    assert_int_equal(socket_flags, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    closesocket(made);
}

static SOCKET WSAAPI old_system(int domain, int type, int protocol, WSAPROTOCOL_INFOW *info,
                                GROUP group, DWORD flags)
{
    (void)domain, (void)type, (void)protocol, (void)info, (void)group, (void)flags;
    WSASetLastError(WSAEINVAL);
    return INVALID_SOCKET;
}

static void a_windows_without_the_flag_is_enotsup(void **state)
{
    fdi_socket pair[2];
    (void)state;
    __imp_WSASocketW = old_system;
    assert_no_socket(ENOTSUP, fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0));
    assert_no_socket(EINVAL, fdi_socket_open(AF_UNSPEC, 0, 0, 0));
    assert_fails(ENOTSUP, fdi_socketpair(AF_INET, SOCK_STREAM, 0, pair, 0));
    __imp_WSASocketW = make;
}

static void winsock_errors_become_errno(void **state)
{
    (void)state;
    assert_no_socket(EAFNOSUPPORT, fdi_socket_open(77, SOCK_STREAM, 0, 0));
    assert_no_socket(EINVAL, fdi_socket_open(AF_INET, SOCK_STREAM | 0x80000, 0, 0));
    assert_no_socket(ENOTSOCK, fdi_accept(FDI_NO_SOCKET, NULL, NULL, 0));
}

static void assert_waits(fdi_socket made, bool waits)
{
    const int limit = 50;
    char byte;
    assert_int_equal(setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, (const char *)&limit, sizeof limit),
                     0);
    assert_int_equal(recv(made, &byte, 1, 0), SOCKET_ERROR);
    assert_int_equal(WSAGetLastError(), waits ? WSAETIMEDOUT : WSAEWOULDBLOCK);
}

static fdi_socket bound_datagram_socket(unsigned flags)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    errno = 4711;
    fdi_socket made = fdi_socket_open(AF_INET, SOCK_DGRAM, 0, flags);
    assert_true(made != FDI_NO_SOCKET && errno == 4711);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(made, (struct sockaddr *)&address, sizeof address), 0);
    return made;
}

static void a_socket_blocks_without_nonblock(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        unsigned flags = (i & 1 ? FDI_NONBLOCK : 0) | (i & 2 ? FDI_ABOVE_STDIO : 0);
        fdi_socket made = bound_datagram_socket(flags);
        assert_waits(made, !(i & 1));
        assert_false(child_has_socket(made));
        closesocket(made);
    }
}

static void a_socket_that_cannot_be_made_nonblocking_is_closed(void **state)
{
    (void)state;
    int handles = handle_count();
    for (int step = 1; step <= 2; step++) {
        calls_until_failure = step;
        assert_no_socket(ENOBUFS, fdi_socket_open(AF_INET, SOCK_STREAM, 0, FDI_NONBLOCK));
        assert_int_equal(handle_count(), handles);
    }
}

/* ---- accept -------------------------------------------------------------------------------- */

static SOCKET listen_inheritably(struct sockaddr_in *address)
{
    int size = sizeof *address;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)address, size), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)address, &size), 0);
    return listener;
}

static SOCKET connect_client(const struct sockaddr_in *address)
{
    SOCKET client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(client, (const struct sockaddr *)address, sizeof *address), 0);
    return client;
}

static void an_accepted_socket_is_private_if_the_listener_is_not(void **state)
{
    struct sockaddr_in address;
    (void)state;
    SOCKET listener = listen_inheritably(&address);
    SOCKET client = connect_client(&address);
    assert_true(child_has_socket(listener));
    fdi_socket accepted = fdi_accept(listener, NULL, NULL, 0);
    assert_true(accepted != FDI_NO_SOCKET);
    assert_false(child_has_socket(accepted));
    closesocket(accepted);
    closesocket(client);
    closesocket(listener);
}

static void an_accepted_socket_blocks_if_the_listener_does_not(void **state)
{
    struct sockaddr_in address;
    (void)state;
    SOCKET listener = listen_inheritably(&address);
    WSAEVENT event = WSACreateEvent();
    assert_int_equal(WSAEventSelect(listener, event, FD_ACCEPT), 0); /* makes it non-blocking */
    assert_no_socket(EWOULDBLOCK, fdi_accept(listener, NULL, NULL, 0));
    SOCKET client = connect_client(&address);
    assert_int_equal(WaitForSingleObject(event, 5000), WAIT_OBJECT_0);
    fdi_socket accepted = fdi_accept(listener, NULL, NULL, 0);
    assert_true(accepted != FDI_NO_SOCKET);
    assert_waits(accepted, true);
    closesocket(accepted);
    closesocket(client);
    closesocket(listener);
    WSACloseEvent(event);
}

static void an_accepted_socket_with_nonblock_does_not_block(void **state)
{
    struct sockaddr_in address;
    (void)state;
    SOCKET listener = listen_inheritably(&address);
    SOCKET client = connect_client(&address);
    fdi_socket accepted = fdi_accept(listener, NULL, NULL, FDI_NONBLOCK);
    assert_true(accepted != FDI_NO_SOCKET);
    assert_waits(accepted, false);
    assert_false(child_has_socket(accepted));
    closesocket(accepted);
    closesocket(client);
    closesocket(listener);
}

static void a_long_address_is_truncated(void **state)
{
    struct sockaddr_in address, peer;
    int size = 4;
    (void)state;
    SOCKET listener = listen_inheritably(&address);
    SOCKET client = connect_client(&address);
    memset(&peer, 0x5A, sizeof peer);
    fdi_socket accepted = fdi_accept(listener, &peer, &size, 0);
    assert_true(accepted != FDI_NO_SOCKET);
    assert_int_equal(size, sizeof peer);
    assert_int_equal(peer.sin_family, AF_INET);
    assert_int_equal(peer.sin_addr.s_addr, 0x5A5A5A5A);
    closesocket(accepted);
    closesocket(client);
    closesocket(listener);
}

static void a_failed_call_in_accept_leaves_no_handle_open(void **state)
{
    struct sockaddr_in address;
    (void)state;
    SOCKET listener = listen_inheritably(&address);
    int handles = handle_count();
    for (int step = 1; step <= 8; step++) {
        SOCKET client = connect_client(&address);
        calls_until_failure = (step + 1) / 2;
        unsigned flags = step % 2 ? 0 : FDI_NONBLOCK;
        assert_no_socket(ENOBUFS, fdi_accept(listener, NULL, NULL, flags));
        closesocket(client);
        assert_int_equal(handle_count(), handles);
        if (step <= 2)
            closesocket(fdi_accept(listener, NULL, NULL, 0)); /* the connection is still pending */
    }
    closesocket(listener);
}

/* ---- socketpair ---------------------------------------------------------------------------- */

static void assert_connected(const fdi_socket *pair)
{
    for (int i = 0; i < 2; i++) {
        char text[4] = {0};
        assert_int_equal(send(pair[i], "abc", 3, 0), 3);
        assert_int_equal(recv(pair[!i], text, 3, 0), 3);
        assert_string_equal(text, "abc");
    }
}

static void close_pair(const fdi_socket *pair)
{
    closesocket(pair[0]);
    closesocket(pair[1]);
}

static void a_pair_is_connected_and_private(void **state)
{
    static const int domains[] = {AF_INET, AF_INET6};
    (void)state;
    for (int i = 0; i < 2; i++) {
        fdi_socket pair[2];
        int handles = handle_count();
        is_exclusive = false;
        assert_works(fdi_socketpair(domains[i], SOCK_STREAM, 0, pair, 0));
        assert_true(is_exclusive);
        assert_connected(pair);
        assert_false(child_has_socket(pair[0]));
        assert_false(child_has_socket(pair[1]));
        close_pair(pair);
        assert_int_equal(handle_count(), handles);
    }
}

static void a_stranger_that_connects_first_is_closed(void **state)
{
    static const int domains[] = {AF_INET, AF_INET6};
    (void)state;
    for (int i = 0; i < 2; i++) {
        fdi_socket pair[2];
        char byte;
        int handles = handle_count();
        has_stranger = true;
        assert_works(fdi_socketpair(domains[i], SOCK_STREAM, 0, pair, 0));
        has_stranger = false;
        assert_int_equal(handle_count(), handles + 3);
        assert_connected(pair);
        assert_true(recv(stranger, &byte, 1, 0) <= 0);
        closesocket(stranger);
        close_pair(pair);
    }
}

static void a_pair_with_nonblock_does_not_block(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        fdi_socket pair[2];
        assert_works(fdi_socketpair(AF_INET, SOCK_STREAM, 0, pair, i ? FDI_NONBLOCK : 0));
        assert_waits(pair[0], !i);
        assert_waits(pair[1], !i);
        close_pair(pair);
    }
}

static void assert_each_failed_call_leaves_no_handle_open(unsigned flags, int expected_steps)
{
    fdi_socket pair[2];
    made_calls = 0;
    assert_works(fdi_socketpair(AF_INET, SOCK_STREAM, 0, pair, flags));
    close_pair(pair);
    int steps = made_calls;
    assert_int_equal(steps, expected_steps);
    int handles = handle_count();
    for (int step = 1; step <= steps; step++) {
        pair[0] = 7, pair[1] = 8;
        calls_until_failure = step;
        assert_fails(ENOBUFS, fdi_socketpair(AF_INET, SOCK_STREAM, 0, pair, flags));
        assert_true(pair[0] == 7 && pair[1] == 8);
        assert_int_equal(handle_count(), handles);
    }
}

static void a_failed_call_in_socketpair_leaves_no_handle_open(void **state)
{
    (void)state;
    assert_each_failed_call_leaves_no_handle_open(0, 13);
    assert_each_failed_call_leaves_no_handle_open(FDI_NONBLOCK, 15);
}

static void pairs_of_other_kinds_are_enotsup(void **state)
{
    fdi_socket pair[2];
    (void)state;
    assert_fails(ENOTSUP, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0));
    assert_fails(ENOTSUP, fdi_socketpair(AF_INET, SOCK_DGRAM, 0, pair, 0));
    assert_fails(ENOTSUP, fdi_socketpair(AF_UNSPEC, SOCK_STREAM, 0, pair, 0));
}

static void recv_fds_is_enotsup(void **state)
{
    fdi_socket pair[2];
    char byte;
    size_t count = 0;
    (void)state;
    assert_int_equal(fdi_socketpair(AF_INET, SOCK_STREAM, 0, pair, 0), 0);
    assert_int_equal(send(pair[0], "a", 1, 0), 1);
    assert_fails(ENOTSUP, fdi_recv_fds(pair[1], &byte, 1, NULL, &count, 0));
    close_pair(pair);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(a_socket_is_created_private),
        CASE(a_windows_without_the_flag_is_enotsup),
        CASE(winsock_errors_become_errno),
        CASE(a_socket_blocks_without_nonblock),
        CASE(a_socket_that_cannot_be_made_nonblocking_is_closed),
        CASE(an_accepted_socket_is_private_if_the_listener_is_not),
        CASE(an_accepted_socket_blocks_if_the_listener_does_not),
        CASE(an_accepted_socket_with_nonblock_does_not_block),
        CASE(a_long_address_is_truncated),
        CASE(a_failed_call_in_accept_leaves_no_handle_open),
        CASE(a_pair_is_connected_and_private),
        CASE(a_stranger_that_connects_first_is_closed),
        CASE(a_pair_with_nonblock_does_not_block),
        CASE(a_failed_call_in_socketpair_leaves_no_handle_open),
        CASE(pairs_of_other_kinds_are_enotsup),
        CASE(recv_fds_is_enotsup),
    };
    return cmocka_run_group_tests_name("socket_windows", cases, find_real_calls, NULL);
}
