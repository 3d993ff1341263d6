/* SPDX-License-Identifier: MIT
 * kqueue, and no epoll, on BSD, macOS and other systems. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#if !defined(__linux__)

int fdi__os_epoll_create(void)
{
    return fdi__fail(ENOTSUP);
}

#if FDI__HAS_KQUEUE

#include <sys/event.h>

/* fork does not copy a kqueue into the child, so a fork before FD_CLOEXEC is set leaks nothing. */
int fdi__os_kqueue(void)
{
    return fdi__set_cloexec_or_close(kqueue());
}

#endif
#endif
