/* SPDX-License-Identifier: MIT
 * Builds the arguments of CreateProcess: the command line and the sorted environment block.
 * Recognizes batch files, which need refusing. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <string.h>

/* ---- The command line ----------------------------------------------------------------------- */

enum { LONGEST_LINE = 32767 };

struct line {
    WCHAR *text;
    size_t length;
};

/* Past the end only `length` grows, so one check after the last unit is enough. */
static void put(struct line *line, WCHAR unit)
{
    if (line->length < LONGEST_LINE)
        line->text[line->length] = unit;
    line->length++;
}

static void put_times(struct line *line, WCHAR unit, size_t times)
{
    while (times-- > 0)
        put(line, unit);
}

/* Separators need quotes. Quotes also stop some CRTs from expanding wildcards. */
static bool is_plain(const WCHAR *text)
{
    static const WCHAR safe[] = L"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                L"0123456789_-+./:\\=,@";
    return *text && wcsspn(text, safe) == wcslen(text);
}

/* The CRT reads 2n backslashes before a quote as n, and 2n+1 as n and a literal quote. Other
 * backslashes are literal. The closing quote counts as a quote. */
static void put_quoted(struct line *line, const WCHAR *text)
{
    put(line, L'"');
    for (;;) {
        size_t slashes = wcsspn(text, L"\\");
        text += slashes;
        if (*text == 0 || *text == L'"')
            slashes *= 2;
        put_times(line, L'\\', slashes);
        if (*text == 0)
            break;
        if (*text == L'"')
            put(line, L'\\');
        put(line, *text++);
    }
    put(line, L'"');
}

/* Other rules apply to argv[0]: a quote ends it, and nothing escapes a quote. */
static int put_name(struct line *line, const WCHAR *name)
{
    bool plain = is_plain(name);
    if (wcschr(name, L'"'))
        return fdi__fail(EINVAL);
    if (!plain)
        put(line, L'"');
    for (; *name; name++)
        put(line, *name);
    if (!plain)
        put(line, L'"');
    return 0;
}

static int put_argument(struct line *line, const char *argument, bool is_name)
{
    struct fdi__wide wide;
    int result = 0;
    if (fdi__wide_open(&wide, argument) < 0)
        return fdi__fail(errno == ENAMETOOLONG ? E2BIG : errno);
    if (!is_name)
        put(line, L' ');
    if (is_name)
        result = put_name(line, wide.text);
    else if (is_plain(wide.text))
        for (const WCHAR *unit = wide.text; *unit; unit++)
            put(line, *unit);
    else
        put_quoted(line, wide.text);
    fdi__wide_close(&wide);
    return result;
}

WCHAR *fdi__command_line(char *const *argv)
{
    struct line line = {malloc((LONGEST_LINE + 1) * sizeof(WCHAR)), 0};
    int result = line.text ? 0 : fdi__fail(ENOMEM);
    for (size_t i = 0; result == 0 && argv[i]; i++)
        result = put_argument(&line, argv[i], i == 0);
    if (result == 0 && line.length >= LONGEST_LINE)
        result = fdi__fail(E2BIG);
    if (result == 0) {
        line.text[line.length] = 0;
        return line.text;
    }
    free(line.text);
    return NULL;
}

/* ---- The environment ------------------------------------------------------------------------ */

/* A name may start with "=": Windows stores the directory of each drive under such a name. */
static int name_length(const WCHAR *variable)
{
    const WCHAR *end = *variable ? wcschr(variable + 1, L'=') : NULL;
    return (int)(end ? (size_t)(end - variable) : wcslen(variable));
}

/* Equal names keep their order, because the first one takes effect. */
static int by_name(const void *left, const void *right)
{
    const WCHAR *one = *(WCHAR *const *)left;
    const WCHAR *other = *(WCHAR *const *)right;
    int order = CompareStringOrdinal(one, name_length(one), other, name_length(other), TRUE);
    return order == CSTR_EQUAL ? (one > other) - (one < other) : order - CSTR_EQUAL;
}

/* A text never has more units in UTF-16 than bytes in UTF-8. */
static size_t measure(char *const *envp, size_t *count)
{
    size_t units = 0;
    for (*count = 0; envp[*count]; ++*count)
        units += strlen(envp[*count]) + 1;
    return units;
}

static int convert(WCHAR **variables, WCHAR *room, char *const *envp, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t bytes = strlen(envp[i]) + 1;
        if (bytes == 1)
            return fdi__fail(EINVAL); /* it would end the block */
        if (bytes > INT32_MAX)
            return fdi__fail(E2BIG);
        int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, envp[i], (int)bytes, room,
                                        (int)bytes);
        if (units <= 0)
            return fdi__last_fail();
        variables[i] = room;
        room += units;
    }
    return 0;
}

/* Two terminators end even an empty block. */
static void join(WCHAR *block, WCHAR *const *variables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t units = wcslen(variables[i]) + 1;
        memcpy(block, variables[i], units * sizeof *block);
        block += units;
    }
    block[0] = block[1] = 0;
}

WCHAR *fdi__environment(char *const *envp)
{
    size_t count;
    size_t units = measure(envp, &count);
    WCHAR *block = malloc((units + 2) * sizeof *block);
    WCHAR *room = malloc((units + 1) * sizeof *room);
    WCHAR **variables = malloc((count + 1) * sizeof *variables);
    int result = block && room && variables ? 0 : fdi__fail(ENOMEM);
    if (result == 0)
        result = convert(variables, room, envp, count);
    if (result == 0) {
        qsort(variables, count, sizeof *variables, by_name);
        join(block, variables, count);
    }
    free(variables);
    free(room);
    if (result == 0)
        return block;
    free(block);
    return NULL;
}

/* ---- The program ---------------------------------------------------------------------------- */

/* cmd.exe runs batch files and parses the command line by its own rules. No quoting is safe for it
 * (CVE-2024-24576). `path` is a full path, so nothing follows the extension. */
bool fdi__is_batch(const WCHAR *path)
{
    size_t length = wcslen(path);
    return length >= 4 &&
           (_wcsicmp(path + length - 4, L".bat") == 0 || _wcsicmp(path + length - 4, L".cmd") == 0);
}
