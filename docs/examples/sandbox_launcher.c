/* SPDX-License-Identifier: MIT
 * Starts a program that gets nothing by accident: exactly the descriptors that are named, an empty
 * environment, no blocked and no ignored signals, a session and a directory of its own.
 *
 *   sandbox_launcher DIRECTORY [FD]... -- PROGRAM [ARGUMENT]...
 *
 * PROGRAM is seen from here, DIRECTORY or not; its exit status is this program's. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

static int usage(void)
{
    fprintf(stderr, "usage: sandbox_launcher DIRECTORY [FD]... -- PROGRAM [ARGUMENT]...\n");
    return 2;
}

/* The program is opened before the directory is entered, and given as an fd, so that no other process
 * can replace it. */
static int launch(const char *directory, const fdi_fd_map *fds, size_t count, char **argv)
{
    char *nothing[] = {NULL};
    int64_t status = 0;
    int program = fdi_open(fdi_path(argv[0]), O_PATH, 0);
    fdi_process child;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_fd(program);
    options.argv = argv;
    options.envp = nothing;
    options.fds = count ? fds : NULL;
    options.fd_count = count;
    options.directory = fdi_path(directory);
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_NEW_SESSION | FDI_SPAWN_NO_STDIO;
    if (program < 0 || fdi_spawn(&child, &options) < 0 || fdi_wait(&child, &status, -1, 0) < 0) {
        perror(argv[0]);
        return 127;
    }
    return (int)(status < 0 ? 128 - status : status); /* shells report a signal as 128 and more */
}

int main(int argc, char **argv)
{
    fdi_fd_map fds[MOST];
    size_t count = 0;
    int i = 2;
    for (; i < argc && count < MOST && strcmp(argv[i], "--") != 0; i++) {
        char *end;
        int fd = (int)strtol(argv[i], &end, 10);
        if (end == argv[i] || *end)
            return usage();
        fds[count++] = (fdi_fd_map){fd, fd};
    }
    if (i + 1 >= argc || strcmp(argv[i], "--") != 0)
        return usage();
    return launch(argv[1], fds, count, argv + i + 1);
}
