/* SPDX-License-Identifier: MIT
 * A server with a common mistake: it listens, and then it runs a helper with system(). The helper
 * receives the listening socket, so the port stays in use after the server has ended.
 *
 *   leaky_server [--mended] [COMMAND]
 *
 * prints its process id and its port, then runs COMMAND (default: sleep 60). With --mended, one
 * more call first makes the socket non-inheritable. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_somewhere(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int listener = socket(AF_INET, SOCK_STREAM, 0); /* inheritable by default */
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)address, size) < 0 ||
        listen(listener, 16) < 0 || getsockname(listener, (struct sockaddr *)address, &size) < 0)
        return -1;
    return listener;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    bool mended = argc > 1 && strcmp(argv[1], "--mended") == 0;
    const char *command = argc > 1 + mended ? argv[1 + mended] : "sleep 60";
    int listener = listen_somewhere(&address);
    if (listener < 0)
        return 1;
    if (mended && fdi_set_inheritable(listener, false) < 0)
        return 1;
    printf("server %ld listens on port %d\n", (long)getpid(), ntohs(address.sin_port));
    fflush(stdout);
    return system(command) == 0 ? 0 : 1;
}
