/* SPDX-License-Identifier: MIT
 * Descriptors that are born non-inheritable. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

#include <fcntl.h>

enum { PERMISSION_BITS = 07777 };

/* Flags that can never be right together: FD_CLOEXEC is O_WRONLY by value, so that a caller who
 * took the one for the other is found out when it meets O_RDWR. */
static bool is_misuse(fdi_target target, int oflags, unsigned mode)
{
    bool both_ways = (oflags & O_WRONLY) && (oflags & O_RDWR);
    return both_ways || (mode & ~(unsigned)PERMISSION_BITS) || (!target.path && (oflags & O_CREAT));
}

static unsigned nofollow(int oflags)
{
#ifdef O_NOFOLLOW
    return oflags & O_NOFOLLOW ? FDI_NOFOLLOW : 0;
#else
    (void)oflags;
    return 0;
#endif
}

int fdi_open(fdi_target target, int oflags, unsigned mode)
{
    if (fdi__check(FDI_FN_OPEN, target, nofollow(oflags)) < 0)
        return -1;
    if (is_misuse(target, oflags, mode))
        return fdi__fail(EINVAL);
    return fdi__os_open(target, oflags, mode);
}
