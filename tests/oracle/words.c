/* SPDX-License-Identifier: MIT
 * Reads the words of a line. A target is "p" and a path, "a" with a dir_fd and a path, "f" and an
 * fd, or "n" if it was never set. A path is "=" and its bytes, or "-" for NULL. */
#define _GNU_SOURCE 1
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *fault = "";
unsigned long line_count;
struct operation current;

const char *begin_line(char *line)
{
    line_count++;
    current = (struct operation){FDI_FORM_PATH, 0, false};
    errno = UNTOUCHED;
    return strtok(line, " \n");
}

char *word(void)
{
    char *next = strtok(NULL, " \n");
    if (!next)
        abort(); /* the Python side sent an invalid line */
    return next;
}

long long number(void)
{
    return strtoll(word(), NULL, 0);
}

unsigned flags(void)
{
    unsigned value = (unsigned)number();
    if (strcmp(fault, "follow") == 0)
        value &= ~(unsigned)FDI_NOFOLLOW;
    return current.flags = value;
}

static const char *path(void)
{
    const char *text = word();
    return text[0] == '=' ? text + 1 : NULL;
}

static fdi_target target_at(int dir_fd, const char *name)
{
    return strcmp(fault, "dir_fd") == 0 ? fdi_path(name) : fdi_path_at(dir_fd, name);
}

static fdi_target next_target(void)
{
    int fd;
    switch (word()[0]) {
    case 'p':
        return fdi_path(path());
    case 'a':
        fd = (int)number();
        return target_at(fd, path());
    case 'f':
        return fdi_fd((int)number());
    default:
        return (fdi_target){0};
    }
}

fdi_target target(void)
{
    static unsigned long line;
    fdi_target next = next_target();
    if (line != line_count)
        current.form = (fdi_form)next.form;
    line = line_count;
    return next;
}

size_t bytes(char *out)
{
    const char *hex = word() + 1;
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++)
        out[i] = (char)strtol((char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
    return length;
}

void failed(void)
{
    bool wrong = strcmp(fault, "errno") == 0 && line_count % PERIOD == 0;
    printf("error %d", errno + wrong);
    current.has_failed = true;
    errno = UNTOUCHED; /* a failed call may change it */
}

void answer(long long result)
{
    if (result < 0)
        failed();
    else
        printf("%lld", result);
}

void answer_bytes(long long length, const char *value)
{
    answer(length);
    printf(" ");
    for (long long i = 0; i < length; i++)
        printf("%02x", (unsigned char)value[i]);
}
