/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "child.h"
#include "windows_run_time.h"

#include <windows.h>

#include <io.h>
#include <errno.h>
#include <fcntl.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBERS = 2048, COMMAND = 32767, PATIENCE = 60000 };

/* The build sets the program's path. */
static const char *lister(void)
{
    const char *program = getenv("FDI_LIST_FDS");
    return program ? program : LIST_FDS;
}

/* Prints the reason and ends the test program, because no result can be given. */
static void give_up(const char *step, unsigned long code)
{
    fprintf(stderr, "child: %s: %lu\n", step, code);
    abort();
}

static int read_numbers(FILE *answer, int *fds, int capacity)
{
    int count = 0;
    while (count < capacity && fscanf(answer, "%d", &fds[count]) == 1)
        count++;
    fclose(answer);
    return count;
}

static int ask_about_fds(char *question)
{
    int used = 0;
    for (int fd = 3; fd < NUMBERS && used < COMMAND - 400; fd++)
        if (run_time_has(fd))
            used += sprintf(question + used, " %d:%lld", fd, (long long)_get_osfhandle(fd));
    return used;
}

/* Starts a child by CreateProcess and returns the numbers whose handles it inherited, without the
 * CRT. `question` has NUMBER:HANDLE for each handle in question. */
static int child_numbers(const char *question, int *numbers, int capacity)
{
    static char command[COMMAND];
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    HANDLE ends[2];
    DWORD status = 1;
    if (!CreatePipe(&ends[0], &ends[1], &inherit, 65536))
        give_up("CreatePipe", GetLastError());
    SetHandleInformation(ends[0], HANDLE_FLAG_INHERIT, 0);
    snprintf(command, sizeof command, "\"%s\" handles %lld %lu%s", lister(),
             (long long)(intptr_t)ends[1], GetCurrentProcessId(), question);
    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child))
        give_up("CreateProcess", GetLastError());
    CloseHandle(ends[1]);
    FILE *answer = _fdopen(_open_osfhandle((intptr_t)ends[0], _O_RDONLY), "r");
    int count = read_numbers(answer, numbers, capacity);
    WaitForSingleObject(child.hProcess, INFINITE);
    GetExitCodeProcess(child.hProcess, &status);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
    if (status != 0)
        give_up("its exit status", status);
    return count;
}

int child_fds(int *fds, int capacity)
{
    static char question[COMMAND];
    question[ask_about_fds(question)] = '\0';
    return child_numbers(question, fds, capacity);
}

bool child_has_handle(void *handle)
{
    char question[40];
    int number;
    sprintf(question, " 1:%lld", (long long)(intptr_t)handle);
    return child_numbers(question, &number, 1) == 1;
}

int count_in_child(void)
{
    char command[MAX_PATH + 16];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DWORD status = (DWORD)-1;
    snprintf(command, sizeof command, "\"%s\" count", lister());
    if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &child))
        return -1;
    if (WaitForSingleObject(child.hProcess, PATIENCE) == WAIT_OBJECT_0)
        (void)GetExitCodeProcess(child.hProcess, &status);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
    return (int)status;
}

int child_run_time_fds(int *fds, int capacity)
{
    char number[16], quoted[MAX_PATH + 2];
    int ends[2];
    if (_pipe(ends, 65536, _O_BINARY | _O_NOINHERIT) < 0)
        give_up("_pipe", (unsigned long)errno);
    HANDLE copy;
    DuplicateHandle(GetCurrentProcess(), (HANDLE)_get_osfhandle(ends[1]), GetCurrentProcess(),
                    &copy, 0, TRUE, DUPLICATE_SAME_ACCESS);
    int output = _open_osfhandle((intptr_t)copy, _O_BINARY);
    _close(ends[1]);
    sprintf(number, "%d", output);
    sprintf(quoted, "\"%s\"", lister());
    intptr_t status = _spawnl(_P_WAIT, lister(), quoted, "run-time", number, (char *)NULL);
    _close(output);
    if (status != 0)
        give_up("_spawnl", (unsigned long)status);
    return read_numbers(_fdopen(ends[0], "r"), fds, capacity);
}

static bool found(int fd, const int *fds, int count)
{
    for (int i = 0; i < count; i++)
        if (fds[i] == fd)
            return true;
    return false;
}

bool child_has(int fd)
{
    static int fds[NUMBERS];
    return found(fd, fds, child_fds(fds, NUMBERS));
}

bool child_has_run_time_fd(int fd)
{
    static int fds[NUMBERS];
    return found(fd, fds, child_run_time_fds(fds, NUMBERS));
}
