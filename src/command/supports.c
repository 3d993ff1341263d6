/* SPDX-License-Identifier: MIT
 * fdinherit supports: which forms of each operation the running system serves. */
#include "../platform.h"
#include "command.h"

#include <string.h>

struct form {
    const char *name; /* in JSON */
    const char *heading;
    bool (*supports)(fdi_function function);
};

static const struct form forms[] = {
    {"fd", "FD", fdi_supports_fd},
    {"dir_fd", "DIR_FD", fdi_supports_dir_fd},
    {"nofollow", "NOFOLLOW", fdi_supports_follow_symlinks},
    {"effective_ids", "EFFECTIVE_IDS", fdi_supports_effective_ids},
};

enum { FORMS = sizeof forms / sizeof forms[0], NAME_WIDTH = 11 };

/* A cell as wide as its column; the last one as it is, so that no line ends in blanks. */
static void write_cell(int form, const char *text)
{
    size_t heading = strlen(forms[form].heading);
    int width = heading > sizeof "yes" - 1 ? (int)heading : (int)sizeof "yes" - 1;
    (void)printf("  %-*s", form < FORMS - 1 ? width : 0, text);
}

static void write_matrix(void)
{
    (void)printf("%-*s", NAME_WIDTH, "FUNCTION");
    for (int form = 0; form < FORMS; form++)
        write_cell(form, forms[form].heading);
    for (int row = 0; row < FDI_FUNCTION_COUNT; row++) {
        (void)printf("\n%-*s", NAME_WIDTH, fdi_function_name((fdi_function)row));
        for (int form = 0; form < FORMS; form++)
            write_cell(form, forms[form].supports((fdi_function)row) ? "yes" : "-");
    }
    (void)fputc('\n', stdout);
}

static void write_matrix_json(void)
{
    (void)fputs("{\n  \"functions\": {", stdout);
    for (int row = 0; row < FDI_FUNCTION_COUNT; row++) {
        (void)printf("%s\n    \"%s\": {", row ? "," : "", fdi_function_name((fdi_function)row));
        for (int form = 0; form < FORMS; form++)
            (void)printf("%s\"%s\": %s", form ? ", " : "", forms[form].name,
                         forms[form].supports((fdi_function)row) ? "true" : "false");
        (void)fputc('}', stdout);
    }
    (void)puts("\n  }\n}");
}

int command_supports(int count, char **arguments)
{
    bool json = false;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--json") != 0)
            return misused(arguments[i][0] == '-' ? "unknown option" : "takes no operand",
                           arguments[i]);
        json = true;
    }
    if (json)
        write_matrix_json();
    else
        write_matrix();
    return finish_output(EXIT_CLEAN);
}
