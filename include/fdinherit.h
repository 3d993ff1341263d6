/* SPDX-License-Identifier: MIT
 *
 * libfdinherit: descriptors that do not leak into child processes.
 *
 * HOW TO READ THIS FILE
 *
 * This header is the whole interface and its manual. Each comment gives a summary and the meaning,
 * then labels: Returns, Errors, the systems that differ, Safety, Source. "Errors" lists the
 * function's own errors. It can also fail with the errors of the POSIX function or system call of
 * its name.
 *
 * RULES FOR EVERY FUNCTION
 *
 * - Success is 0, a non-negative value or a valid descriptor, and leaves errno as it was. Failure
 *   is -1 (or NULL) with errno set.
 * - A failed call changes nothing, except where its comment says so: no new descriptor is open and
 *   no flag is changed.
 * - Misuse is EINVAL, found before the function does anything. Misuse is an argument that can never
 *   be right, or an unknown flag bit.
 * - Every function can be linked on every system. A system that lacks an operation returns ENOTSUP;
 *   the operation is never replaced by something similar.
 * - There is no start-up call, nothing is remembered between calls, and nothing is printed.
 * - A system call that a signal interrupts (EINTR) is repeated if that is safe. Functions that
 *   make, rename or remove a name are not repeated, because the first attempt may have succeeded.
 *   fdi_dup2 and functions that close are not, because another thread may have taken the number
 *   meanwhile.
 * - Any thread may call any function at any time, unless its comment restricts that. A function is
 *   "async-signal-safe" only if its comment or its section says so. It may then also be called in a
 *   signal handler, and between fork and exec in a program with threads.
 * - Only fdi_open, fdi_wait, fdi_accept and fdi_recv_fds act on thread cancellation, and only
 *   before they have done anything.
 *
 * WORDS
 *
 * "fd" is a file descriptor; on Windows, one of the C run-time (CRT). "handle" is a Windows HANDLE.
 * A descriptor is "inheritable" when a program that this process starts receives it. On POSIX its
 * close-on-exec flag (FD_CLOEXEC) is then clear; on Windows its handle has HANDLE_FLAG_INHERIT.
 *
 * WINDOWS
 *
 * The oldest supported version is Windows 10. A program and a DLL of this library must use the same
 * CRT, because an fd is a number in the table of one CRT.
 */
#ifndef FDINHERIT_H
#define FDINHERIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* FDI_API marks the symbols that a shared library exports. On Windows a .def file exports them, so
 * that one header serves users of the static library and of the DLL. */
#if defined(__GNUC__) && !defined(_WIN32)
#define FDI_API __attribute__((visibility("default")))
#else
#define FDI_API
#endif

#ifdef __cplusplus
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* a struct and a function share a name, as stat(2)'s */
#endif
extern "C" {
#endif

/* ---- Version ---------------------------------------------------------------------------- */

#define FDI_VERSION_MAJOR 0
#define FDI_VERSION_MINOR 10
#define FDI_VERSION_PATCH 0

/* The version of this header as one number that can be compared: 0xMMmmpp. */
#define FDI_VERSION       ((FDI_VERSION_MAJOR << 16) | (FDI_VERSION_MINOR << 8) | FDI_VERSION_PATCH)

/* Reports the version of the library in use, which may be newer than this header.
 *
 * Returns: an FDI_VERSION. It cannot fail.
 * Safety:  async-signal-safe. */
FDI_API int fdi_version(void);

/* ---- Flags ------------------------------------------------------------------------------ */

/* Each flag has a bit of its own. A function takes the flags that its comment names; every other
 * bit is EINVAL, so that a flag of another function is found. No flag has the value of FD_CLOEXEC,
 * O_CLOEXEC, CLOSE_RANGE_CLOEXEC or a close-on-fork constant of Linux, macOS or BSD. */
enum {
    FDI_INHERITABLE = 0x0010,         /* dup, dup2: the new descriptor is inheritable */
    FDI_NONBLOCK = 0x0020,            /* the new descriptors do not block */
    FDI_EFFECTIVE_IDS = 0x0040,       /* access: check the effective ids, not the real ones */
    FDI_NOFOLLOW = 0x0080,            /* act on a final symlink itself */
    FDI_WAIT_KEEP = 0x0200,           /* wait: do not reap; the child can be waited for again */
    FDI_TARGET_IS_DIRECTORY = 0x2000, /* symlink: to a directory; Windows needs this */
    FDI_ABOVE_STDIO = 0x4000          /* the new descriptors are 3 or higher */
};

/* ---- 1. Inheritance --------------------------------------------------------------------- */

/* A Windows HANDLE. */
typedef void *fdi_handle;

/* As `last` of fdi_set_inheritable_range: up to the last open descriptor. */
enum { FDI_LAST_FD = INT32_MAX };

/* Reports whether `fd` is inheritable.
 *
 * Returns: 1 if it is, 0 if it is not.
 * Errors:  EBADF if `fd` is not open.
 * WASI:    there are no processes; the answer for an open fd is 0.
 * Safety:  async-signal-safe; one system call.
 * Source:  PEP 446; fcntl(2) F_GETFD; GetHandleInformation. */
FDI_API int fdi_get_inheritable(int fd);

/* Makes `fd` inheritable or not.
 *
 * The call changes the close-on-exec bit alone, by one single-bit operation where the system has
 * one. Other descriptor flags survive, and two threads do not undo each other's change. If that
 * operation is refused (an O_PATH descriptor, a sandbox), the flags are read and written instead.
 * Trap: fdi_set_inheritable(fd, FD_CLOEXEC) passes `true` and makes `fd` inheritable.
 *
 * Errors:  EBADF if `fd` is not open. ENOTSUP for making an fd inheritable on WASI.
 * Windows: the handle's flag is set. The CRT has a second flag, which decides what _spawn and _exec
 *          pass on; it has no call to change that flag.
 * Safety:  async-signal-safe; one system call, or three if the first is refused.
 * Source:  PEP 446; ioctl FIOCLEX and FIONCLEX; SetHandleInformation. */
FDI_API int fdi_set_inheritable(int fd, bool inheritable);

/* Reports whether the Windows handle `handle` is inheritable.
 *
 * Returns: 1 if it is, 0 if it is not.
 * Errors:  EBADF if it is not an open handle. NULL and the pseudo handles of the current process
 *          (-1) and thread (-2) are not open handles. ENOTSUP on every system but Windows.
 * Source:  os.get_handle_inheritable; GetHandleInformation. */
FDI_API int fdi_get_handle_inheritable(fdi_handle handle);

/* Makes the Windows handle `handle` inheritable or not. Its other flags stay.
 *
 * Errors:  as fdi_get_handle_inheritable.
 * Source:  os.set_handle_inheritable; SetHandleInformation. */
FDI_API int fdi_set_handle_inheritable(fdi_handle handle, bool inheritable);

/* Makes every open descriptor from `first` to `last`, both included, inheritable or not.
 *
 * `first` is 0 or more, and `last` is not below it. FDI_LAST_FD (INT_MAX) stands for the last open
 * descriptor. Closed numbers are skipped. Descriptors that other threads open meanwhile may be
 * missed. If the open descriptors cannot be listed completely, the call fails and restores the
 * flags that it changed. Trap: CLOSE_RANGE_CLOEXEC as the last argument passes `true`.
 *
 * Errors:  EINVAL if the range is empty or negative. ENOTSUP if the system cannot list descriptors.
 * Linux:   one system call makes a range non-inheritable since Linux 5.11, at any number of
 *          descriptors. Otherwise they are listed as by fdi_foreach_open.
 * Safety:  async-signal-safe. Listing uses about 5 kB of stack, and 600 bytes more for each 4,096
 *          numbers.
 * Source:  close_range(2) with CLOSE_RANGE_CLOEXEC. */
FDI_API int fdi_set_inheritable_range(int first, int last, bool inheritable);

/* Makes each of the `count` descriptors at `fds` inheritable or not: all of them, or none.
 *
 * The array at `fds` is not changed, and may be NULL if `count` is 0. If one descriptor fails,
 * those before it get their flags back, and errno is that of the failure. Trap: FD_CLOEXEC as the
 * last argument passes `true`.
 *
 * Errors:  EINVAL if `fds` is NULL and `count` is not 0. EBADF if one of them is not open.
 * Safety:  async-signal-safe; about 600 bytes of stack for each 4,096 descriptors.
 * Source:  fcntl(2), for each. */
FDI_API int fdi_set_inheritable_many(const int *fds, size_t count, bool inheritable);

/* The function that fdi_foreach_open calls for each open descriptor. `context` is the caller's. If
 * it returns 0, the calls continue; any other value stops them and becomes the result. */
typedef int fdi_visit(void *context, int fd, bool inheritable);

/* Calls `visit` for each open descriptor of this process, in ascending order.
 *
 * It works without procfs, above a lowered descriptor limit, and where a sandbox denies newer
 * calls. The time depends on the open descriptors, never on the limit. `visit` may open and close
 * descriptors and change their flags; those that it opens may or may not be visited. The descriptor
 * that the listing itself uses is not visited.
 *
 * Returns: 0, or the first result of `visit` that was not 0.
 * Errors:  EINVAL if `visit` is NULL. ENOTSUP if the system cannot list descriptors.
 * Safety:  async-signal-safe if `visit` is; no allocation, about 5 kB of stack.
 * Source:  proc(5), getdents64(2); fcntl(2) F_GETFD. */
FDI_API int fdi_foreach_open(fdi_visit *visit, void *context);

/* ---- 2. Targets: the file that a call acts on -------------------------------------------- */

/* Stands for the current directory as a `dir_fd`. It equals AT_FDCWD of <fcntl.h> where that
 * exists. This header includes only ISO C headers. */
enum {
#if defined(__APPLE__) || defined(__wasi__) || defined(__CYGWIN__) || defined(_AIX)
    FDI_AT_FDCWD = -2
#elif defined(__sun)
    FDI_AT_FDCWD = -3041965
#elif defined(__DragonFly__)
    FDI_AT_FDCWD = -328243
#elif defined(__HAIKU__)
    FDI_AT_FDCWD = -1
#else
    FDI_AT_FDCWD = -100
#endif
};

/* The file that a call acts on. Make one with the functions below and pass it by value.
 *
 * A target owns nothing; `path` need only live as long as the call. The members are private and may
 * change. Paths are bytes, unchanged, on POSIX and UTF-8 on Windows.
 *
 * An absolute path ignores `dir_fd`. A path with a slash at its end must name a directory, or a
 * new one. A final symlink before that slash is followed even with FDI_NOFOLLOW on POSIX.
 *
 * Errors:  every function that takes a target can fail with these. EINVAL if the path is NULL or
 *          the target was never set. EINVAL if the function cannot act on an fd, or if an fd is
 *          combined with FDI_NOFOLLOW. EBADF if the fd is negative or closed, or if the path is
 *          relative and `dir_fd` is closed. ENOTDIR if `dir_fd` is not a directory.
 * Source:  Python's os functions; openat(2). */
typedef struct fdi_target {
    const char *path;
    int fd;
    unsigned form;
} fdi_target;

/* `path`, relative to the current directory. Async-signal-safe. */
FDI_API fdi_target fdi_path(const char *path);
/* `path`, relative to the directory that is open as `dir_fd`. Async-signal-safe. */
FDI_API fdi_target fdi_path_at(int dir_fd, const char *path);
/* The file that is open as `fd`. An O_PATH descriptor works wherever the kernel can use it.
 * Async-signal-safe. */
FDI_API fdi_target fdi_fd(int fd);

/* ---- 3. Operations ----------------------------------------------------------------------- *
 *
 * Each operation does what the POSIX function of its name does, on any target, with one system call
 * wherever the kernel has one.
 *
 * Errors:  EMFILE and ENFILE: by `dir_fd`, fdi_chdir, fdi_pathconf, fdi_statvfs and fdi_truncate
 *          open the file for the time of the call. So does a form whose own call is unavailable.
 * Safety:  async-signal-safe on POSIX, unless a comment says otherwise.
 * Linux:   if the kernel lacks a system call or a sandbox refuses it, the library uses an
 *          equivalent one if there is one. The equivalent often needs /proc; without a procfs
 *          there the function then returns ENOTSUP. See fdi_supports.
 * macOS:   fdi_mkfifo and fdi_mknod look for newer calls at run time and are not
 *          async-signal-safe.
 * WASI:    every operation is ENOTSUP.
 * Windows: each operation opens the file once, with every kind of sharing, and acts on that handle.
 *          A junction counts as a symlink. Paths may be longer than 260 characters. A path without
 *          a `dir_fd` follows the rules of Win32. In a path relative to a `dir_fd`, names are
 *          literal, and each ".." is the parent of the directory that the path names before it.
 *          EBUSY: another program has the file open and does not share it, or a parent directory
 *          keeps being renamed. */

/* Seconds since 1970-01-01 UTC, and nanoseconds after that, 0 to 999,999,999. */
struct fdi_time {
    int64_t sec;
    int64_t nsec;
};

/* Checks the caller's access to a file.
 *
 * `mode` is 0 (exists) or a sum of 4 (read), 2 (write) and 1 (execute or search), as R_OK, W_OK and
 * X_OK are. `flags`: FDI_NOFOLLOW, FDI_EFFECTIVE_IDS. The answer may be outdated when it arrives:
 * open the file instead wherever you can.
 *
 * Returns: 0 if access is allowed.
 * Errors:  EACCES if it is not. EINVAL for other bits in `mode`. ENOTSUP for FDI_EFFECTIVE_IDS on
 *          Windows, and before Linux 5.8 if the real and effective ids differ.
 * Windows: the file is opened with these rights, which checks its access list and read-only
 *          attribute.
 * Source:  faccessat(2). */
FDI_API int fdi_access(fdi_target target, int mode, unsigned flags);

/* Makes a directory the current one, for the whole process. No other directory is entered on the
 * way.
 *
 * Windows: the directory is entered by its present path, which is checked just before. EBUSY: the
 *          path no longer leads to that directory, or another program may move the directory.
 *          ENAMETOOLONG: the path is longer than 258 characters. ENOTSUP for an fd or a `dir_fd`:
 *          Win32 would change the path, because a name in it ends in a dot or a space.
 * Source:  chdir(2), fchdir(2). */
FDI_API int fdi_chdir(fdi_target target);

/* Sets the BSD file flags (UF_IMMUTABLE and so on). `flags`: FDI_NOFOLLOW.
 *
 * Errors:  ENOTSUP on systems without file flags, such as Linux and Windows.
 * Source:  chflags(2). */
FDI_API int fdi_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags);

/* Sets the permission bits.
 *
 * `mode` is 0 to 07777; type bits, as in fdi_stat's mode, are ignored. `flags`: FDI_NOFOLLOW.
 *
 * The kernel clears the set-group-id bit without an error if an unprivileged caller is not in the
 * file's group.
 *
 * Errors:  EINVAL for other bits in `mode`. ENOTSUP for FDI_NOFOLLOW on a symlink where symlinks
 *          have no permissions (Linux); the symlink is never followed instead.
 * Windows: the read-only attribute is set if `mode` has no write bit; nothing else changes.
 * Source:  fchmodat(2). */
FDI_API int fdi_chmod(fdi_target target, unsigned mode, unsigned flags);

/* Sets owner and group. UINT32_MAX keeps the present owner or group. `flags`: FDI_NOFOLLOW.
 *
 * Errors:  ENOTSUP on Windows.
 * Source:  fchownat(2). */
FDI_API int fdi_chown(fdi_target target, uint32_t uid, uint32_t gid, unsigned flags);

/* Replaces the program of this process by another. It returns only on failure.
 *
 * `argv` and `envp` are arrays that end with NULL; a NULL `envp` stands for this process's
 * environment. The program receives every inheritable descriptor; fdi_spawn passes an exact list
 * instead.
 *
 * Errors:  EINVAL if `argv` or its first element is NULL. ENOENT also if the target is an fd, or a
 *          path relative to one, and is a script (#!) whose interpreter would find that fd closed.
 *          ENOTSUP on Windows, whose processes cannot be replaced. ENOTSUP on macOS for every
 *          target but a plain path.
 * Source:  execve(2), execveat(2). */
FDI_API int fdi_execve(fdi_target target, char *const argv[], char *const envp[]);

/* Reads the extended attribute `name` into `value`, of `size` bytes. `flags`: FDI_NOFOLLOW.
 *
 * Returns: the attribute's length in bytes. With `size` 0 nothing is stored.
 * Errors:  EINVAL if `name` is NULL, or if `value` is NULL and `size` is not 0. ERANGE if `size` is
 *          too small. ENOTSUP on Windows and BSD, and for file systems without extended attributes.
 * Source:  getxattr(2). */
FDI_API int64_t fdi_getxattr(fdi_target target, const char *name, void *value, size_t size,
                             unsigned flags);

/* Sets the extended attribute `name` to the `size` bytes at `value`.
 *
 * `xflags` is 0, XATTR_CREATE or XATTR_REPLACE of <sys/xattr.h>. `flags`: FDI_NOFOLLOW.
 *
 * Errors:  as fdi_getxattr, and EINVAL for other bits in `xflags`.
 * Source:  setxattr(2). */
FDI_API int fdi_setxattr(fdi_target target, const char *name, const void *value, size_t size,
                         int xflags, unsigned flags);

/* Lists the names of the extended attributes into `list`, of `size` bytes. Each name ends with NUL.
 * `flags`: FDI_NOFOLLOW.
 *
 * Returns: the length of the list in bytes. With `size` 0 nothing is stored.
 * Errors:  EINVAL if `list` is NULL and `size` is not 0. ERANGE, ENOTSUP: as fdi_getxattr.
 * Source:  listxattr(2). */
FDI_API int64_t fdi_listxattr(fdi_target target, char *list, size_t size, unsigned flags);

/* Removes the extended attribute `name`. `flags`: FDI_NOFOLLOW.
 *
 * Errors:  EINVAL, ENOTSUP: as fdi_getxattr.
 * Source:  removexattr(2). */
FDI_API int fdi_removexattr(fdi_target target, const char *name, unsigned flags);

/* Gives the file `from` another name, `to`.
 *
 * A final symlink of `from` is followed, on every system, unless `flags` has FDI_NOFOLLOW. `from`
 * may be an fd on Linux and Windows; `to` may not.
 *
 * Errors:  EEXIST if `to` exists. EINVAL if `to` is an fd.
 * Source:  linkat(2). */
FDI_API int fdi_link(fdi_target from, fdi_target to, unsigned flags);

/* Makes a directory. `mode`, 0 to 01777, is reduced by the process's umask.
 *
 * The set-id bits are refused, because mkdir(2) ignores them; fdi_chmod sets them. A directory may
 * inherit the set-group-id bit from its parent.
 *
 * Errors:  EINVAL for other bits in `mode`. ENOTSUP for 01000 (sticky) on macOS and BSD, whose
 *          mkdir(2) ignores it.
 * Windows: `mode` is ignored.
 * Source:  mkdirat(2). */
FDI_API int fdi_mkdir(fdi_target target, unsigned mode);

/* Makes a FIFO. `mode`, 0 to 07777, is reduced by the process's umask.
 *
 * Errors:  EINVAL for other bits in `mode`. ENOTSUP on Windows.
 * Source:  mkfifoat(3). */
FDI_API int fdi_mkfifo(fdi_target target, unsigned mode);

/* Makes a special file or a regular file.
 *
 * `mode` holds a type (S_IFREG, S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK) and permissions. `device` is
 * the result of makedev.
 *
 * Errors:  EINVAL for other bits in `mode`, or for a device number above the kernel's largest.
 *          ENOTSUP on Windows.
 * Source:  mknodat(2). */
FDI_API int fdi_mknod(fdi_target target, unsigned mode, uint64_t device);

/* Opens a file. The new descriptor is never inheritable.
 *
 * `oflags` takes the O_ constants of <fcntl.h>; O_CLOEXEC is implied. `mode`, 0 to 07777, sets the
 * permissions of a new file. If the target is an fd, the file is opened again: the new descriptor
 * has flags and a position of its own.
 *
 * Returns: the descriptor.
 * Errors:  EINVAL for other bits in `mode`, for O_CREAT or O_NOFOLLOW with an fd, and for O_WRONLY
 *          with O_RDWR. FD_CLOEXEC equals O_WRONLY, so the mistake FD_CLOEXEC|O_RDWR is found.
 *          ELOOP if O_NOFOLLOW meets a symlink.
 * Linux:   EINVAL for bits in `oflags` that are not flags. O_PATH, O_TMPFILE and O_LARGEFILE are
 *          allowed. Reopening an fd needs /proc, except for a directory.
 * Windows: opens directories too, for reading. Other programs may rename or remove the file while
 *          it is open. Data is written unchanged unless O_TEXT is set. With O_APPEND each write is
 *          atomic and goes to the end of the file. A `mode` without write bits makes a new file
 *          read-only. EINVAL: flags besides those of <fcntl.h> and the two below, text modes that
 *          convert characters, and O_TRUNC without write access. ENOTSUP: a pipe as an fd;
 *          FDI_O_NOFOLLOW on a reparse point that is not a link.
 * Safety:  any thread; async-signal-safe; acts on cancellation before it opens anything.
 * Source:  PEP 446; openat(2); NtCreateFile. */
FDI_API int fdi_open(fdi_target target, int oflags, unsigned mode);

/* Flags of fdi_open for Windows, whose <fcntl.h> lacks O_DIRECTORY and O_NOFOLLOW. */
#if defined(_WIN32)
enum { FDI_O_DIRECTORY = 0x10000000, FDI_O_NOFOLLOW = 0x20000000 };
#endif

/* The result of fdi_pathconf if there is no limit. It is INT64_MAX, written as a number for tools
 * that read headers. */
#define FDI_NO_LIMIT 9223372036854775807

/* Reports a limit or option of a file. `name` is a _PC_ constant of <unistd.h>.
 *
 * Returns: the value, or FDI_NO_LIMIT.
 * Errors:  EINVAL for an unknown `name`. ENOTSUP on Windows.
 * Safety:  not async-signal-safe: the C library may read tables of file systems.
 * Source:  pathconf(3). */
FDI_API int64_t fdi_pathconf(fdi_target target, int name);

/* Reads the text of a symlink into `buffer`, of `size` bytes.
 *
 * The text is truncated if it is longer, and does not end with NUL. An fd must be open on the
 * symlink itself (Linux: O_PATH with O_NOFOLLOW).
 *
 * Returns: the number of bytes stored.
 * Errors:  EINVAL if the file is not a symlink, if `buffer` is NULL, or if `size` is 0.
 * Windows: the text is the path that the kernel follows, as a Win32 path with backslashes.
 * Source:  readlinkat(2). */
FDI_API int64_t fdi_readlink(fdi_target target, char *buffer, size_t size);

/* Renames `from` to `to` and replaces an existing `to`, atomically, on every system. `flags`: 0.
 *
 * Windows: a directory can replace only an empty directory; otherwise EACCES. A file that other
 *          programs have open can be replaced since Windows 10 on NTFS; otherwise EACCES.
 * Source:  os.replace; renameat(2). */
FDI_API int fdi_rename(fdi_target from, fdi_target to, unsigned flags);

/* Removes an empty directory.
 *
 * Source:  unlinkat(2) with AT_REMOVEDIR. */
FDI_API int fdi_rmdir(fdi_target target);

/* An open directory being read. One thread uses it at a time. */
typedef struct fdi_dir fdi_dir;

/* The type of a directory entry. */
enum {
    FDI_TYPE_UNKNOWN = 0,
    FDI_TYPE_FIFO = 1,
    FDI_TYPE_CHARACTER_DEVICE = 2,
    FDI_TYPE_DIRECTORY = 3,
    FDI_TYPE_BLOCK_DEVICE = 4,
    FDI_TYPE_FILE = 5,
    FDI_TYPE_SYMLINK = 6,
    FDI_TYPE_SOCKET = 7
};

/* An entry of a directory. The library owns it and may add members in later versions. */
typedef struct fdi_dirent {
    const char *name;
    uint64_t ino; /* of the directory entry; a mount point's own differs */
    int type;     /* FDI_TYPE_*; FDI_TYPE_UNKNOWN if the file system does not report it */
} fdi_dirent;

/* Opens a directory for reading its entries.
 *
 * If the target is an fd, the directory is opened again. The fd stays open and keeps its position,
 * so two listings of one fd do not disturb each other.
 *
 * Returns: the directory, which fdi_closedir closes; NULL on failure.
 * Errors:  EACCES if the caller may not open the directory. On Linux an fd that is open for reading
 *          is listed all the same. Its position then moves during a call and is restored.
 * Safety:  not async-signal-safe; allocates.
 * Source:  fdopendir(3). */
FDI_API fdi_dir *fdi_opendir(fdi_target target);

/* Reads the next entry, never "." or "..", and stores a pointer to it in `entry`.
 *
 * The entry and its name are valid until the next call with `dir`. At the end and on failure
 * `*entry` is left alone.
 *
 * Returns: 1, or 0 at the end.
 * Errors:  EINVAL if an argument is NULL.
 * Windows: EILSEQ if the name is not valid UTF-16; the next call returns the entry after it.
 * Safety:  not async-signal-safe.
 * Source:  readdir(3). */
FDI_API int fdi_readdir(fdi_dir *dir, const fdi_dirent **entry);

/* Closes `dir`. It is closed and freed even on failure.
 *
 * Errors:  EINVAL if it is NULL.
 * Safety:  not async-signal-safe.
 * Source:  closedir(3). */
FDI_API int fdi_closedir(fdi_dir *dir);

/* Bits of fdi_stat's `present`. */
enum {
    FDI_STAT_BIRTHTIME = 0x01,       /* birthtime */
    FDI_STAT_FLAGS = 0x02,           /* flags */
    FDI_STAT_FILE_ATTRIBUTES = 0x04, /* file_attributes and reparse_tag */
    FDI_STAT_INO_HIGH = 0x08,        /* ino_high */
    FDI_STAT_OWNER = 0x10,           /* uid and gid */
    FDI_STAT_BLOCKS = 0x20           /* blocks and blksize */
};

/* The attributes of a file. The layout is the same on every system and never changes. Members that
 * the system does not report are 0; `present` has a bit for each optional member that it
 * reports. */
struct fdi_stat {
    uint64_t dev;      /* as makedev gives it; Windows: the volume's serial number */
    uint64_t ino;      /* Windows: the lower half of the file id */
    uint64_t ino_high; /* Windows: its upper half */
    uint64_t nlink;    /* number of names */
    uint64_t rdev;     /* of a special file: the device, as makedev gives it */
    int64_t size;      /* bytes */
    uint64_t blocks;   /* of 512 bytes */
    uint32_t mode;     /* type and permissions, with the values of POSIX systems: 0120000
                                 (S_IFLNK) is a symlink on Windows too */
    uint32_t uid;
    uint32_t gid;
    uint32_t blksize;         /* preferred size of reads and writes, bytes */
    uint32_t flags;           /* BSD file flags */
    uint32_t file_attributes; /* Windows: FILE_ATTRIBUTE_* */
    uint32_t reparse_tag;     /* Windows: IO_REPARSE_TAG_* */
    uint32_t present;         /* FDI_STAT_* */
    struct fdi_time atime;
    struct fdi_time mtime;
    struct fdi_time ctime;
    struct fdi_time birthtime;
    uint64_t reserved[4]; /* 0 */
};

/* Stores the attributes of a file in `out`. `flags`: FDI_NOFOLLOW.
 *
 * Errors:  EINVAL if `out` is NULL. Never EOVERFLOW: every member is wide enough.
 * Windows: permissions are 0666, or 0444 with the read-only attribute; those of a directory are
 *          0777 or 0555. A console, pipe or open socket has a type and no other attribute. A file
 *          that Windows does not let the caller open is described by its directory's entry. Then
 *          `nlink` is 1.
 * Source:  statx(2), fstatat(2). */
FDI_API int fdi_stat(fdi_target target, struct fdi_stat *out, unsigned flags);

/* The attributes of a file system, with the meaning of POSIX's struct statvfs. */
struct fdi_statvfs {
    uint64_t bsize;       /* preferred block size, bytes */
    uint64_t frsize;      /* unit of the block counts, bytes */
    uint64_t blocks;      /* size */
    uint64_t bfree;       /* free */
    uint64_t bavail;      /* free for unprivileged users */
    uint64_t files;       /* inodes */
    uint64_t ffree;       /* free inodes */
    uint64_t favail;      /* free inodes for unprivileged users */
    uint64_t fsid;        /* identifies the file system */
    uint64_t flag;        /* ST_RDONLY and so on, with the system's own values */
    uint64_t namemax;     /* longest name, bytes */
    uint64_t reserved[4]; /* 0 */
};

/* Stores the attributes of the file system that holds the file in `out`.
 *
 * Errors:  EINVAL if `out` is NULL.
 * Source:  statvfs(3). */
FDI_API int fdi_statvfs(fdi_target target, struct fdi_statvfs *out);

/* Makes `link` a symlink with the text `text`. `flags`: FDI_TARGET_IS_DIRECTORY, which only Windows
 * uses.
 *
 * Errors:  EINVAL if `text` is NULL.
 * Windows: slashes become backslashes. EPERM: the caller lacks the privilege and developer mode is
 *          off. ENOTSUP: the file system has no symlinks.
 * Source:  symlinkat(2). */
FDI_API int fdi_symlink(const char *text, fdi_target link, unsigned flags);

/* Sets the length of a regular file to `length` bytes. A longer file is truncated, and a shorter
 * file is extended with zeros. An fd must be open for writing. The call waits while another process
 * gives up a lease of the file.
 *
 * Errors:  EINVAL if `length` is negative.
 * Source:  truncate(2), ftruncate(2). */
FDI_API int fdi_truncate(fdi_target target, int64_t length);

/* Removes a name. The file is deleted when it has no name left and no process has it open.
 *
 * Windows: also removes read-only files, and links to directories, which fdi_rmdir refuses. Since
 *          Windows 10 on NTFS the name is free at once. Otherwise it is free when the last handle
 *          of the file is closed.
 * Source:  unlinkat(2). */
FDI_API int fdi_unlink(fdi_target target);

/* Sets the times of last access, times[0], and last modification, times[1]. NULL sets both to now.
 * `flags`: FDI_NOFOLLOW.
 *
 * The file system may round a time, or store the nearest one that it can hold, without an error. An
 * example is ext4, whose times end in the year 2446. fdi_stat reports the stored time.
 *
 * Errors:  EINVAL for nanoseconds outside 0 to 999,999,999, so also for UTIME_NOW and UTIME_OMIT.
 *          EOVERFLOW for seconds that the system's type cannot hold.
 * Source:  utimensat(2); os.utime. */
FDI_API int fdi_utime(fdi_target target, const struct fdi_time times[2], unsigned flags);

/* ---- 4. What this system supports -------------------------------------------------------- */

/* The functions that fdi_supports knows. FDI_FN_OPENDIR stands for the three that read a
 * directory. New entries are appended. */
typedef enum fdi_function {
    FDI_FN_ACCESS,
    FDI_FN_CHDIR,
    FDI_FN_CHFLAGS,
    FDI_FN_CHMOD,
    FDI_FN_CHOWN,
    FDI_FN_EXECVE,
    FDI_FN_GETXATTR,
    FDI_FN_SETXATTR,
    FDI_FN_LISTXATTR,
    FDI_FN_REMOVEXATTR,
    FDI_FN_LINK,
    FDI_FN_MKDIR,
    FDI_FN_MKFIFO,
    FDI_FN_MKNOD,
    FDI_FN_OPEN,
    FDI_FN_PATHCONF,
    FDI_FN_READLINK,
    FDI_FN_RENAME,
    FDI_FN_RMDIR,
    FDI_FN_OPENDIR,
    FDI_FN_STAT,
    FDI_FN_STATVFS,
    FDI_FN_SYMLINK,
    FDI_FN_TRUNCATE,
    FDI_FN_UNLINK,
    FDI_FN_UTIME,
    FDI_FN_FOPEN,
    FDI_FN_MKSTEMP,
    FDI_FN_SPAWN,
    FDI_FN_OPENPTY,
    FDI_FN_MEMFD_CREATE,
    FDI_FN_EVENTFD,
    FDI_FN_EPOLL_CREATE,
    FDI_FN_KQUEUE,
    FDI_FN_RECV_FDS
} fdi_function;

/* How a target names its file. */
typedef enum fdi_form {
    FDI_FORM_PATH = 1,   /* fdi_path */
    FDI_FORM_DIR_FD = 2, /* fdi_path_at, with a directory that is open */
    FDI_FORM_FD = 3      /* fdi_fd */
} fdi_form;

/* Reports whether the running system can serve a function with a target of this form and with these
 * flags.
 *
 * `flags` are those of the function; FDI_NOFOLLOW stands for fdi_open's O_NOFOLLOW. Pass
 * FDI_FORM_PATH for a function without a target. The form is that of `from` for fdi_link, of both
 * targets for fdi_rename, and of `program` for fdi_spawn. Each call checks the kernel, the sandbox
 * and /proc anew.
 *
 * Returns: true unless the call would fail with ENOTSUP because support is missing, or with EINVAL
 *          because the combination has no meaning. False for an unknown `function` or `form`.
 * Safety:  async-signal-safe; errno is left alone.
 * Source:  os.supports_fd, os.supports_dir_fd, os.supports_follow_symlinks and
 *          os.supports_effective_ids. */
FDI_API bool fdi_supports(fdi_function function, fdi_form form, unsigned flags);

/* Reports the name of a function, without its prefix: "stat".
 *
 * Returns: the name, in static storage; NULL past the last function.
 * Safety:  async-signal-safe. */
FDI_API const char *fdi_function_name(fdi_function function);

/* ---- 5. Created non-inheritable ---------------------------------------------------------- *
 *
 * Descriptors of these functions, and of fdi_open, are never inheritable, not even for a moment.
 * fdi_accept on Windows is the one exception.
 *
 * If the kernel has a system call that creates a descriptor and sets close-on-exec at once, the
 * function makes that one call. If a sandbox refuses it, the function fails; ENOSYS becomes
 * ENOTSUP. macOS lacks such a call for pipes, sockets and dup2. There, a lock makes every fork of
 * this process wait until close-on-exec is set. The thread's signals wait meanwhile. fdi_spawn
 * never passes such a descriptor on; posix_spawn and vfork in other code do not wait for the lock.
 *
 * Numbers are the lowest free ones, 0 to 2 included. With FDI_ABOVE_STDIO they are 3 or higher. If
 * one of them cannot be moved there, all are closed, and a received message is lost.
 *
 * Safety:  async-signal-safe, unless a comment says otherwise.
 * Windows: both flags are set from the start: the handle's, and that of the CRT, which decides what
 *          _spawn passes on.
 * WASI:    every function is ENOTSUP. */

/* Opens a file as a stream, whose fd is not inheritable. A new file has the permissions 0666,
 * reduced by the umask.
 *
 * `mode` begins with r, w or a. The letters "+", "b", "x" and "e" may follow, in any order and each
 * at most once. "b" stops the translation of line ends on Windows. "x", with w and a, fails if the
 * file exists. "e" means close-on-exec, which is always so. `flags`: FDI_ABOVE_STDIO. If the target
 * is an fd, the file is opened again with a position of its own; the fd is still the caller's to
 * close.
 *
 * Returns: the stream, which fclose closes; NULL on failure. A file that "x" created is then
 *          removed.
 * Errors:  EINVAL for any other `mode`, and for "x" with an fd.
 * Safety:  not async-signal-safe.
 * Source:  fopen(3), with "e" and "x" of POSIX.1-2024. */
FDI_API FILE *fdi_fopen(fdi_target target, const char *mode, unsigned flags);

/* Duplicates `fd`. The new fd is not inheritable, whatever `fd` is. `flags`: FDI_INHERITABLE,
 * FDI_ABOVE_STDIO.
 *
 * Returns: the new descriptor.
 * Windows: the duplicate translates line ends as `fd` does. The CRT reveals its mode only when the
 *          mode is set. So `fd` translates nothing for a moment, and an `fd` in UTF-8 mode is in
 *          UTF-16 mode afterwards. O_APPEND is kept if `fd` comes from fdi_open without O_TRUNC,
 *          and lost if it comes from the CRT's own _open.
 * Source:  PEP 446; fcntl(2) F_DUPFD_CLOEXEC. */
FDI_API int fdi_dup(int fd, unsigned flags);

/* Makes `fd2` a duplicate of `fd` and closes what `fd2` was before. The duplicate is not
 * inheritable. `flags`: FDI_INHERITABLE.
 *
 * If both numbers are the same, only the inheritable flag is set. A call that fails leaves `fd2` as
 * it was, except for EBUSY on Windows. Trap: the literal port of dup3(a, b, O_CLOEXEC) is EINVAL;
 * the default is private.
 *
 * Returns: `fd2`.
 * Errors:  EBADF if `fd` is not open or `fd2` is not a possible descriptor. EINTR is not retried.
 *          If a sandbox refuses dup3 with ENOSYS, the error is ENOSYS, not ENOTSUP.
 * Windows: an inheritable duplicate replaces `fd2` in one step and equals `fd` in every way. For a
 *          private duplicate, `fd2` is closed first and its number is then taken; the free numbers
 *          below it are in use meanwhile. EBUSY: another thread took the number first and keeps
 *          it; what `fd2` was before is closed.
 * Source:  PEP 446 os.dup2; dup3(2). */
FDI_API int fdi_dup2(int fd, int fd2, unsigned flags);

/* Makes a pipe: fds[0] reads, fds[1] writes. `flags`: FDI_NONBLOCK, FDI_ABOVE_STDIO. A failed call
 * leaves `fds` alone.
 *
 * Errors:  EINVAL if `fds` is NULL. ENOTSUP for FDI_NONBLOCK on Windows, whose CRT reports an empty
 *          non-blocking pipe as its end.
 * Source:  pipe2(2). */
FDI_API int fdi_pipe(int fds[2], unsigned flags);

/* Makes a new file in `directory` and opens it for reading and writing, with the permissions 0600.
 *
 * `name_template` is one name, with XXXXXX before a suffix of `suffix_length` bytes. The call
 * replaces XXXXXX by characters that make the name new; a failed call leaves XXXXXX. `directory`
 * may be an fd. `oflags` adds O_APPEND, O_SYNC, O_DSYNC, O_NONBLOCK and the like; O_CLOEXEC is
 * implied.
 *
 * Returns: the descriptor.
 * Errors:  EINVAL if the template is NULL, has another form or contains a slash. EINVAL for an
 *          access mode, a creation flag or an unknown flag in `oflags`. EEXIST if no free name was
 *          found.
 * Windows: the file inherits its permissions from `directory`, and line ends are translated only
 *          with O_TEXT.
 * Source:  mkostemps(3). */
FDI_API int fdi_mkstemp(fdi_target directory, char *name_template, size_t suffix_length,
                        int oflags);

/* Makes a pseudo-terminal and opens both ends, neither as the controlling terminal.
 *
 * `primary` is the end of the terminal emulator, `secondary` that of the programs in it. `flags`:
 * FDI_ABOVE_STDIO. A failed call leaves both alone.
 *
 * Errors:  EINVAL if an argument is NULL. ENOTSUP on Windows.
 * Safety:  not async-signal-safe.
 * Source:  openpty(3), posix_openpt(3), TIOCGPTPEER. */
FDI_API int fdi_openpty(int *primary, int *secondary, unsigned flags);

/* Makes an anonymous file in memory. `name` is shown in /proc and serves debugging only.
 * `memfd_flags` are the MFD_ constants of <sys/mman.h>; MFD_CLOEXEC is implied.
 *
 * Returns: the descriptor.
 * Errors:  EINVAL if `name` is NULL, or for unknown flags. ENOTSUP on systems without the call;
 *          Linux and FreeBSD have it.
 * Source:  memfd_create(2). */
FDI_API int fdi_memfd_create(const char *name, unsigned memfd_flags);

/* Makes an event counter that starts at `count`. `eventfd_flags` are the EFD_ constants of
 * <sys/eventfd.h>; EFD_CLOEXEC is implied.
 *
 * Returns: the descriptor.
 * Errors:  EINVAL for unknown flags. ENOTSUP: as fdi_memfd_create.
 * Source:  eventfd(2). */
FDI_API int fdi_eventfd(unsigned count, int eventfd_flags);

/* Makes an epoll instance.
 *
 * Returns: the descriptor.
 * Errors:  ENOTSUP on every system but Linux.
 * Source:  epoll_create1(2). */
FDI_API int fdi_epoll_create(void);

/* Makes a kernel event queue.
 *
 * Returns: the descriptor.
 * Errors:  ENOTSUP on every system but BSD and macOS.
 * Source:  kqueue(2). */
FDI_API int fdi_kqueue(void);

/* A socket: an fd; on Windows a SOCKET, which is not an fd. fdi_socklen is the type of socklen_t.
 * Functions that return a socket return FDI_NO_SOCKET on failure. */
#if defined(_WIN32)
typedef uintptr_t fdi_socket;
#define FDI_NO_SOCKET UINTPTR_MAX
#else
typedef int fdi_socket;
enum { FDI_NO_SOCKET = -1 };
#endif
#if defined(_WIN32) || (defined(__ANDROID__) && !defined(__LP64__))
typedef int fdi_socklen;
#else
typedef unsigned fdi_socklen;
#endif

/* Makes a socket. `flags`: FDI_NONBLOCK, FDI_ABOVE_STDIO.
 *
 * Domains, types and protocols are those of <sys/socket.h>. `type` may carry the system's own
 * SOCK_NONBLOCK; SOCK_CLOEXEC is implied.
 *
 * Returns: the socket.
 * Errors:  EINVAL for other bits in `type`.
 * Windows: the program must have called WSAStartup. FDI_ABOVE_STDIO has no effect on a SOCKET.
 * Source:  PEP 446; socket(2); WSASocketW with WSA_FLAG_NO_HANDLE_INHERIT. */
FDI_API fdi_socket fdi_socket_open(int domain, int type, int protocol, unsigned flags);

/* Makes two sockets that are connected to each other. Arguments as for fdi_socket_open. A failed
 * call leaves `pair` alone.
 *
 * Errors:  EINVAL if `pair` is NULL.
 * Windows: the two are a TCP connection of this process with itself, over the loopback address of
 *          AF_INET or AF_INET6. A stranger that connects first is disconnected. ENOTSUP: every
 *          other domain and type, AF_UNIX included.
 * Source:  socketpair(2). */
FDI_API int fdi_socketpair(int domain, int type, int protocol, fdi_socket pair[2], unsigned flags);

/* Accepts a connection. The new socket blocks and is not inheritable, whatever `listener` is.
 *
 * The call stores the peer's address in `address`, which has room for *address_size bytes, and its
 * length in *address_size. An address that is longer is truncated. Both may be NULL. `flags`:
 * FDI_NONBLOCK, FDI_ABOVE_STDIO. The call fails with EAGAIN at the end of the listener's
 * SO_RCVTIMEO, which signals do not extend.
 *
 * Returns: the socket.
 * Errors:  EINVAL if only one of the two pointers is NULL, or if *address_size is above INT_MAX.
 * Windows: no call both honours the listener's blocking mode and creates a private socket. The new
 *          socket may be inheritable until this returns: fdi_spawn never passes it on, but another
 *          thread's CreateProcess may.
 * Safety:  async-signal-safe; acts on cancellation before it accepts.
 * Source:  PEP 446; accept4(2). */
FDI_API fdi_socket fdi_accept(fdi_socket listener, void *address, fdi_socklen *address_size,
                              unsigned flags);

/* Receives a message with the descriptors that came with it; none of them is inheritable.
 *
 * The message is stored in `data`, which has room for `size` bytes. The descriptors are stored in
 * `fds`, which has room for *count, and their number in *count. The caller closes them. `data` may
 * be NULL if `size` is 0, and `fds` if *count is 0. `flags`: FDI_ABOVE_STDIO. SO_RCVTIMEO works
 * as for fdi_accept.
 *
 * Returns: the number of bytes; 0 at the end of a stream.
 * Errors:  EMSGSIZE if the message was longer than `size`; on a stream the next call returns the
 *          rest instead. EMSGSIZE if it had more descriptors than *count, or more than the process
 *          may open. The message is then lost and its descriptors are closed. EINVAL if `count` is
 *          NULL, or if an array is NULL and its size is not 0. ENOTSUP on Windows.
 * Safety:  async-signal-safe; about 6 kB of stack; acts on cancellation before it receives.
 * Source:  unix(7) SCM_RIGHTS; recvmsg(2) with MSG_CMSG_CLOEXEC. */
FDI_API int64_t fdi_recv_fds(fdi_socket connection, void *data, size_t size, int *fds,
                             size_t *count, unsigned flags);

/* Moves a new descriptor out of 0-2.
 *
 * A library uses this in a program that may have closed its stdio: otherwise the next message to
 * stderr would land in the library's file. Wrap any call that returns a descriptor:
 * fdi_above_stdio(fdi_open(...)). Numbers from 3 up, and -1, are returned unchanged.
 *
 * Returns: the descriptor, duplicated to the lowest free number from 3 up if it was 0, 1 or 2.
 * Errors:  EMFILE if no number is free. The descriptor is then closed.
 * Windows: a SOCKET is not an fd and never has these numbers.
 * Safety:  the low number stays in use until the duplicate exists.
 * Source:  fcntl(2) F_DUPFD_CLOEXEC with 3. */
FDI_API int fdi_above_stdio(int fd);

/* ---- 6. Children that inherit exactly what they are given -------------------------------- */

/* One descriptor for a child: the caller's `fd` becomes `child_fd` there. */
typedef struct fdi_fd_map {
    int fd;
    int child_fd;
} fdi_fd_map;

/* Flags of fdi_spawn. */
enum {
    FDI_SPAWN_SEARCH = 0x20000,         /* look up `program`, a name without a slash, in PATH */
    FDI_SPAWN_EMPTY_MASK = 0x40000,     /* no signal is blocked in the child */
    FDI_SPAWN_NEW_SESSION = 0x200000,   /* the child leads a new session: setsid(2) */
    FDI_SPAWN_NEW_GROUP = 0x800000,     /* the child leads a new process group: setpgid(2) */
    FDI_SPAWN_KEEP_IGNORED = 0x2000000, /* signals ignored here stay ignored in the child */
    FDI_SPAWN_NO_STDIO = 0x4000000,     /* the child receives `fds` alone, without 0 to 2 */
    FDI_SPAWN_NO_WINDOW = 0x20000000    /* Windows: no console window; elsewhere no effect */
};

/* The program to start, and how. Start from fdi_spawn_defaults() and change members. It gives
 * members of later versions a default that changes nothing. Pointers stay the caller's and need
 * only live until fdi_spawn returns. */
typedef struct fdi_spawn_options {
    fdi_target program;    /* a relative path starts at the child's directory */
    char *const *argv;     /* the arguments, the program's own name first; ends with NULL */
    char *const *envp;     /* the environment, ends with NULL; NULL: this process's own */
    const fdi_fd_map *fds; /* descriptors besides 0 to 2, in any order; a source may repeat */
    size_t fd_count;       /* the number of entries at `fds` */
    fdi_target directory;  /* the directory of the child; by default this process's own */
    unsigned flags;        /* FDI_SPAWN_* */
    uint64_t reserved[8];  /* 0 */
} fdi_spawn_options;

/* A child: a process id on POSIX, the value of a HANDLE on Windows. Its value is FDI_NO_PROCESS
 * after fdi_wait has reaped it or fdi_release has given it up. */
typedef intptr_t fdi_process;

/* "No process": what fdi_wait and fdi_release leave behind. */
enum { FDI_NO_PROCESS = 0 };

/* Returns options that lack only `program` and `argv`. The child gets 0 to 2, the environment and
 * the directory of this process. Async-signal-safe. */
FDI_API fdi_spawn_options fdi_spawn_defaults(void);

/* Starts a program in a child process and stores the child in `process`.
 *
 * Descriptors. The child receives descriptors 0 to 2 and the entries of `fds`, each at its number
 * `child_fd`, and no other. The inheritable flags do not matter, and a descriptor that another
 * thread opens meanwhile is never passed. An entry may have a `child_fd` of 0 to 2. For each of
 * these numbers without an entry, the child receives this process's own descriptor. If that is
 * closed, it receives the null device, open for reading and writing. With FDI_SPAWN_NO_STDIO it
 * receives `fds` alone. Swaps and cycles of numbers work. Descriptors and flags of this process are
 * not touched.
 *
 * Program. `program` may be an fd, which is closed in the child like any other. A script (#!) given
 * as an fd starts only if that fd is also in `fds`; otherwise ENOENT. FDI_SPAWN_SEARCH looks up a
 * plain path without a slash in the PATH of the child's environment. Without a PATH it looks in
 * /bin and /usr/bin. An empty element of PATH is the child's directory. A file of unknown format is
 * not passed to a shell.
 *
 * State. The child enters `directory` first. Every signal has its default action; with
 * FDI_SPAWN_KEEP_IGNORED, ignored signals stay ignored. The signal mask is that of the calling
 * thread; with FDI_SPAWN_EMPTY_MASK it is empty.
 *
 * Failure. If the program cannot be started, this call fails with the reason in errno (ENOENT,
 * EACCES, ENOEXEC, E2BIG, or ENOTDIR for the directory). A child that dies before it runs the
 * program is an error too: ECHILD. No child is left then.
 *
 * Errors:  EINVAL if `process`, `options` or `argv` is NULL, or `argv` is empty. EINVAL for `fds`
 *          without a count, and for a count without `fds`. EINVAL if `program` was never set, a
 *          flag is unknown, or a member of `reserved` is not 0. EINVAL if a `child_fd` is negative
 *          or named twice, and for FDI_SPAWN_SEARCH with an fd or a `dir_fd`. EBADF if an fd of
 *          `fds` is not open. EMFILE if a `child_fd` is not below the limit on descriptors. ENOTSUP
 *          on WASI. ENOTSUP if the system cannot close a range of descriptors and cannot list the
 *          open ones.
 * Linux:   the time does not depend on the memory of this process. Open descriptors above the
 *          highest one given cost nothing. No handler of this process runs in the child. A
 *          preloaded execve is called for a program given by a plain path; it runs on a stack of
 *          256 KiB with a guard. Other programs are started by execveat(2) directly. ENOMEM if that
 *          stack cannot be mapped. EMFILE if the child uses every number and the kernel permits
 *          only a copy of this process.
 * macOS:   ENOTSUP for a program given as an fd or relative to one.
 * Windows: the child's CRT finds the descriptors at their numbers, which are below 2048. 0 to 2 are
 *          in text mode and are its standard handles; the others are in binary mode. No handle of
 *          this process becomes inheritable: the child inherits from a second process of the same
 *          program. That process never runs, ends before this call returns, and is the parent that
 *          the child sees. It ends too if this process is terminated meanwhile. Arguments are quoted
 *          as the CRT reads them; a quote in argv[0] is EINVAL. Batch files are ENOEXEC, because no
 *          quoting is safe for them (CVE-2024-24576).
 *          FDI_SPAWN_SEARCH adds .exe to a name without a dot. It also does so if a name with a dot
 *          does not exist unchanged. It skips empty elements of PATH; without a PATH it looks in
 *          the system directory. Signals have no meaning. FDI_SPAWN_NEW_GROUP also keeps Ctrl-C
 *          from the child; FDI_SPAWN_NEW_SESSION is ENOTSUP. A socket in `fds` is ENOTSUP. Hand
 *          one over with WSADuplicateSocketW, which takes the child's id, and write the result to
 *          a pipe. An empty string in `envp` is EINVAL. Most programs need SystemRoot in `envp`,
 *          which is not added. A directory longer than 258 characters is ENAMETOOLONG; one whose
 *          name ends in a dot or a space is ENOTSUP. A `program` given as an fd or relative to one
 *          cannot be exchanged before it starts; EBUSY if it is open for writing.
 * Safety:  any thread; not async-signal-safe. Allocates for more than 32 descriptors.
 * Source:  posix_spawn(3), clone(2), close_range(2). */
FDI_API int fdi_spawn(fdi_process *process, const fdi_spawn_options *options);

/* Waits for a child for at most `milliseconds`: 0 only looks, -1 waits for ever.
 *
 * When the child has ended, its status is stored in `status`, unless that is NULL. The status is
 * the exit status from 0 to UINT32_MAX, or minus the signal that killed it. The child is then
 * reaped, and `*process` becomes FDI_NO_PROCESS. `flags`: FDI_WAIT_KEEP stores the status and keeps
 * the child. It can be waited for again, and its process group can still be signalled. waitpid(2)
 * on `(pid_t)*process` is allowed.
 *
 * Returns: 1 if the child has ended, 0 if it still runs.
 * Errors:  EINVAL if `process` is NULL, if `*process` is not a child, as after an earlier wait, or
 *          if `milliseconds` is below -1. ECHILD if the child was waited for elsewhere, or if this
 *          process ignores SIGCHLD; `*process` then becomes FDI_NO_PROCESS.
 * Safety:  acts on cancellation before the child is reaped. Only one thread at a time may wait for
 *          a child.
 * Source:  waitpid(2), waitid(2), pidfd_open(2), WaitForSingleObject; the status is that of
 *          Python's subprocess. */
FDI_API int fdi_wait(fdi_process *process, int64_t *status, int milliseconds, unsigned flags);

/* Gives up a child without waiting for it and stores FDI_NO_PROCESS. A second release does nothing.
 *
 * Errors:  EINVAL if `process` is NULL or `*process` is negative.
 * POSIX:   the child's status is left to waitpid(2).
 * Windows: the handle is closed; the process runs on.
 * Safety:  async-signal-safe.
 * Source:  CloseHandle. */
FDI_API int fdi_release(fdi_process *process);

/* Reports the process id of a child.
 *
 * Returns: the id; on POSIX `process` itself.
 * Errors:  EINVAL if `process` is not a child.
 * Safety:  async-signal-safe. */
FDI_API int64_t fdi_process_id(fdi_process process);

#ifdef __cplusplus
}
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#endif

#endif
