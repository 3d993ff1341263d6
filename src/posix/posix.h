/* SPDX-License-Identifier: MIT
 * Shared declarations of the POSIX backend: constants that older headers lack, and the functions
 * that reach a file indirectly. */
#ifndef FDI__POSIX_H
#define FDI__POSIX_H

#include "../../include/fdinherit.h"

#include "linux_calls.h"
#include "systems.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* The environment of this process. */
extern char **environ FDI__ENVIRON_LINKAGE;

/* A path and its directory fd are passed to the ...at functions unchanged. */
typedef char fdi__at_fdcwd_agrees[FDI_AT_FDCWD == (int)AT_FDCWD ? 1 : -1];

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

/* Returns the procfs directory of the calling thread's descriptors, or NULL without a procfs. The
 * file system's type is checked each time, because a chroot may hold plain files under that name. */
const char *fdi__procfs_directory(void);
bool fdi__has_procfs(void);

/* The procfs path of an open descriptor. It leads to the file even after a rename or unlink. The
 * path is empty without a procfs, so that a call on it fails with ENOENT. */
struct fdi__procfs_path {
    char text[32];
};
struct fdi__procfs_path fdi__procfs_path(int fd);

/* Returns the result of a call on the procfs path of `fd`, with a corrected error. EBADF means that
 * `fd` is closed, and ENOTSUP that procfs is missing. */
int fdi__procfs_result(int fd, int result);

/* Opens a path without access to the file's data. */
int fdi__open_path(fdi_target target, unsigned flags);
/* Does the same and mounts an automount point, as the calls that take a path do. Only O_DIRECTORY
 * makes O_PATH mount one. */
int fdi__open_mounted(fdi_target target);
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

/* fcntl. Commands take an int or no argument. */
#if FDI__FCNTL_CANCELS
int fdi__fcntl(int fd, int command, ...);
#else
#define fdi__fcntl fcntl
#endif

/* wait_posix.c: returns the time of the monotonic clock in microseconds. */
int64_t fdi__now(void);

/* Reports whether the kernel and its seccomp filters allow the system call with this number. */
bool fdi__has_call(long number);
/* Reports whether the system call with this number has just failed because it is missing or
 * blocked by a sandbox. Returns false if the call's arguments caused the error. */
bool fdi__was_refused(long number);

/* ---- one definition for each system --------------------------------------------------------- */

/* inherit_posix.c: changes the flag without the ioctl. */
int fdi__set_inheritable_by_fcntl(int fd, bool inheritable);
/* attributes_linux.c, attributes_bsd.c: change the mode of an open file, and of a symlink itself. */
int fdi__chmod_fd(int fd, unsigned mode);
int fdi__chmod_nofollow(fdi_target target, unsigned mode);
/* exec_linux.c, exec_bsd.c: the target is an fd, or a path below a directory fd. */
int fdi__exec_indirectly(fdi_target target, char *const *argv, char *const *envp);
/* stat_posix.c: fstat and fstatat. */
int fdi__stat_by_libc(fdi_target target, struct fdi_stat *out, unsigned flags);

/* ---- used by functions_*.c and by the operation itself --------------------------------- */

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
