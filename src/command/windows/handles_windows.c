/* SPDX-License-Identifier: MIT
 * Reads the kernel's table of all handles. */
#include "../../platform.h"
#include "windows_command.h"

#include <stdlib.h>

/* The table can grow between two queries, so the buffer is doubled until it fits. */
static struct fdi__handle_table *read_table(void)
{
    NTSTATUS status = NT_INFO_LENGTH_MISMATCH;
    for (ULONG size = 1U << 20; status == NT_INFO_LENGTH_MISMATCH && size < 1U << 30; size *= 2) {
        struct fdi__handle_table *table = allocate(size);
        status = NtQuerySystemInformation(NT_ALL_HANDLES, table, size, NULL);
        if (status == 0)
            return table;
        free(table);
    }
    (void)complain("the table of handles cannot be read: status %08lx", (unsigned long)status);
    return NULL;
}

struct open_handle *read_handles(DWORD pid, size_t *count)
{
    struct fdi__handle_table *table = read_table();
    if (!table)
        return NULL;
    struct open_handle *found = allocate((table->count + 1) * sizeof *found);
    *count = 0;
    for (ULONG_PTR i = 0; i < table->count; i++)
        if (table->entries[i].process == pid) {
            found[*count].value = (HANDLE)table->entries[i].handle;
            found[(*count)++].inheritable = (table->entries[i].attributes & NT_INHERIT) != 0;
        }
    free(table);
    return found;
}
