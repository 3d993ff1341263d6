/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
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
    ROW(get_inheritable),
    ROW(set_inheritable_off),
    ROW(set_inheritable_on),
    ROW(set_inheritable_o_path),
    ROW_PUTS_BACK(range_off), /* sets each flag separately on older kernels */
    ROW_PUTS_BACK(range_on),
    ROW(foreach_open),
    ROW_PUTS_BACK(many),
    ROW_PUTS_BACK(many_off),
    ROW(foreach_dense),
    ROW(foreach_sparse),
    ROW_PUTS_BACK(range_dense),
    ROW(access_path),
    ROW(access_at),
    ROW(access_fd),
    ROW(access_nofollow),
    ROW(access_reached),
    ROW(access_fd_effective),
    ROW(access_effective),
    ROW(access_all),
    ROW_FAILS(chflags_path, ENOTSUP),
    ROW(chmod_path),
    ROW(chmod_at),
    ROW(chmod_fd),
    ROW(chmod_reached),
    ROW(chmod_nofollow),
    ROW(chmod_nofollow_at),
    ROW_FAILS(chmod_nofollow_link, ENOTSUP),
    ROW(chown_path),
    ROW(chown_at),
    ROW(chown_fd),
    ROW(chown_reached),
    ROW(chown_nofollow),
    ROW(chown_nofollow_at),
    ROW(pathconf_path),
    ROW(pathconf_at),
    ROW(pathconf_fd),
    ROW(stat_path),
    ROW(stat_at),
    ROW(stat_fd),
    ROW(stat_reached),
    ROW(stat_nofollow),
    ROW(stat_nofollow_at),
    ROW(statvfs_path),
    ROW(statvfs_at),
    ROW(statvfs_fd),
    ROW(statvfs_reached),
    ROW(truncate_path),
    ROW(truncate_at),
    ROW(truncate_fd),
    ROW(truncate_reached),
    ROW(utime_path),
    ROW(utime_at),
    ROW(utime_fd),
    ROW(utime_reached),
    ROW(utime_nofollow),
    ROW(utime_nofollow_at),
    ROW(utime_now_fd),
    ROW(utime_now),
    ROW(link_path),
    ROW(link_at),
    ROW(link_nofollow),
    ROW(link_nofollow_at),
    ROW(link_fd),
    ROW(link_reached),
    ROW(mkdir_path),
    ROW(mkdir_at),
    ROW(mkfifo_path),
    ROW(mkfifo_at),
    ROW(mknod_path),
    ROW(mknod_at),
    ROW(readlink_path),
    ROW(readlink_at),
    ROW(readlink_fd),
    ROW_FAILS(readlink_fd_of_file, EINVAL),
    ROW(rename_path),
    ROW(rename_at),
    ROW(replace_path),
    ROW(replace_at),
    ROW(rmdir_path),
    ROW(rmdir_at),
    ROW(symlink_path),
    ROW(symlink_at),
    ROW(unlink_path),
    ROW(unlink_at),
    ROW(getxattr_path),
    ROW(getxattr_at),
    ROW(getxattr_fd),
    ROW(getxattr_reached),
    ROW_FAILS(getxattr_nofollow, ENODATA),
    ROW(getxattr_nofollow_at),
    ROW(setxattr_path),
    ROW(setxattr_at),
    ROW(setxattr_fd),
    ROW(setxattr_reached),
    ROW(setxattr_nofollow),
    ROW(setxattr_nofollow_path),
    ROW(listxattr_path),
    ROW(listxattr_at),
    ROW(listxattr_fd),
    ROW(listxattr_reached),
    ROW(listxattr_nofollow),
    ROW(listxattr_nofollow_path),
    ROW(removexattr_path),
    ROW(removexattr_at),
    ROW(removexattr_fd),
    ROW(removexattr_reached),
    ROW(removexattr_nofollow),
    ROW(removexattr_nofollow_at),
    ROW(chdir_path),
    ROW(chdir_at),
    ROW(chdir_fd),
    ROW(open_path),
    ROW(open_new),
    ROW(open_at),
    ROW(open_fd),
    ROW(open_nofollow_at),
    ROW(open_reached),
    ROW(open_fd_of_directory),
    ROW_FAILS(execve_path, ENOENT),
    ROW_FAILS(execve_at, ENOENT),
    ROW_FAILS(execve_fd, EACCES),
    ROW(list_path),
    ROW(list_at),
    ROW(list_fd),
    ROW(supports_everything),
};

const int scenario_count = sizeof scenarios / sizeof scenarios[0];
