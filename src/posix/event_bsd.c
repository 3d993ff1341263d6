/* SPDX-License-Identifier: MIT
 * Descriptors of kernel objects without a file name, on BSD, macOS and other systems. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#if !defined(__linux__)

/* ---- memfd and eventfd, which FreeBSD shares with Linux ------------------------------------- */

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

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    (void)count;
    (void)eventfd_flags;
    return fdi__fail(ENOTSUP);
}

#endif

/* ---- epoll and kqueue ---------------------------------------------------------------------- */

int fdi__os_epoll_create(void)
{
    return fdi__fail(ENOTSUP);
}

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

#endif
