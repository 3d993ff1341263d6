/* SPDX-License-Identifier: MIT
 * The only writer of errno. A backend speaks as the C library does, -1 and errno, so that the
 * common call is a tail call; these three keep the promise that success leaves errno alone. */
#ifndef FDI__RESULT_H
#define FDI__RESULT_H

#include <errno.h>
#include <stdbool.h>

static inline int fdi__fail(int error)
{
    errno = error;
    return -1;
}

/* The result of a fallback: where it succeeded, the refusal before it must leave no trace. */
static inline int fdi__recovered(int saved_errno, int result)
{
    if (result >= 0)
        errno = saved_errno;
    return result;
}

/* The result of a call followed by cleaning up, which must not change what the call said. */
static inline int fdi__kept(int saved_errno, int result)
{
    errno = saved_errno;
    return result;
}

/* Repeats a call that a signal interrupted. Only for calls that are safe to repeat. errno is put back
 * also where nothing was repeated: the C library, with ways of its own round a call that the kernel
 * lacks, may succeed and leave it changed. */
#define FDI__RETRY(result, call)                                                                   \
    do {                                                                                           \
        const int errno_before = errno;                                                            \
        while (((result) = (call)) == -1 && errno == EINTR)                                        \
            ;                                                                                      \
        if ((result) != -1)                                                                        \
            errno = errno_before;                                                                  \
    } while (0)

#endif
