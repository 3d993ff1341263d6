/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 64 };

static char *end;
static size_t room;

void append(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(end, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room)
        abort();
    end += length;
    room -= (size_t)length;
}

void read_state(struct state *state)
{
    end = state->text;
    room = sizeof state->text;
    for (int fd = 0; fd < NUMBERS; fd++)
        append_fd(fd);
    append_files();
}

void assert_same_state(const char *call, const struct state *before, const struct state *after)
{
    if (strcmp(before->text, after->text) != 0)
        fail_msg("%s changed\n%sinto\n%s", call, before->text, after->text);
}
