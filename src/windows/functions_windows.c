/* SPDX-License-Identifier: MIT
 * Reports which functions, forms and flags Windows supports. */
#include "../platform.h"
#include "win.h"

/* Checks the system volume only; other volumes may lack symlinks. */
static bool has_symlinks(void)
{
    WCHAR path[MAX_PATH];
    DWORD properties;
    UINT length = GetSystemWindowsDirectoryW(path, MAX_PATH);
    if (length < 3 || length >= MAX_PATH)
        return false;
    path[3] = 0;
    return GetVolumeInformationW(path, NULL, 0, NULL, NULL, &properties, NULL, 0) &&
           (properties & FILE_SUPPORTS_REPARSE_POINTS);
}

bool fdi__os_supports(fdi_function function, fdi_form form, unsigned flags)
{
    (void)form;
    switch (function) {
    case FDI_FN_CHFLAGS:
    case FDI_FN_CHOWN:
    case FDI_FN_EXECVE:
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
    case FDI_FN_MKFIFO:
    case FDI_FN_MKNOD:
    case FDI_FN_PATHCONF:
    case FDI_FN_OPENPTY:
    case FDI_FN_MEMFD_CREATE:
    case FDI_FN_EVENTFD:
    case FDI_FN_EPOLL_CREATE:
    case FDI_FN_KQUEUE:
    case FDI_FN_RECV_FDS:
        return false;
    case FDI_FN_ACCESS:
        return !(flags & FDI_EFFECTIVE_IDS);
    case FDI_FN_SPAWN:
        return !(flags & FDI_SPAWN_NEW_SESSION);
    case FDI_FN_SYMLINK:
        return has_symlinks();
    default:
        return true;
    }
}
