/* SPDX-License-Identifier: MIT
 * Kills a process at each Windows call of fdi_spawn. No process and no handle may be left. */
#include "../../../src/platform.h"
#include "../../support/fixture.h"
#include "fdinherit.h"
#include "injector.h"
#include "killed.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlhelp32.h>

#define STARTED "killed_in_spawn.exe" /* a name that no other program has */

enum { PATIENCE = 100, TICK = 100, FEWEST_CALLS = 15 }; /* ticks of so many milliseconds */

int killed_start_child(int at, int fd)
{
    char *arguments[] = {STARTED, "count", NULL};
    const fdi_fd_map map[] = {{fd, 5}};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process child;
    options.program = fdi_path(STARTED);
    options.argv = arguments;
    options.fds = map;
    options.fd_count = 1;
    injector_start((struct injection){.at = at, .kills = true});
    injector_begin();
    int result = fdi_spawn(&child, &options);
    injector_end();
    return result < 0 || fdi_wait(&child, NULL, -1, 0) != 1;
}

/* ---- nothing is left ------------------------------------------------------------------------- */

static bool is_running(void)
{
    PROCESSENTRY32 entry = {.dwSize = sizeof entry};
    HANDLE list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    bool found = false;
    for (BOOL more = Process32First(list, &entry); more; more = Process32Next(list, &entry))
        found |= _stricmp(entry.szExeFile, STARTED) == 0;
    CloseHandle(list);
    return found;
}

/* Returns true once every handle of the pipe's other end is closed. */
static bool has_ended(int fd)
{
    return !PeekNamedPipe((HANDLE)_get_osfhandle(fd), NULL, 0, NULL, NULL, NULL) &&
           GetLastError() == ERROR_BROKEN_PIPE;
}

static bool nothing_is_left(int fd)
{
    for (int i = 0; i < PATIENCE; i++) {
        if (has_ended(fd) && !is_running())
            return true;
        Sleep(TICK);
    }
    return false;
}

/* ---- every call ------------------------------------------------------------------------------ */

/* Returns the exit status of this program when it is killed at call `at`, or -1 if something is
 * left. */
static int run_killed(const char *self, int at)
{
    char number[16], fd[16];
    int ends[2], status;
    if (_pipe(ends, 256, _O_BINARY | _O_NOINHERIT) < 0)
        abort();
    int passed = _dup(ends[1]);
    sprintf(number, "%d", at);
    sprintf(fd, "%d", passed);
    intptr_t process = _spawnl(_P_NOWAIT, self, "killed", "kill", number, fd, NULL);
    _close(passed);
    _close(ends[1]);
    if (process == -1 || _cwait(&status, process, 0) == -1)
        abort();
    bool clean = nothing_is_left(ends[0]);
    _close(ends[0]);
    return clean ? status : -1;
}

bool killed_everywhere(const char *self, int *calls)
{
    void *fixture;
    int status = INJECTOR_KILLED;
    if (fixture_setup(&fixture) != 0 || !CopyFileA(LIST_FDS, STARTED, TRUE))
        abort();
    for (*calls = 0; status == INJECTOR_KILLED; ++*calls)
        status = run_killed(self, *calls + 1);
    --*calls; /* the last run met no call */
    if (status != 0)
        printf("# killed at call %d: status %d\n", *calls + 1, status);
    return fixture_teardown(&fixture) == 0 && status == 0 && *calls >= FEWEST_CALLS;
}
