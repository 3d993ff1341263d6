/* SPDX-License-Identifier: MIT
 * Hides the differences between sockets on POSIX and Windows. */
#ifndef FDI_TEST_SOCKET_H
#define FDI_TEST_SOCKET_H

#include "child.h"
#include "fdinherit.h"

#if defined(_WIN32)

#include <winsock2.h>
#include <ws2tcpip.h>

void sockets_start(void);
bool child_has_socket(fdi_socket socket);
void close_socket(fdi_socket socket);

#else

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static inline void sockets_start(void)
{
}

static inline bool child_has_socket(fdi_socket socket)
{
    return child_has(socket);
}

static inline void close_socket(fdi_socket socket)
{
    (void)close(socket);
}

#endif

#endif
