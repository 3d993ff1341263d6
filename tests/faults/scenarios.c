/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static void must(int64_t result)
{
    if (result < 0)
        abort();
}

/* The targets of the scenarios, in every form. */
#define PATH     fdi_path("file")
#define LINK     fdi_path("link")
#define AT       fdi_path_at(around.directory, "inner")
#define LINK_AT  fdi_path_at(around.directory, "inner-link")
#define FD       fdi_fd(around.file)
#define REACHED  fdi_fd(around.reached)
#define NEW      fdi_path("new")
#define NEW_AT   fdi_path_at(around.directory, "new")
#define EMPTY    fdi_path("dir/empty")
#define EMPTY_AT fdi_path_at(around.directory, "empty")

#define BUFFER   answers.buffer, sizeof answers.buffer

static const struct fdi_time times[2] = {{1, 2}, {3, 4}};

/* ---- inherit ---- */

static int note_it(void *context, int fd, bool inheritable)
{
    (void)context;
    effect_note("listed %d%s\n", fd, inheritable ? " inheritable" : "");
    return 0;
}

ACT(get_inheritable, fdi_get_inheritable(around.file))
ACT(set_inheritable_off, fdi_set_inheritable(around.inheritable, false))
ACT(set_inheritable_on, fdi_set_inheritable(around.file, true))
ACT(set_inheritable_o_path, fdi_set_inheritable(around.reached, true))
ACT(range_off, fdi_set_inheritable_range(3, INT_MAX, false))
ACT(range_on, fdi_set_inheritable_range(3, INT_MAX, true))
ACT(foreach_open, fdi_foreach_open(note_it, NULL))
ACT(many, fdi_set_inheritable_many((int[]){around.file, around.directory, around.here}, 3, true))
ACT(many_off,
    fdi_set_inheritable_many((int[]){around.inheritable, around.file, around.here}, 3, false))

/* So many descriptors are open that the library queries them by number. A walk stops after a
 * few. */
enum { DENSE = 300, FIRST_OF_DENSE = 400 };

static int64_t among_many(int64_t (*act)(void))
{
    for (int i = 0; i < DENSE; i++)
        must(fcntl(around.file, F_DUPFD_CLOEXEC, FIRST_OF_DENSE));
    int64_t result = act();
    int error = errno;
    for (int i = 0; i < DENSE; i++)
        must(close(FIRST_OF_DENSE + i));
    errno = error;
    return result;
}

static int stop_at_dense(void *context, int fd, bool inheritable)
{
    (void)note_it(context, fd, inheritable);
    return fd >= FIRST_OF_DENSE ? 7 : 0;
}

ACT(walk_some, fdi_foreach_open(stop_at_dense, NULL))
ACT(range_some, fdi_set_inheritable_range(around.file, around.here, true))

static int64_t foreach_dense(void)
{
    return among_many(walk_some);
}

/* The numbers are so far apart that the library reads procfs. */
static int64_t foreach_sparse(void)
{
    int far = fcntl(around.file, F_DUPFD_CLOEXEC, 1000);
    must(far);
    int64_t result = foreach_open();
    int error = errno;
    must(close(far));
    errno = error;
    return result;
}

static int64_t range_dense(void)
{
    return among_many(range_some);
}

/* ---- attributes ---- */

ACT(access_path, fdi_access(PATH, 4, 0))
ACT(access_at, fdi_access(AT, 4, 0))
ACT(access_fd, fdi_access(FD, 4, 0))
ACT(access_nofollow, fdi_access(LINK, 0, FDI_NOFOLLOW))
ACT(access_reached, fdi_access(REACHED, 4, 0))
ACT(access_fd_effective, fdi_access(FD, 4, FDI_EFFECTIVE_IDS))
ACT(access_effective, fdi_access(AT, 4, FDI_EFFECTIVE_IDS))
ACT(access_all, fdi_access(LINK_AT, 4, FDI_EFFECTIVE_IDS | FDI_NOFOLLOW))
ACT(chflags_path, fdi_chflags(PATH, 0, 0))
ACT(chmod_path, fdi_chmod(PATH, 0600, 0))
ACT(chmod_at, fdi_chmod(AT, 0600, 0))
ACT(chmod_fd, fdi_chmod(FD, 0600, 0))
ACT(chmod_reached, fdi_chmod(REACHED, 0600, 0))
ACT(chmod_nofollow, fdi_chmod(PATH, 0600, FDI_NOFOLLOW))
ACT(chmod_nofollow_at, fdi_chmod(AT, 0600, FDI_NOFOLLOW))
ACT(chmod_nofollow_link, fdi_chmod(LINK, 0600, FDI_NOFOLLOW))
ACT(chown_path, fdi_chown(PATH, 12, 34, 0))
ACT(chown_at, fdi_chown(AT, 12, 34, 0))
ACT(chown_fd, fdi_chown(FD, 12, 34, 0))
ACT(chown_reached, fdi_chown(REACHED, 12, 34, 0))
ACT(chown_nofollow, fdi_chown(LINK, 12, 34, FDI_NOFOLLOW))
ACT(chown_nofollow_at, fdi_chown(LINK_AT, 12, 34, FDI_NOFOLLOW))
ACT(pathconf_path, fdi_pathconf(PATH, _PC_NAME_MAX))
ACT(pathconf_at, fdi_pathconf(AT, _PC_NAME_MAX))
ACT(pathconf_fd, fdi_pathconf(FD, _PC_NAME_MAX))
ACT(stat_path, fdi_stat(PATH, &answers.status, 0))
ACT(stat_at, fdi_stat(AT, &answers.status, 0))
ACT(stat_fd, fdi_stat(FD, &answers.status, 0))
ACT(stat_reached, fdi_stat(REACHED, &answers.status, 0))
ACT(stat_nofollow, fdi_stat(LINK, &answers.status, FDI_NOFOLLOW))
ACT(stat_nofollow_at, fdi_stat(LINK_AT, &answers.status, FDI_NOFOLLOW))
ACT(statvfs_path, fdi_statvfs(PATH, &answers.filesystem))
ACT(statvfs_at, fdi_statvfs(AT, &answers.filesystem))
ACT(statvfs_fd, fdi_statvfs(FD, &answers.filesystem))
ACT(statvfs_reached, fdi_statvfs(REACHED, &answers.filesystem))
ACT(truncate_path, fdi_truncate(PATH, 3))
ACT(truncate_at, fdi_truncate(AT, 3))
ACT(truncate_fd, fdi_truncate(FD, 3))
ACT(truncate_reached, fdi_truncate(REACHED, 3))
ACT(utime_path, fdi_utime(PATH, times, 0))
ACT(utime_at, fdi_utime(AT, times, 0))
ACT(utime_fd, fdi_utime(FD, times, 0))
ACT(utime_reached, fdi_utime(REACHED, times, 0))
ACT(utime_nofollow, fdi_utime(LINK, times, FDI_NOFOLLOW))
ACT(utime_nofollow_at, fdi_utime(LINK_AT, times, FDI_NOFOLLOW))
ACT(utime_now_fd, fdi_utime(FD, NULL, 0))
ACT(utime_now, fdi_utime(PATH, NULL, 0))

/* ---- names ---- */

ACT(link_path, fdi_link(LINK, NEW, 0))
ACT(link_at, fdi_link(LINK_AT, NEW_AT, 0))
ACT(link_nofollow, fdi_link(LINK, NEW_AT, FDI_NOFOLLOW))
ACT(link_nofollow_at, fdi_link(LINK_AT, NEW, FDI_NOFOLLOW))
ACT(link_fd, fdi_link(FD, NEW, 0))
ACT(link_reached, fdi_link(REACHED, NEW_AT, 0))
ACT(mkdir_path, fdi_mkdir(NEW, 0755))
ACT(mkdir_at, fdi_mkdir(NEW_AT, 0755))
ACT(mkfifo_path, fdi_mkfifo(NEW, 0644))
ACT(mkfifo_at, fdi_mkfifo(NEW_AT, 0644))
ACT(mknod_path, fdi_mknod(NEW, S_IFREG | 0644, 0))
ACT(mknod_at, fdi_mknod(NEW_AT, S_IFIFO | 0644, 0))
ACT(readlink_path, fdi_readlink(LINK, BUFFER))
ACT(readlink_at, fdi_readlink(LINK_AT, answers.buffer, 3))
ACT(readlink_fd, fdi_readlink(fdi_fd(around.reached_link), BUFFER))
ACT(readlink_fd_of_file, fdi_readlink(FD, BUFFER))
ACT(rename_path, fdi_rename(PATH, NEW, 0))
ACT(rename_at, fdi_rename(AT, NEW_AT, 0))
ACT(replace_path, fdi_rename(PATH, LINK, 0))
ACT(replace_at, fdi_rename(AT, LINK_AT, 0))
ACT(rmdir_path, fdi_rmdir(EMPTY))
ACT(rmdir_at, fdi_rmdir(EMPTY_AT))
ACT(symlink_path, fdi_symlink("text", NEW, 0))
ACT(symlink_at, fdi_symlink("text", NEW_AT, 0))
ACT(unlink_path, fdi_unlink(PATH))
ACT(unlink_at, fdi_unlink(AT))

/* ---- xattr ---- */

ACT(getxattr_path, fdi_getxattr(PATH, "user.test", BUFFER, 0))
ACT(getxattr_at, fdi_getxattr(AT, "user.test", BUFFER, 0))
ACT(getxattr_fd, fdi_getxattr(FD, "user.test", BUFFER, 0))
ACT(getxattr_reached, fdi_getxattr(REACHED, "user.test", answers.buffer, 0, 0))
ACT(getxattr_nofollow, fdi_getxattr(LINK, "user.test", BUFFER, FDI_NOFOLLOW))
ACT(getxattr_nofollow_at, fdi_getxattr(AT, "user.test", BUFFER, FDI_NOFOLLOW))
ACT(setxattr_path, fdi_setxattr(PATH, "user.new", "x", 1, 0, 0))
ACT(setxattr_at, fdi_setxattr(AT, "user.new", "x", 1, 0, 0))
ACT(setxattr_fd, fdi_setxattr(FD, "user.new", "x", 1, 0, 0))
ACT(setxattr_reached, fdi_setxattr(REACHED, "user.new", "x", 1, 0, 0))
ACT(setxattr_nofollow, fdi_setxattr(AT, "user.new", "x", 1, XATTR_CREATE, FDI_NOFOLLOW))
ACT(setxattr_nofollow_path, fdi_setxattr(PATH, "user.new", "x", 1, 0, FDI_NOFOLLOW))
ACT(listxattr_path, fdi_listxattr(PATH, BUFFER, 0))
ACT(listxattr_at, fdi_listxattr(AT, BUFFER, 0))
ACT(listxattr_fd, fdi_listxattr(FD, answers.buffer, 0, 0))
ACT(listxattr_reached, fdi_listxattr(REACHED, BUFFER, 0))
ACT(listxattr_nofollow, fdi_listxattr(LINK_AT, BUFFER, FDI_NOFOLLOW))
ACT(listxattr_nofollow_path, fdi_listxattr(LINK, BUFFER, FDI_NOFOLLOW))
ACT(removexattr_path, fdi_removexattr(PATH, "user.test", 0))
ACT(removexattr_at, fdi_removexattr(AT, "user.test", 0))
ACT(removexattr_fd, fdi_removexattr(FD, "user.test", 0))
ACT(removexattr_reached, fdi_removexattr(REACHED, "user.test", 0))
ACT(removexattr_nofollow, fdi_removexattr(PATH, "user.test", FDI_NOFOLLOW))
ACT(removexattr_nofollow_at, fdi_removexattr(AT, "user.test", FDI_NOFOLLOW))

/* ---- directory ---- */

/* Returns to the first directory before the states are compared. */
static int64_t back(int64_t result)
{
    int saved_errno = errno;
    if (result >= 0) {
        effect_note("entered %s\n", access("inner", F_OK) == 0      ? "dir"
                                    : access("../inner", F_OK) == 0 ? "empty"
                                                                    : "wrong");
        must(fchdir(around.here));
    }
    errno = saved_errno;
    return result;
}

#define ACT_CHDIR(name, target)                                                                    \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        int result = fdi_chdir(target);                                                            \
        injector_end();                                                                            \
        return back(result);                                                                       \
    }

ACT_CHDIR(chdir_path, fdi_path("dir"))
ACT_CHDIR(chdir_at, fdi_path_at(around.directory, "empty"))
ACT_CHDIR(chdir_fd, fdi_fd(around.directory))

/* Opens, reads and closes a directory as one scenario. */
static int64_t list(fdi_target target)
{
    const fdi_dirent *entry;
    int count = 0;
    injector_begin();
    fdi_dir *dir = fdi_opendir(target);
    while (dir && (count = fdi_readdir(dir, &entry)) == 1)
        effect_note("entry %s, type %d\n", entry->name, entry->type);
    int closed = dir ? 0 : -1;
    int error = errno;
    if (dir)
        closed = fdi_closedir(dir);
    injector_end();
    if (count < 0)
        errno = error;
    return count < 0 || closed < 0 ? -1 : 0;
}

static int64_t list_path(void)
{
    return list(fdi_path("dir"));
}

static int64_t list_at(void)
{
    return list(fdi_path_at(around.here, "dir"));
}

static int64_t list_fd(void)
{
    return list(fdi_fd(around.directory));
}

/* ---- create ---- */

ACT_FD(open_path, fdi_open(PATH, O_RDONLY, 0))
ACT_FD(open_new, fdi_open(NEW, O_RDWR | O_CREAT | O_EXCL, 0644))
ACT_FD(open_at, fdi_open(AT, O_RDONLY, 0))
ACT_FD(open_fd, fdi_open(FD, O_RDONLY, 0))
ACT_FD(open_nofollow_at, fdi_open(AT, O_RDONLY | O_NOFOLLOW, 0))
ACT_FD(open_reached, fdi_open(REACHED, O_RDONLY, 0))
ACT_FD(open_fd_of_directory, fdi_open(fdi_fd(around.directory), O_RDONLY | O_DIRECTORY, 0))

/* ---- functions ---- */

static void supports_each(fdi_function function)
{
    effect_note("%s supports %d%d%d%d%d\n", fdi_function_name(function),
                fdi_supports(function, FDI_FORM_FD, 0), fdi_supports(function, FDI_FORM_DIR_FD, 0),
                fdi_supports(function, FDI_FORM_PATH, 0),
                fdi_supports(function, FDI_FORM_PATH, FDI_NOFOLLOW),
                fdi_supports(function, FDI_FORM_PATH, FDI_EFFECTIVE_IDS));
}

static int64_t supports_everything(void)
{
    injector_begin();
    for (int function = 0; fdi_function_name((fdi_function)function); function++)
        supports_each((fdi_function)function);
    injector_end();
    return 0;
}

/* ---- execve ---- */

/* The program cannot run, so that execve returns. */
static char *arguments[] = {"nothing", NULL};

ACT(execve_path, fdi_execve(NEW, arguments, NULL))
ACT(execve_at, fdi_execve(NEW_AT, arguments, NULL))
ACT(execve_fd, fdi_execve(FD, arguments, NULL))

const struct scenario scenarios[] = {
    ROW(get_inheritable, .calls = "fcntl "),
    ROW(set_inheritable_off, .calls = "ioctl "),
    ROW(set_inheritable_on, .calls = "ioctl "),
    ROW(set_inheritable_o_path, .calls = "ioctl fcntl fcntl "),
    /* The call sets each flag separately on older kernels. */
    ROW(range_off, .puts_back = true, .calls = "close_range ", .newest = 436,
        .older = "+close_range statfs openat newfstatat pselect6 getdents64 fcntl close "
                 "ioctl "),
    ROW(range_on, .puts_back = true,
        .calls = "+statfs openat newfstatat pselect6 getdents64 fcntl close ioctl "),
    ROW(foreach_open, .calls = "+statfs openat newfstatat pselect6 getdents64 fcntl close "),
    ROW(many, .puts_back = true, .calls = "fcntl ioctl fcntl ioctl fcntl ioctl "),
    ROW(many_off, .puts_back = true, .calls = "fcntl ioctl fcntl fcntl "),
    ROW(foreach_dense, .calls = "+statfs openat newfstatat pselect6 fcntl close "),
    ROW(foreach_sparse, .calls = "+statfs openat newfstatat pselect6 getdents64 fcntl close "),
    ROW(range_dense, .puts_back = true,
        .calls = "+statfs openat newfstatat pselect6 fcntl close ioctl "),
    ROW(access_path, .calls = "faccessat "),
    ROW(access_at, .calls = "faccessat "),
    ROW(access_fd, .calls = "faccessat2 ", .newest = 439, .older = "faccessat2 statfs faccessat "),
    ROW(access_nofollow, .calls = "faccessat2 ", .newest = 439,
        .older = "faccessat2 openat statfs faccessat close "),
    ROW(access_reached, .calls = "faccessat2 ", .newest = 439,
        .older = "faccessat2 statfs faccessat "),
    ROW(access_fd_effective, .calls = "faccessat2 ", .newest = 439,
        .older = "faccessat2 getuid geteuid getgid getegid statfs faccessat "),
    ROW(access_effective, .calls = "faccessat2 ", .newest = 439,
        .older = "faccessat2 getuid geteuid getgid getegid faccessat "),
    ROW(access_all, .calls = "faccessat2 ", .newest = 439,
        .older = "faccessat2 getuid geteuid getgid getegid openat statfs faccessat close "),
    ROW(chflags_path, .error = ENOTSUP, .calls = ""),
    ROW(chmod_path, .calls = "fchmodat "),
    ROW(chmod_at, .calls = "fchmodat "),
    ROW(chmod_fd, .calls = "fchmod "),
    ROW(chmod_reached, .calls = "fchmod fchmodat2 ", .newest = 452,
        .older = "fchmod fchmodat2 statx newfstatat statfs fchmodat "),
    ROW(chmod_nofollow, .calls = "fchmodat2 ", .newest = 452,
        .older = "fchmodat2 openat statx newfstatat statfs fchmodat close "),
    ROW(chmod_nofollow_at, .calls = "fchmodat2 ", .newest = 452,
        .older = "fchmodat2 openat statx newfstatat statfs fchmodat close "),
    ROW(chmod_nofollow_link, .error = ENOTSUP, .calls = "fchmodat2 ", .newest = 452,
        .older = "fchmodat2 openat statx newfstatat close "),
    ROW(chown_path, .calls = "fchownat "),
    ROW(chown_at, .calls = "fchownat "),
    ROW(chown_fd, .calls = "fchown "),
    ROW(chown_reached, .calls = "fchown fchownat "),
    ROW(chown_nofollow, .calls = "fchownat "),
    ROW(chown_nofollow_at, .calls = "fchownat "),
    ROW(pathconf_path, .calls = "statfs "),
    ROW(pathconf_at, .calls = "openat openat fstatfs close "),
    ROW(pathconf_fd, .calls = "fcntl fstatfs "),
    ROW(stat_path, .calls = "statx ", .newest = SYS_statx, .older = "statx newfstatat "),
    ROW(stat_at, .calls = "statx ", .newest = SYS_statx, .older = "statx newfstatat "),
    ROW(stat_fd, .calls = "statx ", .newest = SYS_statx, .older = "statx newfstatat "),
    ROW(stat_reached, .calls = "statx ", .newest = SYS_statx, .older = "statx newfstatat "),
    ROW(stat_nofollow, .calls = "statx ", .newest = SYS_statx, .older = "statx newfstatat "),
    ROW(stat_nofollow_at, .calls = "statx ", .newest = SYS_statx, .older = "statx newfstatat "),
    ROW(statvfs_path, .calls = "statfs "),
    ROW(statvfs_at, .calls = "openat openat fstatfs close "),
    ROW(statvfs_fd, .calls = "fstatfs "),
    ROW(statvfs_reached, .calls = "fstatfs "),
    ROW(truncate_path, .calls = "truncate "),
    ROW(truncate_at, .calls = "openat statfs truncate close "),
    ROW(truncate_fd, .calls = "ftruncate "),
    ROW(truncate_reached, .calls = "ftruncate statfs truncate "),
    ROW(utime_path, .calls = "utimensat "),
    ROW(utime_at, .calls = "utimensat "),
    ROW(utime_fd, .calls = "utimensat "),
    ROW(utime_reached, .calls = "utimensat utimensat "),
    ROW(utime_nofollow, .calls = "utimensat "),
    ROW(utime_nofollow_at, .calls = "utimensat "),
    ROW(utime_now_fd, .calls = "utimensat "),
    ROW(utime_now, .calls = "utimensat "),
    ROW(link_path, .calls = "linkat "),
    ROW(link_at, .calls = "linkat "),
    ROW(link_nofollow, .calls = "linkat "),
    ROW(link_nofollow_at, .calls = "linkat "),
    ROW(link_fd, .calls = "linkat "),
    ROW(link_reached, .calls = "linkat "),
    ROW(mkdir_path, .calls = "mkdirat "),
    ROW(mkdir_at, .calls = "mkdirat "),
    ROW(mkfifo_path, .calls = "mknodat "),
    ROW(mkfifo_at, .calls = "mknodat "),
    ROW(mknod_path, .calls = "mknodat "),
    ROW(mknod_at, .calls = "mknodat "),
    ROW(readlink_path, .calls = "readlinkat "),
    ROW(readlink_at, .calls = "readlinkat "),
    ROW(readlink_fd, .calls = "readlinkat "),
    ROW(readlink_fd_of_file, .error = EINVAL, .calls = "readlinkat "),
    ROW(rename_path, .calls = "renameat "),
    ROW(rename_at, .calls = "renameat "),
    ROW(replace_path, .calls = "renameat "),
    ROW(replace_at, .calls = "renameat "),
    ROW(rmdir_path, .calls = "unlinkat "),
    ROW(rmdir_at, .calls = "unlinkat "),
    ROW(symlink_path, .calls = "symlinkat "),
    ROW(symlink_at, .calls = "symlinkat "),
    ROW(unlink_path, .calls = "unlinkat "),
    ROW(unlink_at, .calls = "unlinkat "),
    ROW(getxattr_path, .calls = "getxattr "),
    ROW(getxattr_at, .calls = "getxattrat ", .newest = 464,
        .older = "getxattrat openat statfs getxattr close "),
    ROW(getxattr_fd, .calls = "fgetxattr "),
    ROW(getxattr_reached, .calls = "fgetxattr statfs getxattr "),
    ROW(getxattr_nofollow, .error = ENODATA, .calls = "lgetxattr "),
    ROW(getxattr_nofollow_at, .calls = "getxattrat ", .newest = 464,
        .older = "getxattrat openat statfs getxattr close "),
    ROW(setxattr_path, .calls = "setxattr "),
    ROW(setxattr_at, .calls = "setxattrat ", .newest = 463,
        .older = "setxattrat openat statfs setxattr close "),
    ROW(setxattr_fd, .calls = "fsetxattr "),
    ROW(setxattr_reached, .calls = "fsetxattr statfs setxattr "),
    ROW(setxattr_nofollow, .calls = "setxattrat ", .newest = 463,
        .older = "setxattrat openat statfs setxattr close "),
    ROW(setxattr_nofollow_path, .calls = "lsetxattr "),
    ROW(listxattr_path, .calls = "listxattr "),
    ROW(listxattr_at, .calls = "listxattrat ", .newest = 465,
        .older = "listxattrat openat statfs listxattr close "),
    ROW(listxattr_fd, .calls = "flistxattr "),
    ROW(listxattr_reached, .calls = "flistxattr statfs listxattr "),
    ROW(listxattr_nofollow, .calls = "listxattrat ", .newest = 465,
        .older = "listxattrat openat statfs listxattr close "),
    ROW(listxattr_nofollow_path, .calls = "llistxattr "),
    ROW(removexattr_path, .calls = "removexattr "),
    ROW(removexattr_at, .calls = "removexattrat ", .newest = 466,
        .older = "removexattrat openat statfs removexattr close "),
    ROW(removexattr_fd, .calls = "fremovexattr "),
    ROW(removexattr_reached, .calls = "fremovexattr statfs removexattr "),
    ROW(removexattr_nofollow, .calls = "lremovexattr "),
    ROW(removexattr_nofollow_at, .calls = "removexattrat ", .newest = 466,
        .older = "removexattrat openat statfs removexattr close "),
    ROW(chdir_path, .calls = "chdir "),
    ROW(chdir_at, .calls = "openat fchdir close "),
    ROW(chdir_fd, .calls = "fchdir "),
    ROW(open_path, .calls = "openat "),
    ROW(open_new, .calls = "openat "),
    ROW(open_at, .calls = "openat "),
    ROW(open_fd, .calls = "statfs openat "),
    ROW(open_nofollow_at, .calls = "openat "),
    ROW(open_reached, .calls = "statfs openat "),
    ROW(open_fd_of_directory, .calls = "statfs openat "),
    ROW(execve_path, .error = ENOENT, .calls = "execve "),
    ROW(execve_at, .error = ENOENT, .calls = "execveat ", .newest = SYS_execveat,
        .older = "execveat openat "),
    ROW(execve_fd, .error = EACCES, .calls = "execveat ", .newest = SYS_execveat,
        .older = "execveat fcntl statx newfstatat statfs execve "),
    ROW(list_path, .calls = "openat newfstatat getdents64 getdents64 close "),
    ROW(list_at, .calls = "openat newfstatat fcntl fcntl getdents64 getdents64 close "),
    ROW(list_fd, .calls = "openat newfstatat fcntl fcntl getdents64 getdents64 close "),
    ROW(supports_everything,
        .calls = "+faccessat2 fchmodat2 execveat getxattrat setxattrat listxattrat "
                 "removexattrat linkat statfs "
                 "memfd_create eventfd2 epoll_create1 ",
        .newest = 439,
        .older = "+faccessat2 getuid geteuid getgid getegid fchmodat2 execveat getxattrat "
                 "setxattrat "
                 "listxattrat removexattrat linkat statfs memfd_create eventfd2 epoll_create1 "),
};

const int scenario_count = sizeof scenarios / sizeof scenarios[0];
