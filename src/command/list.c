/* SPDX-License-Identifier: MIT
 * fdinherit list and fdinherit check for one process. watch.c has `check -- COMMAND`. */
#include "../platform.h"
#include "watch.h"

#include <string.h>

struct options {
    bool inheritable;
    bool json;
    int pid;        /* 0: this process */
    char **command; /* NULL: inspect a process */
};

/* Takes the words after "--". They must not be empty, and must not follow a process id. */
static int take_command(char **command, struct options *options)
{
    if (!command[0])
        return misused("no command", "put one after --");
    if (options->pid)
        return misused("give a process or a command, not both", command[0]);
    options->command = command;
    return 0;
}

/* `filters` is true for `list`; `check` accepts a command. Returns 0, or EXIT_TROUBLE after an
 * error message. */
static int parse_options(int count, char **arguments, bool filters, struct options *options)
{
    for (int i = 0; i < count; i++) {
        const char *argument = arguments[i];
        if (strcmp(argument, "--") == 0 && !filters)
            return take_command(arguments + i + 1, options);
        if (strcmp(argument, "--") == 0)
            continue; /* the process id may follow */
        if (strcmp(argument, "--json") == 0)
            options->json = true;
        else if (filters && strcmp(argument, "--inheritable") == 0)
            options->inheritable = true;
        else if (argument[0] == '-')
            return misused("unknown option", argument);
        else if (options->pid)
            return misused("more than one process", argument);
        else if ((options->pid = parse_number(argument)) < 0)
            return misused("not a process id", argument);
    }
    return 0;
}

static int shown_pid(const struct options *options)
{
    return options->pid ? options->pid : system_own_pid();
}

static void write_json(const struct options *options, const char *name,
                       const struct descriptors *list)
{
    (void)printf("{\n  \"pid\": %d,\n  \"%s\": ", shown_pid(options), name);
    write_json_array(stdout, list);
    (void)puts("\n}");
}

int command_list(int count, char **arguments)
{
    struct options options = {false, false, 0, NULL};
    struct descriptors list = {NULL, 0, 0};
    if (parse_options(count, arguments, true, &options) || system_descriptors(options.pid, &list))
        return EXIT_TROUBLE;
    if (options.inheritable)
        descriptors_keep_inheritable(&list, 0);
    if (options.json)
        write_json(&options, "descriptors", &list);
    else
        write_table(stdout, &list, system_is_terminal());
    descriptors_free(&list);
    return finish_output(EXIT_CLEAN);
}

static void write_leaks(const struct options *options, const struct descriptors *leaks)
{
    if (options->json)
        write_json(options, "leaks", leaks);
    else if (leaks->count == 0)
        (void)printf("process %d: nothing besides 0-2 is inheritable\n", shown_pid(options));
    else {
        (void)printf("process %d passes %lu descriptor%s besides 0-2 to every program it starts:\n",
                     shown_pid(options), (unsigned long)leaks->count, leaks->count == 1 ? "" : "s");
        write_table(stdout, leaks, system_is_terminal());
    }
}

int command_check(int count, char **arguments)
{
    struct options options = {false, false, 0, NULL};
    struct descriptors list = {NULL, 0, 0};
    if (parse_options(count, arguments, false, &options))
        return EXIT_TROUBLE;
    if (options.command)
        return watch_command(options.command, options.json);
    if (system_descriptors(options.pid, &list))
        return EXIT_TROUBLE;
    descriptors_keep_inheritable(&list, 3);
    write_leaks(&options, &list);
    int result = list.count ? EXIT_LEAK : EXIT_CLEAN;
    descriptors_free(&list);
    return finish_output(result);
}
