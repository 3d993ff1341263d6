/* SPDX-License-Identifier: MIT
 * Sockets, which are handles but no descriptors of the run-time. */
#include "../platform.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <mswsock.h>

#include "../result.h"
#include "win.h"

#include <string.h>

/* Windows 7 SP1. */
#ifndef WSA_FLAG_NO_HANDLE_INHERIT
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80
#endif

static int winsock_fail(void)
{
    return fdi__win_fail((DWORD)WSAGetLastError());
}

/* Closes the socket and keeps the error that was the reason. */
static fdi_socket give_up(SOCKET socket)
{
    int saved_errno = errno;
    if (socket != INVALID_SOCKET)
        (void)closesocket(socket);
    (void)fdi__kept(saved_errno, 0);
    return FDI_NO_SOCKET;
}

/* ---- socket -------------------------------------------------------------------------------- */

/* A system without the flag refuses it as an argument that cannot be right; so it does a family and
 * a type that are both left open. */
static int made_fail(int domain, int type)
{
    int code = WSAGetLastError();
    if (code == WSAEINVAL && domain != AF_UNSPEC && type != 0)
        return fdi__fail(ENOTSUP);
    return fdi__win_fail((DWORD)code);
}

fdi_socket fdi__os_socket_open(int domain, int type, int protocol)
{
    const DWORD socket_flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    enum { TYPES = 0xF };
    if (type & ~TYPES) {
        (void)fdi__fail(EINVAL);
        return FDI_NO_SOCKET;
    }
    SOCKET made = WSASocketW(domain, type, protocol, NULL, 0, socket_flags);
    if (made != INVALID_SOCKET)
        return made;
    (void)made_fail(domain, type);
    return FDI_NO_SOCKET;
}

/* ---- accept -------------------------------------------------------------------------------- */

/* An accepted socket takes over how the listener waits and which events it reports. */
static int make_blocking(SOCKET socket)
{
    u_long nonblocking = 0;
    if (WSAEventSelect(socket, NULL, 0) != 0 ||
        ioctlsocket(socket, (long)FIONBIO, &nonblocking) != 0)
        return winsock_fail();
    return 0;
}

/* AcceptEx makes private ones from the start, but cannot tell whether the listener waits: so it is
 * of use only where that is known, below. */
static fdi_socket accept_and_mark(SOCKET listener, struct sockaddr *address, int *size)
{
    SOCKET made = accept(listener, address, size);
    if (made == INVALID_SOCKET) {
        (void)winsock_fail();
        return FDI_NO_SOCKET;
    }
    if (fdi__os_set_handle_inheritable((fdi_handle)made, false) < 0 || make_blocking(made) < 0)
        return give_up(made);
    return made;
}

/* accept would fail if the address did not fit. */
fdi_socket fdi__os_accept(fdi_socket listener, void *address, int *address_size)
{
    struct sockaddr_storage peer;
    int size = sizeof peer;
    fdi_socket made = accept_and_mark(listener, (struct sockaddr *)&peer, &size);
    if (made == FDI_NO_SOCKET || !address)
        return made;
    memcpy(address, &peer, (size_t)(size < *address_size ? size : *address_size));
    *address_size = size;
    return made;
}

/* ---- socketpair: a connection of this process with itself ----------------------------------- */

/* The address of one end. */
struct end {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    int size;
};

static const struct end unknown_end = {.size = sizeof unknown_end.address};

static void loopback(int domain, struct end *end)
{
    memset(end, 0, sizeof *end);
    end->address.any.sa_family = (ADDRESS_FAMILY)domain;
    if (domain == AF_INET) {
        end->size = sizeof end->address.v4;
        end->address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
        end->size = sizeof end->address.v6;
        end->address.v6.sin6_addr.s6_addr[15] = 1;
    }
}

/* Of the same domain. */
static bool is_same_end(const struct end *a, const struct end *b)
{
    if (a->address.any.sa_family == AF_INET)
        return a->address.v4.sin_port == b->address.v4.sin_port &&
               a->address.v4.sin_addr.s_addr == b->address.v4.sin_addr.s_addr;
    return a->address.v6.sin6_port == b->address.v6.sin6_port &&
           memcmp(&a->address.v6.sin6_addr, &b->address.v6.sin6_addr,
                  sizeof a->address.v6.sin6_addr) == 0;
}

/* Nobody else can take the same port meanwhile. */
static int listen_on_loopback(SOCKET listener, int domain, struct end *here)
{
    BOOL exclusive = TRUE;
    loopback(domain, here);
    if (setsockopt(listener, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, (const char *)&exclusive,
                   sizeof exclusive) != 0 ||
        bind(listener, &here->address.any, here->size) != 0 || listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, &here->address.any, &here->size) != 0)
        return winsock_fail();
    return 0;
}

static int connect_to(SOCKET client, struct end *there, struct end *here)
{
    *here = unknown_end;
    if (connect(client, &there->address.any, there->size) != 0 ||
        getsockname(client, &here->address.any, &here->size) != 0)
        return winsock_fail();
    return 0;
}

static int find_acceptor(SOCKET listener, LPFN_ACCEPTEX *acceptor)
{
    GUID name = WSAID_ACCEPTEX;
    DWORD size;
    if (WSAIoctl(listener, SIO_GET_EXTENSION_FUNCTION_POINTER, &name, sizeof name, acceptor,
                 sizeof *acceptor, &size, NULL, NULL) != 0)
        return winsock_fail();
    return 0;
}

/* Waits for a connection and gives it to `made`, which is not inheritable. */
static int accept_into(SOCKET made, SOCKET listener, LPFN_ACCEPTEX acceptor)
{
    enum { ADDRESS_BYTES = sizeof(struct sockaddr_storage) + 16 };
    unsigned char addresses[2 * ADDRESS_BYTES];
    DWORD length, message_flags;
    OVERLAPPED waiting = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    if (!waiting.hEvent)
        return fdi__last_fail();
    int result = 0;
    if (!acceptor(listener, made, addresses, 0, ADDRESS_BYTES, ADDRESS_BYTES, &length, &waiting) &&
        (WSAGetLastError() != WSA_IO_PENDING ||
         !WSAGetOverlappedResult(listener, &waiting, &length, TRUE, &message_flags)))
        result = winsock_fail();
    (void)CloseHandle(waiting.hEvent);
    return result;
}

static int name_peer(SOCKET made, SOCKET listener, struct end *peer)
{
    *peer = unknown_end;
    if (setsockopt(made, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (const char *)&listener,
                   sizeof listener) != 0 ||
        getpeername(made, &peer->address.any, &peer->size) != 0)
        return winsock_fail();
    return 0;
}

/* 1: `made` is connected to `client`, 0: to somebody else, who may be gone already. */
static int meet(SOCKET made, SOCKET listener, LPFN_ACCEPTEX acceptor, const struct end *client)
{
    struct end peer;
    if (accept_into(made, listener, acceptor) < 0)
        return -1;
    if (name_peer(made, listener, &peer) < 0)
        return errno == ENOTCONN ? 0 : -1;
    return is_same_end(&peer, client);
}

/* Anybody on this machine may have connected first: whoever is not `client` is sent away. */
static fdi_socket accept_from(SOCKET listener, int domain, const struct end *client)
{
    LPFN_ACCEPTEX acceptor;
    int met = find_acceptor(listener, &acceptor);
    while (met == 0) {
        fdi_socket made = fdi__os_socket_open(domain, SOCK_STREAM, 0);
        met = made == FDI_NO_SOCKET ? -1 : meet(made, listener, acceptor, client);
        if (met == 1)
            return made;
        (void)give_up(made);
    }
    return FDI_NO_SOCKET;
}

static int connect_pair(SOCKET listener, int domain, fdi_socket *pair)
{
    struct end meeting, client;
    if (listen_on_loopback(listener, domain, &meeting) < 0 ||
        connect_to(pair[0], &meeting, &client) < 0)
        return -1;
    pair[1] = accept_from(listener, domain, &client);
    return pair[1] == FDI_NO_SOCKET ? -1 : 0;
}

int fdi__os_socketpair(int domain, int type, int protocol, fdi_socket *pair)
{
    if ((domain != AF_INET && domain != AF_INET6) || type != SOCK_STREAM)
        return fdi__fail(ENOTSUP);
    int saved_errno = errno;
    fdi_socket made[2] = {FDI_NO_SOCKET, FDI_NO_SOCKET};
    fdi_socket listener = fdi__os_socket_open(domain, type, protocol);
    if (listener == FDI_NO_SOCKET)
        return -1;
    made[0] = fdi__os_socket_open(domain, type, protocol);
    if (made[0] == FDI_NO_SOCKET || connect_pair(listener, domain, made) < 0) {
        (void)give_up(listener);
        (void)give_up(made[0]);
        return -1;
    }
    (void)give_up(listener);
    pair[0] = made[0];
    pair[1] = made[1];
    return fdi__kept(saved_errno, 0);
}
