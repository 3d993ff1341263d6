/* SPDX-License-Identifier: MIT
 * Which descriptors are open, asked of the system without the library: of procfs where there is one,
 * as a call for each number is slow in an emulated kernel; of each number elsewhere. */
#ifndef FDI_TEST_OPEN_FDS_POSIX_H
#define FDI_TEST_OPEN_FDS_POSIX_H

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline void ask_each_fd(bool *is_open, int end)
{
    for (int fd = 0; fd < end; fd++)
        is_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

/* Stores for each number below `end` whether it is open. */
static inline void ask_open_fds(bool *is_open, int end)
{
    DIR *listing = opendir("/proc/self/fd");
    const struct dirent *entry;
    if (!listing) {
        ask_each_fd(is_open, end);
        return;
    }
    memset(is_open, 0, (size_t)end * sizeof *is_open);
    while ((entry = readdir(listing))) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd < end && fd != dirfd(listing))
            is_open[fd] = true;
    }
    closedir(listing);
}

#endif
