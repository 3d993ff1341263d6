/* SPDX-License-Identifier: MIT
 * Reads the kernel's table of all handles. */
#include "../../platform.h"
#include "windows_command.h"

#include <stdlib.h>

#define INFO_LENGTH_MISMATCH ((NTSTATUS)0xC0000004)

static const SYSTEM_INFORMATION_CLASS extended_handle_information = (SYSTEM_INFORMATION_CLASS)64;

struct entry {
    void *object;
    ULONG_PTR process;
    ULONG_PTR handle;
    ULONG access;
    USHORT trace;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};

struct table {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct entry entries[1];
};

/* The table can grow between two queries, so the buffer is doubled until it fits. */
static struct table *read_table(void)
{
    NTSTATUS status = INFO_LENGTH_MISMATCH;
    for (ULONG size = 1U << 20; status == INFO_LENGTH_MISMATCH && size < 1U << 30; size *= 2) {
        struct table *table = allocate(size);
        status = NtQuerySystemInformation(extended_handle_information, table, size, NULL);
        if (status == 0)
            return table;
        free(table);
    }
    (void)complain("the table of handles cannot be read: status %08lx", (unsigned long)status);
    return NULL;
}

struct open_handle *read_handles(DWORD pid, size_t *count)
{
    struct table *table = read_table();
    if (!table)
        return NULL;
    struct open_handle *found = allocate((table->count + 1) * sizeof *found);
    *count = 0;
    for (ULONG_PTR i = 0; i < table->count; i++)
        if (table->entries[i].process == pid) {
            found[*count].value = (HANDLE)table->entries[i].handle;
            found[(*count)++].inheritable = (table->entries[i].attributes & OBJ_INHERIT) != 0;
        }
    free(table);
    return found;
}
