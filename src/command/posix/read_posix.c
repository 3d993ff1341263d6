/* SPDX-License-Identifier: MIT
 * Reads files of procfs. Their size is unknown before they are read. */
#include "../../platform.h"
#include "posix_command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROOM = 4096, MOST = 1 << 20 };

static int open_file(const char *directory, const char *name)
{
    char path[96];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return open(path, O_RDONLY | O_CLOEXEC);
}

/* Appends to `text` until it is full or the file ends. Returns the new length. */
static size_t fill(int fd, char *text, size_t length, size_t size)
{
    while (length < size) {
        ssize_t got = read(fd, text + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    return length;
}

size_t read_start(const char *directory, const char *name, char *text, size_t size)
{
    size_t length = 0;
    int fd = open_file(directory, name);
    if (fd >= 0) {
        length = fill(fd, text, 0, size - 1);
        (void)close(fd);
    }
    text[length] = '\0';
    return length;
}

static char *grow(char *text, size_t length, size_t size)
{
    char *larger = allocate(size + 1);
    memcpy(larger, text, length);
    free(text);
    return larger;
}

char *read_all(const char *directory, const char *name, size_t *length, bool *is_cut)
{
    size_t size = FIRST_ROOM;
    char *text = allocate(size + 1);
    int fd = open_file(directory, name);
    *length = fd < 0 ? 0 : fill(fd, text, 0, size);
    while (*length == size && size < MOST) {
        size *= 4;
        text = grow(text, *length, size);
        *length = fill(fd, text, *length, size);
    }
    if (fd >= 0)
        (void)close(fd);
    if (is_cut)
        *is_cut = *length == MOST;
    return text;
}
