/* SPDX-License-Identifier: MIT
 * Feature macros, and nothing else. The first include of every .c file: set later they would come
 * too late, and a file compiled without configure step must see the same system as Meson's. */
#ifndef FDI__PLATFORM_H
#define FDI__PLATFORM_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* O_PATH, F_DUPFD_CLOEXEC, pipe2 and syscall() under -std=c99 */
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#ifndef _TIME_BITS
#define _TIME_BITS 64 /* years past 2038 on 32-bit systems whose C library can */
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
#define _WIN32_WINNT 0x0602 /* Windows 8: file ids of 128 bits */
#endif
#ifndef _CRT_RAND_S
#define _CRT_RAND_S 1 /* rand_s: the system's random numbers, through the C run-time */
#endif

#endif
