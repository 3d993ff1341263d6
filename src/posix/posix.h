/* SPDX-License-Identifier: MIT
 * What the POSIX backend shares: constants that older headers lack, for which the kernel answers at
 * run time, and the other ways to a file of reach_posix.c. */
#ifndef FDI__POSIX_H
#define FDI__POSIX_H

#include "../../include/fdinherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Newer calls are made by number: headers and C libraries are often older than the kernel. Not on
 * Android, whose filter kills a process that tries a call its release does not know. */
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#if defined(__linux__) && !defined(__ANDROID__)
#define FDI__BY_NUMBER 1
#if defined(__mips__)
#define FDI__CALL(number) (__NR_Linux + (number))
#elif defined(__alpha__)
#define FDI__CALL(number) (110 + (number))
#elif defined(__x86_64__) && defined(__ILP32__)
#define FDI__CALL(number) (__X32_SYSCALL_BIT + (number))
#else
#define FDI__CALL(number) (number)
#endif
/* musl goes to procfs by itself for an fd that only reaches its file. Elsewhere the C library's function
 * is called, so that what stands in for that (fakeroot) sees it. */
#if !defined(__GLIBC__)
#define FDI__OWN_WAYS_TO_FDS 1
#endif
#define FDI__SYS_PIDFD_OPEN    FDI__CALL(434)
#define FDI__SYS_CLOSE_RANGE   FDI__CALL(436)
#define FDI__SYS_FACCESSAT2    FDI__CALL(439)
#define FDI__SYS_FCHMODAT2     FDI__CALL(452)
#define FDI__SYS_SETXATTRAT    FDI__CALL(463)
#define FDI__SYS_GETXATTRAT    FDI__CALL(464)
#define FDI__SYS_LISTXATTRAT   FDI__CALL(465)
#define FDI__SYS_REMOVEXATTRAT FDI__CALL(466)
#endif

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

/* A path with its directory goes to the ...at calls as it is. */
typedef char fdi__at_fdcwd_agrees[FDI_AT_FDCWD == (int)AT_FDCWD ? 1 : -1];

/* For reaching a file without opening it. Where that does not exist, opening it in the way that
 * disturbs it least. */
#ifdef O_PATH
#define FDI__O_REACH (O_PATH | O_CLOEXEC)
#else
#define FDI__O_REACH (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#endif

/* A directory needs no permission to be read for being entered. */
#if defined(O_PATH) || !defined(O_SEARCH)
#define FDI__O_REACH_DIRECTORY (FDI__O_REACH | O_DIRECTORY)
#else
#define FDI__O_REACH_DIRECTORY (O_SEARCH | O_DIRECTORY)
#endif

/* For a final symlink: macOS opens it itself, O_PATH too; else it is refused. */
#if defined(O_SYMLINK)
#define FDI__O_ITSELF O_SYMLINK
#else
#define FDI__O_ITSELF O_NOFOLLOW
#endif

/* No macro tells of fexecve. */
#if defined(__APPLE__) || defined(__OpenBSD__)
enum { FDI__HAS_FEXECVE = false };
#else
#define FDI__FEXECVE 1
enum { FDI__HAS_FEXECVE = true };
#endif

#if defined(O_PATH)
enum { FDI__HAS_READLINK_OF_FD = true };
#else
enum { FDI__HAS_READLINK_OF_FD = false };
#endif

/* Extended attributes as Linux and macOS have them. */
#if defined(__linux__) || defined(__APPLE__)
#define FDI__XATTR 1
enum { FDI__HAS_XATTR = true };
#else
enum { FDI__HAS_XATTR = false };
#endif

#if defined(__FreeBSD__)
enum { FDI__HAS_EVENTFD = true };
#else
enum { FDI__HAS_EVENTFD = false };
#endif

#if defined(__ANDROID__)
enum { FDI__HAS_EPOLL = true, FDI__HAS_KQUEUE = false };
#elif defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(__DragonFly__)
enum { FDI__HAS_EPOLL = false, FDI__HAS_KQUEUE = true };
#else
enum { FDI__HAS_EPOLL = false, FDI__HAS_KQUEUE = false };
#endif

/* posix_spawn, which macOS has in place of fork, takes a path only. */
#if defined(__APPLE__)
enum { FDI__SPAWNS_FDS = false };
#else
enum { FDI__SPAWNS_FDS = true };
#endif

#if defined(UF_SETTABLE)
enum { FDI__HAS_BSD_FLAGS = true };
#else
enum { FDI__HAS_BSD_FLAGS = false };
#endif

/* Without a call that takes a dir_fd, opening the file serves where it can be a symlink too. */
#if defined(O_SYMLINK)
enum { FDI__REACHES_ALL = true };
#else
enum { FDI__REACHES_ALL = false };
#endif

/* A generator of random numbers in the C library. */
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) ||   \
    defined(__DragonFly__)
#define FDI__ARC4RANDOM 1
#endif

/* Reports whether the call without a dir_fd would name another file. */
static inline bool fdi__is_relative(fdi_target target)
{
    return target.fd != FDI_AT_FDCWD && target.path[0] != '/';
}

static inline int fdi__at_flags(unsigned flags)
{
    return flags & FDI_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
}

/* ---- reach_posix.c: other ways to a file --------------------------------------------------- */

/* The name under which procfs shows an open file: its file, whatever became of the names. */
struct fdi__proc_name {
    char text[32];
};
struct fdi__proc_name fdi__proc_name(int fd);
bool fdi__has_proc(void);

/* The answer of a call on the procfs name of `fd`: where it failed for want of procfs, or of an
 * open `fd`, that is the error. */
int fdi__by_proc(int fd, int result);

/* Opens a path only to reach its file, not to read it. */
int fdi__reach(fdi_target target, unsigned flags);
/* Closes it and returns `result`, with errno as it was before. */
int fdi__leave(int fd, int result);

/* ---- uncancelled_posix.c: calls that are no cancellation points ----------------------------- *
 *
 * The C library's open and close act on a pending cancellation. Functions that must not act on one,
 * or that have something open, use these. */

/* Opens a path; repeated after EINTR. */
int fdi__openat(int dir_fd, const char *path, int oflags, mode_t mode);
/* Closes a descriptor and leaves errno alone. */
void fdi__close(int fd);

/* fcntl. POSIX allows it to be a cancellation point for every command; macOS and NetBSD do that. */
#if defined(__linux__) || defined(__FreeBSD__)
#define fdi__fcntl fcntl
#else
int fdi__fcntl(int fd, int command, ...);
#endif

/* Whether the kernel lets the call with this number be made at all. */
bool fdi__has_call(long number);
/* Whether the call with this number has just failed because the kernel does not have it or a
 * sandbox refuses it, and not because of what was asked. */
bool fdi__was_refused(long number);

/* ---- asked by functions_posix.c as well as by the operation itself -------------------------- */

bool fdi__has_memfd(void);
bool fdi__may_link_fd(int fd);
bool fdi__makes_special_files_at(void);
long fdi__xattrat_number(fdi_function function);

#endif
