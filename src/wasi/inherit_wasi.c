/* SPDX-License-Identifier: MIT
 * WASI has no processes, so no descriptor is ever inherited: that much is known of an open one, and
 * only making it inheritable is refused. Its F_GETFD answers for closed descriptors as well, and its
 * F_SETFD does nothing, so neither is used. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"

#include <sys/stat.h>

int fdi__os_get_inheritable(int fd)
{
    struct stat status;
    return fstat(fd, &status);
}

int fdi__os_set_inheritable(int fd, bool inheritable)
{
    if (fdi__os_get_inheritable(fd) < 0)
        return -1;
    return inheritable ? fdi__fail(ENOTSUP) : 0;
}

/* All that are open are as they should be. */
bool fdi__os_mark_range(int first, int last)
{
    (void)first;
    (void)last;
    return true;
}
