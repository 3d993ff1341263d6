/* SPDX-License-Identifier: MIT
 * Lists the handles of this process and of others. The standard handles appear as 0 to 2, their
 * numbers in the CRT. Other handles appear under their own numbers, which are never that low. */
#include "../../platform.h"
#include "windows_command.h"

#include <io.h>
#include <stdlib.h>

enum { STREAMS = 3 };

int system_own_pid(void)
{
    return (int)GetCurrentProcessId();
}

void system_process_name(int pid, char *name, size_t size)
{
    (void)pid;
    (void)size;
    name[0] = '\0';
}

bool system_is_terminal(FILE *out)
{
    enum { UNDERSTANDS_COLOUR = 4 }; /* ENABLE_VIRTUAL_TERMINAL_PROCESSING, since Windows 10 */
    const char *no_color = getenv("NO_COLOR");
    HANDLE output = (HANDLE)_get_osfhandle(_fileno(out));
    DWORD mode;
    return !(no_color && no_color[0]) && GetConsoleMode(output, &mode) &&
           SetConsoleMode(output, mode | UNDERSTANDS_COLOUR);
}

bool system_likes_backslashes(void)
{
    return true;
}

/* ---- The process ------------------------------------------------------------------------------ */

/* An exited process can be opened while any handle to it exists. OpenProcess ignores the last two
 * bits of a process id. */
static bool is_alive(HANDLE process, DWORD pid)
{
    return GetProcessId(process) == pid && WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
}

static HANDLE open_process(DWORD pid)
{
    const DWORD rights =
        PROCESS_DUP_HANDLE | PROCESS_QUERY_INFORMATION | PROCESS_VM_READ | SYNCHRONIZE;
    HANDLE process = OpenProcess(rights, FALSE, pid);
    DWORD code = GetLastError();
    if (process && is_alive(process, pid))
        return process;
    if (process)
        (void)CloseHandle(process);
    if (!process && code == ERROR_ACCESS_DENIED)
        (void)complain("no permission to inspect process %lu", (unsigned long)pid);
    else
        (void)complain("no such process: %lu", (unsigned long)pid);
    return NULL;
}

static bool read_memory(HANDLE process, const void *from, void *to, size_t size)
{
    SIZE_T got;
    return from && ReadProcessMemory(process, from, to, size, &got) && got == size;
}

/* Stores NULL for each unknown handle. */
static void read_streams(HANDLE process, HANDLE *streams)
{
    struct fdi__process_basic basic = {0};
    struct fdi__process_block block;
    struct fdi__process_parameters parameters;
    ULONG length;
    bool known =
        NtQueryInformationProcess(process, NT_PROCESS_BASIC, &basic, sizeof basic, &length) == 0 &&
        read_memory(process, basic.block, &block, sizeof block) &&
        read_memory(process, block.parameters, &parameters, sizeof parameters);
    for (int i = 0; i < STREAMS; i++)
        streams[i] = known ? parameters.streams[i] : NULL;
}

/* ---- Its handles ------------------------------------------------------------------------------ */

static void add_row(HANDLE process, const struct open_handle *handle, int number,
                    struct descriptors *list)
{
    HANDLE copy;
    struct descriptor *row = descriptors_add(list, number, handle->inheritable);
    if (DuplicateHandle(process, handle->value, GetCurrentProcess(), &copy, 0, FALSE,
                        DUPLICATE_SAME_ACCESS))
        describe_handle(copy, row);
}

/* One handle may be used for several standard streams. */
static void add_rows(HANDLE process, const struct open_handle *handle, HANDLE *streams,
                     struct descriptors *list)
{
    bool is_stream = false;
    for (int i = 0; i < STREAMS; i++)
        if (handle->value == streams[i]) {
            add_row(process, handle, i, list);
            is_stream = true;
        }
    if (!is_stream)
        add_row(process, handle, (int)(intptr_t)handle->value, list);
}

int system_descriptors(int pid, enum wanted wanted, int first, struct descriptors *list)
{
    WSADATA unused;
    HANDLE streams[STREAMS];
    size_t count;
    DWORD number = pid ? (DWORD)pid : GetCurrentProcessId();
    HANDLE process = pid ? open_process(number) : GetCurrentProcess();
    struct open_handle *handles = process ? read_handles(number, &count) : NULL;
    if (!handles)
        return TROUBLE;
    (void)WSAStartup(MAKEWORD(2, 2), &unused);
    read_streams(process, streams);
    for (size_t i = 0; i < count; i++)
        add_rows(process, &handles[i], streams, list);
    if (wanted == INHERITABLE)
        descriptors_keep_inheritable(list, first);
    descriptors_sort(list);
    free(handles);
    if (pid)
        (void)CloseHandle(process);
    return 0;
}
