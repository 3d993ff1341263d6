/* SPDX-License-Identifier: MIT
 * Confined targets on every system but Linux: no call opens a confined path. */
#include "../platform.h"
#include "../result.h"
#include "lookup.h"
#include "posix.h"

#if !defined(__linux__)

int fdi__open_by_kernel(const struct fdi__goal *goal)
{
    (void)goal;
    return fdi__fail(ENOSYS);
}

int fdi__check_link(const struct fdi__link *link)
{
    return link->length < 0 ? -1 : 0;
}

#endif
