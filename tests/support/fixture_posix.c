/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBERS = 8192 };

static char directory[64];
static char start[4096];
static bool open_before[NUMBERS];

int open_null(bool inheritable)
{
    return open("/dev/null", O_RDONLY | (inheritable ? 0 : O_CLOEXEC));
}

static void note_open(bool *numbers)
{
    for (int fd = 0; fd < NUMBERS; fd++)
        numbers[fd] = fcntl(fd, F_GETFD) >= 0;
}

int fixture_setup(void **state)
{
    *state = directory;
    note_open(open_before);
    strcpy(directory, "/tmp/fdinherit.XXXXXX");
    if (!getcwd(start, sizeof start) || !mkdtemp(directory))
        return -1;
    return chdir(directory);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
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
    if (chdir(start) < 0)
        return -1;
    return nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
