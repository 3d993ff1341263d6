/* SPDX-License-Identifier: MIT
 * Describes a process's sockets: finds their inodes in the tables of its network namespace. */
#include "../../platform.h"
#include "posix_command.h"
#include "procfs.h"

#include <stdlib.h>
#include <string.h>

struct sockets {
    struct descriptor **items; /* by inode */
    size_t count;
};

static int by_inode(const void *left, const void *right)
{
    uint64_t a = (*(struct descriptor *const *)left)->inode;
    uint64_t b = (*(struct descriptor *const *)right)->inode;
    return (a > b) - (a < b);
}

/* Returns the index of the first socket whose inode is not smaller. */
static size_t find_inode(const struct sockets *sockets, uint64_t inode)
{
    size_t low = 0;
    size_t high = sockets->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sockets->items[middle]->inode < inode)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_line(const struct procfs_table *table, const char *line, size_t length,
                      const struct sockets *sockets)
{
    struct socket_facts facts;
    uint64_t inode;
    if (!procfs_socket_line(table, line, length, &inode, &facts))
        return;
    for (size_t i = find_inode(sockets, inode);
         i < sockets->count && sockets->items[i]->inode == inode; i++) {
        *sockets->items[i]->socket = facts;
        descriptor_describe_socket(sockets->items[i]);
    }
}

static void read_table(const char *directory, const struct procfs_table *table,
                       const struct sockets *sockets)
{
    char path[96];
    char line[1024];
    (void)snprintf(path, sizeof path, "%s/net/%s", directory, table->name);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fgets(line, sizeof line, file))
        take_line(table, line, strcspn(line, "\n"), sockets);
    (void)fclose(file);
}

void describe_sockets(const char *directory, struct descriptors *list)
{
    struct sockets sockets = {allocate((list->count + 1) * sizeof(struct descriptor *)), 0};
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].socket)
            sockets.items[sockets.count++] = &list->items[i];
    if (sockets.count) {
        qsort(sockets.items, sockets.count, sizeof *sockets.items, by_inode);
        for (int i = 0; i < procfs_table_count; i++)
            read_table(directory, &procfs_tables[i], &sockets);
    }
    free(sockets.items);
}
