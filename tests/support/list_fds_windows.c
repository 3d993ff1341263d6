/* SPDX-License-Identifier: MIT
 * The child of the inheritance tests. It shares no code with the library.
 *
 *   list_fds run-time FD                   writes to FD the numbers of the CRT's fds above 2
 *   list_fds handles HANDLE PARENT N:H...  writes to HANDLE each N whose H the parent passed on
 *   list_fds count                         exits with the number of open files, pipes and sockets
 *
 * A handle's number alone proves nothing, because a process opens handles while it starts. So H is
 * compared with a duplicate of the parent's H. */
#include "../../src/platform.h"

#include <windows.h>

#include <io.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef LONG(NTAPI *compare_function)(HANDLE, HANDLE);

static void __cdecl ignore_invalid(const wchar_t *expression, const wchar_t *function,
                                   const wchar_t *file, unsigned line, uintptr_t reserved)
{
    (void)expression, (void)function, (void)file, (void)line, (void)reserved;
}

static int list_run_time(int output)
{
    char text[16];
    _set_invalid_parameter_handler(ignore_invalid);
    for (int fd = 3; fd < 8192; fd++)
        if (fd != output && _get_osfhandle(fd) != -1) {
            int length = sprintf(text, "%d\n", fd);
            _write(output, text, (unsigned)length);
        }
    return 0;
}

static HANDLE to_handle(const char *text)
{
    return (HANDLE)(intptr_t)_strtoi64(text, NULL, 10);
}

static bool same_as_in(HANDLE parent, HANDLE handle, compare_function compare)
{
    HANDLE copy;
    if (!DuplicateHandle(parent, handle, GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS))
        exit(2);
    bool same = compare(handle, copy) == 0;
    CloseHandle(copy);
    return same;
}

static int list_handles(int count, char **numbers)
{
    HANDLE output = to_handle(numbers[0]);
    HANDLE parent = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)atoi(numbers[1]));
    compare_function compare = (compare_function)(void (*)(void))GetProcAddress(
        GetModuleHandleA("ntdll.dll"), "NtCompareObjects");
    if (!parent || !compare)
        return 2;
    for (int i = 2; i < count; i++) {
        char *colon = strchr(numbers[i], ':');
        char text[16];
        DWORD written;
        if (!same_as_in(parent, to_handle(colon + 1), compare))
            continue;
        int length = sprintf(text, "%d\n", atoi(numbers[i]));
        WriteFile(output, text, (DWORD)length, &written, NULL);
    }
    return 0;
}

/* Handles are multiples of 4; the kernel assigns low ones first. */
static int count_files(void)
{
    int count = 0;
    for (intptr_t number = 4; number < 8192; number += 4)
        count += GetFileType((HANDLE)number) != FILE_TYPE_UNKNOWN;
    return count;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "count") == 0)
        return count_files();
    if (argc == 3 && strcmp(argv[1], "run-time") == 0)
        return list_run_time(atoi(argv[2]));
    if (argc >= 4 && strcmp(argv[1], "handles") == 0)
        return list_handles(argc - 2, argv + 2);
    return 2;
}
