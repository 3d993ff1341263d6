/* SPDX-License-Identifier: MIT
 * The capabilities of each operating system. This table and the guards around whole files are the
 * only code that names a system. Every other file tests a capability: with a plain `if` if both
 * branches compile, otherwise with `#if`.
 *
 * This file contains constants only. It may include system headers whose macros announce a
 * feature, and sanitizer.h. */
#ifndef FDI__SYSTEMS_H
#define FDI__SYSTEMS_H

#include "sanitizer.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- one column for each system ------------------------------------------------------------- *
 *
 * A new system needs a line here and a column below. Otherwise it gets the last column. */
#if defined(__ANDROID__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) A
#elif defined(__linux__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) L
#elif defined(__APPLE__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) M
#elif defined(__FreeBSD__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) F
#elif defined(__NetBSD__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) N
#elif defined(__OpenBSD__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) O
#elif defined(__DragonFly__)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) D
#elif defined(__sun)
#define FDI__PICK(A, L, M, F, N, O, D, I, other) I
#else
#define FDI__PICK(A, L, M, F, N, O, D, I, other) other
#endif

/* The tests also build the other systems' ways to start a child on Linux. With FDI_ONLY_FORK, the
 * child lists its open descriptors; with FDI_ONLY_CLOSEFROM, it calls closefrom. */
#if defined(FDI_ONLY_CLOSEFROM)
#define FDI__LINUX_CLONES    0
#define FDI__LINUX_CLOSEFROM 1
#elif defined(FDI_ONLY_FORK)
#define FDI__LINUX_CLONES    0
#define FDI__LINUX_CLOSEFROM 0
#else
#define FDI__LINUX_CLONES    1
#define FDI__LINUX_CLOSEFROM 0
#endif

/* clang-format off */
/*                                     Android
 *                                     |  Linux
 *                                     |  |  macOS
 *                                     |  |  |  FreeBSD
 *                                     |  |  |  |  NetBSD
 *                                     |  |  |  |  |  OpenBSD
 *                                     |  |  |  |  |  |  DragonFly
 *                                     |  |  |  |  |  |  |  illumos
 *                                     |  |  |  |  |  |  |  |  other   */

/* The library makes newer Linux calls by number, because headers and C libraries are often older
 * than the kernel. It does not on Android, whose seccomp filter kills a process that makes a call
 * unknown to its release. */
#define FDI__CALLS_BY_NUMBER FDI__PICK(0, 1, 0, 0, 0, 0, 0, 0, 0)
/* Calls of open and close by number are not cancellation points. */
#define FDI__OPENS_BY_NUMBER FDI__PICK(1, 1, 0, 0, 0, 0, 0, 0, 0)

/* Descriptors. */
/* The kernel is known to honour every close-on-exec flag that it accepts. NetBSD and Haiku may
 * ignore the flag of F_DUPFD_CLOEXEC. */
#define FDI__HONOURS_CLOEXEC FDI__PICK(1, 1, 1, 1, 0, 0, 0, 0, 0)
/* Every fcntl command may be a cancellation point, as POSIX allows. */
#define FDI__FCNTL_CANCELS   FDI__PICK(0, 0, 1, 0, 1, 1, 1, 1, 1)
/* listing_linux.c and listing_macos.c find the end of the descriptor table. A system with F_MAXFD
 * needs no entry here, because <fcntl.h> announces it. */
#define FDI__FINDS_LAST_FD   FDI__PICK(1, 1, 1, 0, 0, 0, 0, 0, 0)
#define FDI__HAS_CLOSE_RANGE FDI__PICK(0, 0, 0, 1, 0, 0, 0, 0, 0)
#define FDI__HAS_CLOSEFROM   FDI__PICK(0, FDI__LINUX_CLOSEFROM, 0, 1, 1, 1, 1, 1, 0)
#define FDI__HAS_EVENTFD     FDI__PICK(1, 1, 0, 1, 0, 0, 0, 0, 0)
#define FDI__HAS_EPOLL       FDI__PICK(1, 1, 0, 0, 0, 0, 0, 0, 0)
#define FDI__HAS_KQUEUE      FDI__PICK(0, 0, 1, 1, 1, 1, 1, 0, 0)
#define FDI__HAS_LINUX_PTY   FDI__PICK(1, 1, 0, 0, 0, 0, 0, 0, 0)
/* One ioctl opens both ends of a pseudo-terminal, without FD_CLOEXEC. */
#define FDI__HAS_PTMGET      FDI__PICK(0, 0, 0, 0, 0, 1, 0, 0, 0)
/* The type of the control message that carries a pidfd, or -1. Older Linux headers lack it. */
#define FDI__SCM_PIDFD       FDI__PICK(4, 4,-1,-1,-1,-1,-1,-1,-1)

/* Files. */
/* /proc/self/fd contains a link to the file of each fd. */
#define FDI__HAS_PROCFS      FDI__PICK(1, 1, 0, 0, 0, 0, 0, 0, 0)
/* fdi_link can give the file of an fd a new name. */
#define FDI__LINKS_FDS       FDI__PICK(0, 1, 0, 0, 0, 0, 0, 0, 0)
#define FDI__HAS_MKFIFOAT    FDI__PICK(1, 1, 0, 1, 1, 1, 1, 1, 1)
/* mkdir sets the sticky bit; the other kernels ignore it. */
#define FDI__MKDIR_IS_STICKY FDI__PICK(1, 1, 0, 0, 0, 0, 0, 1, 0)
/* The width of the kernel's device numbers, which may be narrower than dev_t. */
#define FDI__DEVICE_BITS     FDI__PICK(32,32,64,64,64,64,64,64,64)
#define FDI__HAS_XATTR       FDI__PICK(1, 1, 1, 0, 0, 0, 0, 0, 0)
#define FDI__HAS_CHFLAGSAT   FDI__PICK(0, 0, 0, 1, 0, 1, 1, 0, 0)
#define FDI__HAS_ARC4RANDOM  FDI__PICK(0, 0, 1, 1, 1, 1, 1, 0, 0)
/* struct statvfs counts blocks in 64 bits. */
#define FDI__WIDE_STATVFS     FDI__PICK(1, 1, 0, 1, 1, 1, 1, 1, 1)
/* The members of struct stat for times are called st_atim or st_atimespec, for example. */
#define FDI__TIME_SUFFIX     FDI__PICK(tim, tim, timespec, tim, timespec, tim, tim, tim, tim)

/* Programs. */
/* A child may share the memory of its parent until it executes a program. */
#define FDI__CLONES          FDI__PICK(FDI__LINUX_CLONES, FDI__LINUX_CLONES, 0, 0, 0, 0, 0, 0, 0)
/* fdi_spawn creates the child itself, so the program may be an fd. macOS uses posix_spawn, which
 * takes only a path. */
#define FDI__SPAWNS_FDS      FDI__PICK(1, 1, 0, 1, 1, 1, 1, 1, 1)
#define FDI__HAS_FEXECVE     FDI__PICK(1, 1, 0, 1, 1, 0, 1, 1, 1)
/* On FreeBSD the program defines `environ`, so a shared library is linked without a definition. */
#define FDI__ENVIRON_LINKAGE FDI__PICK(, , , __attribute__((weak)), , , , , )
/* clang-format on */

/* ---- Linux ---------------------------------------------------------------------------------- */

/* FDI__OFLAGS contains every flag of open that exists. The Linux kernel ignores unknown flags, so
 * the library rejects them. O_TMPFILE includes O_DIRECTORY. On most machines, O_NDELAY and O_RSYNC
 * equal other flags. On other systems the library passes every flag to the kernel. */
#if defined(__linux__)
#include <sys/syscall.h>
#define FDI__OFLAGS                                                                                \
    (O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC |          \
     O_DSYNC | O_ASYNC | O_DIRECT | O_LARGEFILE | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH |    \
     O_TMPFILE | O_NDELAY | O_RSYNC | FDI__O_LARGEFILE)
#else
#define FDI__OFLAGS (~0)
#endif
/* The number of the kernel's signals. */
#if defined(__mips__)
#define FDI__KERNEL_SIGNALS 128
#else
#define FDI__KERNEL_SIGNALS 64
#endif
#if defined(__linux__) && !defined(O_TMPFILE) /* headers before Linux 3.11 */
#define O_TMPFILE (020000000 | O_DIRECTORY)
#endif

/* For an O_PATH fd, musl falls back to procfs by itself, so the library calls the kernel directly.
 * It calls the functions of other C libraries, so that an interposed library such as fakeroot sees
 * the call. */
#if FDI__CALLS_BY_NUMBER && !defined(__GLIBC__)
#define FDI__LIBC_USES_PROCFS 1
#else
#define FDI__LIBC_USES_PROCFS 0
#endif

/* Headers before Linux 3.17 lack these numbers. The library cannot supply them, because they differ
 * between machines. */
#if FDI__CALLS_BY_NUMBER && defined(SYS_memfd_create) && defined(SYS_getrandom)
#define FDI__HAS_GETRANDOM 1
#define FDI__HAS_MEMFD     1
#else
#define FDI__HAS_GETRANDOM 0
#define FDI__HAS_MEMFD     FDI__PICK(0, 0, 0, 1, 0, 0, 0, 0, 0)
#endif
/* Headers before Linux 3.19 lack this number. Call -1 always fails with ENOSYS. */
#if defined(SYS_execveat)
#define FDI__SYS_EXECVEAT SYS_execveat
#else
#define FDI__SYS_EXECVEAT (-1)
#endif
/* Headers before Linux 4.11 lack this number. */
#if FDI__CALLS_BY_NUMBER && defined(SYS_statx)
#define FDI__HAS_STATX 1
#else
#define FDI__HAS_STATX 0
#endif
/* A 32-bit C library implements its stat functions with statx, so they may fail where statx is
 * blocked. On these machines the library knows the kernel's structure for the older call. */
#if FDI__HAS_STATX && (defined(__i386__) || defined(__arm__))
#define FDI__HAS_FSTATAT64 1
#else
#define FDI__HAS_FSTATAT64 0
#endif

/* ---- how a build creates descriptors --------------------------------------------------------- */

/* With FDI_VERIFY_CLOEXEC, formerly FDI_MARK_AGAIN, the library sets the flag again on every
 * system. */
#if defined(FDI_VERIFY_CLOEXEC) || defined(FDI_MARK_AGAIN)
#define FDI__TRUSTS_CLOEXEC 0
#else
#define FDI__TRUSTS_CLOEXEC FDI__HONOURS_CLOEXEC
#endif

/* A system with these flags also has pipe2, dup3 and accept4, because they were introduced
 * together. */
#if defined(SOCK_CLOEXEC) && defined(MSG_CMSG_CLOEXEC) && !defined(FDI_NO_ATOMIC_CALLS)
#define FDI__HAS_ATOMIC_CALLS 1
#else
#define FDI__HAS_ATOMIC_CALLS 0
#endif
#if (FDI__HAS_ATOMIC_CALLS && !FDI__HAS_PTMGET) || defined(FDI_NO_FORK_LOCK)
#define FDI__HAS_FORK_LOCK 0
#else
#define FDI__HAS_FORK_LOCK 1
#endif

/* glibc's fopen accepts "e" and "x". */
#if defined(__GLIBC__) && !defined(__UCLIBC__)
#define FDI__FOPEN_TAKES_FLAGS FDI__TRUSTS_CLOEXEC
#else
#define FDI__FOPEN_TAKES_FLAGS 0
#endif

/* ---- flags that headers announce ------------------------------------------------------------- */

/* FDI__O_ONLY_PATH opens a file without access to its data. Without O_PATH, these flags open it
 * with the fewest side effects. Entering a directory requires search permission only, so O_SEARCH
 * is enough. */
#if defined(O_PATH)
#define FDI__O_ONLY_PATH        (O_PATH | O_CLOEXEC)
#define FDI__O_ONLY_DIRECTORY   (O_PATH | O_CLOEXEC | O_DIRECTORY)
#define FDI__HAS_READLINK_OF_FD 1
#elif defined(O_SEARCH)
#define FDI__O_ONLY_PATH        (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FDI__O_ONLY_DIRECTORY   (O_SEARCH | O_CLOEXEC | O_DIRECTORY)
#define FDI__HAS_READLINK_OF_FD 0
#else
#define FDI__O_ONLY_PATH        (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define FDI__O_ONLY_DIRECTORY   (FDI__O_ONLY_PATH | O_DIRECTORY)
#define FDI__HAS_READLINK_OF_FD 0
#endif

/* FDI__O_SYMLINK_ITSELF opens a final symlink itself if O_SYMLINK (macOS) or O_PATH exists.
 * Elsewhere the open fails.
 *
 * An operation without a call that takes a directory fd must open its file first. O_SYMLINK makes
 * that possible for a symlink too. */
#if defined(O_SYMLINK)
#define FDI__O_SYMLINK_ITSELF O_SYMLINK
#define FDI__OPENS_SYMLINKS   1
#else
#define FDI__O_SYMLINK_ITSELF O_NOFOLLOW
#define FDI__OPENS_SYMLINKS   0
#endif

#if defined(AT_EMPTY_PATH)
#define FDI__HAS_EMPTY_PATH 1
#else
#define FDI__HAS_EMPTY_PATH 0
#define AT_EMPTY_PATH       0
#endif

#if defined(UF_SETTABLE)
#define FDI__HAS_BSD_FLAGS 1
#else
#define FDI__HAS_BSD_FLAGS 0
#endif

#ifndef O_NOATIME
#define O_NOATIME 0
#endif
#ifndef O_DIRECT
#define O_DIRECT 0
#endif
#ifndef O_ASYNC
#define O_ASYNC 0
#endif
#ifndef O_RSYNC
#define O_RSYNC 0
#endif
#ifndef O_DSYNC
#define O_DSYNC 0
#endif
#ifndef O_LARGEFILE
#define O_LARGEFILE 0
#endif

/* The kernel's O_LARGEFILE, which F_GETFL reports; 64-bit C libraries define it as 0. Most
 * machines assign the same four bits to the same four flags, in different orders, so the library
 * accepts all four bits there. */
#if defined(__mips__)
#define FDI__O_LARGEFILE 0x2000
#elif defined(__sparc__)
#define FDI__O_LARGEFILE 0x40000
#else
#define FDI__O_LARGEFILE 0740000
#endif

#endif
