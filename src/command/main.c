/* SPDX-License-Identifier: MIT
 * The command fdinherit: which subcommand, its help, and how it complains. */
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
     "fdinherit list [--inheritable] [--json] [PID]\n\n"
     "Lists the open descriptors of process PID, or of fdinherit itself: number,\n"
     "whether programs started from there inherit it, kind, and what it refers to.\n\n"
     "  --inheritable  only those that are inheritable\n"
     "  --json         for programs\n\n"
     "On Windows these are its handles: 0-2 are the standard ones, and each of the\n"
     "others has its own number.\n\n"
     "Exit status: 0, or 2 if the process cannot be looked at.\n"},
    {"check", command_check,
     "fdinherit check [--json] [PID]\n"
     "fdinherit check [--json] -- COMMAND [ARGUMENT]...\n\n"
     "Names the descriptors past 0-2 that process PID, or fdinherit itself, hands to\n"
     "every program it starts.\n\n"
     "With a COMMAND, runs it with standard input, output and error alone, watches\n"
     "it, and names each program, started by it or its descendants, that received\n"
     "more: which program, from which, and what. The watch ends with COMMAND, or a\n"
     "second later if it leaves processes running. Linux only.\n\n"
     "  --json  for programs; what COMMAND prints goes to standard error\n\n"
     "Watched set-user-ID programs have no special rights unless you are root, and\n"
     "watched debuggers do not work.\n\n"
     "Exit status: 0 if there is none, 1 if there is one, 2 if the process cannot be\n"
     "looked at or COMMAND not be started.\n"},
    {"run", command_run,
     "fdinherit run [--keep FD[:CHILD_FD]]... [--cwd DIR] -- COMMAND [ARGUMENT]...\n\n"
     "Runs COMMAND, looked up in PATH, with standard input, output and error and the\n"
     "descriptors that are kept, and with no other, inheritable or not.\n\n"
     "  --keep FD           the command has descriptor FD, under that number\n"
     "  --keep FD:CHILD_FD  the same, but there its number is CHILD_FD\n"
     "  --cwd DIR           the command starts in directory DIR\n\n"
     "What is closed of 0-2 stays closed. Signals that are ignored stay ignored.\n"
     "HUP, INT, QUIT, TERM, USR1 and USR2 are passed on to COMMAND meanwhile.\n\n"
     "Exit status: that of COMMAND; 128+N if signal N ended it; 127 if it is not\n"
     "found, 126 if it cannot be run; 2 for misuse and descriptors that are not open.\n"},
    {"supports", command_supports,
     "fdinherit supports [--json]\n\n"
     "Shows which forms of each operation of libfdinherit work here and now, with\n"
     "this system, kernel, sandbox and /proc. The columns: given a path, or without a\n"
     "target; given an fd; given a path relative to a dir_fd; not following a final\n"
     "symlink; with the effective ids.\n\n"
     "  --json  for programs\n\n"
     "Exit status: 0.\n"},
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static const char general_help[] =
    "fdinherit: which descriptors a process hands to the programs it starts\n\n"
    "  fdinherit list [--inheritable] [--json] [PID]   the descriptors of a process\n"
    "  fdinherit check [--json] [PID]                  exit 1 if some leak\n"
    "  fdinherit check [--json] -- COMMAND...          into programs that it starts\n"
    "  fdinherit run [--keep FD[:CHILD_FD]]... [--cwd DIR] -- COMMAND...\n"
    "                                                  with nothing else inherited\n"
    "  fdinherit supports [--json]                     what works on this system\n"
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
    return EXIT_TROUBLE;
}

int misused(const char *what, const char *argument)
{
    (void)fprintf(stderr, "fdinherit: %s: ", what);
    write_escaped(stderr, argument);
    (void)fputs(" (see fdinherit help)\n", stderr);
    return EXIT_TROUBLE;
}

int complain_of(const char *name, const char *why)
{
    (void)fputs("fdinherit: ", stderr);
    write_escaped(stderr, name);
    (void)fprintf(stderr, ": %s\n", why);
    return EXIT_TROUBLE;
}

int finish_output(int result)
{
    if (fflush(stdout) != 0)
        return complain("standard output: %s", strerror(errno));
    if (ferror(stdout))
        return complain("standard output: not everything was written");
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
    return finish_output(EXIT_CLEAN);
}

/* `help help` is the general one, which names it. */
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
        return misused("takes no operand", arguments[0]);
    (void)printf("fdinherit %d.%d.%d\n", number >> 16, number >> 8 & 0xff, number & 0xff);
    return finish_output(EXIT_CLEAN);
}

/* Whether help is asked for, before "--" and what follows it. */
static bool wants_help(int count, char **arguments)
{
    for (int i = 0; i < count && strcmp(arguments[i], "--") != 0; i++)
        if (strcmp(arguments[i], "--help") == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    system_start(&argc, &argv);
    if (argc < 2) {
        (void)fputs(general_help, stderr);
        return EXIT_TROUBLE;
    }
    if (strcmp(argv[1], "--version") == 0)
        return version(argc - 2, argv + 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return help(argc - 2, argv + 2);
    const struct subcommand *subcommand = find(argv[1]);
    if (!subcommand)
        return misused(argv[1][0] == '-' ? "unknown option" : "unknown subcommand", argv[1]);
    if (wants_help(argc - 2, argv + 2))
        return say(subcommand->help);
    return subcommand->run(argc - 2, argv + 2);
}
