/* SPDX-License-Identifier: MIT
 * The inheritable flag of a handle. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

int fdi__os_get_handle_inheritable(fdi_handle handle)
{
    DWORD flags;
    if (!fdi__is_handle(handle))
        return fdi__fail(EBADF);
    if (!GetHandleInformation(handle, &flags))
        return fdi__last_fail();
    return (flags & HANDLE_FLAG_INHERIT) != 0;
}

int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable)
{
    if (!fdi__is_handle(handle))
        return fdi__fail(EBADF);
    if (!SetHandleInformation(handle, HANDLE_FLAG_INHERIT, inheritable ? HANDLE_FLAG_INHERIT : 0))
        return fdi__last_fail();
    return 0;
}

int fdi__os_get_inheritable(int fd)
{
    HANDLE handle = fdi__handle(fd);
    return handle == INVALID_HANDLE_VALUE ? -1 : fdi__os_get_handle_inheritable(handle);
}

int fdi__os_set_inheritable(int fd, bool inheritable)
{
    HANDLE handle = fdi__handle(fd);
    return handle == INVALID_HANDLE_VALUE ? -1
                                          : fdi__os_set_handle_inheritable(handle, inheritable);
}

bool fdi__os_mark_range(int first, int last)
{
    (void)first;
    (void)last;
    return false;
}
