/* SPDX-License-Identifier: MIT
 * The command fdinherit: dispatches the subcommands and prints help and error messages. */
#include "../platform.h"
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct subcommand {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *help;
};

static const struct subcommand subcommands[] = {
    {"list", command_list,
     "fdinherit list [--inheritable] [--json] [PID]...\n\n"
     "Lists the open descriptors of each process PID, or of fdinherit itself. Each\n"
     "line shows the number, whether child processes inherit it, the kind and the\n"
     "target.\n\n"
     "  --inheritable  list only inheritable descriptors\n"
     "  --json         print JSON\n\n"
     "On Windows it lists handles: the standard handles as 0-2, and the others by\n"
     "their own numbers.\n\n"
     "Exit status: 0, or 2 for wrong usage or a process that cannot be inspected.\n"},
    {"check", command_check,
     "fdinherit check [--format=FORMAT] [--output=FILE] [--error-exitcode=N] [PID]...\n"
     "fdinherit check [OPTION]... -- COMMAND [ARGUMENT]...\n"
     "\n"
     "Finds descriptors besides 0-2 that each process PID, or fdinherit itself, hands\n"
     "to every program it starts. With a COMMAND, runs it with 0-2 and the kept\n"
     "descriptors, watches it and its descendants, and reports each open file that a\n"
     "program received besides 0-2 (Linux only).\n"
     "\n"
     "  --format=FORMAT       text or json; json needs --output with a COMMAND\n"
     "  --json                the same as --format=json\n"
     "  --output=FILE         write the report to FILE\n"
     "  --error-exitcode=N    exit with N after a leak, by default 1; 0: as COMMAND\n"
     "  --allow=RULE          do not report leaks that match RULE (may be repeated)\n"
     "  --suppressions=FILE   take rules from FILE, one on each line\n"
     "  --print-suppressions  print the rules that allow every leak of this run\n"
     "  --keep=FD[:CHILD_FD]  pass a descriptor to COMMAND, as `run` does\n"
     "  --cwd=DIR             run COMMAND in directory DIR\n"
     "\n"
     "RULE is KEY=PATTERN[,KEY=PATTERN]... with the keys fd, kind, refers, from and\n"
     "to. A * matches any characters. The rule \"jobserver\" allows that of make.\n"
     "\n"
     "Exit status: 1 or N after a leak, otherwise that of COMMAND, or 0. If fdinherit\n"
     "fails or cannot inspect a program: 125 with a COMMAND, 2 with a PID. 126 and\n"
     "127 as `run`.\n"},
    {"run", command_run,
     "fdinherit run [--keep=FD[:CHILD_FD]]... [--cwd=DIR] -- COMMAND [ARGUMENT]...\n\n"
     "Runs COMMAND, looked up in PATH, with standard input, output and error and the\n"
     "descriptors given by --keep. COMMAND receives no other descriptor.\n\n"
     "  --keep=FD           pass descriptor FD under the same number\n"
     "  --keep=FD:CHILD_FD  pass descriptor FD as number CHILD_FD\n"
     "  --cwd=DIR           run COMMAND in directory DIR\n\n"
     "Closed descriptors among 0-2 stay closed. Ignored signals stay ignored.\n"
     "HUP, INT, QUIT, TERM, USR1 and USR2 are forwarded to COMMAND. As process 1 of a\n"
     "container, it reaps orphaned processes.\n\n"
     "Exit status: that of COMMAND; 128+N if signal N killed it; 127 if it is not\n"
     "found; 126 if it cannot be run; 125 if fdinherit itself fails.\n"},
    {"supports", command_supports,
     "fdinherit supports [--json]\n\n"
     "Shows which forms of each libfdinherit function work with this kernel, sandbox\n"
     "and /proc. The columns are: a path, or no target; an fd; a path relative to a\n"
     "dir_fd; a final symlink not followed; the effective ids.\n\n"
     "  --json  print JSON\n\n"
     "Exit status: 0, or 2 for wrong usage.\n"},
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static const char general_help[] =
    "fdinherit: find and prevent descriptor leaks into child processes\n\n"
    "  fdinherit list [--inheritable] [--json] [PID]...  list open descriptors\n"
    "  fdinherit check [--json] [PID]...                 find leaks of processes\n"
    "  fdinherit check [OPTION]... -- COMMAND...         find leaks of a command\n"
    "  fdinherit run [--keep=FD[:CHILD_FD]]... [--cwd=DIR] -- COMMAND...\n"
    "                                                    run a command without leaks\n"
    "  fdinherit supports [--json]                       show what works here\n"
    "  fdinherit help [SUBCOMMAND]\n"
    "  fdinherit --version\n";

int complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("fdinherit: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return TROUBLE;
}

int misused(const char *what, const char *argument)
{
    (void)fprintf(stderr, "fdinherit: %s: ", what);
    write_escaped(stderr, argument);
    (void)fputs(" (see fdinherit help)\n", stderr);
    return TROUBLE;
}

int complain_of(const char *name, const char *why)
{
    (void)fputs("fdinherit: ", stderr);
    write_escaped(stderr, name);
    (void)fprintf(stderr, ": %s\n", why);
    return TROUBLE;
}

int finish_output(FILE *out, int result)
{
    if (fflush(out) != 0)
        return complain("the output was lost: %s", strerror(errno));
    if (ferror(out))
        return complain("the output was lost");
    return result;
}

int parse_number(const char *text)
{
    int64_t number = 0;
    for (const char *at = text; *at; at++) {
        if (*at < '0' || *at > '9')
            return -1;
        number = number * 10 + (*at - '0');
        if (number > INT32_MAX)
            return -1;
    }
    return number > 0 ? (int)number : -1;
}

static const struct subcommand *find(const char *name)
{
    for (int i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    return NULL;
}

static int say(const char *text)
{
    (void)fputs(text, stdout);
    return finish_output(stdout, EXIT_CLEAN);
}

/* `help help` prints the general help, which lists `help`. */
static int help(int count, char **names)
{
    const struct subcommand *subcommand = count ? find(names[0]) : NULL;
    if (count > 1)
        return misused("more than one subcommand", names[1]);
    if (count && !subcommand && strcmp(names[0], "help") != 0)
        return misused("unknown subcommand", names[0]);
    return say(subcommand ? subcommand->help : general_help);
}

static int version(int count, char **arguments)
{
    int number = fdi_version();
    if (count)
        return misused("unexpected argument", arguments[0]);
    (void)printf("fdinherit %d.%d.%d\n", number >> 16, number >> 8 & 0xff, number & 0xff);
    return finish_output(stdout, EXIT_CLEAN);
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

/* Returns the number of arguments before "--". */
static int count_own(int count, char **arguments)
{
    int own = 0;
    while (own < count && strcmp(arguments[own], "--") != 0)
        own++;
    return own;
}

/* True if --help is among the arguments before "--". */
static bool wants_help(int count, char **arguments)
{
    int own = count_own(count, arguments);
    for (int i = 0; i < own; i++)
        if (is_help(arguments[i]))
            return true;
    return false;
}

/* The status of a command may be 2, so a failure before it has another. */
static int failure_status(const struct subcommand *subcommand, int count, char **arguments)
{
    bool runs = subcommand->run == command_run ||
                (subcommand->run == command_check && count_own(count, arguments) < count);
    return runs ? EXIT_FAILED : EXIT_TROUBLE;
}

static int run_subcommand(const struct subcommand *subcommand, int count, char **arguments)
{
    failure_exit_status = failure_status(subcommand, count, arguments);
    int result =
        wants_help(count, arguments) ? say(subcommand->help) : subcommand->run(count, arguments);
    return result == TROUBLE ? failure_exit_status : result;
}

static int run_general(int argc, char **argv)
{
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        return version(argc - 2, argv + 2);
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0)
        return help(argc - 2, argv + 2);
    return misused(argv[1][0] == '-' ? "unknown option" : "unknown subcommand", argv[1]);
}

int main(int argc, char **argv)
{
    system_start(&argc, &argv);
    if (argc < 2) {
        (void)fputs(general_help, stderr);
        return EXIT_TROUBLE;
    }
    const struct subcommand *subcommand = find(argv[1]);
    if (subcommand)
        return run_subcommand(subcommand, argc - 2, argv + 2);
    return run_general(argc, argv) == TROUBLE ? EXIT_TROUBLE : EXIT_CLEAN;
}
