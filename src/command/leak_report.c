/* SPDX-License-Identifier: MIT
 * Reports the open files that leaked: as text, as JSON, or as rules that allow them. */
#include "../platform.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 60, NAMES = 3, SCHEMA_VERSION = 1 };

/* Returns the number of receipts of the leak at `first`. */
static size_t leak_size(const struct leaks *leaks, size_t first)
{
    size_t next = first;
    while (next < leaks->count && leaks->items[next].leak == leaks->items[first].leak)
        next++;
    return next - first;
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* Writes words that are separated by zero bytes. A long line is cut at a character boundary. */
static void write_cut(FILE *out, const char *bytes, size_t length)
{
    char text[WIDTH + 1];
    bool cut = length > WIDTH;
    length = cut ? WIDTH : length;
    while (cut && length && ((unsigned char)bytes[length] & 0xc0) == 0x80)
        length--;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(bytes[i] ? bytes[i] : ' ');
    text[length] = '\0';
    write_escaped(out, text);
    (void)fputs(cut ? "..." : "", out);
}

static void write_words(FILE *out, const struct words *words)
{
    write_cut(out, words->bytes, words->size ? words->size - 1 : 0); /* without the last zero */
}

static const char *base_name(const struct program *program)
{
    const char *name = program->arguments.size ? program->arguments.bytes : program->path;
    const char *slash = strrchr(name, '/');
    return slash && slash[1] ? slash + 1 : name;
}

static bool is_named_before(const struct received *receipts, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(base_name(receipts[i].program), base_name(receipts[at].program)) == 0)
            return true;
    return false;
}

/* Writes the number of programs and the first different names. */
static void write_receivers(FILE *out, const struct received *receipts, size_t count)
{
    int names = 0;
    if (count > 1)
        (void)fprintf(out, "%lu programs: ", (unsigned long)count);
    for (size_t i = 0; i < count; i++) {
        if (is_named_before(receipts, i))
            continue;
        if (names == NAMES) {
            (void)fputs(", ...", out);
            return;
        }
        (void)fputs(names++ ? ", " : "", out);
        const char *name = base_name(receipts[i].program);
        write_cut(out, name, strlen(name));
    }
}

static bool have_same_giver(const struct program *left, const struct program *right)
{
    size_t size = left->started_by.size;
    return left->parent_pid == right->parent_pid && size == right->started_by.size &&
           (!size || memcmp(left->started_by.bytes, right->started_by.bytes, size) == 0);
}

static void write_giver(FILE *out, const struct received *receipt, bool coloured)
{
    (void)fputc('"', out);
    write_words(out, &receipt->program->started_by);
    (void)fprintf(out, "\", process %d, passed on:\n", receipt->program->parent_pid);
    write_leak_heading(out, coloured);
}

static void write_leak_row(FILE *out, const struct leaks *leaks, size_t first, bool coloured)
{
    size_t count = leak_size(leaks, first);
    write_leak(out, leaks->items[first].descriptor, coloured);
    (void)fputs("  -> ", out);
    write_receivers(out, &leaks->items[first], count);
    (void)fputc('\n', out);
}

static void write_summary(FILE *out, char **command, const struct watched *watched,
                          const struct leaks *leaks)
{
    write_escaped(out, command[0]);
    (void)fprintf(out, watched->status < 0 ? " was killed by signal %d; " : " exited with %d; ",
                  watched->status < 0 ? -watched->status : watched->status);
    (void)fprintf(out, "%lu of %lu program%s received descriptors besides 0-2\n",
                  (unsigned long)leaks->programs, watched->started,
                  watched->started == 1 ? "" : "s");
    if (watched->without_rights)
        (void)fprintf(out, "%lu set-user-ID program%s gained no privileges while watched\n",
                      watched->without_rights, watched->without_rights == 1 ? "" : "s");
    if (watched->is_traced)
        (void)fputs("watched with ptrace, so no debugger worked\n", out);
    if (watched->running)
        (void)fprintf(out, "%lu process%s still running, no longer watched\n", watched->running,
                      watched->running == 1 ? " is" : "es are");
}

void leaks_write_text(FILE *out, char **command, const struct watched *watched,
                      const struct leaks *leaks)
{
    bool coloured = system_is_terminal(out);
    const struct received *giver = NULL;
    for (size_t i = 0; i < leaks->count; i += leak_size(leaks, i)) {
        const struct received *first = &leaks->items[i];
        if (!giver || !have_same_giver(giver->program, first->program))
            write_giver(out, first, coloured);
        giver = first;
        write_leak_row(out, leaks, i, coloured);
    }
    write_summary(out, command, watched, leaks);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_json_words(FILE *out, const char *name, const struct words *words)
{
    (void)fprintf(out, "\"%s\": [", name);
    for (size_t at = 0; at < words->size; at += strlen(words->bytes + at) + 1) {
        (void)fputs(at ? ", " : "", out);
        write_json_text(out, words->bytes + at);
    }
    (void)fprintf(out, "], \"%s_cut\": %s", name, words->is_cut ? "true" : "false");
}

static void write_json_receipt(FILE *out, const struct received *receipt)
{
    const struct program *program = receipt->program;
    (void)fprintf(out, "{\"fd\": %d, \"pid\": %d, \"program\": ", receipt->descriptor->fd,
                  program->pid);
    write_json_text(out, program->path);
    (void)fputs(", ", out);
    write_json_words(out, "arguments", &program->arguments);
    (void)fprintf(out, ", \"passed_on_by\": {\"pid\": %d, ", program->parent_pid);
    write_json_words(out, "arguments", &program->started_by);
    (void)fputs("}}", out);
}

static void write_json_leak(FILE *out, const struct received *receipts, size_t count)
{
    (void)fputs("    {", out);
    write_json_members(out, receipts->descriptor);
    (void)fputs(", \"received\": [", out);
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i ? ",\n      " : "\n      ", out);
        write_json_receipt(out, &receipts[i]);
    }
    (void)fputs("\n    ]}", out);
}

void leaks_write_json(FILE *out, const struct watched *watched, const struct leaks *leaks)
{
    (void)fprintf(out, "{\n  \"version\": %d,\n  \"%s\": %d,\n  \"started\": %lu,\n",
                  SCHEMA_VERSION, watched->status < 0 ? "signal" : "exit_status",
                  watched->status < 0 ? -watched->status : watched->status, watched->started);
    (void)fprintf(out, "  \"unseen\": %lu,\n  \"running\": %lu,\n", watched->unseen,
                  watched->running);
    (void)fprintf(out, "  \"without_rights\": %lu,\n  \"traced\": %s,\n  \"leaks\": [",
                  watched->without_rights, watched->is_traced ? "true" : "false");
    size_t size;
    for (size_t i = 0; i < leaks->count; i += size) {
        size = leak_size(leaks, i);
        (void)fputs(i ? ",\n" : "\n", out);
        write_json_leak(out, &leaks->items[i], size);
    }
    (void)fputs(leaks->count ? "\n  ]\n}\n" : "]\n}\n", out);
}

/* ---- Rules ----------------------------------------------------------------------------------- */

/* One rule allows every receipt that the next runs repeat, so only the first of the same program
 * names is written. */
static bool is_allowed_before(const struct leaks *leaks, size_t first, size_t at)
{
    struct receipt receipt = leaks_receipt(&leaks->items[at]);
    for (size_t i = first; i < at; i++) {
        struct receipt before = leaks_receipt(&leaks->items[i]);
        if (before.descriptor->fd == receipt.descriptor->fd &&
            strcmp(before.from, receipt.from) == 0 && strcmp(before.to, receipt.to) == 0)
            return true;
    }
    return false;
}

void leaks_write_rules(FILE *out, const struct leaks *leaks)
{
    size_t first = 0;
    for (size_t i = 0; i < leaks->count; i++) {
        if (leaks->items[i].leak != leaks->items[first].leak)
            first = i;
        struct receipt receipt = leaks_receipt(&leaks->items[i]);
        if (!is_allowed_before(leaks, first, i))
            rules_write(out, &receipt);
    }
}
