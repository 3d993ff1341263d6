/* SPDX-License-Identifier: MIT
 * WASI has no processes, so no descriptor is ever inherited. An open descriptor is reported as
 * non-inheritable, and a request to make it inheritable fails with ENOTSUP.
 *
 * WASI's F_GETFD also succeeds for closed descriptors, and its F_SETFD does nothing, so neither
 * is used. */
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

/* Returns true, because every open descriptor is non-inheritable. */
bool fdi__os_mark_range(int first, int last)
{
    (void)first;
    (void)last;
    return true;
}
