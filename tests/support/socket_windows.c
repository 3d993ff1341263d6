/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "socket.h"
#include "windows_run_time.h"

#include <stdlib.h>

void sockets_start(void)
{
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        abort();
}

bool child_has_socket(fdi_socket socket)
{
    return child_has_handle((void *)socket);
}

void close_socket(fdi_socket socket)
{
    (void)closesocket(socket);
}
