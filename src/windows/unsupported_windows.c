/* SPDX-License-Identifier: MIT
 * What Windows does not do, or not yet here: it can be linked, and says so. A function leaves this
 * file when it gets a real body in its family's. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

int fdi__os_access(fdi_target target, int mode, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_chflags(fdi_target target, unsigned long bsd_flags, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_chmod(fdi_target target, unsigned mode, unsigned flags)
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

int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_statvfs(fdi_target target, struct fdi_statvfs *out)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_truncate(fdi_target target, int64_t length)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_utime(fdi_target target, const struct fdi_time *times, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_link(fdi_target from, fdi_target to, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_mkdir(fdi_target target, unsigned mode)
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

int64_t fdi__os_readlink(fdi_target target, char *buffer, size_t size)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_rename(fdi_target from, fdi_target to)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_replace(fdi_target from, fdi_target to)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_rmdir(fdi_target target)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_symlink(const char *text, fdi_target link, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_unlink(fdi_target target)
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

int fdi__os_chdir(fdi_target target)
{
    return fdi__fail(ENOTSUP);
}

fdi_dir *fdi__os_opendir(fdi_target target)
{
    (void)fdi__fail(ENOTSUP);
    return NULL;
}

int fdi__os_readdir(fdi_dir *dir, fdi_dirent *entry)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_closedir(fdi_dir *dir)
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

int64_t fdi__os_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *fd_count)
{
    return fdi__fail(ENOTSUP);
}

bool fdi__os_supports(fdi_function function, enum fdi__form form)
{
    return false;
}
