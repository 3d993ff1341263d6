/* SPDX-License-Identifier: MIT
 * A child of the spawn tests. Exits with a bit for each number of 0 to 2 that is the null device,
 * open for reading and writing. With the argument "wait" it reads its stdin to the end and exits
 * with 7. It shares no code with the library. */
#include "../../src/platform.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(_WIN32)

static bool is_null_device(int fd)
{
    struct stat status;
    char byte = 0;
    if (fstat(fd, &status) < 0 || (status.st_mode & S_IFMT) != S_IFCHR)
        return false;
    return write(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 0;
}

#else

/* A read from another character device, such as a terminal, could block for ever. */
static bool is_null_device(int fd)
{
    struct stat status;
    struct stat null;
    char byte = 0;
    if (fstat(fd, &status) < 0 || stat("/dev/null", &null) < 0 || !S_ISCHR(status.st_mode) ||
        status.st_rdev != null.st_rdev)
        return false;
    return write(fd, &byte, 1) == 1 && read(fd, &byte, 1) == 0;
}

#endif

static int wait_for_end(void)
{
    char byte;
    while (read(0, &byte, 1) > 0)
        ;
    return 7;
}

int main(int argc, char **argv)
{
    int found = 0;
    if (argc > 1 && strcmp(argv[1], "wait") == 0)
        return wait_for_end();
    for (int fd = 0; fd < 3; fd++)
        if (is_null_device(fd))
            found |= 1 << fd;
    return found;
}
