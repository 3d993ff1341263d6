/* SPDX-License-Identifier: MIT
 * Parsing procfs text: every format that Linux writes, and arbitrary bytes. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../../src/command/posix/procfs.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct procfs_table *table(const char *name)
{
    for (int i = 0; i < procfs_table_count; i++)
        if (strcmp(procfs_tables[i].name, name) == 0)
            return &procfs_tables[i];
    return NULL;
}

static bool read_line(const char *name, const char *line, uint64_t *inode,
                      struct socket_facts *facts)
{
    return procfs_socket_line(table(name), line, strlen(line), inode, facts);
}

static void numbers_follow_their_labels(void **state)
{
    (void)state;
    const char text[] = "pos:\t0\nflags:\t02100002\nmnt_id:\t15\nPid:\t4711";
    uint64_t number;
    assert_true(procfs_number(text, strlen(text), "flags:", 8, &number));
    assert_int_equal(number, 02100002);
    assert_true(procfs_number(text, strlen(text), "Pid:", 10, &number));
    assert_int_equal(number, 4711);
    assert_true(procfs_number(text, strlen(text) - 2, "Pid:", 10, &number));
    assert_int_equal(number, 47);
    assert_false(procfs_number(text, strlen(text), "lags:", 8, &number));
    assert_false(procfs_number("flags:\t9", 8, "flags:", 8, &number));
    assert_false(procfs_number("flags:", 6, "flags:", 8, &number));
    assert_false(procfs_number("flags:\t99999999999999999999", 27, "flags:", 10, &number));
    assert_false(procfs_number("", 0, "flags:", 8, &number));
}

static void lines_are_counted_by_their_prefix(void **state)
{
    (void)state;
    const char text[] = "tfd: 5\n tfd: 6\ntfd: 7 tfd:\n\n";
    assert_int_equal(procfs_count(text, strlen(text), "tfd:"), 2);
    assert_int_equal(procfs_count(text, 0, "tfd:"), 0);
}

static void kind_comes_from_the_link_then_from_the_mode(void **state)
{
    (void)state;
    assert_string_equal(procfs_kind("anon_inode:[eventfd]", 20, 0600), "eventfd");
    assert_string_equal(procfs_kind("anon_inode:[new]", 16, 0600), "other");
    assert_string_equal(procfs_kind("/dev/pts/3", 10, S_IFCHR), "tty");
    assert_string_equal(procfs_kind("/dev/ttyl", 9, S_IFREG), "file");
    assert_string_equal(procfs_kind("/dev/ttyS0", 10, 0), "tty");
    assert_string_equal(procfs_kind("/a", 2, S_IFBLK), "block device");
    assert_string_equal(procfs_kind("", 0, 0), "unknown");
}

static void inode_of_a_socket_is_exact(void **state)
{
    (void)state;
    uint64_t inode;
    assert_true(procfs_socket_inode("socket:[4711]", 13, &inode));
    assert_int_equal(inode, 4711);
    assert_false(procfs_socket_inode("socket:[4711]", 12, &inode));
    assert_false(procfs_socket_inode("socket:[]", 9, &inode));
    assert_false(procfs_socket_inode("socket:[4x]", 11, &inode));
    assert_false(procfs_socket_inode("pipe:[4711]", 11, &inode));
}

static void internet_lines_give_address_port_and_state(void **state)
{
    (void)state;
    char line[300];
    struct socket_facts facts;
    uint64_t inode;
    unsigned loopback = (unsigned)htonl(INADDR_LOOPBACK);
    (void)snprintf(line, sizeof line,
                   "   0: %08X:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000"
                   "        0 4711 1 0000000000000000 100 0 0 10 0",
                   loopback);
    assert_true(read_line("tcp", line, &inode, &facts));
    assert_int_equal(inode, 4711);
    assert_string_equal(facts.local, "127.0.0.1:8080");
    assert_string_equal(facts.peer, "");
    assert_int_equal(facts.port, 8080);
    assert_true(facts.listening);
    (void)snprintf(line, sizeof line,
                   " 1: 000000000000000000000000%08X:0050 000000000000000000000000%08X:FFFF 01 0:0"
                   " 0:0 0 0 0 12",
                   (unsigned)htonl(1), (unsigned)htonl(2));
    assert_true(read_line("tcp6", line, &inode, &facts));
    assert_string_equal(facts.local, "[::1]:80");
    assert_string_equal(facts.peer, "[::2]:65535");
    assert_false(facts.listening);
    assert_false(read_line("tcp", line, &inode, &facts));
}

static void unix_lines_give_type_state_and_path(void **state)
{
    (void)state;
    struct socket_facts facts;
    uint64_t inode;
    assert_true(
        read_line("unix", "00: 00000002 00000000 00010000 0001 01 77 /run/a b", &inode, &facts));
    assert_int_equal(inode, 77);
    assert_string_equal(facts.protocol, "unix stream");
    assert_string_equal(facts.local, "/run/a b");
    assert_true(facts.listening);
    assert_true(read_line("unix", "00: 00000002 00000000 00000000 0005 03 78", &inode, &facts));
    assert_string_equal(facts.protocol, "unix seqpacket");
    assert_string_equal(facts.local, "");
    char line[300];
    (void)snprintf(line, sizeof line, "00: 00000002 00000000 00000000 0002 03 79 /%0200d", 7);
    assert_true(read_line("unix", line, &inode, &facts));
    assert_int_equal(strlen(facts.local), sizeof facts.local - 1);
    assert_memory_equal(facts.local, strchr(line, '/'), sizeof facts.local - 1);
}

static void headings_are_not_parsed_as_sockets(void **state)
{
    (void)state;
    struct socket_facts facts;
    uint64_t inode;
    for (int i = 0; i < procfs_table_count; i++) {
        assert_false(read_line(procfs_tables[i].name, "", &inode, &facts));
        assert_false(read_line(procfs_tables[i].name,
                               "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
                               "retrnsmt   uid  timeout inode ref pointer drops",
                               &inode, &facts));
        assert_false(read_line(procfs_tables[i].name,
                               "Num       RefCount Protocol Flags    Type St Inode Path", &inode,
                               &facts));
    }
}

static void read_all(const char *text, size_t length)
{
    struct socket_facts facts;
    uint64_t number;
    (void)procfs_number(text, length, "flags:", 8, &number);
    (void)procfs_count(text, length, "tfd:");
    assert_non_null(procfs_kind(text, length, (unsigned)length));
    (void)procfs_socket_inode(text, length, &number);
    for (int i = 0; i < procfs_table_count; i++)
        if (procfs_socket_line(&procfs_tables[i], text, length, &number, &facts))
            assert_true(memchr(facts.local, 0, sizeof facts.local) != NULL);
}

/* Exact copies without a terminator let a sanitizer detect any read past the end. */
static void parser_accepts_arbitrary_bytes(void **state)
{
    (void)state;
    static const char seed[] = "  0: 0100007F:1F90 00000000:0000 0A 0:0 00:00 0  1000  0 4711 1\n"
                               "flags:\t02\nsocket:[12]\n00: 2 0 00010000 0001 01 77 /run/x";
    unsigned random = 12345;
    for (int round = 0; round < 20000; round++) {
        random = random * 1664525U + 1013904223U;
        size_t start = (random >> 8) % sizeof seed;
        size_t length = (random >> 16) % (sizeof seed - start);
        char *text = malloc(length ? length : 1);
        assert_non_null(text);
        memcpy(text, seed + start, length);
        if (length)
            text[(random >> 4) % length] = (char)(random >> 20);
        read_all(text, length);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(numbers_follow_their_labels),
        CASE(lines_are_counted_by_their_prefix),
        CASE(kind_comes_from_the_link_then_from_the_mode),
        CASE(inode_of_a_socket_is_exact),
        CASE(internet_lines_give_address_port_and_state),
        CASE(unix_lines_give_type_state_and_path),
        CASE(headings_are_not_parsed_as_sockets),
        CASE(parser_accepts_arbitrary_bytes),
    };
    return cmocka_run_group_tests_name("procfs", cases, NULL, NULL);
}
