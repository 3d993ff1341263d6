/* SPDX-License-Identifier: MIT
 * Creates sockets and receives descriptors, all non-inheritable. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

#include <limits.h>

enum { SOCKET_FLAGS = FDI_NONBLOCK | FDI_ABOVE_STDIO };

static bool are_socket_flags(unsigned flags)
{
    return !(flags & ~(unsigned)SOCKET_FLAGS);
}

static fdi_socket fail_socket(void)
{
    (void)fdi__fail(EINVAL);
    return FDI_NO_SOCKET;
}

/* Moves a new socket out of 0-2 if `flags` contains FDI_ABOVE_STDIO. */
static fdi_socket place_socket(fdi_socket made, unsigned flags)
{
    if (made == FDI_NO_SOCKET || !(flags & FDI_ABOVE_STDIO))
        return made;
    return fdi__os_socket_above_stdio(made);
}

fdi_socket fdi_socket_open(int domain, int type, int protocol, unsigned flags)
{
    if (!are_socket_flags(flags))
        return fail_socket();
    fdi_socket made = fdi__os_socket_open(domain, type, protocol, flags & FDI_NONBLOCK);
    return place_socket(made, flags);
}

/* Moves both sockets. Closes both on failure. */
static int place_socket_pair(fdi_socket *made, unsigned flags)
{
    made[0] = place_socket(made[0], flags);
    if (made[0] == FDI_NO_SOCKET) {
        fdi__os_discard_socket(made[1]);
        return -1;
    }
    made[1] = place_socket(made[1], flags);
    if (made[1] == FDI_NO_SOCKET) {
        fdi__os_discard_socket(made[0]);
        return -1;
    }
    return 0;
}

int fdi_socketpair(int domain, int type, int protocol, fdi_socket pair[2], unsigned flags)
{
    fdi_socket made[2];
    if (!pair || !are_socket_flags(flags))
        return fdi__fail(EINVAL);
    if (fdi__os_socketpair(domain, type, protocol, made, flags & FDI_NONBLOCK) < 0 ||
        place_socket_pair(made, flags) < 0)
        return -1;
    pair[0] = made[0];
    pair[1] = made[1];
    return 0;
}

static bool is_address(const void *address, const fdi_socklen *size)
{
    if (!address || !size)
        return !address && !size;
    return (unsigned)*size <= INT_MAX;
}

fdi_socket fdi_accept(fdi_socket listener, void *address, fdi_socklen *address_size, unsigned flags)
{
    if (!is_address(address, address_size) || !are_socket_flags(flags))
        return fail_socket();
    fdi_socket made = fdi__os_accept(listener, address, address_size, flags & FDI_NONBLOCK);
    return place_socket(made, flags);
}

/* Moves each descriptor out of 0-2. Closes all of them on failure. */
static int place_received(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fds[i] = fdi_above_stdio(fds[i]);
        if (fds[i] >= 0)
            continue;
        for (size_t other = 0; other < count; other++)
            if (other != i)
                fdi__os_discard(fds[other]);
        return -1;
    }
    return 0;
}

int64_t fdi_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *count,
                     unsigned flags)
{
    if (!count || (!data && size > 0) || (!fds && *count > 0) ||
        (flags & ~(unsigned)FDI_ABOVE_STDIO))
        return fdi__fail(EINVAL);
    size_t received = *count;
    int64_t length = fdi__os_recv_fds(connection, data, size, fds, &received);
    if (length < 0)
        return -1;
    if (fds && (flags & FDI_ABOVE_STDIO) && place_received(fds, received) < 0)
        return -1;
    *count = received;
    return length;
}
