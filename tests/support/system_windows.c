/* SPDX-License-Identifier: MIT
 * The functions that Windows supports according to the header. */
#include "files.h"

bool system_has(fdi_function function)
{
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
    default:
        return true;
    }
}
