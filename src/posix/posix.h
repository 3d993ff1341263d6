/* SPDX-License-Identifier: MIT
 * Shared declarations of the POSIX backend: constants that older headers lack, and the functions
 * that reach a file indirectly. */
#ifndef FDI__POSIX_H
#define FDI__POSIX_H

#include "../../include/fdinherit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Newer system calls are made by number, because headers and C libraries are often older than
 * the kernel. Android is excluded: its seccomp filter kills a process that makes a call unknown
 * to its release. */
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
/* musl falls back to procfs by itself for an O_PATH fd. Other libraries' functions are called,
 * so that an interposed library such as fakeroot sees the call. */
#if !defined(__GLIBC__)
#define FDI__LIBC_USES_PROCFS 1
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

/* A path and its directory fd are passed to the ...at functions unchanged. */
typedef char fdi__at_fdcwd_agrees[FDI_AT_FDCWD == (int)AT_FDCWD ? 1 : -1];

/* Opens a file without access to its data. Without O_PATH, these flags open it with the fewest
 * side effects. */
#ifdef O_PATH
#define FDI__O_ONLY_PATH (O_PATH | O_CLOEXEC)
#else
#define FDI__O_ONLY_PATH (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#endif

/* Entering a directory requires search permission only, so O_SEARCH is enough. */
#if defined(O_PATH) || !defined(O_SEARCH)
#define FDI__O_ONLY_DIRECTORY (FDI__O_ONLY_PATH | O_DIRECTORY)
#else
#define FDI__O_ONLY_DIRECTORY (O_SEARCH | O_DIRECTORY | O_CLOEXEC)
#endif

/* Opens a final symlink itself with O_SYMLINK (macOS) or O_PATH. Elsewhere the open fails. */
#if defined(O_SYMLINK)
#define FDI__O_SYMLINK_ITSELF O_SYMLINK
#else
#define FDI__O_SYMLINK_ITSELF O_NOFOLLOW
#endif

/* No macro announces fexecve. */
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

/* The extended attribute calls of Linux and macOS. */
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

/* macOS uses posix_spawn instead of fork, and posix_spawn takes a path only. */
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

/* If no call takes a directory fd, the file is opened first. O_SYMLINK makes that possible for a
 * symlink too. */
#if defined(O_SYMLINK)
enum { FDI__OPENS_SYMLINKS = true };
#else
enum { FDI__OPENS_SYMLINKS = false };
#endif

/* The C library generates random numbers with arc4random. */
#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) ||   \
    defined(__DragonFly__)
#define FDI__ARC4RANDOM 1
#endif

/* Returns true if a call without a directory fd would name another file. */
static inline bool fdi__needs_dir_fd(fdi_target target)
{
    return target.fd != FDI_AT_FDCWD && target.path[0] != '/';
}

static inline int fdi__at_flags(unsigned flags)
{
    return flags & FDI_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
}

/* ---- procfs_path.c: indirect access to a file ---------------------------------------------- */

/* The procfs path of an open descriptor. It leads to the file even after a rename or unlink. */
struct fdi__procfs_path {
    char text[32];
};
struct fdi__procfs_path fdi__procfs_path(int fd);
bool fdi__has_procfs(void);

/* Returns the result of a call on the procfs path of `fd`, with a corrected error. EBADF means that
 * `fd` is closed, and ENOTSUP that procfs is missing. */
int fdi__procfs_result(int fd, int result);

/* Opens a path without access to the file's data. */
int fdi__open_path(fdi_target target, unsigned flags);
/* Closes `fd`, preserves errno and returns `result`. */
int fdi__close_keep_errno(int fd, int result);

/* ---- uncancelled_posix.c: calls that are not cancellation points ---------------------------- *
 *
 * The C library's open and close act on a pending cancellation. A function that must not act on
 * one, or that would leak a descriptor, uses these instead. */

/* Opens a path. Repeats the call after EINTR. */
int fdi__openat(int dir_fd, const char *path, int oflags, mode_t mode);
/* Closes a descriptor and preserves errno. */
void fdi__close(int fd);

/* POSIX allows every fcntl command to be a cancellation point. On macOS and NetBSD they all are. */
#if defined(__linux__) || defined(__FreeBSD__)
#define fdi__fcntl fcntl
#else
int fdi__fcntl(int fd, int command, ...);
#endif

/* Reports whether the kernel and its seccomp filters allow the system call with this number. */
bool fdi__has_call(long number);
/* Reports whether the system call with this number has just failed because it is missing or
 * blocked by a sandbox. Returns false if the call's arguments caused the error. */
bool fdi__was_refused(long number);

/* ---- used by functions_posix.c and by the operation itself --------------------------------- */

bool fdi__supports_path(fdi_function function);
bool fdi__supports_fd(fdi_function function);
bool fdi__supports_dir_fd(fdi_function function);
bool fdi__supports_nofollow(fdi_function function);
bool fdi__supports_effective_ids(void);
bool fdi__has_memfd(void);
bool fdi__may_link_fd(int fd);
bool fdi__makes_special_files_at(void);
long fdi__xattrat_number(fdi_function function);

#endif
