/* SPDX-License-Identifier: MIT
 * The child of the spawn tests. Writes its state to the file in its first argument, and exits with
 * the number in its second. With the argument "inherited" it exits with the number of handles that
 * it received. It shares no code with the library. */
#include "../../src/platform.h"
#include "windows_run_time.h"

#include <windows.h>

#include <direct.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 8192 };

static struct {
    int fd;
    HANDLE handle;
} found[NUMBERS];

static int look_for_fds(void)
{
    int count = 0;
    for (int fd = 0; fd < NUMBERS; fd++)
        if (run_time_has(fd)) {
            found[count].fd = fd;
            found[count++].handle = (HANDLE)_get_osfhandle(fd);
        }
    return count;
}

static void write_fds(FILE *answer, int count)
{
    for (int i = 0; i < count; i++) {
        DWORD flags = 0;
        GetHandleInformation(found[i].handle, &flags);
        fprintf(answer, "fd %d %llu %d\n", found[i].fd, handle_identity(found[i].handle),
                flags & HANDLE_FLAG_INHERIT ? 0 : 1);
    }
}

static void write_streams(FILE *answer)
{
    static const DWORD names[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
    for (int i = 0; i < 3; i++) {
        HANDLE stream = GetStdHandle(names[i]);
        if (stream && stream != INVALID_HANDLE_VALUE && GetFileType(stream))
            fprintf(answer, "stream %d\n", i);
    }
}

static void write_text_mode(FILE *answer, int count)
{
    for (int i = 0; i < count; i++)
        if (_setmode(found[i].fd, _O_BINARY) == _O_TEXT)
            fprintf(answer, "text %d\n", found[i].fd);
}

int main(int argc, char **argv)
{
    char directory[4096];
    int count = look_for_fds();
    int inherited = inheritable_handle_count();
    if (argc == 2 && strcmp(argv[1], "inherited") == 0)
        return inherited;
    FILE *answer = argc > 1 ? fopen(argv[1], "w") : NULL;
    if (!answer)
        return 126;
    write_fds(answer, count);
    write_streams(answer);
    write_text_mode(answer, count);
    fprintf(answer, "inherited %d\n", inherited);
    if (_getcwd(directory, sizeof directory))
        fprintf(answer, "cwd %s\n", directory);
    fprintf(answer, "pid %ld\n", (long)GetCurrentProcessId());
    for (int i = 0; i < argc; i++)
        fprintf(answer, "arg %s\n", argv[i]);
    fprintf(answer, "variable %s\n", getenv("FDI_TELL") ? getenv("FDI_TELL") : "(none)");
    if (fclose(answer) != 0)
        return 126;
    return argc > 2 ? atoi(argv[2]) : 0;
}
