/* SPDX-License-Identifier: MIT
 * fdinherit list: lists the open descriptors of processes. */
#include "../platform.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>

struct list_options {
    bool inheritable;
    bool json;
    struct pids pids;
};

static int parse_list_options(struct arguments *arguments, struct list_options *options)
{
    bool ended = false; /* by "--"; process ids may follow */
    for (; arguments->at < arguments->count; arguments->at++) {
        const char *argument = arguments->items[arguments->at];
        if (!ended && strcmp(argument, "--") == 0)
            ended = true;
        else if (!ended && strcmp(argument, "--json") == 0)
            options->json = true;
        else if (!ended && strcmp(argument, "--inheritable") == 0)
            options->inheritable = true;
        else if (pids_add(&options->pids, argument))
            return TROUBLE;
    }
    pids_default_to_own(&options->pids);
    return 0;
}

static int list_one(const struct list_options *options, struct report *report, int pid)
{
    struct descriptors list = {NULL, 0, 0};
    enum wanted wanted = options->inheritable ? INHERITABLE : ALL;
    if (system_descriptors(pid, wanted, 0, &list))
        return TROUBLE;
    report_process(report, "descriptors", pid, &list);
    descriptors_free(&list);
    return 0;
}

int command_list(int count, char **items)
{
    struct arguments arguments = {items, count, 0};
    struct list_options options = {false, false, {NULL, 0, 0}};
    int result = parse_list_options(&arguments, &options);
    if (result == 0) {
        struct report report = {stdout, options.json, options.pids.count > 1, 0};
        for (size_t i = 0; i < options.pids.count; i++)
            result = list_one(&options, &report, options.pids.items[i]) ? TROUBLE : result;
        report_end(&report);
    }
    free(options.pids.items);
    return finish_output(stdout, result);
}
