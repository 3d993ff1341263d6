/* SPDX-License-Identifier: MIT
 * Reports what the running Linux kernel supports. The checks are the same as in the operations
 * themselves. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if FDI__CALLS_BY_NUMBER

static bool by_call_or_proc(long number)
{
    return fdi__has_call(number) || fdi__has_procfs();
}

/* Returns true unless the call is missing. An operation returns ENOTSUP for a missing call, but
 * passes on the error of a sandbox. */
static bool has_number(long number)
{
    (void)syscall(number, -1, -1, 0, 0, 0, 0);
    return errno != ENOSYS;
}

bool fdi__supports_path(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
    case FDI_FN_KQUEUE:
        return false;
    case FDI_FN_MEMFD_CREATE:
        return fdi__has_memfd();
    case FDI_FN_EVENTFD:
        return has_number(SYS_eventfd2);
    case FDI_FN_EPOLL_CREATE:
        return has_number(SYS_epoll_create1);
    default:
        return true;
    }
}

bool fdi__supports_fd(fdi_function function)
{
    switch (function) {
    case FDI_FN_ACCESS:
        return by_call_or_proc(FDI__SYS_FACCESSAT2);
    case FDI_FN_EXECVE:
    case FDI_FN_SPAWN:
        return by_call_or_proc(FDI__SYS_EXECVEAT);
    case FDI_FN_LINK:
        return fdi__may_link_fd(AT_FDCWD) || fdi__has_procfs();
    case FDI_FN_OPEN:
    case FDI_FN_FOPEN:
        return fdi__has_procfs();
    default:
        return true;
    }
}

bool fdi__supports_dir_fd(fdi_function function)
{
    switch (function) {
    case FDI_FN_EXECVE:
    case FDI_FN_SPAWN:
        return by_call_or_proc(FDI__SYS_EXECVEAT);
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
        return by_call_or_proc(fdi__xattrat_number(function));
    default:
        return true;
    }
}

bool fdi__supports_nofollow(fdi_function function)
{
    switch (function) {
    case FDI_FN_ACCESS:
        return by_call_or_proc(FDI__SYS_FACCESSAT2);
    case FDI_FN_CHMOD:
        return by_call_or_proc(FDI__SYS_FCHMODAT2);
    default:
        return true;
    }
}

bool fdi__supports_effective_ids(void)
{
    return fdi__has_call(FDI__SYS_FACCESSAT2) || (getuid() == geteuid() && getgid() == getegid());
}

#endif
