/* SPDX-License-Identifier: MIT
 * The operations that WASI lacks. Each one returns ENOTSUP. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"

#include <unistd.h>

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wunused-parameter"
#endif

int fdi__os_get_handle_inheritable(fdi_handle handle)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_list_open(struct fdi__listing *listing, int first)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_list_next(struct fdi__listing *listing)
{
    return fdi__fail(ENOTSUP);
}

void fdi__os_list_close(struct fdi__listing *listing)
{
}

int fdi__os_list_run(struct fdi__listing *listing,
                     int (*body)(struct fdi__listing *listing, void *context), void *context)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_access(fdi_target target, int mode, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags)
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

int fdi__os_readdir(fdi_dir *dir, const fdi_dirent **entry)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_closedir(fdi_dir *dir)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_open(fdi_target target, int oflags, unsigned mode)
{
    return fdi__fail(ENOTSUP);
}

FILE *fdi__os_fopen(fdi_target target, int oflags, const char *mode)
{
    (void)fdi__fail(ENOTSUP);
    return NULL;
}

FILE *fdi__os_fdopen(int fd, const char *mode)
{
    (void)fdi__fail(ENOTSUP);
    return NULL;
}

int fdi__os_dup(int fd, int lowest, bool inheritable)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_dup2(int fd, int fd2, bool inheritable)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_pipe(int *fds, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_check_mkstemp(int oflags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_random_letters(char *blank)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_create_in(fdi_target directory, const char *name, int oflags)
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

void fdi__os_discard(int fd)
{
    int saved_errno = errno;
    (void)fdi__restore_errno(saved_errno, close(fd));
}

fdi_socket fdi__os_socket_open(int domain, int type, int protocol, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_socketpair(int domain, int type, int protocol, fdi_socket *pair, unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

fdi_socket fdi__os_accept(fdi_socket listener, void *address, fdi_socklen *address_size,
                          unsigned flags)
{
    return fdi__fail(ENOTSUP);
}

int64_t fdi__os_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *count)
{
    return fdi__fail(ENOTSUP);
}

fdi_socket fdi__os_socket_above_stdio(fdi_socket socket)
{
    return socket;
}

void fdi__os_discard_socket(fdi_socket socket)
{
}

int fdi__os_execve(fdi_target target, char *const *argv, char *const *envp)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    return fdi__fail(ENOTSUP);
}

int fdi__os_wait(fdi_process process, int64_t *status, int milliseconds, bool keep)
{
    return fdi__fail(ENOTSUP);
}

void fdi__os_release(fdi_process process)
{
}

int64_t fdi__os_process_id(fdi_process process)
{
    return fdi__fail(ENOTSUP);
}

bool fdi__os_supports(fdi_function function, fdi_form form, unsigned flags)
{
    return false;
}

int fdi__os_cancel_off(void)
{
    return 0;
}

void fdi__os_cancel_restore(int state)
{
}
