/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "fixture.h"
#include "open_fds_posix.h"

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

int fixture_setup(void **state)
{
    *state = directory;
    ask_open_fds(open_before, NUMBERS);
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
    ask_open_fds(now, NUMBERS);
    for (int fd = 0; fd < NUMBERS; fd++)
        if (now[fd] != open_before[fd]) {
            print_error("fd %d was %s\n", fd, now[fd] ? "left open" : "lost");
            return -1;
        }
    if (chdir(start) < 0)
        return -1;
    return nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
