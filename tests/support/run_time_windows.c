/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "windows_run_time.h"

#include "../../src/windows/nt.h"

#include <io.h>
#include <stdlib.h>

static void __cdecl ignore_invalid(const wchar_t *expression, const wchar_t *function,
                                   const wchar_t *file, unsigned line, uintptr_t reserved)
{
    (void)expression, (void)function, (void)file, (void)line, (void)reserved;
}

bool run_time_has(int fd)
{
    _invalid_parameter_handler previous = _set_invalid_parameter_handler(ignore_invalid);
    intptr_t handle = _get_osfhandle(fd);
    _set_invalid_parameter_handler(previous);
    return handle != -1 && handle != -2;
}

static int count_handles(ULONG attributes)
{
    ULONG size = 1 << 22, length;
    struct fdi__handle_table *table = malloc(size);
    if (!table || NtQuerySystemInformation(NT_ALL_HANDLES, table, size, &length) != 0)
        abort();
    int count = 0;
    for (ULONG_PTR i = 0; i < table->count; i++)
        count += table->entries[i].process == GetCurrentProcessId() &&
                 (table->entries[i].attributes & attributes) == attributes;
    free(table);
    return count;
}

int handle_count(void)
{
    return count_handles(0);
}

int inheritable_handle_count(void)
{
    return count_handles(NT_INHERIT);
}

unsigned long long handle_identity(void *handle)
{
    BY_HANDLE_FILE_INFORMATION file;
    if (GetFileInformationByHandle(handle, &file))
        return (unsigned long long)file.nFileIndexHigh << 32 | file.nFileIndexLow;
    return GetFileType(handle);
}
