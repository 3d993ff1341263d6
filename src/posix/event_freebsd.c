/* SPDX-License-Identifier: MIT
 * memfd and eventfd on FreeBSD, which shares them with Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#if defined(__FreeBSD__)

#include <sys/eventfd.h>
#include <sys/mman.h>

bool fdi__has_memfd(void)
{
    return true;
}

int fdi__os_memfd_create(const char *name, unsigned memfd_flags)
{
    return fdi__enosys_to_enotsup(memfd_create(name, memfd_flags | MFD_CLOEXEC));
}

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    return fdi__enosys_to_enotsup(eventfd(count, eventfd_flags | EFD_CLOEXEC));
}

#endif
