/* SPDX-License-Identifier: MIT
 * Groups received descriptors by the open file that they refer to. */
#include "../platform.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

static int compare(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* Orders descriptors by open file. Descriptors that agree in every known property count as the same
 * open file, because nothing else distinguishes them. */
static int by_file(const struct descriptor *left, const struct descriptor *right)
{
    int result = compare(left->inode, right->inode);
    if (result == 0)
        result = compare(left->device, right->device);
    if (result == 0)
        result = strcmp(left->kind, right->kind);
    if (result == 0) /* the two ends of a pipe differ in this */
        result = strcmp(left->access ? left->access : "", right->access ? right->access : "");
    return result ? result : strcmp(descriptor_object(left), descriptor_object(right));
}

static int by_program_and_file(const void *left, const void *right)
{
    const struct received *a = left;
    const struct received *b = right;
    int result = (a->program > b->program) - (a->program < b->program);
    if (result == 0)
        result = by_file(a->descriptor, b->descriptor);
    return result ? result : compare(a->order, b->order);
}

static int by_file_and_order(const void *left, const void *right)
{
    const struct received *a = left;
    const struct received *b = right;
    int result = by_file(a->descriptor, b->descriptor);
    if (result == 0)
        result = compare(a->copies, b->copies);
    return result ? result : compare(a->order, b->order);
}

static int by_leak_and_order(const void *left, const void *right)
{
    const struct received *a = left;
    const struct received *b = right;
    int result = compare(a->leak, b->leak);
    return result ? result : compare(a->order, b->order);
}

static void sort(struct leaks *leaks, int (*order)(const void *, const void *))
{
    if (leaks->count)
        qsort(leaks->items, leaks->count, sizeof *leaks->items, order);
}

struct receipt leaks_receipt(const struct received *received)
{
    const struct program *program = received->program;
    int fd = received->descriptor->fd;
    return (struct receipt){received->descriptor,
                            program->started_by.size ? program->started_by.bytes : "",
                            program->arguments.size ? program->arguments.bytes : program->path,
                            fd == program->jobserver[0] || fd == program->jobserver[1]};
}

/* Appends those receipts of the program that no rule allows. */
static void add_program(struct leaks *leaks, const struct program *program, struct rules *rules)
{
    size_t before = leaks->count;
    for (size_t i = 0; i < program->received.count; i++) {
        struct received *added = &leaks->items[leaks->count];
        *added = (struct received){program, &program->received.items[i], leaks->count, 0, 0};
        struct receipt receipt = leaks_receipt(added);
        leaks->count += !rules_allow(rules, &receipt);
    }
    leaks->programs += leaks->count > before;
}

/* Numbers the descriptors of each program that refer to the same open file. The second descriptor
 * of one program and the second descriptor of another then count as the same leak. */
static void count_copies(struct leaks *leaks)
{
    sort(leaks, by_program_and_file);
    for (size_t i = 1; i < leaks->count; i++) {
        const struct received *last = &leaks->items[i - 1];
        struct received *item = &leaks->items[i];
        if (last->program == item->program && by_file(last->descriptor, item->descriptor) == 0)
            item->copies = last->copies + 1;
    }
}

/* Numbers each leak by the position of its first receipt. */
static void number_leaks(struct leaks *leaks)
{
    sort(leaks, by_file_and_order);
    for (size_t i = 0; i < leaks->count; i++) {
        const struct received *last = &leaks->items[i ? i - 1 : 0];
        struct received *item = &leaks->items[i];
        bool same =
            i && last->copies == item->copies && by_file(last->descriptor, item->descriptor) == 0;
        item->leak = same ? last->leak : item->order;
    }
}

struct leaks leaks_find(const struct watched *watched, struct rules *rules)
{
    struct leaks leaks = {NULL, 0, 0};
    size_t most = 1;
    for (size_t i = 0; i < watched->count; i++)
        most += watched->programs[i].received.count;
    leaks.items = allocate(most * sizeof *leaks.items);
    for (size_t i = 0; i < watched->count; i++)
        add_program(&leaks, &watched->programs[i], rules);
    count_copies(&leaks);
    number_leaks(&leaks);
    sort(&leaks, by_leak_and_order);
    return leaks;
}
