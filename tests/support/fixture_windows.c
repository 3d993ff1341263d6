/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "fixture.h"
#include "windows_run_time.h"

#include <windows.h>

#include <direct.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { NUMBERS = 2048 };

static char directory[MAX_PATH + 32];
static char start[MAX_PATH];
static bool open_before[NUMBERS];

int open_null(bool inheritable)
{
    return _open("NUL", _O_RDONLY | (inheritable ? 0 : _O_NOINHERIT));
}

static void note_open(bool *numbers)
{
    for (int fd = 0; fd < NUMBERS; fd++)
        numbers[fd] = run_time_has(fd);
}

/* Handles paths of any length and name. Removes reparse points without following them. */
static void remove_tree(const WCHAR *folder)
{
    WIN32_FIND_DATAW entry;
    size_t room = wcslen(folder) + MAX_PATH + 2;
    WCHAR *path = malloc(room * sizeof *path);
    swprintf(path, room, L"%ls\\*", folder);
    HANDLE search = FindFirstFileW(path, &entry);
    while (search != INVALID_HANDLE_VALUE) {
        bool special = wcscmp(entry.cFileName, L".") == 0 || wcscmp(entry.cFileName, L"..") == 0;
        swprintf(path, room, L"%ls\\%ls", folder, entry.cFileName);
        SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL);
        if (!special && !(entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
            DeleteFileW(path);
        else if (!special && (entry.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
            RemoveDirectoryW(path);
        else if (!special)
            remove_tree(path);
        if (!FindNextFileW(search, &entry))
            break;
    }
    FindClose(search);
    free(path);
    RemoveDirectoryW(folder);
}

static void remove_directory(void)
{
    WCHAR literal[MAX_PATH + 40];
    swprintf(literal, sizeof literal / sizeof *literal, L"\\\\?\\%hs", directory);
    remove_tree(literal);
}

/* A released child may keep the directory busy for a moment. */
static bool remove_directory_patiently(void)
{
    enum { TRIES = 100, PAUSE = 50 };
    for (int tries = 0; tries < TRIES; tries++) {
        remove_directory();
        if (GetFileAttributesA(directory) == INVALID_FILE_ATTRIBUTES)
            return true;
        Sleep(PAUSE);
    }
    return false;
}

int fixture_setup(void **state)
{
    static int count;
    char folder[MAX_PATH];
    *state = directory;
    note_open(open_before);
    if (!GetTempPathA(sizeof folder, folder) || !_getcwd(start, sizeof start))
        return -1;
    sprintf(directory, "%sfdinherit.%lu.%d", folder, GetCurrentProcessId(), count++);
    remove_directory(); /* an earlier failed case with the same process id may have left it */
    return _mkdir(directory) < 0 ? -1 : _chdir(directory);
}

int fixture_teardown(void **state)
{
    bool now[NUMBERS];
    (void)state;
    note_open(now);
    for (int fd = 0; fd < NUMBERS; fd++)
        if (now[fd] != open_before[fd]) {
            print_error("fd %d was %s\n", fd, now[fd] ? "left open" : "lost");
            return -1;
        }
    if (_chdir(start) < 0)
        return -1;
    if (!remove_directory_patiently()) {
        print_error("%s could not be removed\n", directory);
        return -1;
    }
    return 0;
}
