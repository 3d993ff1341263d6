/* SPDX-License-Identifier: MIT
 * The order in which a child moves its descriptors. The test covers every map of up to four
 * entries over small numbers. It applies the steps to a simulated table and compares the result
 * with the map. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../../src/posix/spawn_plan.h"

#include <limits.h>
#include <string.h>

enum { NUMBERS = 7, ENTRIES = 4, TABLE = 32, CLOSED = -1 };

struct map {
    fdi_fd_map entries[ENTRIES];
    size_t count;
};

struct table {
    int files[TABLE]; /* the file open at each number; initially its own number */
    int steps;
};

/* Follows the child: closes everything above the last source, runs the steps, then closes the
 * gaps. */
static bool play(const struct fdi__fd_plan *plan, struct table *table)
{
    for (int fd = 0; fd < TABLE; fd++)
        table->files[fd] = fd <= plan->last_source ? fd : CLOSED;
    for (size_t i = 0; i < plan->step_count; i++) {
        struct fdi__step step = plan->steps[i];
        if (step.from < 0 || step.to < 0 || step.to >= TABLE || table->files[step.from] == CLOSED)
            return false;
        table->files[step.to] = table->files[step.from];
    }
    int last;
    for (int first = 0; (first = fdi__plan_gap(plan, first, &last)) >= 0; first = last + 1) {
        if (last < first)
            return false; /* close_range rejects it */
        for (int fd = first; fd <= last && fd < TABLE; fd++)
            table->files[fd] = CLOSED;
        if (last == INT_MAX)
            break;
    }
    return true;
}

static bool is_as_asked(const struct map *map, const struct table *table)
{
    int wanted[TABLE];
    for (int fd = 0; fd < TABLE; fd++)
        wanted[fd] = CLOSED;
    for (size_t i = 0; i < map->count; i++)
        wanted[map->entries[i].child_fd] = map->entries[i].fd;
    return memcmp(wanted, table->files, sizeof wanted) == 0;
}

/* Counts the cycles of the map. Each cycle counts at its lowest number. */
static int circles(const struct map *map)
{
    int count = 0;
    int source[NUMBERS];
    memset(source, 0xff, sizeof source);
    for (size_t i = 0; i < map->count; i++)
        source[map->entries[i].child_fd] = map->entries[i].fd;
    for (int start = 0; start < NUMBERS; start++) {
        int at = start;
        int length = 0;
        do {
            at = source[at];
            length++;
        } while (at > start && length <= NUMBERS);
        if (at == start && length > 1)
            count++;
    }
    return count;
}

static size_t maps_tried;

static void assert_right(const struct map *map)
{
    struct fdi__fd_slot slots[ENTRIES];
    struct fdi__step steps[ENTRIES + ENTRIES / 2];
    struct fdi__fd_plan plan = {.slots = slots, .steps = steps};
    struct table table;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.fds = map->entries;
    options.fd_count = map->count;
    options.flags = FDI_SPAWN_NO_STDIO;
    fdi__plan_fill(&plan, &options);
    fdi__plan_steps(&plan);
    assert_true(plan.step_count <= sizeof steps / sizeof steps[0]);
    assert_true(play(&plan, &table));
    assert_true(is_as_asked(map, &table));
    assert_int_equal(plan.step_count, map->count + (size_t)circles(map));
    maps_tried++;
}

static void try_all(struct map *map)
{
    assert_right(map);
    if (map->count == ENTRIES)
        return;
    for (int fd = 0; fd < NUMBERS; fd++)
        for (int child_fd = 0; child_fd < NUMBERS; child_fd++) {
            bool taken = false;
            for (size_t i = 0; i < map->count; i++)
                taken = taken || map->entries[i].child_fd == child_fd;
            if (taken)
                continue;
            map->entries[map->count++] = (fdi_fd_map){fd, child_fd};
            try_all(map);
            map->count--;
        }
}

static void every_small_map_takes_one_step_per_entry_and_per_cycle(void **state)
{
    (void)state;
    struct map map = {.count = 0};
    try_all(&map);
    /* 1 + 7x7 + (7x7)(7x6) + (7x7)(7x6)(7x5) + (7x7)(7x6)(7x5)(7x4) */
    assert_int_equal(maps_tried, 1 + 49 + 49 * 42 + 49 * 42 * 35 + 49 * 42 * 35 * 28);
}

static void added_slot_is_sorted_into_place(void **state)
{
    (void)state;
    struct fdi__fd_slot slots[4];
    struct fdi__fd_plan plan = {.slots = slots};
    fdi__plan_add(&plan, 10, 1);
    fdi__plan_add(&plan, 11, 0);
    fdi__plan_add(&plan, 12, 5);
    fdi__plan_add(&plan, 13, 3);
    assert_int_equal(plan.slot_count, 4);
    assert_int_equal(fdi__plan_slot(&plan, 0)->from, 11);
    assert_int_equal(fdi__plan_slot(&plan, 3)->from, 13);
    assert_int_equal(fdi__plan_slot(&plan, 5)->from, 12);
    assert_null(fdi__plan_slot(&plan, 2));
    assert_null(fdi__plan_slot(&plan, 6));
    assert_int_equal(fdi__plan_unused(&plan, 0), 2);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_small_map_takes_one_step_per_entry_and_per_cycle),
        CASE(added_slot_is_sorted_into_place),
    };
    return cmocka_run_group_tests_name("spawn_plan", cases, NULL, NULL);
}
