/* SPDX-License-Identifier: MIT
 * Parses, matches and writes the rules that allow leaks. */
#include "../platform.h"
#include "rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 8192, LONGEST_PATTERN = 1000 };

static const char *const keys[RULE_FIELDS] = {"fd", "kind", "refers", "from", "to"};

/* ---- Patterns -------------------------------------------------------------------------------- */

/* Returns the first character of `pattern`, and stores the number of bytes that it takes there. A
 * "\" makes the next character literal, except that "\n" and "\r" are line ends. */
static char literal(const char *pattern, size_t *length)
{
    *length = pattern[0] == '\\' && pattern[1] ? 2 : 1;
    if (*length == 1)
        return pattern[0];
    if (pattern[1] == 'n')
        return '\n';
    return (char)(pattern[1] == 'r' ? '\r' : pattern[1]);
}

/* Matches the whole text; "*" stands for any characters. After a mismatch, the search continues
 * with one more character for the last "*". */
static bool matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *after = NULL; /* the text after the characters of the last "*" */
    while (*text) {
        size_t length;
        if (*pattern == '*') {
            star = ++pattern;
            after = text;
        } else if (*pattern && literal(pattern, &length) == *text) {
            pattern += length;
            text++;
        } else if (star) {
            pattern = star;
            text = ++after;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* Compares a program's name as it was called, and also its base name. */
static bool matches_program(const char *pattern, const char *name)
{
    const char *slash = strrchr(name, '/');
    return matches(pattern, name) || (slash && matches(pattern, slash + 1));
}

/* ---- Parsing --------------------------------------------------------------------------------- */

static int find_key(const char *text, size_t length)
{
    for (int i = 0; i < RULE_FIELDS; i++)
        if (strlen(keys[i]) == length && memcmp(keys[i], text, length) == 0)
            return i;
    return -1;
}

/* Returns the length up to the next "," that no "\" makes literal. */
static size_t part_length(const char *text)
{
    size_t length = 0;
    while (text[length] && text[length] != ',')
        length += text[length] == '\\' && text[length + 1] ? 2 : 1;
    return length;
}

/* Returns false if the part is not KEY=PATTERN or repeats a key. */
static bool add_part(struct rule *rule, const char *part, size_t length)
{
    const char *equals = memchr(part, '=', length);
    int key = equals ? find_key(part, (size_t)(equals - part)) : -1;
    if (key < 0 || rule->patterns[key])
        return false;
    rule->patterns[key] = copy_text(equals + 1, length - (size_t)(equals + 1 - part));
    return true;
}

static bool parse_rule(struct rule *rule, const char *text)
{
    rule->is_jobserver = strcmp(text, "jobserver") == 0;
    while (!rule->is_jobserver) {
        size_t length = part_length(text);
        if (!add_part(rule, text, length))
            return false;
        if (!text[length])
            break;
        text += length + 1;
    }
    return true;
}

int rules_add(struct rules *rules, const char *text)
{
    rules->items = make_room(rules->items, rules->count, &rules->capacity, sizeof *rules->items);
    struct rule *rule = &rules->items[rules->count++];
    memset(rule, 0, sizeof *rule);
    rule->text = copy_text(text, strlen(text));
    return parse_rule(rule, text) ? 0 : misused("not a rule", text);
}

static int add_line(struct rules *rules, char *line)
{
    line[strcspn(line, "\r\n")] = '\0';
    return line[0] == '\0' || line[0] == '#' ? 0 : rules_add(rules, line);
}

int rules_read(struct rules *rules, const char *file)
{
    char line[LONGEST_LINE];
    FILE *in = fdi_fopen(fdi_path(file), "r", FDI_ABOVE_STDIO);
    int result = 0;
    if (!in)
        return complain_of(file, strerror(errno));
    while (result == 0 && fgets(line, sizeof line, in))
        result = strlen(line) == sizeof line - 1 ? complain_of(file, "a line is too long")
                                                 : add_line(rules, line);
    if (result == 0 && ferror(in))
        result = complain_of(file, strerror(errno));
    (void)fclose(in);
    return result;
}

/* ---- Use ------------------------------------------------------------------------------------- */

static bool allows(const struct rule *rule, const struct receipt *receipt)
{
    char number[16];
    const char *const *patterns = (const char *const *)rule->patterns;
    const struct descriptor *descriptor = receipt->descriptor;
    (void)snprintf(number, sizeof number, "%d", descriptor->fd);
    if (rule->is_jobserver)
        return receipt->is_jobserver;
    return (!patterns[RULE_FD] || matches(patterns[RULE_FD], number)) &&
           (!patterns[RULE_KIND] || matches(patterns[RULE_KIND], descriptor->kind)) &&
           (!patterns[RULE_REFERS] ||
            matches(patterns[RULE_REFERS], descriptor_object(descriptor))) &&
           (!patterns[RULE_FROM] || matches_program(patterns[RULE_FROM], receipt->from)) &&
           (!patterns[RULE_TO] || matches_program(patterns[RULE_TO], receipt->to));
}

bool rules_allow(struct rules *rules, const struct receipt *receipt)
{
    bool allowed = false;
    for (size_t i = 0; i < rules->count; i++) {
        if (!allows(&rules->items[i], receipt))
            continue;
        rules->items[i].is_used = true;
        allowed = true;
    }
    return allowed;
}

/* Ends a long text with "*", so that rules_read does not reject the line as too long. */
static void write_pattern(FILE *out, const char *text)
{
    for (int room = LONGEST_PATTERN; *text; text++, room--) {
        if (room == 0) {
            (void)fputc('*', out);
            return;
        }
        if (*text == '\n' || *text == '\r')
            (void)fputs(*text == '\n' ? "\\n" : "\\r", out);
        else
            (void)fprintf(out, strchr("*,\\", *text) ? "\\%c" : "%c", *text);
    }
}

/* Reports whether the object has the same text in every run, as a path has. The numbers of pipes,
 * sockets and processes differ in each run. */
static bool is_stable(const struct descriptor *descriptor)
{
    return descriptor_object(descriptor)[0] == '/';
}

void rules_write(FILE *out, const struct receipt *receipt)
{
    (void)fprintf(out, "fd=%d,kind=%s", receipt->descriptor->fd, receipt->descriptor->kind);
    if (is_stable(receipt->descriptor)) {
        (void)fputs(",refers=", out);
        write_pattern(out, descriptor_object(receipt->descriptor));
    }
    (void)fputs(",from=", out);
    write_pattern(out, receipt->from);
    (void)fputs(",to=", out);
    write_pattern(out, receipt->to);
    (void)fputc('\n', out);
}

void rules_free(struct rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) {
        free(rules->items[i].text);
        for (int field = 0; field < RULE_FIELDS; field++)
            free(rules->items[i].patterns[field]);
    }
    free(rules->items);
}
