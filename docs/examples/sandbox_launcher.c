/* SPDX-License-Identifier: MIT
 * Starts a program that inherits nothing by accident. It receives exactly the named descriptors, an
 * empty environment, no blocked or ignored signals, a new session, and the given working directory.
 *
 *   sandbox_launcher DIRECTORY [FD]... -- PROGRAM [ARGUMENT]...
 *
 * PROGRAM is relative to the caller's directory, not to DIRECTORY. It is no script (#!), because its
 * interpreter would need one more descriptor. This program returns its exit status. */
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

/* A closed number must not become that of the program's own descriptor. */
static int check_open(const fdi_fd_map *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fdi_get_inheritable(fds[i].fd) < 0)
            return -1;
    return 0;
}

/* Opens the program first and passes it as an fd. So the directory does not affect the path, and no
 * other process can replace the file. */
static int launch(const char *directory, const fdi_fd_map *fds, size_t count, char **argv)
{
    char *nothing[] = {NULL};
    int64_t status = 0;
    int program = check_open(fds, count) < 0 ? -1 : fdi_open(fdi_path(argv[0]), O_PATH, 0);
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
    /* A signal becomes 128 + number, as in a shell. */
    return (int)(status < 0 ? 128 - status : status);
}

int main(int argc, char **argv)
{
    fdi_fd_map fds[MOST];
    size_t count = 0;
    int i = 2;
    for (; i < argc && count < MOST && strcmp(argv[i], "--") != 0; i++) {
        char *end;
        long fd = strtol(argv[i], &end, 10);
        if (end == argv[i] || *end || fd < 0 || fd > FDI_LAST_FD)
            return usage();
        fds[count++] = (fdi_fd_map){(int)fd, (int)fd};
    }
    if (i + 1 >= argc || strcmp(argv[i], "--") != 0)
        return usage();
    return launch(argv[1], fds, count, argv + i + 1);
}
