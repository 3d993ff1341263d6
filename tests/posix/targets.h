/* SPDX-License-Identifier: MIT
 * The functions that act on a target. */
#ifndef FDI_TEST_TARGETS_H
#define FDI_TEST_TARGETS_H

#include "fdinherit.h"

/* Reports whether call_any can call this function: the other functions take no target. */
static inline bool takes_target(fdi_function function)
{
    switch (function) {
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

#endif
