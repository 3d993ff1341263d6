/* SPDX-License-Identifier: MIT
 * Passes any bytes as procfs text. The first byte selects the parser. */
#include "../../src/platform.h"
#include "../../src/command/posix/procfs.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {"", "flags:", "Tgid:", "SigIgn:", "State:", "\n"};
enum { LABELS = sizeof labels / sizeof labels[0] };

/* A number is found only if some line has the label. */
static void try_labels(const char *text, size_t length)
{
    for (int i = 0; i < LABELS; i++)
        for (int base = 8; base <= 16; base += base == 8 ? 2 : 6) {
            uint64_t number;
            bool found = procfs_number(text, length, labels[i], base, &number);
            MUST(!found || procfs_count(text, length, labels[i]) > 0);
        }
}

static bool is_terminated(const char text[160])
{
    return memchr(text, '\0', 160) != NULL;
}

static void try_socket_lines(const char *text, size_t length)
{
    for (int i = 0; i < procfs_table_count; i++) {
        uint64_t inode = 0;
        struct socket_facts facts;
        memset(&facts, 0xff, sizeof facts);
        bool found = procfs_socket_line(&procfs_tables[i], text, length, &inode, &facts);
        if (!found)
            continue;
        MUST(facts.protocol && is_terminated(facts.local) && is_terminated(facts.peer));
        MUST(facts.port >= 0 && facts.port <= 65535);
    }
}

static void try_link(const char *text, size_t length)
{
    uint64_t inode = 0;
    bool found = procfs_socket_inode(text, length, &inode);
    for (unsigned type = 0; type <= 017; type++)
        MUST(*procfs_kind(text, length, type << 12) != '\0');
    MUST(!found || strcmp(procfs_kind(text, length, 0), "socket") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    unsigned way = take_byte(&input) % 3;
    const char *text = (const char *)input.bytes;
    if (way == 0)
        try_labels(text, input.left);
    else if (way == 1)
        try_socket_lines(text, input.left);
    else
        try_link(text, input.left);
    return 0;
}
