/* SPDX-License-Identifier: MIT
 * The numbers of newer Linux calls. Every machine uses the same numbers, some with an offset. On
 * mips the offset depends on the ABI: SYS_read is 4003, 5000 or 6000. */
#ifndef FDI__LINUX_CALLS_H
#define FDI__LINUX_CALLS_H

#include "systems.h"

#if FDI__HAS_PROCFS

#if defined(__mips__)
#define FDI__CALL(number) (SYS_read / 1000 * 1000 + (number))
#elif defined(__alpha__)
#define FDI__CALL(number) (110 + (number))
#elif defined(__x86_64__) && defined(__ILP32__)
#define FDI__CALL(number) (__X32_SYSCALL_BIT + (number))
#else
#define FDI__CALL(number) (number)
#endif

#define FDI__SYS_PIDFD_OPEN    FDI__CALL(434)
#define FDI__SYS_CLOSE_RANGE   FDI__CALL(436)
#define FDI__SYS_PIDFD_GETFD   FDI__CALL(438)
#define FDI__SYS_FACCESSAT2    FDI__CALL(439)
#define FDI__SYS_FCHMODAT2     FDI__CALL(452)
#define FDI__SYS_SETXATTRAT    FDI__CALL(463)
#define FDI__SYS_GETXATTRAT    FDI__CALL(464)
#define FDI__SYS_LISTXATTRAT   FDI__CALL(465)
#define FDI__SYS_REMOVEXATTRAT FDI__CALL(466)

#endif
#endif
