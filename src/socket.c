/* SPDX-License-Identifier: MIT
 * Sockets that are born non-inheritable, and descriptors that arrive so. */
#include "platform.h"
#include "backend.h"
#include "result.h"

fdi_socket fdi_socket_open(int domain, int type, int protocol)
{
    return fdi__os_socket_open(domain, type, protocol);
}

int fdi_socketpair(int domain, int type, int protocol, fdi_socket pair[2])
{
    if (!pair)
        return fdi__fail(EINVAL);
    return fdi__os_socketpair(domain, type, protocol, pair);
}

fdi_socket fdi_accept(fdi_socket listener, void *address, int *address_size)
{
    if (!address != !address_size || (address_size && *address_size < 0)) {
        (void)fdi__fail(EINVAL);
        return FDI_NO_SOCKET;
    }
    return fdi__os_accept(listener, address, address_size);
}

int64_t fdi_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *fd_count)
{
    if (!fd_count || (!data && size > 0) || (!fds && *fd_count > 0))
        return fdi__fail(EINVAL);
    return fdi__os_recv_fds(connection, data, size, fds, fd_count);
}
