/* SPDX-License-Identifier: MIT
 * Describes a process's sockets: by a copy of each, or by their inodes in the tables of the process's
 * network namespace. */
#include "../../platform.h"
#include "../../posix/linux_calls.h"
#include "posix_command.h"
#include "procfs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

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
        if (sockets->items[i]->socket->protocol)
            continue; /* the first table that names the inode is right */
        *sockets->items[i]->socket = facts;
        descriptor_describe_socket(sockets->items[i]);
    }
}

static void take_lines(const char *directory, const struct procfs_table *table,
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

/* ---- Copies of the sockets -------------------------------------------------------------------- */

#if FDI__CALLS_BY_NUMBER

static bool is_socket(int fd, uint64_t inode)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) && (uint64_t)status.st_ino == inode;
}

/* A copy answers for itself: no other process can forge a line of a table. The descriptor may have
 * been closed meanwhile, so the inode is compared. */
static void ask_copy(int process, struct descriptor *descriptor)
{
    int copy = (int)syscall(FDI__SYS_PIDFD_GETFD, process, descriptor->fd, 0);
    if (copy < 0)
        return;
    if (is_socket(copy, descriptor->inode))
        ask_socket(copy, descriptor);
    (void)close(copy);
}

static void ask_copies(int pid, struct descriptors *list)
{
    int process = (int)syscall(FDI__SYS_PIDFD_OPEN, pid, 0);
    for (size_t i = 0; process >= 0 && i < list->count; i++)
        if (list->items[i].socket && !list->items[i].thread)
            ask_copy(process, &list->items[i]);
    if (process >= 0)
        (void)close(process);
}

#else

static void ask_copies(int pid, struct descriptors *list)
{
    (void)pid;
    (void)list;
}

#endif

/* ---- All sockets ------------------------------------------------------------------------------ */

static bool has_sockets(const struct descriptors *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].socket)
            return true;
    return false;
}

/* Looks up the sockets that no copy described. */
static void look_up(int pid, struct descriptors *list)
{
    struct sockets sockets = {allocate((list->count + 1) * sizeof(struct descriptor *)), 0};
    char directory[32];
    (void)snprintf(directory, sizeof directory, "/proc/%d", pid);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].socket && !list->items[i].socket->protocol)
            sockets.items[sockets.count++] = &list->items[i];
    if (sockets.count) {
        qsort(sockets.items, sockets.count, sizeof *sockets.items, by_inode);
        for (int i = 0; i < procfs_table_count; i++)
            take_lines(directory, &procfs_tables[i], &sockets);
    }
    free(sockets.items);
}

void describe_sockets(int pid, struct descriptors *list)
{
    if (!has_sockets(list))
        return;
    ask_copies(pid, list);
    look_up(pid, list);
}
