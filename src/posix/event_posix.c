/* SPDX-License-Identifier: MIT
 * Descriptors of kernel objects without a file name. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

/* ---- memfd --------------------------------------------------------------------------------- */

#if defined(FDI__BY_NUMBER) && defined(SYS_memfd_create)

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

#elif defined(__FreeBSD__)

#include <sys/mman.h>

bool fdi__has_memfd(void)
{
    return true;
}

int fdi__os_memfd_create(const char *name, unsigned memfd_flags)
{
    return fdi__enosys_to_enotsup(memfd_create(name, memfd_flags | MFD_CLOEXEC));
}

#else

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

/* ---- eventfd ------------------------------------------------------------------------------- */

#if defined(__linux__) || defined(__FreeBSD__)

#include <sys/eventfd.h>

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    return fdi__enosys_to_enotsup(eventfd(count, eventfd_flags | EFD_CLOEXEC));
}

#else

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    (void)count;
    (void)eventfd_flags;
    return fdi__fail(ENOTSUP);
}

#endif

/* ---- epoll --------------------------------------------------------------------------------- */

#if defined(__linux__)

#include <sys/epoll.h>

int fdi__os_epoll_create(void)
{
    return fdi__enosys_to_enotsup(epoll_create1(EPOLL_CLOEXEC));
}

#else

int fdi__os_epoll_create(void)
{
    return fdi__fail(ENOTSUP);
}

#endif

/* ---- kqueue -------------------------------------------------------------------------------- */

#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) ||   \
    defined(__DragonFly__)

#include <sys/event.h>

/* fork does not copy a kqueue into the child, so a fork before FD_CLOEXEC is set leaks nothing. */
int fdi__os_kqueue(void)
{
    return fdi__set_cloexec_or_close(kqueue());
}

#else

int fdi__os_kqueue(void)
{
    return fdi__fail(ENOTSUP);
}

#endif
