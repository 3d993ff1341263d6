/* SPDX-License-Identifier: MIT
 * Watching a command works on Linux only. */
#include "../../platform.h"
#include "../watch.h"

int system_watch(const struct start *start, struct watched *watched)
{
    (void)start;
    (void)watched;
    return complain("a command can be watched on Linux only");
}

/* No command is watched here, so none is interrupted. */
void system_end_by_interrupt(int status)
{
    (void)status;
}
