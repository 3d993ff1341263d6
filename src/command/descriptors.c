/* SPDX-License-Identifier: MIT
 * The list of descriptors that other files fill and print. */
#include "../platform.h"
#include "command.h"

#include <stdlib.h>
#include <string.h>

int failure_exit_status = EXIT_TROUBLE;

void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        (void)complain("out of memory");
        exit(failure_exit_status);
    }
    return memory;
}

char *copy_text(const char *text, size_t length)
{
    char *copy = allocate(length + 1);
    memcpy(copy, text, length);
    return copy;
}

void *make_room(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = count ? count * 2 : 32;
    void *moved = allocate(*capacity * size);
    if (count)
        memcpy(moved, items, count * size);
    free(items);
    return moved;
}

struct descriptor *descriptors_add(struct descriptors *list, int fd, bool inheritable)
{
    list->items = make_room(list->items, list->count, &list->capacity, sizeof *list->items);
    struct descriptor *added = &list->items[list->count++];
    memset(added, 0, sizeof *added);
    added->fd = fd;
    added->inheritable = inheritable;
    added->kind = "unknown";
    return added;
}

static int by_fd(const void *left, const void *right)
{
    int a = ((const struct descriptor *)left)->fd;
    int b = ((const struct descriptor *)right)->fd;
    return (a > b) - (a < b);
}

void descriptors_sort(struct descriptors *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, by_fd);
}

static void free_one(struct descriptor *descriptor)
{
    free(descriptor->refers_to);
    free(descriptor->socket);
}

void descriptors_drop_last(struct descriptors *list)
{
    free_one(&list->items[--list->count]);
    memset(&list->items[list->count], 0, sizeof *list->items);
}

void descriptors_keep_inheritable(struct descriptors *list, int first)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].inheritable && list->items[i].fd >= first)
            list->items[kept++] = list->items[i];
        else
            free_one(&list->items[i]);
    }
    list->count = kept;
}

const char *descriptor_object(const struct descriptor *descriptor)
{
    return descriptor->refers_to ? descriptor->refers_to : "";
}

void descriptors_free(struct descriptors *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_one(&list->items[i]);
    free(list->items);
    memset(list, 0, sizeof *list);
}

void descriptor_describe_socket(struct descriptor *descriptor)
{
    const struct socket_facts *facts = descriptor->socket;
    char text[400];
    if (!facts->protocol)
        return;
    int length =
        snprintf(text, sizeof text, "%s%s%s%s%s%s", facts->protocol, facts->local[0] ? " " : "",
                 facts->local, facts->listening ? " listening" : "", facts->peer[0] ? " -> " : "",
                 facts->peer);
    free(descriptor->refers_to);
    descriptor->refers_to = copy_text(text, (size_t)length);
}
