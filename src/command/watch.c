/* SPDX-License-Identifier: MIT
 * fdinherit check -- COMMAND: reports the programs that receive more than stdio. */
#include "../platform.h"
#include "watch.h"

#include <stdlib.h>
#include <string.h>

enum { WIDTH = 60 }; /* of a command line in the text */

struct program *watched_add(struct watched *watched)
{
    watched->leaks =
        make_room(watched->leaks, watched->count, &watched->capacity, sizeof *watched->leaks);
    return &watched->leaks[watched->count++];
}

static void watched_free(struct watched *watched)
{
    for (size_t i = 0; i < watched->count; i++) {
        struct program *program = &watched->leaks[i];
        free(program->path);
        free(program->arguments.bytes);
        free(program->started_by.bytes);
        descriptors_free(&program->received);
    }
    free(watched->leaks);
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* Writes the words separated by spaces. A long line is cut at a character boundary. */
static void write_words(const struct words *words)
{
    char text[WIDTH + 1];
    size_t length = words->size ? words->size - 1 : 0; /* without the last terminator */
    bool cut = length > WIDTH;
    length = cut ? WIDTH : length;
    while (cut && length && ((unsigned char)words->bytes[length] & 0xc0) == 0x80)
        length--;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(words->bytes[i] ? words->bytes[i] : ' ');
    text[length] = '\0';
    write_escaped(stdout, text);
    (void)fputs(cut ? "..." : "", stdout);
}

static void write_leak(const struct program *program)
{
    (void)fputs("\"", stdout);
    write_words(&program->arguments);
    (void)printf("\", process %d, received from \"", program->pid);
    write_words(&program->started_by);
    (void)puts("\":");
    write_table(stdout, &program->received, system_is_terminal());
    (void)fputc('\n', stdout);
}

static void write_text(char **command, const struct watched *watched)
{
    for (size_t i = 0; i < watched->count; i++)
        write_leak(&watched->leaks[i]);
    write_escaped(stdout, command[0]);
    (void)printf(watched->status < 0 ? " was killed by signal %d; " : " exited with %d; ",
                 watched->status < 0 ? -watched->status : watched->status);
    (void)printf("%lu of %lu program%s received descriptors besides 0-2\n",
                 (unsigned long)watched->count, watched->started, watched->started == 1 ? "" : "s");
    if (watched->running)
        (void)printf("%lu process%s still running, no longer watched\n", watched->running,
                     watched->running == 1 ? " is" : "es are");
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_json_words(const char *name, const struct words *words)
{
    (void)printf(", \"%s\": [", name);
    for (size_t at = 0; at < words->size; at += strlen(words->bytes + at) + 1) {
        (void)fputs(at ? ", " : "", stdout);
        write_json_text(stdout, words->bytes + at);
    }
    (void)fputc(']', stdout);
}

static void write_json_leak(const struct program *program)
{
    (void)printf("    {\"pid\": %d, \"program\": ", program->pid);
    write_json_text(stdout, program->path);
    write_json_words("arguments", &program->arguments);
    write_json_words("started_by", &program->started_by);
    (void)fputs(", \"received\": ", stdout);
    write_json_array(stdout, &program->received);
    (void)fputc('}', stdout);
}

static void write_watched_json(const struct watched *watched)
{
    (void)printf("{\n  \"%s\": %d,\n  \"started\": %lu,\n  \"unseen\": %lu,\n  \"running\": %lu,\n",
                 watched->status < 0 ? "signal" : "exit_status",
                 watched->status < 0 ? -watched->status : watched->status, watched->started,
                 watched->unseen, watched->running);
    (void)fputs("  \"leaks\": [", stdout);
    for (size_t i = 0; i < watched->count; i++) {
        (void)fputs(i ? ",\n" : "\n", stdout);
        write_json_leak(&watched->leaks[i]);
    }
    (void)puts(watched->count ? "\n  ]\n}" : "]\n}");
}

/* ---- The subcommand -------------------------------------------------------------------------- */

/* A program that could not be inspected may have received anything. */
static int judge(const struct watched *watched)
{
    if (watched->unseen)
        (void)complain("%lu program%s could not be inspected", watched->unseen,
                       watched->unseen == 1 ? "" : "s");
    if (watched->count)
        return EXIT_LEAK;
    return watched->unseen ? EXIT_TROUBLE : EXIT_CLEAN;
}

int watch_command(char **command, bool json)
{
    fdi_fd_map maps[4] = {{2, 1}}; /* only the JSON goes to standard output */
    size_t count = map_stdio(maps, json && fdi_get_inheritable(2) >= 0 ? 1 : 0);
    struct watched watched;
    memset(&watched, 0, sizeof watched);
    if (system_watch(command, maps, count, &watched) || watched.started == 0)
        return EXIT_TROUBLE;
    if (json)
        write_watched_json(&watched);
    else
        write_text(command, &watched);
    int result = judge(&watched);
    watched_free(&watched);
    return finish_output(result);
}
