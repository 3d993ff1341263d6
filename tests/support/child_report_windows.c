/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "child_report.h"
#include "windows_run_time.h"

#include <windows.h>

#include <direct.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

unsigned long long identity_of(int fd)
{
    return run_time_has(fd) ? handle_identity((HANDLE)_get_osfhandle(fd)) : 0;
}

int open_file(const char *name, int number)
{
    int fd = _open(name, _O_RDWR | _O_CREAT | _O_BINARY | _O_NOINHERIT, 0600);
    if (fd < 0)
        abort();
    if (number < 0 || number == fd)
        return fd;
    if (_dup2(fd, number) != 0 ||
        !SetHandleInformation((HANDLE)_get_osfhandle(number), HANDLE_FLAG_INHERIT, 0))
        abort();
    _close(fd);
    return number;
}

int open_program(const char *path)
{
    return _open(path, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
}

int open_folder(const char *name)
{
    HANDLE directory =
        CreateFileA(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (directory == INVALID_HANDLE_VALUE)
        abort();
    return _open_osfhandle((intptr_t)directory, _O_NOINHERIT);
}

void make_directory(const char *name)
{
    if (_mkdir(name) < 0)
        abort();
}

void here_and(const char *name, char *path)
{
    if (!_getcwd(path, 400))
        abort();
    strcat(path, name);
    for (; *path; path++)
        if (*path == '/')
            *path = '\\';
}

void set_variable(const char *name, const char *value)
{
    char text[256];
    if (snprintf(text, sizeof text, "%s=%s", name, value ? value : "") < 0 || _putenv(text) < 0)
        abort();
}
