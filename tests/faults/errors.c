/* SPDX-License-Identifier: MIT
 * The errors are those in section 2 of the Linux manual pages. */
#define _GNU_SOURCE 1
#include "errors.h"

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

#define PATH_WALK EACCES, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, EIO
#define ALWAYS    EINTR, ENOSYS, EPERM, 0
/* A signal never interrupts these calls. */
#define AT_ONCE   ENOSYS, EPERM, 0

struct row {
    long number;
    const char *name;
    int errors[28];
};

static const struct row rows[] = {
    {SYS_access, "access", {PATH_WALK, EINVAL, EROFS, ETXTBSY, ALWAYS}},
    {SYS_faccessat, "faccessat", {PATH_WALK, EBADF, EINVAL, EROFS, ETXTBSY, ALWAYS}},
    {439, "faccessat2", {PATH_WALK, EBADF, EINVAL, EROFS, ETXTBSY, ALWAYS}},
    {SYS_chdir, "chdir", {PATH_WALK, ALWAYS}},
    {SYS_fchdir, "fchdir", {EACCES, EBADF, ENOTDIR, EIO, ALWAYS}},
    {SYS_chmod, "chmod", {PATH_WALK, EROFS, ALWAYS}},
    {SYS_fchmod, "fchmod", {EBADF, EIO, EROFS, ALWAYS}},
    {SYS_fchmodat, "fchmodat", {PATH_WALK, EBADF, EINVAL, EOPNOTSUPP, EROFS, ALWAYS}},
    {SYS_fchmodat2, "fchmodat2", {PATH_WALK, EBADF, EINVAL, EOPNOTSUPP, EROFS, ALWAYS}},
    {SYS_fchown, "fchown", {EBADF, EIO, EROFS, ENOENT, ALWAYS}},
    {SYS_fchownat, "fchownat", {PATH_WALK, EBADF, EINVAL, EROFS, ALWAYS}},
    {SYS_execve,
     "execve",
     {PATH_WALK, E2BIG, EAGAIN, EINVAL, EISDIR, ELIBBAD, EMFILE, ENFILE, ENOEXEC, ETXTBSY, ALWAYS}},
    {SYS_execveat,
     "execveat",
     {PATH_WALK, E2BIG, EAGAIN, EBADF, EINVAL, EISDIR, ELIBBAD, EMFILE, ENFILE, ENOEXEC, ETXTBSY,
      ALWAYS}},
    {SYS_getxattr, "getxattr", {PATH_WALK, E2BIG, ENODATA, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_lgetxattr, "lgetxattr", {PATH_WALK, E2BIG, ENODATA, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_fgetxattr, "fgetxattr", {EBADF, E2BIG, ENODATA, ENOTSUP, ERANGE, EIO, ALWAYS}},
    {464, "getxattrat", {PATH_WALK, EBADF, EINVAL, E2BIG, ENODATA, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_setxattr,
     "setxattr",
     {PATH_WALK, EDQUOT, EEXIST, ENODATA, ENOSPC, ENOTSUP, ERANGE, EROFS, ALWAYS}},
    {SYS_lsetxattr,
     "lsetxattr",
     {PATH_WALK, EDQUOT, EEXIST, ENODATA, ENOSPC, ENOTSUP, ERANGE, EROFS, ALWAYS}},
    {SYS_fsetxattr,
     "fsetxattr",
     {EBADF, EDQUOT, EEXIST, ENODATA, ENOSPC, ENOTSUP, ERANGE, EIO, ALWAYS}},
    {463,
     "setxattrat",
     {PATH_WALK, EBADF, EINVAL, EDQUOT, EEXIST, ENODATA, ENOSPC, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_listxattr, "listxattr", {PATH_WALK, E2BIG, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_llistxattr, "llistxattr", {PATH_WALK, E2BIG, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_flistxattr, "flistxattr", {EBADF, E2BIG, ENOTSUP, ERANGE, EIO, ALWAYS}},
    {465, "listxattrat", {PATH_WALK, EBADF, EINVAL, E2BIG, ENOTSUP, ERANGE, ALWAYS}},
    {SYS_removexattr, "removexattr", {PATH_WALK, ENODATA, ENOTSUP, EROFS, ALWAYS}},
    {SYS_lremovexattr, "lremovexattr", {PATH_WALK, ENODATA, ENOTSUP, EROFS, ALWAYS}},
    {SYS_fremovexattr, "fremovexattr", {EBADF, ENODATA, ENOTSUP, EIO, ALWAYS}},
    {466, "removexattrat", {PATH_WALK, EBADF, EINVAL, ENODATA, ENOTSUP, ALWAYS}},
    {SYS_linkat,
     "linkat",
     {PATH_WALK, EBADF, EDQUOT, EEXIST, EINVAL, EMLINK, ENOSPC, EROFS, EXDEV, ALWAYS}},
    {SYS_mkdirat,
     "mkdirat",
     {PATH_WALK, EBADF, EDQUOT, EEXIST, EINVAL, EMLINK, ENOSPC, EROFS, ALWAYS}},
    {SYS_mknodat, "mknodat", {PATH_WALK, EBADF, EDQUOT, EEXIST, EINVAL, ENOSPC, EROFS, ALWAYS}},
    {SYS_openat,
     "openat",
     {PATH_WALK, EBADF, EBUSY, EDQUOT, EEXIST, EFBIG, EINVAL, EISDIR, EMFILE, ENFILE, ENODEV,
      ENOSPC, ENXIO, EOPNOTSUPP, EOVERFLOW, EROFS, ETXTBSY, EWOULDBLOCK, ALWAYS}},
    {SYS_open,
     "open",
     {PATH_WALK, EBUSY, EDQUOT, EEXIST, EINVAL, EISDIR, EMFILE, ENFILE, ENODEV, ENOSPC, ENXIO,
      EROFS, ALWAYS}},
    {SYS_readlinkat, "readlinkat", {PATH_WALK, EBADF, EINVAL, ALWAYS}},
    {SYS_readlink, "readlink", {PATH_WALK, EINVAL, ALWAYS}},
    {SYS_renameat,
     "renameat",
     {PATH_WALK, EBADF, EBUSY, EDQUOT, EEXIST, EINVAL, EISDIR, EMLINK, ENOSPC, ENOTEMPTY, EROFS,
      EXDEV, ALWAYS}},
    {SYS_renameat2,
     "renameat2",
     {PATH_WALK, EBADF, EBUSY, EDQUOT, EEXIST, EINVAL, EISDIR, EMLINK, ENOSPC, ENOTEMPTY, EROFS,
      EXDEV, ALWAYS}},
    {SYS_unlinkat, "unlinkat", {PATH_WALK, EBADF, EBUSY, EINVAL, EISDIR, ENOTEMPTY, EROFS, ALWAYS}},
    {SYS_getdents64, "getdents64", {EBADF, EINVAL, ENOENT, ENOTDIR, EIO, ALWAYS}},
    {SYS_statx, "statx", {PATH_WALK, EBADF, EINVAL, ALWAYS}},
    {SYS_newfstatat, "newfstatat", {PATH_WALK, EBADF, EINVAL, EOVERFLOW, ALWAYS}},
    {SYS_stat, "stat", {PATH_WALK, EOVERFLOW, ALWAYS}},
    /* The same name, because versions of glibc use one or the other. */
    {SYS_fstat, "newfstatat", {EBADF, ENOMEM, EOVERFLOW, EIO, ALWAYS}},
    {SYS_statfs, "statfs", {PATH_WALK, EOVERFLOW, ALWAYS}},
    {SYS_fstatfs, "fstatfs", {EBADF, EIO, ENOMEM, EOVERFLOW, ALWAYS}},
    {SYS_symlinkat, "symlinkat", {PATH_WALK, EBADF, EDQUOT, EEXIST, ENOSPC, EROFS, ALWAYS}},
    {SYS_truncate, "truncate", {PATH_WALK, EFBIG, EINVAL, EISDIR, EROFS, ETXTBSY, ALWAYS}},
    {SYS_ftruncate, "ftruncate", {EBADF, EFBIG, EINVAL, EIO, ETXTBSY, ALWAYS}},
    {SYS_utimensat, "utimensat", {PATH_WALK, EBADF, EINVAL, EROFS, ESRCH, ALWAYS}},
    {SYS_close, "close", {EBADF, EIO, ENOSPC, EDQUOT, EINTR, 0}},
    {436, "close_range", {EINVAL, EMFILE, ENOMEM, AT_ONCE}},
    {SYS_ioctl, "ioctl", {EBADF, EINVAL, ENOTTY, EACCES, ENOMEM, EIO, AT_ONCE}},
    {SYS_fcntl, "fcntl", {EACCES, EAGAIN, EBADF, EBUSY, EINVAL, EMFILE, ENOMEM, AT_ONCE}},
    {SYS_select, "select", {EBADF, EINVAL, ENOMEM, ALWAYS}},
    {SYS_pselect6, "pselect6", {EBADF, EINVAL, ENOMEM, ALWAYS}},
    {SYS_mmap,
     "mmap",
     {EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENFILE, ENODEV, ENOMEM, EOVERFLOW, ETXTBSY, AT_ONCE}},
    {SYS_munmap, "munmap", {EINVAL, ENOMEM, AT_ONCE}},
    {SYS_brk, "brk", {ENOMEM, 0}},
    {SYS_sysinfo, "sysinfo", {EFAULT, AT_ONCE}},
    {SYS_mprotect, "mprotect", {EACCES, EINVAL, ENOMEM, AT_ONCE}},
    {SYS_lseek, "lseek", {EBADF, EINVAL, ENXIO, EOVERFLOW, ESPIPE, AT_ONCE}},
    {SYS_read, "read", {EBADF, EAGAIN, EINVAL, EIO, EISDIR, ALWAYS}},
    {SYS_pread64,
     "pread64",
     {EBADF, EAGAIN, EINVAL, EIO, EISDIR, ENXIO, EOVERFLOW, ESPIPE, ALWAYS}},
    {SYS_write, "write", {EBADF, EAGAIN, EDQUOT, EFBIG, EINVAL, EIO, ENOSPC, EPIPE, ALWAYS}},
    {SYS_getuid, "getuid", {0}},
    {SYS_geteuid, "geteuid", {0}},
    {SYS_getgid, "getgid", {0}},
    {SYS_getegid, "getegid", {0}},
    {SYS_getpid, "getpid", {0}},
    {SYS_gettid, "gettid", {0}},
    {SYS_getrandom, "getrandom", {EAGAIN, EINTR, ENOSYS, 0}},
    {SYS_futex, "futex", {0}},
    {SYS_dup, "dup", {EBADF, EMFILE, ENOMEM, AT_ONCE}},
    {SYS_dup2, "dup2", {EBADF, EBUSY, EMFILE, ALWAYS}},
    {SYS_dup3, "dup3", {EBADF, EBUSY, EINVAL, EMFILE, ALWAYS}},
    {SYS_pipe, "pipe", {EMFILE, ENFILE, AT_ONCE}},
    {SYS_pipe2, "pipe2", {EINVAL, EMFILE, ENFILE, ENOPKG, AT_ONCE}},
    {SYS_socket,
     "socket",
     {EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTONOSUPPORT, AT_ONCE}},
    {SYS_socketpair,
     "socketpair",
     {EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, EOPNOTSUPP, EPROTONOSUPPORT, AT_ONCE}},
    {SYS_accept,
     "accept",
     {EAGAIN, EBADF, ECONNABORTED, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSR, ENOTSOCK,
      EOPNOTSUPP, EPROTO, EPROTONOSUPPORT, ESOCKTNOSUPPORT, ETIMEDOUT, ALWAYS}},
    {SYS_accept4,
     "accept4",
     {EAGAIN, EBADF, ECONNABORTED, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSR, ENOTSOCK,
      EOPNOTSUPP, EPROTO, EPROTONOSUPPORT, ESOCKTNOSUPPORT, ETIMEDOUT, ALWAYS}},
    {SYS_recvmsg,
     "recvmsg",
     {EAGAIN, EBADF, ECONNREFUSED, EINVAL, ENOMEM, ENOTCONN, ENOTSOCK, ALWAYS}},
    {SYS_memfd_create, "memfd_create", {EINVAL, EMFILE, ENFILE, ENOMEM, AT_ONCE}},
    {SYS_eventfd2, "eventfd2", {EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, AT_ONCE}},
    {SYS_epoll_create1, "epoll_create1", {EINVAL, EMFILE, ENFILE, ENOMEM, AT_ONCE}},
    {SYS_rt_sigprocmask, "rt_sigprocmask", {0}},
    {SYS_rt_sigaction, "rt_sigaction", {0}},
    {SYS_clone,
     "clone",
     {EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, ENOMEM, ENOSPC, EOPNOTSUPP, EUSERS, AT_ONCE}},
    {SYS_clone3,
     "clone3",
     {EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, ENOMEM, ENOSPC, EOPNOTSUPP, EUSERS, AT_ONCE}},
    {SYS_vfork, "vfork", {EAGAIN, ENOMEM, AT_ONCE}},
    {SYS_fork, "fork", {EAGAIN, ENOMEM, AT_ONCE}},
    {SYS_wait4, "wait4", {ECHILD, EINVAL, EINTR, 0}},
    {SYS_waitid, "waitid", {ECHILD, EINVAL, EINTR, 0}},
    {SYS_pidfd_open, "pidfd_open", {EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, ESRCH, AT_ONCE}},
    {SYS_pidfd_getfd, "pidfd_getfd", {EBADF, EINVAL, EMFILE, ENFILE, ESRCH, AT_ONCE}},
    {SYS_poll, "poll", {EINVAL, ENOMEM, ALWAYS}},
    {SYS_setsid, "setsid", {EPERM, 0}},
    {SYS_setpgid, "setpgid", {EACCES, EINVAL, EPERM, ESRCH, 0}},
    {SYS_unshare, "unshare", {EINVAL, ENOMEM, ENOSPC, EUSERS, AT_ONCE}},
    {SYS_clock_gettime, "clock_gettime", {0}},
    {SYS_restart_syscall, "restart_syscall", {EINVAL, ENOTSUP, ALWAYS}}, /* resumes a sleep */
    {SYS_clock_nanosleep, "clock_nanosleep", {EINVAL, ENOTSUP, ALWAYS}},
};

static const struct row *find(long number)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].number == number)
            return &rows[i];
    return NULL;
}

const int *errors_of(long number)
{
    const struct row *row = find(number);
    return row ? row->errors : NULL;
}

const char *name_of_call(long number)
{
    const struct row *row = find(number);
    return row ? row->name : "an unknown call";
}

const long newer_calls[] = {SYS_statx,
                            SYS_execveat,
                            435 /* clone3 */,
                            436 /* close_range */,
                            437 /* openat2 */,
                            439 /* faccessat2 */,
                            SYS_fchmodat2,
                            SYS_pidfd_open,
                            463,
                            464,
                            465,
                            466 /* ...xattrat */,
                            -1};
