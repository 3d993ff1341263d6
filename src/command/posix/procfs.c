/* SPDX-License-Identifier: MIT
 * Parses procfs text as Linux writes it. */
#include "../../platform.h"
#include "procfs.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* ---- Numbers ------------------------------------------------------------------------------- */

static int digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    return character >= 'A' && character <= 'F' ? character - 'A' + 10 : 16;
}

/* Parses the whole text as one unsigned number. */
static bool parse(const char *text, size_t length, unsigned base, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned next = (unsigned)digit(text[i]);
        if (next >= base || value > (UINT64_MAX - next) / base)
            return false;
        value = value * base + next;
    }
    *number = value;
    return length > 0;
}

/* ---- Lines and fields ------------------------------------------------------------------------ */

static size_t line_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    return end ? (size_t)(end - text) : length;
}

static bool starts_with(const char *text, size_t length, const char *start)
{
    size_t size = strlen(start);
    return length >= size && memcmp(text, start, size) == 0;
}

static bool is_blank(char character)
{
    return character == ' ' || character == '\t';
}

/* Finds a field by its number, counted from 0. Returns its length, or 0 if it is missing. */
static size_t find_field(const char *line, size_t length, int number, const char **field)
{
    size_t at = 0;
    for (;;) {
        while (at < length && is_blank(line[at]))
            at++;
        size_t start = at;
        while (at < length && !is_blank(line[at]))
            at++;
        if (number-- == 0 || at == length) {
            *field = line + start;
            return number < 0 ? at - start : 0;
        }
    }
}

static bool number_field(const char *line, size_t length, int number, unsigned base,
                         uint64_t *value)
{
    const char *field;
    size_t size = find_field(line, length, number, &field);
    return parse(field, size, base, value);
}

bool procfs_number(const char *text, size_t length, const char *label, int base, uint64_t *number)
{
    while (length) {
        size_t line = line_length(text, length);
        size_t size = strlen(label);
        if (starts_with(text, line, label))
            return number_field(text + size, line - size, 0, (unsigned)base, number);
        size_t step = line < length ? line + 1 : line;
        text += step;
        length -= step;
    }
    return false;
}

int procfs_count(const char *text, size_t length, const char *label)
{
    int count = 0;
    while (length) {
        size_t line = line_length(text, length);
        count += starts_with(text, line, label);
        size_t step = line < length ? line + 1 : line;
        text += step;
        length -= step;
    }
    return count;
}

/* ---- Kinds ----------------------------------------------------------------------------------- */

static const struct {
    const char *link;
    const char *kind;
} link_kinds[] = {
    {"socket:[", "socket"},
    {"pipe:[", "pipe"},
    {"anon_inode:[eventpoll]", "epoll"},
    {"anon_inode:[eventfd]", "eventfd"},
    {"anon_inode:[timerfd]", "timerfd"},
    {"anon_inode:[signalfd]", "signalfd"},
    {"anon_inode:[pidfd]", "pidfd"},
    {"pidfd:", "pidfd"},
    {"anon_inode:inotify", "inotify"},
    {"anon_inode:[fanotify]", "fanotify"},
    {"anon_inode:[io_uring]", "io_uring"},
    {"anon_inode:[perf_event]", "perf event"},
    {"anon_inode:[userfaultfd]", "userfaultfd"},
    {"anon_inode:bpf-", "bpf"},
    {"anon_inode:", "other"},
    {"/memfd:", "memfd"},
    {"/dmabuf:", "dmabuf"},
    {"/dev/ptmx", "tty"},
    {"/dev/pts/", "tty"},
    {"/dev/tty", "tty"},
    {"/dev/console", "tty"},
    {"mnt:[", "namespace"},
    {"net:[", "namespace"},
    {"pid:[", "namespace"},
    {"user:[", "namespace"},
    {"uts:[", "namespace"},
    {"ipc:[", "namespace"},
    {"cgroup:[", "namespace"},
    {"time:[", "namespace"},
};

static const char *mode_kind(unsigned mode)
{
    switch (mode & (unsigned)S_IFMT) {
    case S_IFREG:
        return "file";
    case S_IFDIR:
        return "directory";
    case S_IFIFO:
        return "fifo";
    case S_IFSOCK:
        return "socket";
    case S_IFCHR:
        return "character device";
    case S_IFBLK:
        return "block device";
    case S_IFLNK:
        return "symlink";
    default:
        return "unknown";
    }
}

const char *procfs_kind(const char *link, size_t length, unsigned mode)
{
    for (size_t i = 0; i < sizeof link_kinds / sizeof link_kinds[0]; i++) {
        bool path = link_kinds[i].link[0] == '/';
        bool device = path && starts_with(link_kinds[i].link, strlen(link_kinds[i].link), "/dev/");
        if (!starts_with(link, length, link_kinds[i].link))
            continue;
        if (!device || !mode || S_ISCHR(mode))
            return link_kinds[i].kind;
    }
    return mode_kind(mode);
}

bool procfs_socket_inode(const char *link, size_t length, uint64_t *inode)
{
    static const char start[] = "socket:[";
    size_t size = sizeof start - 1;
    return length > size && starts_with(link, length, start) && link[length - 1] == ']' &&
           parse(link + size, length - size - 1, 10, inode);
}

/* ---- Sockets --------------------------------------------------------------------------------- */

const struct procfs_table procfs_tables[] = {
    {"tcp", "tcp", TABLE_INET, 9},         {"tcp6", "tcp6", TABLE_INET6, 9},
    {"udp", "udp", TABLE_INET, 9},         {"udp6", "udp6", TABLE_INET6, 9},
    {"udplite", "udplite", TABLE_INET, 9}, {"udplite6", "udplite6", TABLE_INET6, 9},
    {"raw", "raw", TABLE_INET, 9},         {"raw6", "raw6", TABLE_INET6, 9},
    {"icmp", "icmp", TABLE_INET, 9},       {"icmp6", "icmp6", TABLE_INET6, 9},
    {"unix", "unix", TABLE_UNIX, 6},       {"netlink", "netlink", TABLE_OTHER, 9},
    {"packet", "packet", TABLE_OTHER, 8},
};
const int procfs_table_count = sizeof procfs_tables / sizeof procfs_tables[0];

enum { STATE_LISTENING = 0x0a, FLAG_LISTENING = 0x10000 };

/* Parses an address such as "0100007F:1F90": 32-bit words in host byte order, then the port. */
static bool parse_address(const char *field, size_t length, bool v6, char text[160], int *port)
{
    uint32_t words[4] = {0, 0, 0, 0};
    char address[INET6_ADDRSTRLEN] = "";
    size_t count = v6 ? 4 : 1;
    uint64_t value;
    if (length != count * 8 + 5 || field[count * 8] != ':')
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!parse(field + i * 8, 8, 16, &value))
            return false;
        words[i] = (uint32_t)value;
    }
    if (!parse(field + count * 8 + 1, 4, 16, &value))
        return false;
    (void)inet_ntop(v6 ? AF_INET6 : AF_INET, words, address, sizeof address);
    *port = (int)value;
    (void)snprintf(text, 160, v6 ? "[%s]:%d" : "%s:%d", address, *port);
    return true;
}

static bool inet_line(const struct procfs_table *table, const char *line, size_t length,
                      struct socket_facts *facts)
{
    bool v6 = table->form == TABLE_INET6;
    const char *local;
    const char *peer;
    uint64_t state;
    int peer_port;
    size_t local_size = find_field(line, length, 1, &local);
    size_t peer_size = find_field(line, length, 2, &peer);
    if (!parse_address(local, local_size, v6, facts->local, &facts->port) ||
        !parse_address(peer, peer_size, v6, facts->peer, &peer_port) ||
        !number_field(line, length, 3, 16, &state))
        return false;
    if (peer_port == 0)
        facts->peer[0] = '\0';
    facts->listening =
        starts_with(table->protocol, strlen(table->protocol), "tcp") && state == STATE_LISTENING;
    return true;
}

static bool unix_line(const char *line, size_t length, struct socket_facts *facts)
{
    uint64_t flags;
    uint64_t type;
    const char *path;
    const char *end = line + length;
    if (!number_field(line, length, 3, 16, &flags) || !number_field(line, length, 4, 16, &type))
        return false;
    facts->protocol = type == 1   ? "unix stream"
                      : type == 2 ? "unix datagram"
                      : type == 5 ? "unix seqpacket"
                                  : "unix";
    facts->listening = (flags & FLAG_LISTENING) != 0;
    if (find_field(line, length, 7,
                   &path)) { /* a path may contain spaces: it is the rest of the line */
        size_t size = (size_t)(end - path);
        size = size < sizeof facts->local ? size : sizeof facts->local - 1;
        memcpy(facts->local, path, size);
        facts->local[size] = '\0';
    }
    return true;
}

bool procfs_socket_line(const struct procfs_table *table, const char *line, size_t length,
                        uint64_t *inode, struct socket_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    facts->protocol = table->protocol;
    if (!number_field(line, length, table->inode_field, 10, inode))
        return false;
    if (table->form == TABLE_UNIX)
        return unix_line(line, length, facts);
    return table->form == TABLE_OTHER || inet_line(table, line, length, facts);
}
