/* SPDX-License-Identifier: MIT
 * What the files of this folder share. */
#ifndef FDI_COMMAND_WINDOWS_H
#define FDI_COMMAND_WINDOWS_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <winsock2.h>
#include <windows.h>
#include <winternl.h>

#include "../command.h"

/* The console takes what is written to it for UTF-8, or for what it took it before. It belongs to
 * others as well, who must find it as it was. */
void speak_utf8(void);
void speak_as_before(void);

/* One entry of the system's table of all handles. */
struct open_handle {
    HANDLE value;
    bool inheritable;
};

/* The handles of a process, to be freed; NULL after a complaint. */
struct open_handle *read_handles(DWORD pid, size_t *count);

/* What the handle `copy`, which belongs to this process, refers to. Takes it over. */
void describe_handle(HANDLE copy, struct descriptor *descriptor);

#endif
