/* SPDX-License-Identifier: MIT
 * The child of the churn test. Exits with 0 if its descriptors are exactly those of its arguments,
 * each written as number:inode, and all are inheritable. It must be fast, because thousands of
 * them run. */
#include "../../src/platform.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>

enum { NUMBERS = 1024, EXACT = 0, MISSING = 3, OTHER_FILE = 4, MARKED = 5, TOO_MANY = 6 };

static struct pollfd numbers[NUMBERS];

int main(int argc, char **argv)
{
    int open_ones = 0;
    for (int fd = 0; fd < NUMBERS; fd++)
        numbers[fd].fd = fd;
    (void)poll(numbers, NUMBERS, 0);
    for (int fd = 0; fd < NUMBERS; fd++)
        open_ones += !(numbers[fd].revents & POLLNVAL);
    for (int i = 1; i < argc; i++) {
        struct stat status;
        unsigned long long ino;
        int fd;
        if (sscanf(argv[i], "%d:%llu", &fd, &ino) != 2 || fstat(fd, &status) < 0)
            return MISSING;
        if (status.st_ino != ino)
            return OTHER_FILE;
        if (fcntl(fd, F_GETFD) != 0)
            return MARKED;
    }
    return open_ones == argc - 1 ? EXACT : TOO_MANY;
}
