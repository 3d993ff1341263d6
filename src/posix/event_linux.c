/* SPDX-License-Identifier: MIT
 * Descriptors of kernel objects without a file name, on Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#if defined(__linux__)

#include <sys/epoll.h>
#include <sys/eventfd.h>

/* ---- memfd --------------------------------------------------------------------------------- */

#if FDI__HAS_MEMFD

enum { CLOSE_ON_EXEC = 1 }; /* MFD_CLOEXEC, which older headers lack */

int fdi__os_memfd_create(const char *name, unsigned memfd_flags)
{
    return fdi__enosys_to_enotsup(
        (int)syscall(SYS_memfd_create, name, memfd_flags | CLOSE_ON_EXEC));
}

/* Reports whether the kernel has memfd_create. Unknown flags fail with EINVAL, so this call
 * creates nothing. */
bool fdi__has_memfd(void)
{
    (void)syscall(SYS_memfd_create, "", UINT32_MAX);
    return errno != ENOSYS;
}

#endif

/* ---- eventfd and epoll ---------------------------------------------------------------------- */

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    return fdi__enosys_to_enotsup(eventfd(count, eventfd_flags | EFD_CLOEXEC));
}

int fdi__os_epoll_create(void)
{
    return fdi__enosys_to_enotsup(epoll_create1(EPOLL_CLOEXEC));
}

#endif
