/* SPDX-License-Identifier: MIT
 * Reports what every system but Linux supports. The checks are the same as in the operations
 * themselves. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if !FDI__CALLS_BY_NUMBER

#if FDI__HAS_MKFIFOAT

bool fdi__makes_special_files_at(void)
{
    return true;
}

#endif

static bool is_xattr(fdi_function function)
{
    return function == FDI_FN_GETXATTR || function == FDI_FN_SETXATTR ||
           function == FDI_FN_LISTXATTR || function == FDI_FN_REMOVEXATTR;
}

bool fdi__supports_path(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
        return FDI__HAS_BSD_FLAGS;
    case FDI_FN_MEMFD_CREATE:
        return fdi__has_memfd();
    case FDI_FN_EVENTFD:
        return FDI__HAS_EVENTFD;
    case FDI_FN_EPOLL_CREATE:
        return FDI__HAS_EPOLL;
    case FDI_FN_KQUEUE:
        return FDI__HAS_KQUEUE;
    default:
        return is_xattr(function) ? FDI__HAS_XATTR : true;
    }
}

bool fdi__supports_fd(fdi_function function)
{
    switch (function) {
    case FDI_FN_EXECVE:
        return FDI__HAS_FEXECVE;
    case FDI_FN_SPAWN:
        return FDI__HAS_FEXECVE && FDI__SPAWNS_FDS;
    case FDI_FN_OPEN:
    case FDI_FN_FOPEN:
        return fdi__has_procfs();
    case FDI_FN_READLINK:
        return FDI__HAS_READLINK_OF_FD;
    default:
        return function != FDI_FN_ACCESS && function != FDI_FN_LINK;
    }
}

bool fdi__supports_dir_fd(fdi_function function)
{
    if (function == FDI_FN_MKFIFO || function == FDI_FN_MKNOD)
        return fdi__makes_special_files_at();
    if (function == FDI_FN_CHFLAGS)
        return FDI__HAS_CHFLAGSAT || FDI__OPENS_SYMLINKS;
    if (is_xattr(function))
        return FDI__OPENS_SYMLINKS;
    return function != FDI_FN_EXECVE && function != FDI_FN_SPAWN;
}

bool fdi__supports_nofollow(fdi_function function)
{
    (void)function;
    return true;
}

bool fdi__supports_effective_ids(void)
{
    return true;
}

#endif
