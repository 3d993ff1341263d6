/* SPDX-License-Identifier: MIT
 * Constants that older headers lack. The kernel answers for them at run time. */
#ifndef FDI__POSIX_H
#define FDI__POSIX_H

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Newer calls are made by number: headers and C libraries are often older than the kernel. Not on
 * Android, whose filter kills a process that tries a call its release does not know. */
#if defined(__linux__) && !defined(__ANDROID__)
#    include <sys/syscall.h>
#    define FDI__BY_NUMBER 1
#    if defined(__mips__)
#        define FDI__CALL(number) (__NR_Linux + (number))
#    elif defined(__alpha__)
#        define FDI__CALL(number) (110 + (number))
#    elif defined(__x86_64__) && defined(__ILP32__)
#        define FDI__CALL(number) (__X32_SYSCALL_BIT + (number))
#    else
#        define FDI__CALL(number) (number)
#    endif
#    define FDI__SYS_CLOSE_RANGE FDI__CALL(436)
#endif

#ifndef CLOSE_RANGE_CLOEXEC
#    define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

#endif
