/* SPDX-License-Identifier: MIT
 * Describes a socket that this process has open by socket calls, in any namespace and without
 * procfs. */
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

/* Families of Linux by number: other systems lack the names and use other numbers. */
static const struct {
    int family;
    const char *name;
} families[] = {
    {16, "netlink"}, {17, "packet"}, {29, "can"}, {31, "bluetooth"},
    {38, "alg"},     {40, "vsock"},  {44, "xdp"},
};

static const char *const netlink_names[] = {
    [0] = "route",    [2] = "usersock",       [4] = "sock_diag",  [6] = "xfrm",
    [7] = "selinux",  [9] = "audit",          [12] = "netfilter", [15] = "kobject_uevent",
    [16] = "generic", [18] = "scsitransport", [21] = "crypto",
};

static void format_netlink(int protocol, char text[160])
{
    int names = sizeof netlink_names / sizeof netlink_names[0];
    if (protocol >= 0 && protocol < names && netlink_names[protocol])
        (void)snprintf(text, 160, "%s", netlink_names[protocol]);
    else
        (void)snprintf(text, 160, "protocol %d", protocol);
}

static const char *unix_name(int type)
{
    return type == SOCK_STREAM  ? "unix stream"
           : type == SOCK_DGRAM ? "unix datagram"
                                : "unix seqpacket";
}

/* The names of the tables in /proc/net. */
static const char *inet_name(bool v6, int type, int protocol)
{
    enum { UDPLITE = 136, SCTP = 132, MPTCP = 262 };
    if (protocol == SCTP || protocol == MPTCP)
        return protocol == SCTP ? "sctp" : "mptcp";
    if (type == SOCK_STREAM)
        return v6 ? "tcp6" : "tcp";
    if (type != SOCK_DGRAM)
        return v6 ? "raw6" : "raw";
    if (protocol == UDPLITE)
        return v6 ? "udplite6" : "udplite";
    if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
        return v6 ? "icmp6" : "icmp";
    return v6 ? "udp6" : "udp";
}

static const char *protocol_name(int family, int type, int protocol)
{
    if (family == AF_INET || family == AF_INET6)
        return inet_name(family == AF_INET6, type, protocol);
    if (family == AF_UNIX)
        return unix_name(type);
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
        if (families[i].family == family)
            return families[i].name;
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

/* The options that tell family and protocol are those of Linux. Elsewhere the address has the
 * family. */
static int family_of(int fd, const union address *address)
{
#if defined(SO_DOMAIN)
    (void)address;
    return ask_number(fd, SO_DOMAIN);
#else
    (void)fd;
    return address->any.sa_family;
#endif
}

static int protocol_of(int fd)
{
#if defined(SO_PROTOCOL)
    return ask_number(fd, SO_PROTOCOL);
#else
    (void)fd;
    return 0;
#endif
}

static void ask_addresses(int fd, struct socket_facts *facts)
{
    union address address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    int known = getsockname(fd, &address.any, &size);
    int family = family_of(fd, &address);
    facts->protocol = protocol_name(family, ask_number(fd, SO_TYPE), protocol_of(fd));
    if (known == 0)
        facts->port = format_address(&address, size, facts->local);
    size = sizeof address;
    if (getpeername(fd, &address.any, &size) == 0)
        (void)format_address(&address, size, facts->peer);
    if (facts->protocol && strcmp(facts->protocol, "netlink") == 0)
        format_netlink(protocol_of(fd), facts->local);
}

void ask_socket(int fd, struct descriptor *descriptor)
{
    if (!descriptor->socket)
        descriptor->socket = allocate(sizeof *descriptor->socket);
    memset(descriptor->socket, 0, sizeof *descriptor->socket);
    ask_addresses(fd, descriptor->socket);
    descriptor->socket->listening = ask_number(fd, SO_ACCEPTCONN) != 0;
    descriptor_describe_socket(descriptor);
}
