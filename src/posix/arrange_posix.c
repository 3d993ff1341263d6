/* SPDX-License-Identifier: MIT
 * Computes the order in which to move descriptors. A slot can be filled once no other slot reads
 * its number. The remaining slots form cycles, and each cycle needs one temporary number. */
#include "../platform.h"
#include "arrange.h"

#include <limits.h>
#include <stdlib.h>

static int compare_seats(const void *left, const void *right)
{
    const struct fdi__seat *a = left;
    const struct fdi__seat *b = right;
    return (a->to > b->to) - (a->to < b->to);
}

void fdi__plan_fill(struct fdi__plan *plan, const fdi_spawn_options *options)
{
    size_t count = 0;
    for (; count < options->fd_count; count++)
        plan->seats[count] =
            (struct fdi__seat){options->fds[count].fd, options->fds[count].child_fd, 0};
    for (int number = 0; number < FDI__STDIO; number++)
        if (fdi__adds_stdio(options, number))
            plan->seats[count++] = (struct fdi__seat){number, number, 0};
    plan->seat_count = count;
    qsort(plan->seats, plan->seat_count, sizeof plan->seats[0], compare_seats);
}

void fdi__plan_add(struct fdi__plan *plan, int from, int to)
{
    size_t i = plan->seat_count++;
    for (; i > 0 && plan->seats[i - 1].to > to; i--)
        plan->seats[i] = plan->seats[i - 1];
    plan->seats[i] = (struct fdi__seat){from, to, 0};
}

/* Returns the index of the first slot with this number or a higher one. */
static size_t seat_from(const struct fdi__plan *plan, int number)
{
    size_t low = 0;
    size_t high = plan->seat_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (plan->seats[middle].to < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fdi__seat *fdi__plan_seat(const struct fdi__plan *plan, int number)
{
    size_t i = seat_from(plan, number);
    return i < plan->seat_count && plan->seats[i].to == number ? &plan->seats[i] : NULL;
}

int fdi__plan_spare(const struct fdi__plan *plan)
{
    int number = 0;
    while ((size_t)number < plan->seat_count && plan->seats[number].to == number)
        number++;
    return number;
}

static void add_step(struct fdi__plan *plan, int from, int to)
{
    plan->steps[plan->step_count++] = (struct fdi__step){from, to};
}

static bool is_moving(const struct fdi__seat *seat)
{
    return seat->from != seat->to;
}

static void count_readers(struct fdi__plan *plan)
{
    plan->last_source = -1;
    for (size_t i = 0; i < plan->seat_count; i++) {
        struct fdi__seat *seat = &plan->seats[i];
        struct fdi__seat *source = is_moving(seat) ? fdi__plan_seat(plan, seat->from) : NULL;
        if (source)
            source->readers++;
        if (!is_moving(seat))
            add_step(plan, seat->from, seat->to);
        if (seat->from > plan->last_source)
            plan->last_source = seat->from;
    }
    plan->last_used = plan->last_source;
}

/* Fills a slot that no other slot reads. That may free the slot it read from, which is filled
 * next. */
static void settle(struct fdi__plan *plan, struct fdi__seat *seat)
{
    while (seat && is_moving(seat) && seat->readers == 0) {
        struct fdi__seat *source = fdi__plan_seat(plan, seat->from);
        add_step(plan, seat->from, seat->to);
        seat->from = seat->to;
        if (source)
            source->readers--;
        seat = source;
    }
}

/* At this point every number that is still read is a slot, so any other number may be
 * overwritten. */
static void break_cycle(struct fdi__plan *plan, struct fdi__seat *seat)
{
    int spare = fdi__plan_spare(plan);
    struct fdi__seat *reader = seat;
    while (reader->from != seat->to)
        reader = fdi__plan_seat(plan, reader->from);
    add_step(plan, seat->to, spare);
    reader->from = spare;
    seat->readers = 0;
    if (spare > plan->last_used)
        plan->last_used = spare;
    settle(plan, seat);
}

void fdi__plan_arrange(struct fdi__plan *plan)
{
    plan->step_count = 0;
    count_readers(plan);
    for (size_t i = 0; i < plan->seat_count; i++)
        settle(plan, &plan->seats[i]);
    for (size_t i = 0; i < plan->seat_count; i++)
        if (is_moving(&plan->seats[i]))
            break_cycle(plan, &plan->seats[i]);
}

int fdi__plan_gap(const struct fdi__plan *plan, int first, int *last)
{
    const struct fdi__seat *seats = plan->seats;
    size_t i = seat_from(plan, first);
    for (; i < plan->seat_count && seats[i].to == first; i++)
        first++;
    if (first > plan->last_used)
        return -1;
    *last = INT_MAX;
    if (i < plan->seat_count)
        *last = seats[i].to - 1 < plan->last_used ? seats[i].to - 1 : plan->last_used;
    return first;
}
