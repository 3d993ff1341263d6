/* SPDX-License-Identifier: MIT
 * A GUI program for the tests of children.
 *
 *   started wait                     waits for the end of its input
 *   started null N                   exits with 0 if fd N is the null device, open both ways
 *   started start PROGRAM ARGUMENT   starts a program and exits with its status */
#include "../../src/platform.h"
#include "fdinherit.h"

#include <windows.h>

#include <io.h>
#include <stdlib.h>
#include <string.h>

static int wait_for_end(void)
{
    char byte;
    while (_read(0, &byte, 1) > 0)
        ;
    return 0;
}

static bool is_null_device(int fd)
{
    char byte = 'x';
    DWORD mode;
    HANDLE handle = (HANDLE)_get_osfhandle(fd);
    return GetFileType(handle) == FILE_TYPE_CHAR && !GetConsoleMode(handle, &mode) &&
           _write(fd, &byte, 1) == 1 && _read(fd, &byte, 1) == 0;
}

static int start(char **arguments)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int64_t status;
    options.program = fdi_path(arguments[0]);
    options.argv = arguments;
    if (fdi_spawn(&process, &options) < 0 || fdi_wait(&process, &status, -1, 0) != 1)
        return 126;
    return (int)status;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "wait") == 0)
        return wait_for_end();
    if (argc == 3 && strcmp(argv[1], "null") == 0)
        return is_null_device(atoi(argv[2])) ? 0 : 1;
    if (argc > 2 && strcmp(argv[1], "start") == 0)
        return start(argv + 2);
    return 127;
}
