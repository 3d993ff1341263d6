/* SPDX-License-Identifier: MIT
 * What this system has. */
#include "../platform.h"
#include "win.h"

/* Asked of the volume that the system itself is on; others may be of simpler make. */
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

bool fdi__os_supports(fdi_function function, enum fdi__form form)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
    case FDI_FN_CHOWN:
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
    case FDI_FN_MKFIFO:
    case FDI_FN_MKNOD:
    case FDI_FN_PATHCONF:
        return false;
    case FDI_FN_SYMLINK:
        return has_symlinks();
    default:
        return form != FDI__EFFECTIVE_IDS;
    }
}
