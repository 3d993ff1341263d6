/* SPDX-License-Identifier: MIT
 * Computes the order in which to move descriptors. A slot can be filled once no other slot reads
 * its number. The remaining slots form cycles, and each cycle needs one temporary number. */
#include "../platform.h"
#include "spawn_plan.h"

#include <limits.h>
#include <stdlib.h>

static int compare_slots(const void *left, const void *right)
{
    const struct fdi__fd_slot *a = left;
    const struct fdi__fd_slot *b = right;
    return (a->to > b->to) - (a->to < b->to);
}

void fdi__plan_fill(struct fdi__fd_plan *plan, const fdi_spawn_options *options)
{
    size_t count = 0;
    for (; count < options->fd_count; count++)
        plan->slots[count] =
            (struct fdi__fd_slot){options->fds[count].fd, options->fds[count].child_fd, 0};
    for (int number = 0; number < FDI__STDIO; number++)
        if (fdi__adds_stdio(options, number))
            plan->slots[count++] = (struct fdi__fd_slot){number, number, 0};
    plan->directory_fd = fdi__stays(options->directory) ? -1 : options->directory.fd;
    plan->slot_count = count;
    qsort(plan->slots, plan->slot_count, sizeof plan->slots[0], compare_slots);
}

void fdi__plan_add(struct fdi__fd_plan *plan, int from, int to)
{
    size_t i = plan->slot_count++;
    for (; i > 0 && plan->slots[i - 1].to > to; i--)
        plan->slots[i] = plan->slots[i - 1];
    plan->slots[i] = (struct fdi__fd_slot){from, to, 0};
}

/* Returns the index of the first slot with this number or a higher one. */
static size_t first_slot_from(const struct fdi__fd_plan *plan, int number)
{
    size_t low = 0;
    size_t high = plan->slot_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plan->slots[middle].to < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fdi__fd_slot *fdi__plan_slot(const struct fdi__fd_plan *plan, int number)
{
    size_t i = first_slot_from(plan, number);
    return i < plan->slot_count && plan->slots[i].to == number ? &plan->slots[i] : NULL;
}

static bool is_in_use(const struct fdi__fd_plan *plan, int number)
{
    if (number == plan->directory_fd || fdi__plan_slot(plan, number))
        return true;
    for (size_t i = 0; i < plan->slot_count; i++)
        if (plan->slots[i].from == number)
            return true;
    return false;
}

int fdi__plan_unused(const struct fdi__fd_plan *plan, int lowest)
{
    while (is_in_use(plan, lowest))
        lowest++;
    return lowest;
}

static void add_step(struct fdi__fd_plan *plan, int from, int to)
{
    plan->steps[plan->step_count++] = (struct fdi__step){from, to};
}

static bool is_moving(const struct fdi__fd_slot *slot)
{
    return slot->from != slot->to;
}

static void count_readers(struct fdi__fd_plan *plan)
{
    plan->last_source = plan->directory_fd < 0 ? -1 : plan->directory_fd;
    for (size_t i = 0; i < plan->slot_count; i++) {
        struct fdi__fd_slot *slot = &plan->slots[i];
        struct fdi__fd_slot *source = is_moving(slot) ? fdi__plan_slot(plan, slot->from) : NULL;
        if (source)
            source->readers++;
        if (!is_moving(slot))
            add_step(plan, slot->from, slot->to);
        if (slot->from > plan->last_source)
            plan->last_source = slot->from;
    }
    plan->last_used = plan->last_source;
}

/* Fills a slot that no other slot reads. That may free the slot it read from, which is filled
 * next. */
static void settle(struct fdi__fd_plan *plan, struct fdi__fd_slot *slot)
{
    while (slot && is_moving(slot) && slot->readers == 0) {
        struct fdi__fd_slot *source = fdi__plan_slot(plan, slot->from);
        add_step(plan, slot->from, slot->to);
        slot->from = slot->to;
        if (source)
            source->readers--;
        slot = source;
    }
}

static void break_cycle(struct fdi__fd_plan *plan, struct fdi__fd_slot *slot, int spare)
{
    struct fdi__fd_slot *reader = slot;
    while (reader->from != slot->to)
        reader = fdi__plan_slot(plan, reader->from);
    add_step(plan, slot->to, spare);
    reader->from = spare;
    slot->readers = 0;
    if (spare > plan->last_used)
        plan->last_used = spare;
    settle(plan, slot);
}

void fdi__plan_steps(struct fdi__fd_plan *plan)
{
    plan->step_count = 0;
    count_readers(plan);
    for (size_t i = 0; i < plan->slot_count; i++)
        settle(plan, &plan->slots[i]);
    int spare = fdi__plan_unused(plan, 0); /* free again after each cycle */
    for (size_t i = 0; i < plan->slot_count; i++)
        if (is_moving(&plan->slots[i]))
            break_cycle(plan, &plan->slots[i], spare);
}

int fdi__plan_gap(const struct fdi__fd_plan *plan, int first, int *last)
{
    const struct fdi__fd_slot *slots = plan->slots;
    size_t i = first_slot_from(plan, first);
    for (; i < plan->slot_count && slots[i].to == first; i++)
        first++;
    if (first > plan->last_used)
        return -1;
    *last = INT_MAX;
    if (i < plan->slot_count)
        *last = slots[i].to - 1 < plan->last_used ? slots[i].to - 1 : plan->last_used;
    return first;
}
