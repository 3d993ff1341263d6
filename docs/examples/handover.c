/* SPDX-License-Identifier: MIT
 * A daemon that starts its successor without closing its port. The successor receives stdio and the
 * listening socket, and no other descriptor of this process.
 *
 *   handover
 *
 * listens and prints its port. Each generation answers one connection, starts the next generation,
 * and ends. The next generation receives the socket as descriptor 3. A client that connects
 * meanwhile waits for it. A client that disconnects early counts as answered.
 *
 * A generation first makes every descriptor above stdio non-inheritable. So it passes none by
 * accident if it starts a program by other means. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENER = 3 }; /* the number in each successor */

static int listen_somewhere(void)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener = fdi_socket_open(AF_INET, SOCK_STREAM, 0, FDI_ABOVE_STDIO);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) < 0 ||
        listen(listener, 16) < 0 || getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        return -1;
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static int answer_one(int listener, int generation)
{
    char text[64];
    int connection;
    int length =
        snprintf(text, sizeof text, "generation %d, process %ld\n", generation, (long)getpid());
    do
        connection = fdi_accept(listener, NULL, NULL, 0);
    while (connection < 0 && errno == ECONNABORTED);
    if (connection < 0)
        return -1;
    (void)!send(connection, text, (size_t)length, MSG_NOSIGNAL); /* the client may be gone */
    return close(connection);
}

static int hand_over(int listener, char *program, int generation)
{
    char number[16];
    char *argv[] = {program, number, NULL};
    const fdi_fd_map passed = {listener, LISTENER};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process successor;
    snprintf(number, sizeof number, "%d", generation);
    options.program = fdi_path(program);
    options.argv = argv;
    options.fds = &passed;
    options.fd_count = 1;
    options.flags = FDI_SPAWN_NEW_SESSION | FDI_SPAWN_SEARCH; /* as the shell found this program */
    return fdi_spawn(&successor, &options) < 0 ? -1 : fdi_release(&successor);
}

int main(int argc, char **argv)
{
    int generation = argc > 1 ? atoi(argv[1]) : 1;
    int private = fdi_set_inheritable_range(LISTENER, FDI_LAST_FD, false);
    int listener = generation > 1 ? LISTENER : listen_somewhere();
    if (private < 0 || listener < 0 || answer_one(listener, generation) < 0 ||
        hand_over(listener, argv[0], generation + 1) < 0) {
        perror("handover");
        return 1;
    }
    return 0;
}
