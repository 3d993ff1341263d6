/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "child_posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The build sets the program's path; cross legs run it through binfmt_misc. */
static void become_lister(int output)
{
    char text[16];
    const char *program = getenv("FDI_LIST_FDS");
    snprintf(text, sizeof text, "%d", output);
    execl(program ? program : LIST_FDS, "list_fds", text, (char *)NULL);
    _exit(127);
}

/* Some platforms lack pipe2. */
static void open_pipe(int *ends)
{
    if (pipe(ends) < 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(ends[1], F_SETFD, FD_CLOEXEC) < 0)
        abort();
}

/* The pipe is close-on-exec except for the child's own copy, which list_fds leaves out. */
int prepared_child_fds(bool (*prepare)(void), int *fds, int capacity)
{
    int ends[2];
    open_pipe(ends);
    pid_t child = fork();
    if (child == 0 && prepare())
        become_lister(dup(ends[1]));
    if (child == 0)
        _exit(126);
    close(ends[1]);
    FILE *answer = fdopen(ends[0], "r");
    int count = 0;
    while (count < capacity && fscanf(answer, "%d", &fds[count]) == 1)
        count++;
    int status = -1;
    fclose(answer);
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        abort();
    return count;
}

static bool with_nothing_done(void)
{
    return true;
}

int child_fds(int *fds, int capacity)
{
    return prepared_child_fds(with_nothing_done, fds, capacity);
}

bool child_has(int fd)
{
    static int fds[8192];
    int count = child_fds(fds, 8192);
    for (int i = 0; i < count; i++)
        if (fds[i] == fd)
            return true;
    return false;
}
