/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "../support/windows_run_time.h"
#include "state.h"

#include <windows.h>

#include <io.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void append_fd(int fd)
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

void append_files(void)
{
    WIN32_FIND_DATAA entry;
    HANDLE search = FindFirstFileA("*", &entry);
    if (search == INVALID_HANDLE_VALUE)
        abort();
    do
        append_file(&entry);
    while (FindNextFileA(search, &entry));
    FindClose(search);
}
