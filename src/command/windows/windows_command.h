/* SPDX-License-Identifier: MIT
 * Declarations that the files of this folder share. */
#ifndef FDI_COMMAND_WINDOWS_H
#define FDI_COMMAND_WINDOWS_H

#include <winsock2.h>
#include <windows.h>

#include "../../windows/nt.h"
#include "../command.h"

/* Set the console's output code page to UTF-8, and restore it. Other processes share the console,
 * so it must be restored before the command ends. */
void speak_utf8(void);
void speak_as_before(void);

/* One entry of the kernel's table of all handles. */
struct open_handle {
    HANDLE value;
    bool inheritable;
};

/* Returns the handles of a process, which the caller frees, or NULL after an error message. */
struct open_handle *read_handles(DWORD pid, size_t *count);

/* Describes `copy`, a handle of this process, and closes it. */
void describe_handle(HANDLE copy, struct descriptor *descriptor);

#endif
