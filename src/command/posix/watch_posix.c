/* SPDX-License-Identifier: MIT
 * Watching a command works on Linux only. */
#include "../../platform.h"
#include "../watch.h"

#if !defined(__linux__)

int system_watch(const struct start *start, struct watched *watched)
{
    (void)start;
    (void)watched;
    return complain("a command can be watched on Linux only");
}

#endif
