/* SPDX-License-Identifier: MIT
 * Raw system calls that return -errno and preserve errno. A caller can try a call that may fail
 * without saving errno, which would cost more than the attempt. */
#ifndef FDI__RAW_SYSCALL_H
#define FDI__RAW_SYSCALL_H

#include "posix.h"

#if FDI__CALLS_BY_NUMBER

#if defined(__x86_64__) && defined(__LP64__)

static inline long fdi__raw_syscall(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "cc", "memory");
    return result;
}

#elif defined(__aarch64__) && defined(__LP64__)

static inline long fdi__raw_syscall(long number, long a, long b, long c)
{
    register long result __asm__("x0") = a;
    register long second __asm__("x1") = b;
    register long third __asm__("x2") = c;
    register long call __asm__("x8") = number;
    __asm__ volatile("svc #0" : "+r"(result) : "r"(second), "r"(third), "r"(call) : "cc", "memory");
    return result;
}

#else

static inline long fdi__raw_syscall(long number, long a, long b, long c)
{
    int saved_errno = errno;
    long result = syscall(number, a, b, c);
    if (result == -1) {
        result = -errno;
        errno = saved_errno;
    }
    return result;
}

#endif
#endif
#endif
