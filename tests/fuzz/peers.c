/* SPDX-License-Identifier: MIT
 * Calls that need a peer: a child that ends, or a client that connects. */
#include "../../src/platform.h"
#include "arguments.h"
#include "file_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- Children ------------------------------------------------------------------------------- */

/* vfork returns after the child has ended. It is much faster than fork with AddressSanitizer. */
static pid_t make_child(unsigned byte)
{
    pid_t child = byte % 32 == 31 ? fork() : vfork();
    MUST(child >= 0);
    if (child == 0 && byte & 1)
        (void)kill(getpid(), SIGKILL);
    if (child == 0)
        _exit((int)byte);
    return child;
}

/* Waits again for a child that was kept or was still running. */
static void reap(fdi_process process, int64_t expected)
{
    int64_t status = -UNTOUCHED;
    if (process == FDI_NO_PROCESS)
        return;
    MUST(fdi_wait(&process, &status, -1, 0) == 1 && status == expected);
    MUST(process == FDI_NO_PROCESS && waitpid(-1, NULL, WNOHANG) == -1);
}

int64_t try_child(struct input *input)
{
    unsigned byte = take_byte(input);
    int64_t expected = byte & 1 ? -SIGKILL : (int64_t)byte;
    int64_t status = -UNTOUCHED;
    unsigned flags = take_byte(input) & 1 ? FDI_WAIT_KEEP : 0;
    int milliseconds = (int)(take_byte(input) % 4) - 1;
    const fdi_process child = make_child(byte);
    fdi_process process = child;
    errno = UNTOUCHED;
    int result = fdi_wait(&process, take_byte(input) & 1 ? NULL : &status, milliseconds, flags);
    int error = errno;
    MUST(result == 1 || (result == 0 && milliseconds >= 0));
    MUST(status == -UNTOUCHED || (result == 1 && status == expected));
    MUST(process == (result == 1 && !flags ? FDI_NO_PROCESS : child));
    reap(process, expected);
    errno = error;
    return result;
}

/* ---- Clients -------------------------------------------------------------------------------- */

/* The kernel chooses the listener's name. */
static int listen_for(int *client)
{
    struct sockaddr_un address = {AF_UNIX, ""};
    socklen_t size = sizeof address;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(listener >= 0 && *client >= 0);
    MUST(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0);
    MUST(listen(listener, 1) == 0);
    MUST(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    MUST(connect(*client, (struct sockaddr *)&address, size) == 0);
    return listener;
}

static int64_t accepted(int fd, unsigned flags)
{
    if (fd < 0)
        return -1;
    MUST(fcntl(fd, F_GETFD) == FD_CLOEXEC);
    MUST(!(fcntl(fd, F_GETFL) & O_NONBLOCK) == !(flags & FDI_NONBLOCK));
    return close(fd);
}

int64_t try_client(struct input *input)
{
    size_t size;
    int client;
    int listener = listen_for(&client);
    void *room = take_room(input, &size);
    fdi_socklen length = (fdi_socklen)size;
    unsigned flags = take_new_flags(input);
    bool has_length = take_byte(input) & 1;
    errno = UNTOUCHED;
    int fd = fdi_accept(listener, room, has_length ? &length : NULL, flags);
    int error = errno;
    MUST(fd < 0 || !room == !has_length);
    int64_t result = accepted(fd, flags);
    (void)close(client);
    (void)close(listener);
    free(room);
    errno = error;
    return result;
}
