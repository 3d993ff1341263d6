/* SPDX-License-Identifier: MIT
 * Marks and lists a number of open descriptors once. range_calls.py counts the system calls between
 * the marks.
 *
 *   range_probe OPEN */
#include "../../src/platform.h"
#include "measure.h"
#include "fdinherit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { FIRST = 3 };

static int ignore(void *context, int fd, bool inheritable)
{
    (void)context, (void)fd, (void)inheritable;
    return 0;
}

static int set_by_loop(void)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;
    while (directory && (entry = readdir(directory)))
        if (atoi(entry->d_name) >= FIRST)
            bench_must(ioctl(atoi(entry->d_name), FIOCLEX));
    return directory ? closedir(directory) : -1;
}

#define MARKED(name, call)                                                                         \
    do {                                                                                           \
        (void)rmdir("/mark/" name);                                                                \
        bench_must(call);                                                                          \
        (void)rmdir("/mark/end");                                                                  \
    } while (0)

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 10;
    while (open("/dev/null", O_RDONLY) < count - 1)
        ;
    MARKED("off", fdi_set_inheritable_range(FIRST, FDI_LAST_FD, false));
    MARKED("off_again", fdi_set_inheritable_range(FIRST, FDI_LAST_FD, false));
    MARKED("on", fdi_set_inheritable_range(FIRST, FDI_LAST_FD, true));
    MARKED("list", fdi_foreach_open(ignore, NULL));
    MARKED("loop", set_by_loop());
    return 0;
}
