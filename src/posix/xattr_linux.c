/* SPDX-License-Identifier: MIT
 * Extended attributes on Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "xattr.h"

#if defined(__linux__)

#include <sys/xattr.h>

static int64_t on_path_itself(const struct fdi__xattr_call *call, const char *path)
{
    switch (call->function) {
    case FDI_FN_GETXATTR:
        return lgetxattr(path, call->name, call->value, call->size);
    case FDI_FN_SETXATTR:
        return lsetxattr(path, call->name, call->value, call->size, call->xflags);
    case FDI_FN_LISTXATTR:
        return llistxattr(path, call->value, call->size);
    default:
        return lremovexattr(path, call->name);
    }
}

static int64_t on_path(const struct fdi__xattr_call *call, const char *path, unsigned flags)
{
    if (flags & FDI_NOFOLLOW)
        return on_path_itself(call, path);
    switch (call->function) {
    case FDI_FN_GETXATTR:
        return getxattr(path, call->name, call->value, call->size);
    case FDI_FN_SETXATTR:
        return setxattr(path, call->name, call->value, call->size, call->xflags);
    case FDI_FN_LISTXATTR:
        return listxattr(path, call->value, call->size);
    default:
        return removexattr(path, call->name);
    }
}

static int64_t on_fd(const struct fdi__xattr_call *call, int fd)
{
    switch (call->function) {
    case FDI_FN_GETXATTR:
        return fgetxattr(fd, call->name, call->value, call->size);
    case FDI_FN_SETXATTR:
        return fsetxattr(fd, call->name, call->value, call->size, call->xflags);
    case FDI_FN_LISTXATTR:
        return flistxattr(fd, call->value, call->size);
    default:
        return fremovexattr(fd, call->name);
    }
}

/* The f... functions fail with EBADF for an O_PATH fd, so its procfs path is used. */
static int64_t on_reached(const struct fdi__xattr_call *call, int fd)
{
    int64_t result;
    FDI__RETRY(result, on_path(call, fdi__procfs_path(fd).text, 0));
    return result < 0 ? fdi__procfs_result(fd, -1) : result;
}

#if FDI__CALLS_BY_NUMBER

struct xattr_arguments {
    uint64_t value;
    uint32_t size;
    uint32_t flags;
};

long fdi__xattrat_number(fdi_function function)
{
    switch (function) {
    case FDI_FN_GETXATTR:
        return FDI__SYS_GETXATTRAT;
    case FDI_FN_SETXATTR:
        return FDI__SYS_SETXATTRAT;
    case FDI_FN_LISTXATTR:
        return FDI__SYS_LISTXATTRAT;
    default:
        return FDI__SYS_REMOVEXATTRAT;
    }
}

/* The kernel treats every size above 64 KiB alike: a value is too large to set, and a buffer is
 * large enough to read. */
static uint32_t to_uint32(size_t size)
{
    return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

static int64_t on_path_at(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    long number = fdi__xattrat_number(call->function);
    int at_flags = fdi__at_flags(flags);
    struct xattr_arguments arguments = {(uintptr_t)call->value, to_uint32(call->size),
                                        (uint32_t)call->xflags};
    switch (call->function) {
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
        return syscall(number, target.fd, target.path, at_flags, call->name, &arguments,
                       sizeof arguments);
    case FDI_FN_LISTXATTR:
        return syscall(number, target.fd, target.path, at_flags, call->value, call->size);
    default:
        return syscall(number, target.fd, target.path, at_flags, call->name);
    }
}

static int64_t on_relative(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    int64_t result;
    FDI__RETRY(result, on_path_at(call, target, flags));
    if (result >= 0 || !fdi__was_refused(fdi__xattrat_number(call->function)))
        return result;
    int fd = fdi__open_path(target, flags);
    if (fd < 0)
        return -1;
    result = on_reached(call, fd);
    (void)fdi__close_keep_errno(fd, 0);
    return result;
}

#else

static int64_t on_relative(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    (void)call;
    (void)target;
    (void)flags;
    return fdi__fail(ENOTSUP);
}

#endif

static int64_t on_target(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    int64_t result;
    if (!target.path) {
        FDI__RETRY(result, on_fd(call, target.fd));
        return result < 0 && errno == EBADF ? on_reached(call, target.fd) : result;
    }
    if (fdi__needs_dir_fd(target))
        return on_relative(call, target, flags);
    FDI__RETRY(result, on_path(call, target.path, flags));
    return result;
}

/* Checks `xflags` first, because Linux before 6.13 looks up the file before it checks them. */
int64_t fdi__run_xattr(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    int saved_errno = errno;
    if (call->xflags & ~(XATTR_CREATE | XATTR_REPLACE))
        return fdi__fail(EINVAL);
    int64_t result = on_target(call, target, flags);
    if (result >= 0)
        errno = saved_errno;
    return result;
}

#endif
