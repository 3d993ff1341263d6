/* SPDX-License-Identifier: MIT
 *
 * libfdinherit: descriptors that do not leak into child processes.
 *
 * HOW TO READ THIS FILE
 *
 * It is the whole interface and its manual: what is not here is not promised. Each function says,
 * where it applies: what it does; its arguments with unit, range and ownership; what it returns;
 * the errors special to it; where it is ENOTSUP; whether it is thread- and signal-safe; where
 * the meaning comes from.
 *
 * RULES FOR EVERY FUNCTION
 *
 * - Success is 0, a non-negative value or a valid descriptor. Failure is -1 (or NULL) with errno
 *   set. On success errno is left as it was.
 * - A call that fails has changed nothing: no new descriptor is open, no flag is changed.
 * - Misuse (an argument that can never be right, an unknown flag bit) is EINVAL and is found
 *   before anything else happens.
 * - Every function can be linked on every system. What a system cannot do is ENOTSUP; it is never
 *   replaced by something similar.
 * - There is nothing to initialise, nothing is remembered between calls, nothing is printed.
 * - EINTR from a call that is safe to repeat is retried.
 * - Unless its comment says otherwise, a function may be called from any thread at any time.
 *   "Async-signal-safe" means that it may also be called from a signal handler, and between fork
 *   and exec of a program with threads; where neither the comment nor its section says it, that is
 *   not promised.
 *
 * WORDS
 *
 * "fd" is a file descriptor; on Windows, one of the C run-time. "handle" is a Windows HANDLE. A
 * descriptor is "inheritable" when a program started by this process receives it: on POSIX, when
 * its close-on-exec flag (FD_CLOEXEC) is clear; on Windows, when its handle has
 * HANDLE_FLAG_INHERIT.
 */
#ifndef FDINHERIT_H
#define FDINHERIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* FDI_API marks what a shared library exports. On Windows a .def file does that, so that one
 * header serves users of the static library and of the DLL alike. */
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
#define FDI_VERSION_MINOR 9
#define FDI_VERSION_PATCH 0

/* The version of this header as one number that can be compared: 0xMMmmpp. */
#define FDI_VERSION       ((FDI_VERSION_MAJOR << 16) | (FDI_VERSION_MINOR << 8) | FDI_VERSION_PATCH)

/* The FDI_VERSION of the library that the program runs with, which may be newer than its header.
 * Cannot fail. Async-signal-safe. */
FDI_API int fdi_version(void);

/* ---- 1. Inheritance --------------------------------------------------------------------- */

/* A Windows HANDLE. */
typedef void *fdi_handle;

/* "To the last open descriptor", for the last argument of fdi_set_inheritable_range. */
#define FDI_LAST_FD INT32_MAX

/* Tells whether `fd` is inheritable.
 *
 * Returns 1 if it is, 0 if it is not. EBADF: `fd` is not open. One system call. WASI has no
 * processes: there the answer for an open fd is 0.
 * Async-signal-safe. Source: PEP 446; fcntl(2) F_GETFD; GetHandleInformation. */
FDI_API int fdi_get_inheritable(int fd);

/* Makes `fd` inheritable or not.
 *
 * Only the close-on-exec bit is touched, by one single-bit operation where the system has one, so
 * that other descriptor flags survive and two threads do not undo each other's change. Where that
 * operation is refused (an O_PATH descriptor, a sandbox, a system that declares it without having
 * it) the flags are read and written instead, and the error is that of the reading or writing. On
 * Windows the handle's flag is set; the C run-time has no call to change its own mark, which
 * decides what _spawn and _exec pass on, but not what CreateProcess does.
 *
 * EBADF: `fd` is not open. ENOTSUP: making an fd inheritable on WASI. One system call where the
 * single-bit operation is accepted, three where it is refused.
 * Async-signal-safe. Source: PEP 446; ioctl FIOCLEX and FIONCLEX; SetHandleInformation. */
FDI_API int fdi_set_inheritable(int fd, bool inheritable);

/* Tells whether the Windows handle `handle` is inheritable: 1 or 0.
 *
 * EBADF: not an open handle; the pseudo handles (-1, the current process, and -2, the current
 * thread) and NULL included. ENOTSUP: everywhere but on Windows, which has no signals to be safe
 * from. Source: os.get_handle_inheritable; GetHandleInformation. */
FDI_API int fdi_get_handle_inheritable(fdi_handle handle);

/* Makes the Windows handle `handle` inheritable or not; other flags of it stay. Errors as
 * fdi_get_handle_inheritable. Source: os.set_handle_inheritable; SetHandleInformation. */
FDI_API int fdi_set_handle_inheritable(fdi_handle handle, bool inheritable);

/* Makes every open descriptor from `first` to `last`, both included, inheritable or not.
 *
 * `first` is 0 or more and `last` is not below it, else EINVAL; FDI_LAST_FD (INT_MAX) stands for
 * the last open descriptor, wherever that is. Numbers that are not open are skipped.
 *
 * Marking as not inheritable is one system call where the kernel has it (Linux 5.11, whatever the
 * number of descriptors). Otherwise the open descriptors are listed as fdi_foreach_open does it;
 * if they cannot be listed completely, that is an error, and the flags that were changed are put
 * back. Descriptors that other threads open meanwhile may be missed.
 *
 * ENOTSUP: the system cannot tell which descriptors are open. Where they are listed it uses about
 * 5 kB of stack, and 600 bytes more for each 4,096 numbers. Async-signal-safe.
 * Source: close_range(2) with CLOSE_RANGE_CLOEXEC. */
FDI_API int fdi_set_inheritable_range(int first, int last, bool inheritable);

/* Makes each of the `count` descriptors at `fds` inheritable or not: all of them, or none.
 *
 * `fds` is only read; it may be NULL when `count` is 0. When one of them fails, those before it
 * are put back as they were, and the error is that of the one that failed.
 *
 * EINVAL: `fds` is NULL and `count` is not 0. EBADF: one of them is not open. Uses about 600 bytes
 * of stack for each 4,096 descriptors. Async-signal-safe. Source: none has it; fcntl(2) for each. */
FDI_API int fdi_set_inheritable_many(const int *fds, size_t count, bool inheritable);

/* What fdi_foreach_open calls for each open descriptor. `context` is passed on as it was given.
 * The answer 0 goes on; any other stops the walk and is returned by it. */
typedef int fdi_visit(void *context, int fd, bool inheritable);

/* Calls `visit` for each open descriptor of this process, in ascending order.
 *
 * Works without procfs, above a lowered descriptor limit and where a sandbox denies newer calls,
 * and takes a time that depends on the descriptors that are or were open, never on the limit. A
 * descriptor that the listing itself has open is not shown. `visit` may open, mark and close
 * descriptors; those it opens may or may not be visited.
 *
 * Returns 0, or the first answer of `visit` that was not 0. EINVAL: `visit` is NULL. ENOTSUP: the
 * system cannot tell which descriptors are open. Async-signal-safe if `visit` is; no allocation,
 * about 5 kB of stack. Source: proc(5), getdents64(2); fcntl(2) F_GETFD. */
FDI_API int fdi_foreach_open(fdi_visit *visit, void *context);

/* ---- 2. Targets: the file that a call acts on -------------------------------------------- */

/* "Not given", for the member `fd` of a target. */
#define FDI_NO_FD (-1)

/* "Not given", for the member `dir_fd` of a target: the system's AT_FDCWD, whose header may not be
 * included here. */
#if defined(__APPLE__) || defined(__wasi__) || defined(__CYGWIN__) || defined(_AIX)
#define FDI_AT_FDCWD (-2)
#elif defined(__sun)
#define FDI_AT_FDCWD (-3041965)
#elif defined(__DragonFly__)
#define FDI_AT_FDCWD (-328243)
#elif defined(__HAIKU__)
#define FDI_AT_FDCWD (-1)
#else
#define FDI_AT_FDCWD (-100)
#endif

/* Which file a call acts on: the one named by `path`, seen from the directory open as `dir_fd`; or
 * the one that is open as `fd`. Made by the three functions below and passed by value; it owns
 * nothing, and `path` need only live as long as the call. Paths are the system's bytes on POSIX
 * and UTF-8 on Windows.
 *
 * EINVAL, from every function that takes a target: it has both a path and an fd, or an fd and a
 * `dir_fd`; an fd together with FDI_NOFOLLOW (an open file is past following); an fd where the
 * function can only act on a name. EBADF: it has neither, or a negative fd. An absolute path
 * ignores `dir_fd`, whatever it is; for a relative one a closed `dir_fd` is EBADF, and one that
 * is no directory ENOTDIR. Source: Python's os functions; openat(2). */
typedef struct fdi_target {
    const char *path;
    int fd;
    int dir_fd;
} fdi_target;

/* `path`, relative to the current directory. Async-signal-safe. */
FDI_API fdi_target fdi_path(const char *path);
/* `path`, relative to the directory that is open as `dir_fd`. Async-signal-safe. */
FDI_API fdi_target fdi_path_at(int dir_fd, const char *path);
/* The file that is open as `fd`; an O_PATH descriptor serves wherever the system can.
 * Async-signal-safe. */
FDI_API fdi_target fdi_fd(int fd);

/* Flags. A function takes those its comment names; any other bit is EINVAL. */
#define FDI_NOFOLLOW            0x1U /* act on a final symlink itself */
#define FDI_EFFECTIVE_IDS       0x2U /* fdi_access: by the effective ids, not the real ones */
#define FDI_TARGET_IS_DIRECTORY 0x4U /* fdi_symlink: Windows must know what the link leads to */

/* ---- 3. Operations ----------------------------------------------------------------------- *
 *
 * They do what the POSIX function of their name does, on any target, with one system call wherever
 * the kernel has one; the errors of that function apply and are not repeated here. Those that only
 * make system calls on Linux (all but fdi_opendir, fdi_readdir and fdi_closedir, which allocate)
 * are async-signal-safe on POSIX; on macOS fdi_mkfifo and fdi_mknod are not, which look for newer
 * calls at run time.
 *
 * On Linux a form that an older kernel or a sandbox lacks is had another way with the same
 * meaning where there is one: often through /proc/self/fd, so that without /proc it is ENOTSUP.
 * fdi_supports_fd and its kin tell. On WASI all of them are ENOTSUP.
 *
 * On Windows each opens the file once, shared with everybody, and acts on that handle; a junction
 * counts as a symlink. Paths may be longer than 260 characters. Without a dir_fd they are read by
 * the rules of Win32. Seen from a dir_fd names are taken as they are, and each ".." is the parent
 * of what the names before it lead to. EBUSY: another program has the file open and does not share
 * it; a directory on the way up is being moved all the time. */

/* Seconds since 1970-01-01 UTC and nanoseconds, 0 to 999,999,999, after that. */
struct fdi_time {
    int64_t sec;
    int64_t nsec;
};

/* Tells whether the file may be accessed: by `mode`, 0 (exists) or a sum of 4 (read), 2 (write)
 * and 1 (execute or search), as R_OK, W_OK and X_OK are.
 *
 * Returns 0 if it may. `flags`: FDI_NOFOLLOW, FDI_EFFECTIVE_IDS. EINVAL: other bits in `mode`.
 * EACCES: it may not. ENOTSUP: FDI_EFFECTIVE_IDS on Windows, and on kernels before Linux 5.8 if the
 * real and effective ids differ. The answer is old when it arrives: open the file instead wherever
 * you can. Windows: by opening it with these rights, which is what its access list and read-only
 * attribute allow. Source: faccessat(2). */
FDI_API int fdi_access(fdi_target target, int mode, unsigned flags);

/* Makes a directory the current one, of the whole process. Never passes through another directory
 * on the way.
 *
 * Windows: by the directory's present path, which is seen to lead to it just before. ENAMETOOLONG:
 * that is longer than 258 characters. EBUSY: it does not lead there, or somebody may move the
 * directory. Source: chdir(2), fchdir(2). */
FDI_API int fdi_chdir(fdi_target target);

/* Sets the BSD file flags (UF_IMMUTABLE and so on). `flags`: FDI_NOFOLLOW. ENOTSUP: where there are
 * none, as on Linux and Windows. Source: chflags(2). */
FDI_API int fdi_chflags(fdi_target target, unsigned long bsd_flags, unsigned flags);

/* Sets the permission bits: `mode` is 0 to 07777; type bits, as in fdi_stat's mode, are ignored.
 *
 * `flags`: FDI_NOFOLLOW. EINVAL: other bits in `mode`. ENOTSUP: FDI_NOFOLLOW on a symlink where
 * symlinks have no permissions (Linux); it is never followed instead. Windows has only the
 * read-only attribute: it is set if `mode` has no write bit. Source: fchmodat(2). */
FDI_API int fdi_chmod(fdi_target target, unsigned mode, unsigned flags);

/* Sets owner and group; UINT32_MAX keeps what there is. `flags`: FDI_NOFOLLOW. ENOTSUP: Windows.
 * Source: fchownat(2). */
FDI_API int fdi_chown(fdi_target target, uint32_t uid, uint32_t gid, unsigned flags);

/* Replaces this process by a program.
 *
 * `argv` and `envp` are arrays that end with NULL; `envp` NULL stands for this process's own
 * environment. Does not return on success. EINVAL: `argv` or its first element is NULL.
 * ENOENT, for an fd or relative to one: also if it is a script (#!), whose interpreter would find
 * that fd closed. ENOTSUP: forms the system lacks (macOS: all but a plain path). Windows: another
 * process begins, with the inheritable fds and the rules of fdi_spawn, and this one ends at once with
 * the status 0, which is what those who wait for it see. Source: execve(2), execveat(2). */
FDI_API int fdi_execve(fdi_target target, char *const argv[], char *const envp[]);

/* Reads the extended attribute `name` into `value`, of `size` bytes.
 *
 * Returns its length in bytes; with `size` 0, only the length. `flags`: FDI_NOFOLLOW. EINVAL:
 * `name` is NULL, or `value` is and `size` is not 0. ERANGE: `size` is too small. ENOTSUP: Windows,
 * the BSDs, and file systems without them. Source: getxattr(2). */
FDI_API int64_t fdi_getxattr(fdi_target target, const char *name, void *value, size_t size,
                             unsigned flags);

/* Sets the extended attribute `name` to the `size` bytes at `value`. `xflags`: 0, XATTR_CREATE or
 * XATTR_REPLACE of <sys/xattr.h>; other bits are EINVAL. `flags`: FDI_NOFOLLOW. EINVAL, ENOTSUP:
 * also as fdi_getxattr. Source: setxattr(2). */
FDI_API int fdi_setxattr(fdi_target target, const char *name, const void *value, size_t size,
                         int xflags, unsigned flags);

/* Lists the names of the extended attributes into `list`, of `size` bytes: each ends with NUL.
 * Returns the length in bytes; with `size` 0, only that. `flags`: FDI_NOFOLLOW. EINVAL: `list` is
 * NULL and `size` is not 0. ERANGE, ENOTSUP: as fdi_getxattr. Source: listxattr(2). */
FDI_API int64_t fdi_listxattr(fdi_target target, char *list, size_t size, unsigned flags);

/* Removes the extended attribute `name`. `flags`: FDI_NOFOLLOW. EINVAL, ENOTSUP: as fdi_getxattr.
 * Source: removexattr(2). */
FDI_API int fdi_removexattr(fdi_target target, const char *name, unsigned flags);

/* Gives the file `from` another name, `to`, which must not exist.
 *
 * A final symlink of `from` is followed, on every system, unless `flags` has FDI_NOFOLLOW. `from`
 * may be an fd (Linux, Windows); `to` may not: EINVAL. Source: linkat(2). */
FDI_API int fdi_link(fdi_target from, fdi_target to, unsigned flags);

/* Makes a directory; `mode`, 0 to 07777, is cut by the process's umask, and ignored on Windows.
 * EINVAL: other bits in `mode`. Source: mkdirat(2). */
FDI_API int fdi_mkdir(fdi_target target, unsigned mode);

/* Makes a fifo; `mode` as for fdi_mkdir. ENOTSUP: Windows. Source: mkfifoat(3). */
FDI_API int fdi_mkfifo(fdi_target target, unsigned mode);

/* Makes a special or plain file; `mode` holds type (S_IFREG, S_IFIFO, S_IFCHR, S_IFBLK, S_IFSOCK)
 * and permissions, `device` is what makedev gives. EINVAL: other bits in `mode`, or a device number
 * larger than the system's. ENOTSUP: Windows. Source: mknodat(2). */
FDI_API int fdi_mknod(fdi_target target, unsigned mode, uint64_t device);

/* Opens a file; the new fd is never inheritable, and atomically so where the system can.
 *
 * `oflags` are the O_ constants of <fcntl.h>; O_CLOEXEC is implied. `mode`, 0 to 07777, counts when
 * a file is made. A final symlink is refused with O_NOFOLLOW. With an fd, the file open as that is
 * opened again, with flags and a position of its own; it cannot be made (O_CREAT: EINVAL), and
 * O_NOFOLLOW is EINVAL. Linux needs /proc for that, unless it is a directory.
 *
 * Returns the fd. EINVAL: a `mode` with other bits (an O_ flag passed as mode), O_WRONLY and O_RDWR
 * together (FD_CLOEXEC passed as a flag); on Linux, other bits in `oflags` than those flags.
 *
 * Windows: directories can be opened too, for reading, and serve as a dir_fd. The file is shared
 * with everybody, so that it can be moved and removed meanwhile. What is written stays as it is but
 * for O_TEXT. With O_APPEND each write goes to the end in one step. Of `mode` only the lack of all
 * write bits counts: the new file has the read-only attribute. EINVAL: also other bits in `oflags`
 * than those of <fcntl.h> and the two below, the modes that convert characters, and O_TRUNC without
 * writing. ENOTSUP: a pipe as an fd; FDI_O_NOFOLLOW on a reparse point that is no link (a file kept
 * elsewhere).
 * Source: PEP 446; openat(2); NtCreateFile. */
FDI_API int fdi_open(fdi_target target, int oflags, unsigned mode);

/* Flags of fdi_open for Windows, whose <fcntl.h> has no O_DIRECTORY and O_NOFOLLOW. */
#if defined(_WIN32)
#define FDI_O_DIRECTORY 0x10000000
#define FDI_O_NOFOLLOW  0x20000000
#endif

/* "No limit", from fdi_pathconf. */
#define FDI_NO_LIMIT INT64_MAX

/* Tells a limit or option of the file: `name` is a _PC_ constant of <unistd.h>. Returns the value,
 * or FDI_NO_LIMIT. EINVAL: unknown `name`. ENOTSUP: Windows. Source: pathconf(3). */
FDI_API int64_t fdi_pathconf(fdi_target target, int name);

/* Reads the text of a symlink into `buffer`, of `size` bytes: cut if it is longer, and not ended by
 * NUL. Returns the number of bytes stored. EINVAL: no symlink; `buffer` is NULL; `size` is 0. An fd
 * must be open on the symlink itself (Linux: O_PATH with O_NOFOLLOW). Windows: what is told is what
 * the system follows, as a path of Win32, with backslashes. Source: readlinkat(2). */
FDI_API int64_t fdi_readlink(fdi_target target, char *buffer, size_t size);

/* Moves `from` to `to`. On POSIX an existing `to` is replaced; on Windows that is EEXIST.
 * Source: os.rename; renameat(2). */
FDI_API int fdi_rename(fdi_target from, fdi_target to);

/* Moves `from` to `to` and replaces what is there, atomically, on every system.
 *
 * Windows: a directory replaces nothing, or at most an empty one (EACCES). A file is also replaced
 * while others have it open, since Windows 10; before, and on other file systems than NTFS, that is
 * EACCES. Source: os.replace; renameat(2). */
FDI_API int fdi_replace(fdi_target from, fdi_target to);

/* Removes an empty directory. Source: unlinkat(2) with AT_REMOVEDIR. */
FDI_API int fdi_rmdir(fdi_target target);

/* An open directory being read; used by one thread at a time. */
typedef struct fdi_dir fdi_dir;

#define FDI_TYPE_UNKNOWN          0
#define FDI_TYPE_FIFO             1
#define FDI_TYPE_CHARACTER_DEVICE 2
#define FDI_TYPE_DIRECTORY        3
#define FDI_TYPE_BLOCK_DEVICE     4
#define FDI_TYPE_FILE             5
#define FDI_TYPE_SYMLINK          6
#define FDI_TYPE_SOCKET           7

/* An entry of a directory. `name` belongs to the fdi_dir and lives until its next call. `type` is
 * FDI_TYPE_*; FDI_TYPE_UNKNOWN where the file system does not say. */
typedef struct fdi_dirent {
    const char *name;
    uint64_t ino;
    int type;
} fdi_dirent;

/* Opens a directory for reading its entries.
 *
 * Returns NULL on failure. A directory given as an fd is opened once more: the fd stays open, its
 * position untouched, and two listings of one fd do not disturb each other. Allocates; not
 * async-signal-safe. Source: fdopendir(3). */
FDI_API fdi_dir *fdi_opendir(fdi_target target);

/* Stores the next entry, never "." or "..", in `entry`. Returns 1, or 0 at the end. EINVAL: an
 * argument is NULL. EILSEQ, Windows: the name cannot be said in UTF-8; the next call goes on behind
 * it. Source: readdir(3). */
FDI_API int fdi_readdir(fdi_dir *dir, fdi_dirent *entry);

/* Closes `dir`, which is gone whatever the answer. EINVAL: it is NULL. Source: closedir(3). */
FDI_API int fdi_closedir(fdi_dir *dir);

/* Bits of fdi_stat's `present`. */
#define FDI_STAT_BIRTHTIME       0x01U /* birthtime */
#define FDI_STAT_FLAGS           0x02U /* flags */
#define FDI_STAT_FILE_ATTRIBUTES 0x04U /* file_attributes and reparse_tag */
#define FDI_STAT_INO_HIGH        0x08U /* ino_high */
#define FDI_STAT_OWNER           0x10U /* uid and gid */
#define FDI_STAT_BLOCKS          0x20U /* blocks and blksize */

/* What is known of a file. The layout is the same on every system and never changes. Members that
 * the system does not fill are 0; `present` tells which of the optional ones it did. */
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
    uint32_t blksize;         /* bytes; what reading and writing best goes by */
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

/* Stores what is known of the file in `out`. `flags`: FDI_NOFOLLOW. EINVAL: `out` is NULL.
 * EOVERFLOW: never; every member is wide enough. Windows: permissions are 0666, or 0444 with the
 * read-only attribute, 0777 or 0555 of directories; of a console, pipe or socket only the kind is
 * known. Source: statx(2), fstatat(2). */
FDI_API int fdi_stat(fdi_target target, struct fdi_stat *out, unsigned flags);

/* What is known of a file system, with the meaning of POSIX's struct statvfs. */
struct fdi_statvfs {
    uint64_t bsize;   /* preferred block size, bytes */
    uint64_t frsize;  /* unit of the block counts, bytes */
    uint64_t blocks;  /* size */
    uint64_t bfree;   /* free */
    uint64_t bavail;  /* free for unprivileged users */
    uint64_t files;   /* inodes */
    uint64_t ffree;   /* free inodes */
    uint64_t favail;  /* free inodes for unprivileged users */
    uint64_t fsid;    /* identifies it */
    uint64_t flag;    /* ST_RDONLY and so on, as the system has them */
    uint64_t namemax; /* longest name, bytes */
};

/* Stores what is known of the file system that holds the file. EINVAL: `out` is NULL.
 * Source: statvfs(3). */
FDI_API int fdi_statvfs(fdi_target target, struct fdi_statvfs *out);

/* Makes `link` a symlink with the text `text`.
 *
 * `flags`: FDI_TARGET_IS_DIRECTORY, which only Windows heeds. EINVAL: `text` is NULL. Windows:
 * slashes become backslashes. EPERM: neither has the caller the right to make symlinks, nor is the
 * system in developer mode. ENOTSUP: the file system has none. Source: symlinkat(2). */
FDI_API int fdi_symlink(const char *text, fdi_target link, unsigned flags);

/* Sets the length of a plain file to `length` bytes, cutting it or filling it up with zeros. An fd
 * must be open for writing. EINVAL: `length` is negative. Source: truncate(2), ftruncate(2). */
FDI_API int fdi_truncate(fdi_target target, int64_t length);

/* Removes a name, and the file with it if that was the last and nobody has it open.
 *
 * Windows: also of a read-only file, and a link to a directory, which fdi_rmdir refuses. The name
 * is gone at once since Windows 10 on NTFS; before, and elsewhere, when the last one who has the
 * file open closes it. Source: unlinkat(2). */
FDI_API int fdi_unlink(fdi_target target);

/* Sets the times of last access, times[0], and last modification, times[1]; NULL: both to now.
 *
 * `flags`: FDI_NOFOLLOW. EINVAL: nanoseconds outside 0 to 999,999,999, the values of UTIME_NOW and
 * UTIME_OMIT included. EOVERFLOW: seconds that the system's type cannot hold. Source: utimensat(2);
 * os.utime. */
FDI_API int fdi_utime(fdi_target target, const struct fdi_time times[2], unsigned flags);

/* ---- 4. What this system supports -------------------------------------------------------- */

/* One of each operation above; FDI_FN_OPENDIR stands for the three that read a directory. */
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
    FDI_FN_REPLACE,
    FDI_FN_RMDIR,
    FDI_FN_OPENDIR,
    FDI_FN_STAT,
    FDI_FN_STATVFS,
    FDI_FN_SYMLINK,
    FDI_FN_TRUNCATE,
    FDI_FN_UNLINK,
    FDI_FN_UTIME,
    FDI_FUNCTION_COUNT
} fdi_function;

/* Tell whether an operation takes an fd, a `dir_fd`, FDI_NOFOLLOW (fdi_open: O_NOFOLLOW) or
 * FDI_EFFECTIVE_IDS here: false exactly where a call with it fails with EINVAL because it has no
 * meaning, or with ENOTSUP for lack of it. They ask the running system each time: kernel, sandbox
 * and /proc. False for a `function` that is none. Async-signal-safe; errno is left alone.
 * Source: os.supports_fd and its kin. */
FDI_API bool fdi_supports_fd(fdi_function function);
FDI_API bool fdi_supports_dir_fd(fdi_function function);
FDI_API bool fdi_supports_follow_symlinks(fdi_function function);
FDI_API bool fdi_supports_effective_ids(fdi_function function);

/* The name of an operation as in "stat"; NULL for a `function` that is none. The text is in static
 * storage and nobody's to free. Async-signal-safe. */
FDI_API const char *fdi_function_name(fdi_function function);

/* ---- 5. Born non-inheritable ------------------------------------------------------------- *
 *
 * Besides fdi_open: what these make is never inheritable, not for a moment (but for fdi_accept on
 * Windows).
 *
 * Each makes the one system call that creates and marks at once, where the system has it. Where it
 * has not (macOS: for pipes, sockets and dup2) creating and marking are shielded by a lock from
 * every fork of the process, the signals of the calling thread wait meanwhile, and fdi_spawn gives
 * its child nothing half made; posix_spawn and vfork by others are not held up. Linux before 2.6.27
 * or a sandbox that refuses the atomic call is not got around: the call fails, with ENOTSUP where
 * the system's answer was ENOSYS.
 *
 * All may be called from any thread. "Async-signal-safe" holds with and without the shield.
 *
 * On Windows both marks are set from the start, the handle's and the one by which the C run-time
 * decides what its _spawn hands on.
 *
 * On WASI nothing here can be made: ENOTSUP.
 *
 * The numbers are the lowest free ones, 0 to 2 included; see fdi_above_stdio. */

/* Opens a file as a stream, whose fd is not inheritable. `target` as for fdi_open; a file that is
 * made has the permissions 0666, less the umask.
 *
 * `mode` begins with r, w or a; then, in any order and each at most once: "+", "b" (no translation
 * of line ends, which Windows has, whatever its _fmode says), "x" (with w and a: the file must not
 * exist yet) and "e" (close-on-exec, as it is anyway). All modes of C11 and POSIX.1-2024 are of
 * that form; any other is EINVAL.
 *
 * An fd is opened again, with a position of its own, and must not be given with "x": EINVAL; the
 * fd itself stays open and is the caller's. Returns NULL on failure, and a file that "x" made is
 * gone again; fclose ends it.
 * Not async-signal-safe. Source: fopen(3), with "e" and "x" of POSIX.1-2024. */
FDI_API FILE *fdi_fopen(fdi_target target, const char *mode);

/* The same, on an fd that is 3 or higher: see fdi_above_stdio, which cannot go around a stream. */
FDI_API FILE *fdi_fopen_above_stdio(fdi_target target, const char *mode);

/* Duplicates `fd` to the lowest free number. The new fd is not inheritable, whatever `fd` is.
 * Returns it. On Windows it translates line ends as `fd` does, which the run-time tells only by a
 * change: for a moment `fd` translates nothing, and one in the run-time's UTF-8 mode is in its
 * UTF-16 mode afterwards. Appending goes over where the handle does it: that of fdi_open without
 * O_TRUNC does, that of the run-time's own _open does not.
 * Async-signal-safe. ENOTSUP: WASI. Source: PEP 446; fcntl(2) F_DUPFD_CLOEXEC. */
FDI_API int fdi_dup(int fd);

/* Makes `fd2` a duplicate of `fd`, inheritable or not; what `fd2` was before is closed.
 *
 * Where both are the same, only the flag is set. Returns fd2. A call that fails leaves `fd2` as it
 * was. EBADF: `fd` is not open, or `fd2` is no number a descriptor can have. EINTR is not retried,
 * and ENOSYS of a sandbox without dup3 stays that.
 *
 * On Windows an inheritable one replaces `fd2` in one step and is as `fd` in all. A private one is
 * made as by fdi_dup: the run-time gives it the number of `fd2` after that was closed; the free
 * numbers below are in use meanwhile. Another thread that opens something at that moment may be
 * given the number: then this fails with EBUSY, and what `fd2` was is lost.
 * Async-signal-safe. ENOTSUP: WASI.
 * Source: PEP 446 os.dup2; dup3(2). */
FDI_API int fdi_dup2(int fd, int fd2, bool inheritable);

/* Makes a pipe: fds[0] is for reading, fds[1] for writing. EINVAL: `fds` is NULL. A failed call
 * leaves `fds` alone. Async-signal-safe. ENOTSUP: WASI. Source: pipe2(2). */
FDI_API int fdi_pipe(int fds[2]);

/* Makes a new file and opens it for reading and writing, with the permissions 0600 (on Windows,
 * those that the directory gives), without translation of line ends.
 *
 * `path_template` ends in XXXXXX, which is replaced by what makes the name new; a failed call
 * leaves it as it was. Returns the fd. EINVAL: it is NULL or ends otherwise. Not
 * async-signal-safe. Source: mkstemp(3). */
FDI_API int fdi_mkstemp(char *path_template);

/* Makes a pseudo-terminal and opens both ends, neither as the controlling terminal: `primary` is
 * the side of the one who emulates the terminal, `secondary` the side of the programs in it.
 *
 * EINVAL: an argument is NULL. A failed call leaves both alone. ENOTSUP: Windows, WASI. Not
 * async-signal-safe. Source: openpty(3), posix_openpt(3), TIOCGPTPEER. */
FDI_API int fdi_openpty(int *primary, int *secondary);

/* Makes an anonymous file in memory; `name` is only shown to those who look. `memfd_flags` are the
 * MFD_ constants of <sys/mman.h>; MFD_CLOEXEC is implied. Returns the fd. EINVAL: `name` is NULL,
 * unknown flags. ENOTSUP: where there is no such call; Linux and FreeBSD have it.
 * Async-signal-safe. Source: memfd_create(2). */
FDI_API int fdi_memfd_create(const char *name, unsigned memfd_flags);

/* Makes an event counter that starts at `count`. `eventfd_flags` are the EFD_ constants of
 * <sys/eventfd.h>; EFD_CLOEXEC is implied. Returns the fd. EINVAL: unknown flags. ENOTSUP, signals:
 * as fdi_memfd_create. Source: eventfd(2). */
FDI_API int fdi_eventfd(unsigned count, int eventfd_flags);

/* Makes an epoll instance. Returns the fd. ENOTSUP: everywhere but on Linux. Async-signal-safe.
 * Source: epoll_create1(2). */
FDI_API int fdi_epoll_create(void);

/* Makes a kernel event queue. Returns the fd. ENOTSUP: everywhere but on the BSDs and macOS.
 * Async-signal-safe. Source: kqueue(2). */
FDI_API int fdi_kqueue(void);

/* A socket: an fd, but on Windows a SOCKET, which is none. */
#if defined(_WIN32)
typedef uintptr_t fdi_socket;
#else
typedef int fdi_socket;
#endif

/* What the functions that return a socket return on failure. */
#define FDI_NO_SOCKET ((fdi_socket)-1)

/* Makes a socket. Domains, types and protocols are those of the system's <sys/socket.h>; the flags
 * it has for `type` (SOCK_NONBLOCK) may be added, SOCK_CLOEXEC is implied. On Windows the program
 * has called WSAStartup. Returns the socket. EINVAL: other bits in `type`. ENOTSUP: WASI; Windows 7
 * without SP1, which lacks the flag. Async-signal-safe.
 * Source: PEP 446; socket(2); WSASocketW with WSA_FLAG_NO_HANDLE_INHERIT. */
FDI_API fdi_socket fdi_socket_open(int domain, int type, int protocol);

/* Makes two sockets that are connected to each other. Arguments as for fdi_socket_open. EINVAL:
 * `pair` is NULL. A failed call leaves `pair` alone. ENOTSUP: WASI.
 *
 * On Windows the two are a TCP connection of this process with itself, over the loopback address of
 * AF_INET or AF_INET6; whoever connects first is sent away. There SOCK_STREAM is the only type, and
 * every other domain, AF_UNIX included, ENOTSUP.
 * Async-signal-safe. Source: socketpair(2). */
FDI_API int fdi_socketpair(int domain, int type, int protocol, fdi_socket pair[2]);

/* Accepts a connection; the new socket blocks, and is not inheritable, whatever `listener` is.
 *
 * `address`, of *address_size bytes, is filled with the peer's address, cut if it is longer, and
 * *address_size with its length. Both may be NULL. Returns the socket. EINVAL: only one of them is
 * NULL; a negative size. ENOTSUP: WASI.
 *
 * Windows has no call that accepts, as the listener waits, and marks: there the new socket may be
 * inheritable from its birth until it is marked, before this returns; fdi_spawn gives it to nobody,
 * but another thread's CreateProcess would. Async-signal-safe. Source: PEP 446; accept4(2). */
FDI_API fdi_socket fdi_accept(fdi_socket listener, void *address, int *address_size);

/* Receives a message with the descriptors that came with it; none of them is inheritable.
 *
 * `data`, of `size` bytes, is filled with the message; `fds`, of *fd_count numbers, with the
 * descriptors, which are the caller's to close, and *fd_count with how many they are. Both arrays
 * may be NULL if they are empty. Returns the number of bytes; 0 at the end of a stream.
 *
 * EMSGSIZE: the message was longer than `size` (not on a stream, where the rest comes later), or
 * had more descriptors than *fd_count or than the process may open: it is lost, and all of its
 * descriptors are closed. EINVAL: `fd_count` is NULL, or an array is and should not be. Uses about
 * 3 kB of stack. ENOTSUP: Windows, WASI. Async-signal-safe.
 * Source: unix(7) SCM_RIGHTS; recvmsg(2) with MSG_CMSG_CLOEXEC. */
FDI_API int64_t fdi_recv_fds(fdi_socket connection, void *data, size_t size, int *fds,
                             size_t *fd_count);

/* Moves a descriptor that was just made away from the numbers of stdio: for a library in a program
 * that may have closed them, where the next message to stderr would end up in its file.
 *
 * Goes around any function that returns an fd: fdi_above_stdio(fdi_open(...)). A number of 3 or
 * more is returned as it is, and so is -1, with errno as it was. 0, 1 or 2 is duplicated to the
 * lowest free number from 3 on, not inheritable, and then closed; also if that fails, so that
 * nothing stays open. Between the two steps the low number is in use. A socket is an fd, but not
 * on Windows, where it has none of these numbers. Async-signal-safe. Source: fcntl(2)
 * F_DUPFD_CLOEXEC with 3. */
FDI_API int fdi_above_stdio(int fd);

/* The same for those that store descriptors: fdi_above_stdio_many(fdi_pipe(fds), fds, 2).
 *
 * `result` is the answer of that function; if it is negative it is returned, with errno as it was,
 * and `fds` is not read. Otherwise each of the `count` descriptors in `fds` is moved and its
 * number replaced, and `result` is returned. If that fails, all of them are closed and the answer
 * is -1. EINVAL: `fds` is NULL and `count` is not 0. Async-signal-safe. */
FDI_API int fdi_above_stdio_many(int result, int *fds, size_t count);

/* ---- 6. Children that inherit exactly what they are given -------------------------------- */

/* One descriptor for a child: the caller's `fd` becomes `child_fd` there, inheritable. */
typedef struct fdi_fd_map {
    int fd;
    int child_fd;
} fdi_fd_map;

/* Flags of fdi_spawn. */
#define FDI_SPAWN_SEARCH      0x1U /* look `program`, a name without a slash, up in PATH */
#define FDI_SPAWN_EMPTY_MASK  0x2U /* no signal is blocked in the child */
#define FDI_SPAWN_NEW_SESSION 0x4U /* the child leads a session of its own: setsid(2) */
#define FDI_SPAWN_NEW_GROUP   0x8U /* the child leads a process group of its own: setpgid(2) */
#define FDI_SPAWN_KEEP_IGNORED                                                                     \
    0x10U /* signals that this process ignores are ignored in the child */

/* What to start, and how. Start from fdi_spawn_defaults() and set what differs: a member added
 * later will have a value there that changes nothing. Pointers stay the caller's and need to live
 * only until fdi_spawn returns. */
typedef struct fdi_spawn_options {
    fdi_target program;    /* what to run. A relative path is seen from the child's directory */
    char *const *argv;     /* its arguments, the name it is called by first; ends with NULL */
    char *const *envp;     /* its environment, ends with NULL; NULL: this process's own */
    const fdi_fd_map *fds; /* its descriptors, in any order; one fd may be given several times */
    size_t fd_count;       /* how many; 0: it gets none */
    fdi_target directory;  /* the directory it starts in; by default this process's own */
    unsigned flags;        /* FDI_SPAWN_* */
    uint64_t reserved[4];  /* 0 */
} fdi_spawn_options;

/* A child: on POSIX its process id, on Windows the value of a handle of it. It is this process's
 * to wait for, once: the call that tells the status ends it. */
typedef intptr_t fdi_process;

/* Options that are complete but for `program` and `argv`: 0, 1 and 2 go to 0, 1 and 2; the
 * environment and the directory are this process's. Async-signal-safe. */
FDI_API fdi_spawn_options fdi_spawn_defaults(void);

/* Starts a program in a child process and stores that in `process`.
 *
 * The child has exactly the descriptors of `options->fds`, each under its number and inheritable
 * there, and no other, whatever the inheritable flags say here and whatever other threads open and
 * close meanwhile. The numbers may be any, also those of other entries: swaps and cycles work.
 * This process's descriptors and flags are not touched. A number closed here is an error, that of
 * a closed stdin with the default options included.
 *
 * It starts with every signal at its default action (FDI_SPAWN_KEEP_IGNORED: ignored ones stay
 * so), with the signal mask of the calling thread (FDI_SPAWN_EMPTY_MASK: none), in `directory`,
 * which it enters first. `program` may be an fd and is closed in the child like any other; if that
 * is a script (#!), it starts only if the fd is also in `fds`, else ENOENT. FDI_SPAWN_SEARCH
 * tries the directories of this process's PATH for a `program` that is a plain path without a
 * slash, as posix_spawnp does, but no shell when the file has no known format.
 *
 * A program that cannot be started is an error here, with its errno (ENOENT, EACCES, ENOEXEC,
 * E2BIG, ENOTDIR of the directory ...), and no child is left. Whether it started is known when
 * this returns.
 *
 * EINVAL: a pointer is NULL that must not be; `argv` is empty; a flag or `reserved` is not known; a
 * `child_fd` is negative or given twice; FDI_SPAWN_SEARCH with an fd or a dir_fd. EBADF: an fd that
 * is given is not open. EMFILE: a `child_fd` is not below the limit on descriptors. ENOTSUP: WASI;
 * macOS, for a program given as an fd or relative to one; Windows, for FDI_SPAWN_NEW_SESSION; a
 * system that can neither close a range of descriptors nor tell which are open.
 *
 * Windows: the child's C run-time finds the descriptors under their numbers, which are below 2048,
 * 0 to 2 in text mode and the others in binary mode, and 0 to 2 are its standard handles. Nothing
 * here becomes inheritable meanwhile: the child inherits from a second process of the same program,
 * which never runs, ends before this returns, and is what the child sees as its parent. Arguments
 * are quoted as the C run-time reads them (EINVAL: a quote in argv[0]). Batch files are ENOEXEC, as
 * no quoting is safe for them (CVE-2024-24576). FDI_SPAWN_SEARCH adds .exe to a name without a dot,
 * or with one if it is not there as it is, and looks into the current directory only if PATH names
 * it. Signals have no meaning there; FDI_SPAWN_NEW_GROUP also keeps Ctrl-C from the child.
 *
 * Linux: a fixed number of system calls, and a time that depends neither on how many descriptors
 * are open, but for those below the highest one given, nor on how much memory this process has. No
 * handler of this process runs in the child. Not a cancellation point. Uses up to 32 KiB of stack;
 * allocates for more than 32 descriptors. Source: posix_spawn(3), clone(2), close_range(2). */
FDI_API int fdi_spawn(fdi_process *process, const fdi_spawn_options *options);

/* Waits until `process` ends, and stores in `status`, unless that is NULL, its exit status: 0 or
 * more if it exited, minus the number of the signal if one killed it; on Windows the exit code.
 *
 * `process` is of no use afterwards. EINVAL: it is not one. ECHILD: it is not a child to be waited
 * for: somebody else did, or this process ignores SIGCHLD. A cancellation point.
 * Source: waitpid(2); the numbers, Python's subprocess. */
FDI_API int fdi_wait(fdi_process process, int *status);

/* As fdi_wait, but at most for `milliseconds`: 0 only looks, -1 waits without end.
 *
 * Returns 1 if `process` has ended and `status` is stored, 0 if it still runs. EINVAL: also for
 * other negative times. Where there is no descriptor for a process (before Linux 5.3, other
 * systems), it looks again every few milliseconds. Source: pidfd_open(2), WaitForSingleObject. */
FDI_API int fdi_wait_timeout(fdi_process process, int milliseconds, int *status);

/* The number by which the system knows `process`: on POSIX that itself, on Windows the process id.
 * EINVAL: it is not one. Async-signal-safe. */
FDI_API int64_t fdi_process_id(fdi_process process);

#ifdef __cplusplus
}
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
#endif

#endif
