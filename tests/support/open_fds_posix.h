/* SPDX-License-Identifier: MIT
 * Lists the open descriptors without the library. Reads procfs if it is mounted, because a call
 * for each number is slow in an emulator. Queries each number otherwise. */
#ifndef FDI_TEST_OPEN_FDS_POSIX_H
#define FDI_TEST_OPEN_FDS_POSIX_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <sched.h>
#include <sys/mount.h>
#endif

static inline void ask_each_fd(bool *is_open, int end)
{
    for (int fd = 0; fd < end; fd++)
        is_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

/* A listing without its own descriptor belongs to another directory. */
static inline bool ask_procfs(bool *is_open, int end)
{
    DIR *listing = opendir("/proc/self/fd");
    const struct dirent *entry;
    if (!listing)
        return false;
    memset(is_open, 0, (size_t)end * sizeof *is_open);
    bool has_itself = false;
    for (errno = 0; (entry = readdir(listing)); errno = 0) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && fd == dirfd(listing))
            has_itself = true;
        else if (entry->d_name[0] != '.' && fd < end)
            is_open[fd] = true;
    }
    bool is_complete = has_itself && errno == 0;
    closedir(listing);
    return is_complete;
}

/* Stores for each number below `end` whether it is open. */
static inline void ask_open_fds(bool *is_open, int end)
{
    if (!ask_procfs(is_open, end))
        ask_each_fd(is_open, end);
}

/* The same in a child that no test uses further. It removes what a test mounted over /proc, because
 * a call for each number takes minutes on a slow kernel. */
static inline void reveal_and_ask_open_fds(bool *is_open, int end)
{
#if defined(__linux__)
    if (!ask_procfs(is_open, end) && unshare(CLONE_NEWNS) == 0)
        (void)umount2("/proc", MNT_DETACH);
#endif
    ask_open_fds(is_open, end);
}

#endif
