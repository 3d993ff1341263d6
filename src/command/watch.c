/* SPDX-License-Identifier: MIT
 * fdinherit check -- COMMAND: watches a command and reports the open files that leaked. */
#include "../platform.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

struct program *watched_add(struct watched *watched)
{
    watched->programs =
        make_room(watched->programs, watched->count, &watched->capacity, sizeof *watched->programs);
    return &watched->programs[watched->count++];
}

static void watched_free(struct watched *watched)
{
    for (size_t i = 0; i < watched->count; i++) {
        struct program *program = &watched->programs[i];
        free(program->path);
        free(program->arguments.bytes);
        free(program->started_by.bytes);
        descriptors_free(&program->received);
    }
    free(watched->programs);
}

static void complain_of_unused(const struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++)
        if (!rules->items[i].is_used)
            (void)complain_of(rules->items[i].text, "this rule allowed nothing");
}

static void write_report(FILE *out, const struct check_options *options,
                         const struct watched *watched, const struct leaks *leaks)
{
    if (options->prints_rules)
        leaks_write_rules(out, leaks);
    else if (options->json)
        leaks_write_json(out, watched, leaks);
    else
        leaks_write_text(out, options->start.command, watched, leaks);
}

/* Returns TROUBLE if a program could not be inspected: it may have received anything. */
static int judge_sight(const struct watched *watched)
{
    if (watched->unseen)
        return complain("%lu program%s could not be inspected", watched->unseen,
                        watched->unseen == 1 ? "" : "s");
    return 0;
}

/* Ends as the command ended. */
static int end_alike(const struct watched *watched)
{
    system_end_by_interrupt(watched->status);
    return shell_status(watched->status);
}

int watch_command(struct check_options *options, FILE *out)
{
    struct watched watched;
    memset(&watched, 0, sizeof watched);
    int result = system_watch(&options->start, &watched);
    if (watched.started == 0)
        return result;
    struct leaks leaks = leaks_find(&watched, &options->rules);
    write_report(out, options, &watched, &leaks);
    complain_of_unused(&options->rules);
    (void)fflush(out);
    result = judge_sight(&watched);
    if (leaks.count && options->error_exitcode)
        result = options->error_exitcode;
    else if (result == 0)
        result = end_alike(&watched);
    free(leaks.items);
    watched_free(&watched);
    return result;
}
