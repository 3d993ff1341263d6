/* SPDX-License-Identifier: MIT
 * Functions without an equivalent on this system. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

int fdi__os_get_handle_inheritable(fdi_handle handle)
{
    (void)handle;
    return fdi__fail(ENOTSUP);
}

int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable)
{
    (void)handle;
    (void)inheritable;
    return fdi__fail(ENOTSUP);
}

#if !FDI__HAS_MEMFD

bool fdi__has_memfd(void)
{
    return false;
}

int fdi__os_memfd_create(const char *name, unsigned memfd_flags)
{
    (void)name;
    (void)memfd_flags;
    return fdi__fail(ENOTSUP);
}

#endif

#if !FDI__HAS_EVENTFD

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    (void)count;
    (void)eventfd_flags;
    return fdi__fail(ENOTSUP);
}

#endif

#if !FDI__HAS_KQUEUE

int fdi__os_kqueue(void)
{
    return fdi__fail(ENOTSUP);
}

#endif
