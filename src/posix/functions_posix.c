/* SPDX-License-Identifier: MIT
 * What the running system can serve, asked as the operations themselves ask. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if defined(FDI__BY_NUMBER)

static bool by_call_or_proc(long number)
{
    return fdi__has_call(number) || fdi__has_proc();
}

static bool supports_fd(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
        return false;
    case FDI_FN_ACCESS:
        return by_call_or_proc(FDI__SYS_FACCESSAT2);
    case FDI_FN_EXECVE:
        return by_call_or_proc(SYS_execveat);
    case FDI_FN_LINK:
        return fdi__may_link_fd(AT_FDCWD) || fdi__has_proc();
    case FDI_FN_OPEN:
        return fdi__has_proc();
    default:
        return true;
    }
}

static bool supports_dir_fd(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
        return false;
    case FDI_FN_EXECVE:
        return by_call_or_proc(SYS_execveat);
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
        return by_call_or_proc(fdi__xattrat_number(function));
    default:
        return true;
    }
}

static bool supports_nofollow(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
        return false;
    case FDI_FN_ACCESS:
        return by_call_or_proc(FDI__SYS_FACCESSAT2);
    case FDI_FN_CHMOD:
        return by_call_or_proc(FDI__SYS_FCHMODAT2);
    default:
        return true;
    }
}

static bool supports_effective_ids(void)
{
    return fdi__has_call(FDI__SYS_FACCESSAT2) || (getuid() == geteuid() && getgid() == getegid());
}

#else

static bool is_xattr(fdi_function function)
{
    return function == FDI_FN_GETXATTR || function == FDI_FN_SETXATTR ||
           function == FDI_FN_LISTXATTR || function == FDI_FN_REMOVEXATTR;
}

static bool supports_fd(fdi_function function)
{
    if (is_xattr(function))
        return FDI__HAS_XATTR;
    if (function == FDI_FN_EXECVE)
        return FDI__HAS_FEXECVE;
    if (function == FDI_FN_OPEN)
        return fdi__has_proc();
    if (function == FDI_FN_READLINK)
        return FDI__HAS_READLINK_OF_FD;
    return function != FDI_FN_ACCESS && function != FDI_FN_LINK;
}

static bool supports_dir_fd(fdi_function function)
{
    if (function == FDI_FN_MKFIFO || function == FDI_FN_MKNOD)
        return fdi__makes_special_files_at();
    if (is_xattr(function))
        return FDI__HAS_XATTR && FDI__REACHES_ALL;
    if (function == FDI_FN_CHFLAGS)
        return FDI__HAS_BSD_FLAGS && FDI__REACHES_ALL;
    return function != FDI_FN_EXECVE;
}

static bool supports_nofollow(fdi_function function)
{
    return is_xattr(function) ? FDI__HAS_XATTR : true;
}

static bool supports_effective_ids(void)
{
    return true;
}

#endif

bool fdi__os_supports(fdi_function function, enum fdi__form form)
{
    switch (form) {
    case FDI__FD:
        return supports_fd(function);
    case FDI__DIR_FD:
        return supports_dir_fd(function);
    case FDI__NOFOLLOW:
        return supports_nofollow(function);
    default:
        return supports_effective_ids();
    }
}
