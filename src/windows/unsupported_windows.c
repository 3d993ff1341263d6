/* SPDX-License-Identifier: MIT
 * Functions that Windows lacks. Each returns ENOTSUP. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

int fdi__os_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_chown(fdi_target target, uint32_t uid, uint32_t gid, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int64_t fdi__os_pathconf(fdi_target target, int name)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_mkfifo(fdi_target target, unsigned mode)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_mknod(fdi_target target, unsigned mode, uint64_t device)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_execve(fdi_target target, char *const *argv, char *const *envp)
{
    return fdi__fail(ENOTSUP);
}

int64_t fdi__os_getxattr(fdi_target target, const char *name, void *value, size_t size,
                         unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_setxattr(fdi_target target, const char *name, const void *value, size_t size,
                     int xflags, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int64_t fdi__os_listxattr(fdi_target target, char *list, size_t size, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_removexattr(fdi_target target, const char *name, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_openpty(int *primary, int *secondary)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_memfd_create(const char *name, unsigned memfd_flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_eventfd(unsigned count, int eventfd_flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_epoll_create(void)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_kqueue(void)
{
    return fdi__fail(ENOTSUP);
}

int64_t fdi__os_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *count)
{
    return fdi__fail(ENOTSUP);
}

/* Windows has no thread cancellation. */
int fdi__os_cancel_off(void)
{
    return 0;
}

void fdi__os_cancel_restore(int state)
{
    (void)state;
}
