/* SPDX-License-Identifier: MIT
 * Passes any bytes to the command as arguments that end with NUL. Its output must be safe for a
 * terminal. The system_run and system_watch of this file start no program. */
#include "../../src/platform.h"
#include "../../src/command/watch.h"
#include "input.h"

#include <fcntl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS = 12, MOST_FDS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int command_main(int argc, char **argv);

static int start; /* the first directory, because --cwd changes it */

/* ---- Replacements that start no program ----------------------------------------------------- */

int system_run(const fdi_spawn_options *options, int64_t *status)
{
    static const int errors[] = {ENOENT, EACCES, EBADF, EMFILE, ENOTSUP};
    unsigned first = (unsigned char)options->argv[0][0];
    for (size_t i = 0; i < options->fd_count; i++)
        MUST(options->fds[i].fd >= 0 && options->fds[i].child_fd >= 0);
    *status = first;
    if (first < 128)
        return 0;
    errno = errors[first % (sizeof errors / sizeof errors[0])];
    return -1;
}

static struct words words_of(const char *text)
{
    size_t size = strlen(text) + 1;
    return (struct words){copy_text(text, size), size, text[0] == 'c'};
}

/* Reports each argument as a program that received a descriptor. */
int system_watch(const struct start *begun, struct watched *watched)
{
    char **command = begun->command;
    for (char **word = command; *word; word++) {
        struct program *program = watched_add(watched);
        *program = (struct program){7,
                                    copy_text(*word, strlen(*word)),
                                    words_of(*word),
                                    6,
                                    words_of(command[0]),
                                    {NULL, 0, 0},
                                    {-1, (unsigned char)(*word)[0]}};
        struct descriptor *received = descriptors_add(&program->received, 5, true);
        received->kind = "file";
        received->refers_to = copy_text(*word, strlen(*word));
        watched->started++;
    }
    watched->status = (signed char)command[0][0];
    watched->unseen = strlen(command[0]) > 20;
    watched->running = strlen(command[0]) % 3;
    return 0;
}

void system_end_by_interrupt(int status)
{
    (void)status;
}

/* ---- Output --------------------------------------------------------------------------------- */

static size_t continuation(unsigned char first)
{
    return first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/* Returns true for valid UTF-8 without control characters other than newlines. */
static bool can_be_shown(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + length;
    while (at < end) {
        size_t rest = continuation(*at);
        if ((*at < 0x20 && *at != '\n') || *at == 0x7f || (*at >= 0x80 && *at < 0xc2) ||
            *at > 0xf4 || rest >= (size_t)(end - at) || (*at == 0xc2 && at[1] < 0xa0))
            return false;
        for (at++; rest; rest--, at++)
            if ((*at & 0xc0) != 0x80)
                return false;
    }
    return true;
}

static int run(int argc, char **argv)
{
    FILE *const streams[] = {stdout, stderr};
    char *text[2];
    size_t length[2];
    stdout = open_memstream(&text[0], &length[0]);
    stderr = open_memstream(&text[1], &length[1]);
    int result = command_main(argc, argv);
    fclose(stdout), fclose(stderr);
    stdout = streams[0], stderr = streams[1];
    MUST(can_be_shown(text[0], length[0]) && can_be_shown(text[1], length[1]));
    free(text[0]), free(text[1]);
    return result;
}

static uint64_t open_fds(void)
{
    uint64_t open = 0;
    for (int fd = 0; fd < MOST_FDS; fd++)
        open |= (uint64_t)(fcntl(fd, F_GETFD) >= 0) << fd;
    return open;
}

/* The command would overwrite any file. */
static bool writes_a_file(char **argv)
{
    for (; *argv; argv++)
        if (strncmp(*argv, "--output", 8) == 0)
            return true;
    return false;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    start = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *argv[ARGUMENTS + 2] = {(char[]){"fdinherit"}};
    int argc = 1;
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; at < size && argc <= ARGUMENTS; at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    uint64_t before = open_fds();
    int result = writes_a_file(argv) ? 0 : run(argc, argv);
    MUST(result >= 0 && result <= 255);
    MUST(open_fds() == before && fchdir(start) == 0);
    free(text);
    return 0;
}
