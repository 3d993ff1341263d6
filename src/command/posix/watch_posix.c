/* SPDX-License-Identifier: MIT
 * Watching a command works on Linux only. */
#include "../../platform.h"
#include "../watch.h"

#if !defined(__linux__)

int system_watch(char **command, const fdi_fd_map *maps, size_t count, struct watched *watched)
{
    (void)command;
    (void)maps;
    (void)count;
    (void)watched;
    return complain("a command can be watched on Linux only");
}

#endif
