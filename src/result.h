/* SPDX-License-Identifier: MIT
 * Helpers that set or restore errno. A backend returns -1 and sets errno as the C library does,
 * so that the common call is a tail call. These helpers preserve errno on success. */
#ifndef FDI__RESULT_H
#define FDI__RESULT_H

#include <errno.h>
#include <stdbool.h>

static inline int fdi__fail(int error)
{
    errno = error;
    return -1;
}

/* Returns the result of a fallback. If the fallback succeeded, this restores the errno that the
 * failed first attempt changed. */
static inline int fdi__restore_errno_on_success(int saved_errno, int result)
{
    if (result >= 0)
        errno = saved_errno;
    return result;
}

/* Returns the result of a call after a cleanup that may have changed errno. */
static inline int fdi__restore_errno(int saved_errno, int result)
{
    errno = saved_errno;
    return result;
}

/* Repeats a call that a signal interrupted. The call must be safe to repeat.
 *
 * Success restores errno even without a repetition. The C library may try a missing system call
 * first, and then succeed another way with errno changed. */
#define FDI__RETRY(result, call) FDI__RETRY_FAILURE(result, -1, call)
/* Does the same for a call that returns `failure` instead of -1. */
#define FDI__RETRY_FAILURE(result, failure, call)                                                  \
    do {                                                                                           \
        const int errno_before = errno;                                                            \
        while (((result) = (call)) == (failure) && errno == EINTR)                                 \
            ;                                                                                      \
        if ((result) != (failure))                                                                 \
            errno = errno_before;                                                                  \
    } while (0)

#endif
