/* SPDX-License-Identifier: MIT
 * Feature test macros only. Every .c file includes this file first, because the macros have no
 * effect after a system header. A build without a configure step then sees the same declarations
 * as a Meson build. */
#ifndef FDI__PLATFORM_H
#define FDI__PLATFORM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* O_PATH, F_DUPFD_CLOEXEC, pipe2 and syscall() under -std=c99 */
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _TIME_BITS
#define _TIME_BITS 64 /* dates after 2038 on 32-bit systems, if the C library supports them */
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE 1
#endif
#ifndef _NETBSD_SOURCE
#define _NETBSD_SOURCE 1
#endif
#ifndef __EXTENSIONS__
#define __EXTENSIONS__ 1 /* illumos and Solaris */
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* Windows 8: 128-bit file IDs */
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN 1 /* winsock2.h and others include windows.h, which defines `small` */
#endif
#ifndef _CRT_SECURE_NO_WARNINGS
#define _CRT_SECURE_NO_WARNINGS 1 /* Microsoft's CRT calls strcpy, fopen and getenv deprecated */
#endif
#ifndef _CRT_NONSTDC_NO_WARNINGS
#define _CRT_NONSTDC_NO_WARNINGS 1
#endif
#ifndef _CRT_RAND_S
#define _CRT_RAND_S 1 /* rand_s, the CRT's access to the random numbers of Windows */
#endif

#endif
