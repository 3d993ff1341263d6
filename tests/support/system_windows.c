/* SPDX-License-Identifier: MIT
 * What this system has, as the contract says. */
#include "files.h"

bool system_has(fdi_function function)
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
    default:
        return true;
    }
}
