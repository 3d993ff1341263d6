/* SPDX-License-Identifier: MIT
 * Extended attributes on macOS. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "xattr.h"

#if defined(__APPLE__)

/* Declared here, because some macOS SDKs lack <sys/xattr.h>. */
ssize_t getxattr(const char *, const char *, void *, size_t, uint32_t, int);
ssize_t fgetxattr(int, const char *, void *, size_t, uint32_t, int);
int setxattr(const char *, const char *, const void *, size_t, uint32_t, int);
int fsetxattr(int, const char *, const void *, size_t, uint32_t, int);
ssize_t listxattr(const char *, char *, size_t, int);
ssize_t flistxattr(int, char *, size_t, int);
int removexattr(const char *, const char *, int);
int fremovexattr(int, const char *, int);

/* XATTR_NOFOLLOW, XATTR_CREATE and XATTR_REPLACE of that header. */
enum { NOFOLLOW_LINK = 1, CREATE_ONLY = 2, REPLACE_ONLY = 4 };

static int64_t on_path(const struct fdi__xattr_call *call, const char *path, unsigned flags)
{
    int options = flags & FDI_NOFOLLOW ? NOFOLLOW_LINK : 0;
    switch (call->function) {
    case FDI_FN_GETXATTR:
        return getxattr(path, call->name, call->value, call->size, 0, options);
    case FDI_FN_SETXATTR:
        return setxattr(path, call->name, call->value, call->size, 0, options | call->xflags);
    case FDI_FN_LISTXATTR:
        return listxattr(path, call->value, call->size, options);
    default:
        return removexattr(path, call->name, options);
    }
}

static int64_t on_fd(const struct fdi__xattr_call *call, int fd)
{
    switch (call->function) {
    case FDI_FN_GETXATTR:
        return fgetxattr(fd, call->name, call->value, call->size, 0, 0);
    case FDI_FN_SETXATTR:
        return fsetxattr(fd, call->name, call->value, call->size, 0, call->xflags);
    case FDI_FN_LISTXATTR:
        return flistxattr(fd, call->value, call->size, 0);
    default:
        return fremovexattr(fd, call->name, 0);
    }
}

/* No call takes a directory fd, so the file is opened first. */
static int64_t on_opened(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    int64_t result;
    int fd = fdi__open_path(target, flags);
    if (fd < 0)
        return -1;
    FDI__RETRY(result, on_fd(call, fd));
    (void)fdi__close_keep_errno(fd, 0);
    return result;
}

/* Checks `xflags` first, because macOS would accept XATTR_NOFOLLOW here. */
int64_t fdi__run_xattr(const struct fdi__xattr_call *call, fdi_target target, unsigned flags)
{
    int64_t result;
    if (call->xflags & ~(CREATE_ONLY | REPLACE_ONLY))
        return fdi__fail(EINVAL);
    if (target.path && fdi__needs_dir_fd(target))
        return on_opened(call, target, flags);
    if (!target.path)
        FDI__RETRY(result, on_fd(call, target.fd));
    else
        FDI__RETRY(result, on_path(call, target.path, flags));
    return result;
}

#endif
