/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "../support/windows_run_time.h"
#include "state.h"

#include <windows.h>

#include <io.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 64 };

static char *end;
static size_t room;

static void append(const char *format, ...)
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

static void append_fd(int fd)
{
    DWORD flags = 0;
    if (!run_time_has(fd))
        return;
    HANDLE handle = (HANDLE)_get_osfhandle(fd);
    (void)GetHandleInformation(handle, &flags);
    append("fd %d: %p %lu\n", fd, handle, flags);
}

/* The parent directory belongs to other programs too. */
static void append_file(const WIN32_FIND_DATAA *entry)
{
    if (strcmp(entry->cFileName, "..") == 0)
        return;
    append("%s: %#lx %lu %lu.%lu %lu.%lu\n", entry->cFileName, entry->dwFileAttributes,
           entry->nFileSizeLow, entry->ftLastWriteTime.dwHighDateTime,
           entry->ftLastWriteTime.dwLowDateTime, entry->ftCreationTime.dwHighDateTime,
           entry->ftCreationTime.dwLowDateTime);
}

void read_state(struct state *state)
{
    WIN32_FIND_DATAA entry;
    end = state->text;
    room = sizeof state->text;
    for (int fd = 0; fd < NUMBERS; fd++)
        append_fd(fd);
    HANDLE search = FindFirstFileA("*", &entry);
    if (search == INVALID_HANDLE_VALUE)
        abort();
    do
        append_file(&entry);
    while (FindNextFileA(search, &entry));
    FindClose(search);
}
