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
     "fdinherit list [--inheritable] [--json] [PID]\n\n"
     "Lists the open descriptors of process PID, or of fdinherit itself. Each line\n"
     "shows the number, whether child processes inherit it, the kind and the target.\n\n"
     "  --inheritable  list only inheritable descriptors\n"
     "  --json         print JSON\n\n"
     "On Windows it lists handles: the standard handles as 0-2, and the others by\n"
     "their own numbers.\n\n"
     "Exit status: 0, or 2 if the process cannot be inspected.\n"},
    {"check", command_check,
     "fdinherit check [--json] [PID]\n"
     "fdinherit check [--json] -- COMMAND [ARGUMENT]...\n\n"
     "Lists the descriptors besides 0-2 that process PID, or fdinherit itself, passes\n"
     "to every program it starts.\n\n"
     "With a COMMAND, runs it with only standard input, output and error, and watches\n"
     "it and its descendants. Reports each program that received more: its name, the\n"
     "program that started it, and the descriptors. The watch ends with COMMAND, or a\n"
     "second later if processes still run. Linux only.\n\n"
     "  --json  print JSON; the output of COMMAND goes to standard error\n\n"
     "While watched, set-user-ID programs gain no privileges unless you are root, and\n"
     "debuggers do not work.\n\n"
     "Exit status: 0 if there is no leak, 1 if there is one, 2 if the process cannot\n"
     "be inspected or COMMAND cannot be started.\n"},
    {"run", command_run,
     "fdinherit run [--keep FD[:CHILD_FD]]... [--cwd DIR] -- COMMAND [ARGUMENT]...\n\n"
     "Runs COMMAND, looked up in PATH, with standard input, output and error and the\n"
     "descriptors given by --keep. COMMAND receives no other descriptor.\n\n"
     "  --keep FD           pass descriptor FD under the same number\n"
     "  --keep FD:CHILD_FD  pass descriptor FD as number CHILD_FD\n"
     "  --cwd DIR           run COMMAND in directory DIR\n\n"
     "Closed descriptors among 0-2 stay closed. Ignored signals stay ignored.\n"
     "HUP, INT, QUIT, TERM, USR1 and USR2 are forwarded to COMMAND.\n\n"
     "Exit status: that of COMMAND; 128+N if signal N killed it; 127 if it is not\n"
     "found; 126 if it cannot be run; 2 for misuse or a descriptor that is not open.\n"},
    {"supports", command_supports,
     "fdinherit supports [--json]\n\n"
     "Shows which forms of each libfdinherit function work with this kernel, sandbox\n"
     "and /proc. The columns are: a path, or no target; an fd; a path relative to a\n"
     "dir_fd; a final symlink not followed; the effective ids.\n\n"
     "  --json  print JSON\n\n"
     "Exit status: 0.\n"},
};

enum { SUBCOMMANDS = sizeof subcommands / sizeof subcommands[0] };

static const char general_help[] =
    "fdinherit: find and prevent descriptor leaks into child processes\n\n"
    "  fdinherit list [--inheritable] [--json] [PID]   list open descriptors\n"
    "  fdinherit check [--json] [PID]                  find leaks of a process\n"
    "  fdinherit check [--json] -- COMMAND...          find leaks of a command\n"
    "  fdinherit run [--keep FD[:CHILD_FD]]... [--cwd DIR] -- COMMAND...\n"
    "                                                  run a command without leaks\n"
    "  fdinherit supports [--json]                     show what works here\n"
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
    return finish_output(EXIT_CLEAN);
}

/* True if --help is among the arguments before "--". */
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
