/* SPDX-License-Identifier: MIT
 * Implements fdinherit check, which reports the descriptors that a process would pass to a program,
 * or that the programs of a command received. */
#include "../platform.h"
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_EXITCODE = 255 };

static int take_format(struct check_options *options, const char *format)
{
    if (strcmp(format, "text") == 0)
        options->json = false;
    else if (strcmp(format, "json") == 0)
        options->json = true;
    else
        return misused("unknown format", format);
    return 1;
}

static int take_exitcode(struct check_options *options, const char *text)
{
    options->error_exitcode = strcmp(text, "0") == 0 ? 0 : parse_number(text);
    if (options->error_exitcode < 0 || options->error_exitcode > MOST_EXITCODE)
        return misused("not an exit status", text);
    return 1;
}

static int take_file_name(struct check_options *options, const char *name)
{
    options->output = name;
    return 1;
}

static int take_rule(struct check_options *options, const char *text)
{
    return rules_add(&options->rules, text) ? TROUBLE : 1;
}

static int take_rules(struct check_options *options, const char *file)
{
    return rules_read(&options->rules, file) ? TROUBLE : 1;
}

/* The options that take a value. */
static const struct {
    const char *name;
    int (*take)(struct check_options *options, const char *value);
} valued[] = {
    {"--format", take_format}, {"--error-exitcode", take_exitcode}, {"--output", take_file_name},
    {"--allow", take_rule},    {"--suppressions", take_rules},
};

/* Returns 1 if the argument is an option with a value, 0 if it is not, or TROUBLE after an error
 * message. */
static int take_valued(struct check_options *options, struct arguments *arguments)
{
    const char *value;
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++)
        if (take_value(arguments, valued[i].name, &value))
            return value ? valued[i].take(options, value) : TROUBLE;
    return start_take(&options->start, arguments);
}

static int take_argument(struct check_options *options, struct arguments *arguments)
{
    const char *argument = arguments->items[arguments->at];
    if (strcmp(argument, "--json") == 0)
        options->json = true;
    else if (strcmp(argument, "--print-suppressions") == 0)
        options->prints_rules = true;
    else {
        int taken = take_valued(options, arguments);
        if (taken == 0)
            return pids_add(&options->pids, argument);
        return taken < 0 ? TROUBLE : 0;
    }
    return 0;
}

/* Rejects options that cannot be combined. */
static int judge_options(const struct check_options *options)
{
    bool has_command = options->start.command != NULL;
    if (has_command && options->pids.count)
        return misused("give a process or a command, not both", options->start.command[0]);
    if (has_command && options->json && !options->output)
        return misused("this format needs --output with a command", "json");
    if (!has_command && (options->start.count || options->start.directory))
        return misused("only a command takes this option",
                       options->start.count ? "--keep" : "--cwd");
    if (!has_command && (options->rules.count || options->prints_rules))
        return misused("only a command takes this option",
                       options->prints_rules ? "--print-suppressions" : "--allow");
    return 0;
}

static int parse_check_options(struct arguments *arguments, struct check_options *options)
{
    for (; arguments->at < arguments->count; arguments->at++)
        if (take_argument(options, arguments))
            return TROUBLE;
    if (judge_options(options))
        return TROUBLE;
    if (!options->start.command)
        pids_default_to_own(&options->pids);
    return 0;
}

/* Opens the file of --output. The command does not inherit it. */
static FILE *open_output(const struct check_options *options, FILE *otherwise)
{
    if (!options->output)
        return otherwise;
    FILE *out = fdi_fopen(fdi_path(options->output), "w", FDI_ABOVE_STDIO);
    if (!out)
        (void)complain_of(options->output, strerror(errno));
    return out;
}

static int close_output(const struct check_options *options, FILE *out, int result)
{
    result = finish_output(out, result);
    if (options->output && fclose(out) != 0)
        return complain_of(options->output, strerror(errno));
    return result;
}

/* ---- Processes ------------------------------------------------------------------------------- */

/* Returns the number of leaks, or TROUBLE after an error message. */
static int check_one(struct report *report, int pid)
{
    struct descriptors leaks = {NULL, 0, 0};
    if (system_descriptors(pid, INHERITABLE, 3, &leaks))
        return TROUBLE;
    report_process(report, "leaks", pid, &leaks);
    int count = (int)leaks.count;
    descriptors_free(&leaks);
    return count;
}

/* The exit status reports a leak even if another process could not be inspected. */
static int check_processes(const struct check_options *options)
{
    FILE *out = open_output(options, stdout);
    int result = EXIT_CLEAN;
    if (!out)
        return TROUBLE;
    struct report report = {out, options->json, options->pids.count > 1, 0};
    for (size_t i = 0; i < options->pids.count; i++) {
        int leaks = check_one(&report, options->pids.items[i]);
        if (leaks > 0)
            result = options->error_exitcode;
        else if (leaks < 0 && result == EXIT_CLEAN)
            result = TROUBLE;
    }
    report_end(&report);
    return close_output(options, out, result);
}

/* ---- A command ------------------------------------------------------------------------------- */

static int check_command(struct check_options *options)
{
    FILE *out = open_output(options, stderr);
    if (!out)
        return TROUBLE;
    int result = start_prepare(&options->start);
    if (result == 0)
        result = watch_command(options, out);
    return close_output(options, out, result);
}

int command_check(int count, char **items)
{
    struct arguments arguments = {items, count, 0};
    struct check_options options;
    memset(&options, 0, sizeof options);
    options.error_exitcode = EXIT_LEAK;
    start_begin(&options.start, &arguments);
    int result = parse_check_options(&arguments, &options);
    if (result == 0)
        result = options.start.command ? check_command(&options) : check_processes(&options);
    free(options.start.maps);
    free(options.pids.items);
    rules_free(&options.rules);
    return result;
}
