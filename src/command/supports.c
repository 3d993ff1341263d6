/* SPDX-License-Identifier: MIT
 * fdinherit supports: shows which forms of each function work on the running kernel. */
#include "../platform.h"
#include "command.h"

#include <string.h>

struct column {
    const char *name; /* in JSON */
    const char *heading;
    fdi_form form;
    unsigned flags;
};

static const struct column columns[] = {
    {"path", "PATH", FDI_FORM_PATH, 0},
    {"fd", "FD", FDI_FORM_FD, 0},
    {"dir_fd", "DIR_FD", FDI_FORM_DIR_FD, 0},
    {"nofollow", "NOFOLLOW", FDI_FORM_PATH, FDI_NOFOLLOW},
    {"effective_ids", "EFFECTIVE_IDS", FDI_FORM_PATH, FDI_EFFECTIVE_IDS},
};

enum { COLUMNS = sizeof columns / sizeof columns[0], NAME_WIDTH = 12 };

static bool supports(int row, int column)
{
    return fdi_supports((fdi_function)row, columns[column].form, columns[column].flags);
}

/* Pads a cell to the width of its column. The last column is not padded, so no line ends in
 * spaces. */
static void write_cell(int column, const char *text)
{
    size_t heading = strlen(columns[column].heading);
    int width = heading > sizeof "yes" - 1 ? (int)heading : (int)sizeof "yes" - 1;
    (void)printf("  %-*s", column < COLUMNS - 1 ? width : 0, text);
}

static void write_matrix(void)
{
    (void)printf("%-*s", NAME_WIDTH, "FUNCTION");
    for (int column = 0; column < COLUMNS; column++)
        write_cell(column, columns[column].heading);
    for (int row = 0; fdi_function_name((fdi_function)row); row++) {
        (void)printf("\n%-*s", NAME_WIDTH, fdi_function_name((fdi_function)row));
        for (int column = 0; column < COLUMNS; column++)
            write_cell(column, supports(row, column) ? "yes" : "-");
    }
    (void)fputc('\n', stdout);
}

static void write_matrix_json(void)
{
    (void)fputs("{\n  \"version\": 1,\n  \"functions\": {", stdout);
    for (int row = 0; fdi_function_name((fdi_function)row); row++) {
        (void)printf("%s\n    \"%s\": {", row ? "," : "", fdi_function_name((fdi_function)row));
        for (int column = 0; column < COLUMNS; column++)
            (void)printf("%s\"%s\": %s", column ? ", " : "", columns[column].name,
                         supports(row, column) ? "true" : "false");
        (void)fputc('}', stdout);
    }
    (void)puts("\n  }\n}");
}

int command_supports(int count, char **arguments)
{
    bool json = false;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--json") != 0)
            return misused(arguments[i][0] == '-' ? "unknown option" : "unexpected argument",
                           arguments[i]);
        json = true;
    }
    if (json)
        write_matrix_json();
    else
        write_matrix();
    return finish_output(stdout, EXIT_CLEAN);
}
