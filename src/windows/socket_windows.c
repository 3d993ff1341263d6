/* SPDX-License-Identifier: MIT
 * Sockets, which are handles but not CRT descriptors. */
#include "../platform.h"

#include <winsock2.h>
#include <ws2tcpip.h>

#include <mswsock.h>

#include "../result.h"
#include "win.h"

#include <string.h>

/* Windows 7 SP1 introduced this flag. */
#ifndef WSA_FLAG_NO_HANDLE_INHERIT
#define WSA_FLAG_NO_HANDLE_INHERIT 0x80
#endif

static int winsock_fail(void)
{
    return fdi__win_fail((DWORD)WSAGetLastError());
}

void fdi__os_discard_socket(fdi_socket socket)
{
    int saved_errno = errno;
    if (socket != FDI_NO_SOCKET)
        (void)closesocket(socket);
    errno = saved_errno;
}

static fdi_socket give_up(fdi_socket socket)
{
    fdi__os_discard_socket(socket);
    return FDI_NO_SOCKET;
}

/* Sockets have the file type of pipes. */
bool fdi__is_open_socket(HANDLE handle)
{
    int type;
    int size = sizeof type;
    return GetFileType(handle) == FILE_TYPE_PIPE &&
           getsockopt((SOCKET)handle, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0;
}

/* ---- socket -------------------------------------------------------------------------------- */

/* WSAEINVAL means that Windows lacks WSA_FLAG_NO_HANDLE_INHERIT, unless family and type are both
 * left open. */
static int made_fail(int domain, int type)
{
    int code = WSAGetLastError();
    if (code == WSAEINVAL && domain != AF_UNSPEC && type != 0)
        return fdi__fail(ENOTSUP);
    return fdi__win_fail((DWORD)code);
}

/* Creates a blocking, private socket. */
static fdi_socket open_socket(int domain, int type, int protocol)
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

static int set_nonblocking(SOCKET socket, bool nonblocking)
{
    u_long value = nonblocking;
    return ioctlsocket(socket, (long)FIONBIO, &value) == 0 ? 0 : winsock_fail();
}

fdi_socket fdi__os_socket_open(int domain, int type, int protocol, unsigned flags)
{
    fdi_socket made = open_socket(domain, type, protocol);
    if (made == FDI_NO_SOCKET || !(flags & FDI_NONBLOCK) || set_nonblocking(made, true) == 0)
        return made;
    return give_up(made);
}

/* A SOCKET is not an fd and never has the number 0, 1 or 2. */
fdi_socket fdi__os_socket_above_stdio(fdi_socket socket)
{
    return socket;
}

/* ---- accept -------------------------------------------------------------------------------- */

/* An accepted socket inherits the listener's blocking mode and event selection; this resets
 * both. */
static int set_accepted(SOCKET socket, unsigned flags)
{
    if (WSAEventSelect(socket, NULL, 0) != 0)
        return winsock_fail();
    return set_nonblocking(socket, (flags & FDI_NONBLOCK) != 0);
}

/* The new socket is inheritable for a moment. AcceptEx would create a private one, but ignores the
 * listener's blocking mode, so only fdi_socketpair uses it. */
static fdi_socket accept_and_mark(SOCKET listener, struct sockaddr *address, int *size,
                                  unsigned flags)
{
    SOCKET made = accept(listener, address, size);
    if (made == INVALID_SOCKET) {
        (void)winsock_fail();
        return FDI_NO_SOCKET;
    }
    if (fdi__os_set_handle_inheritable((fdi_handle)made, false) < 0 ||
        set_accepted(made, flags) < 0)
        return give_up(made);
    return made;
}

/* Truncates a long address, for which accept itself would fail. */
fdi_socket fdi__os_accept(fdi_socket listener, void *address, fdi_socklen *address_size,
                          unsigned flags)
{
    struct sockaddr_storage peer;
    int size = sizeof peer;
    fdi_socket made = accept_and_mark(listener, (struct sockaddr *)&peer, &size, flags);
    if (made == FDI_NO_SOCKET || !address)
        return made;
    memcpy(address, &peer, (size_t)(size < *address_size ? size : *address_size));
    *address_size = size;
    return made;
}

/* ---- socketpair: this process connects to itself -------------------------------------------- */

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

/* Both ends must have the same address family. */
static bool is_same_end(const struct end *a, const struct end *b)
{
    if (a->address.any.sa_family == AF_INET)
        return a->address.v4.sin_port == b->address.v4.sin_port &&
               a->address.v4.sin_addr.s_addr == b->address.v4.sin_addr.s_addr;
    return a->address.v6.sin6_port == b->address.v6.sin6_port &&
           memcmp(&a->address.v6.sin6_addr, &b->address.v6.sin6_addr,
                  sizeof a->address.v6.sin6_addr) == 0;
}

/* SO_EXCLUSIVEADDRUSE stops other processes from binding the same port. */
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

/* Waits for a connection and accepts it into `made`, which is not inheritable. */
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

/* Returns 1 if `made` is connected to `client`, and 0 if another process connected first. */
static int meet(SOCKET made, SOCKET listener, LPFN_ACCEPTEX acceptor, const struct end *client)
{
    struct end peer;
    if (accept_into(made, listener, acceptor) < 0)
        return -1;
    if (name_peer(made, listener, &peer) < 0)
        return errno == ENOTCONN ? 0 : -1;
    return is_same_end(&peer, client);
}

/* Any local process may connect first. Connections other than that of `client` are closed. */
static fdi_socket accept_from(SOCKET listener, int domain, const struct end *client)
{
    LPFN_ACCEPTEX acceptor;
    int met = find_acceptor(listener, &acceptor);
    while (met == 0) {
        fdi_socket made = open_socket(domain, SOCK_STREAM, 0);
        met = made == FDI_NO_SOCKET ? -1 : meet(made, listener, acceptor, client);
        if (met == 1)
            return made;
        fdi__os_discard_socket(made);
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

/* Creates two blocking ends. */
static int make_pair(int domain, int protocol, fdi_socket *made)
{
    fdi_socket listener = open_socket(domain, SOCK_STREAM, protocol);
    if (listener == FDI_NO_SOCKET)
        return -1;
    made[0] = open_socket(domain, SOCK_STREAM, protocol);
    int result = made[0] == FDI_NO_SOCKET ? -1 : connect_pair(listener, domain, made);
    fdi__os_discard_socket(listener);
    if (result < 0)
        fdi__os_discard_socket(made[0]);
    return result;
}

static int make_pair_nonblocking(const fdi_socket *made)
{
    if (set_nonblocking(made[0], true) == 0 && set_nonblocking(made[1], true) == 0)
        return 0;
    fdi__os_discard_socket(made[0]);
    fdi__os_discard_socket(made[1]);
    return -1;
}

int fdi__os_socketpair(int domain, int type, int protocol, fdi_socket *pair, unsigned flags)
{
    if ((domain != AF_INET && domain != AF_INET6) || type != SOCK_STREAM)
        return fdi__fail(ENOTSUP);
    int saved_errno = errno;
    fdi_socket made[2];
    if (make_pair(domain, protocol, made) < 0)
        return -1;
    if ((flags & FDI_NONBLOCK) && make_pair_nonblocking(made) < 0)
        return -1;
    pair[0] = made[0];
    pair[1] = made[1];
    return fdi__restore_errno(saved_errno, 0);
}
