/* SPDX-License-Identifier: MIT
 * Describes a socket of this process by socket calls, in any namespace and without procfs. */
#include "../../platform.h"
#include "posix_command.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
    struct sockaddr_storage room;
};

static const char *protocol_name(int family, int type)
{
    if (family == AF_INET)
        return type == SOCK_STREAM ? "tcp" : type == SOCK_DGRAM ? "udp" : "raw";
    if (family == AF_INET6)
        return type == SOCK_STREAM ? "tcp6" : type == SOCK_DGRAM ? "udp6" : "raw6";
    if (family == AF_UNIX)
        return type == SOCK_STREAM  ? "unix stream"
               : type == SOCK_DGRAM ? "unix datagram"
                                    : "unix seqpacket";
    return NULL;
}

static int format_inet(const union address *address, char text[160])
{
    char name[INET6_ADDRSTRLEN] = "";
    bool v6 = address->any.sa_family == AF_INET6;
    const void *bytes =
        v6 ? (const void *)&address->v6.sin6_addr : (const void *)&address->v4.sin_addr;
    int port = ntohs(v6 ? address->v6.sin6_port : address->v4.sin_port);
    (void)inet_ntop(address->any.sa_family, bytes, name, sizeof name);
    (void)snprintf(text, 160, v6 ? "[%s]:%d" : "%s:%d", name, port);
    return port;
}

/* Shows each NUL of an abstract name as "@", as procfs does. Every address fits in `text`. */
static void format_unix(const union address *address, socklen_t size, char text[160])
{
    size_t start = offsetof(struct sockaddr_un, sun_path);
    size_t length = size > start ? (size_t)size - start : 0;
    memcpy(text, (const char *)address + start, length);
    text[length] = '\0';
    if (length && !text[0]) {
        for (size_t i = 0; i < length; i++)
            if (!text[i])
                text[i] = '@';
    }
}

static int format_address(const union address *address, socklen_t size, char text[160])
{
    if (address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6)
        return format_inet(address, text);
    if (address->any.sa_family == AF_UNIX)
        format_unix(address, size, text);
    return 0;
}

static int ask_number(int fd, int option)
{
    int number = 0;
    socklen_t size = sizeof number;
    (void)getsockopt(fd, SOL_SOCKET, option, &number, &size);
    return number;
}

void ask_socket(struct descriptor *descriptor)
{
    union address address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(descriptor->fd, &address.any, &size) < 0)
        return;
    if (!descriptor->socket)
        descriptor->socket = allocate(sizeof *descriptor->socket);
    struct socket_facts *facts = descriptor->socket;
    memset(facts, 0, sizeof *facts);
    facts->protocol = protocol_name(address.any.sa_family, ask_number(descriptor->fd, SO_TYPE));
    facts->listening = ask_number(descriptor->fd, SO_ACCEPTCONN) != 0;
    facts->port = format_address(&address, size, facts->local);
    size = sizeof address;
    if (getpeername(descriptor->fd, &address.any, &size) == 0)
        (void)format_address(&address, size, facts->peer);
    descriptor_describe_socket(descriptor);
}
