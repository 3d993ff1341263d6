/* SPDX-License-Identifier: MIT
 * The functions that this platform supports according to the contract. */
#include "../../src/platform.h"
#include "files.h"

#include <sys/stat.h>

#if defined(UF_SETTABLE)
enum { HAS_BSD_FLAGS = true };
#else
enum { HAS_BSD_FLAGS = false };
#endif

#if defined(__linux__) || defined(__APPLE__)
enum { HAS_XATTRS = true };
#else
enum { HAS_XATTRS = false };
#endif

bool system_has(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHFLAGS:
        return HAS_BSD_FLAGS;
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
        return HAS_XATTRS;
    default:
        return true;
    }
}
