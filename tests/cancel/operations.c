/* SPDX-License-Identifier: MIT
 * The file operations, in each form of a target. */
#include "../../src/platform.h"
#include "acts.h"

#include <fcntl.h>
#include <sys/stat.h>

#define PATH     fdi_path("file")
#define LINK     fdi_path("link")
#define ABSOLUTE fdi_path_at(-1, place.absolute)
#define AT       fdi_path_at(place.directory, "inner")
#define LINK_AT  fdi_path_at(place.directory, "inner-link")
#define FD       fdi_fd(place.file)
#define REACHED  fdi_fd(place.reached)
#define NEW      fdi_path("new")
#define NEW_AT   fdi_path_at(place.directory, "new")

static char buffer[256];
static const struct fdi_time times[2] = {{1, 2}, {3, 4}};

static int64_t size_of(fdi_target target, unsigned flags)
{
    struct fdi_stat status;
    return fdi_stat(target, &status, flags) < 0 ? -1 : status.size;
}

static int64_t unit_of(fdi_target target)
{
    struct fdi_statvfs filesystem;
    return fdi_statvfs(target, &filesystem) < 0 ? -1 : (int64_t)filesystem.frsize;
}

#define ATTRIBUTES(X)                                                                              \
    X(access_path, fdi_access(PATH, 4, 0))                                                         \
    X(access_absolute, fdi_access(ABSOLUTE, 4, 0))                                                 \
    X(access_at, fdi_access(AT, 4, 0))                                                             \
    X(access_fd, fdi_access(FD, 4, 0))                                                             \
    X(access_reached, fdi_access(REACHED, 4, 0))                                                   \
    X(access_nofollow, fdi_access(LINK, 0, FDI_NOFOLLOW))                                          \
    X(access_nofollow_at, fdi_access(LINK_AT, 0, FDI_NOFOLLOW))                                    \
    X(access_effective, fdi_access(PATH, 4, FDI_EFFECTIVE_IDS))                                    \
    X(access_effective_at, fdi_access(AT, 4, FDI_EFFECTIVE_IDS))                                   \
    X(access_effective_fd, fdi_access(FD, 4, FDI_EFFECTIVE_IDS))                                   \
    X(chflags_path, fdi_chflags(PATH, 0, 0))                                                       \
    X(chflags_at, fdi_chflags(AT, 0, 0))                                                           \
    X(chflags_fd, fdi_chflags(FD, 0, 0))                                                           \
    X(chflags_nofollow, fdi_chflags(LINK, 0, FDI_NOFOLLOW))                                        \
    X(chflags_nofollow_at, fdi_chflags(LINK_AT, 0, FDI_NOFOLLOW))                                  \
    X(chmod_path, fdi_chmod(PATH, 0600, 0))                                                        \
    X(chmod_absolute, fdi_chmod(ABSOLUTE, 0600, 0))                                                \
    X(chmod_at, fdi_chmod(AT, 0600, 0))                                                            \
    X(chmod_fd, fdi_chmod(FD, 0600, 0))                                                            \
    X(chmod_reached, fdi_chmod(REACHED, 0600, 0))                                                  \
    X(chmod_nofollow, fdi_chmod(PATH, 0600, FDI_NOFOLLOW))                                         \
    X(chmod_nofollow_at, fdi_chmod(AT, 0600, FDI_NOFOLLOW))                                        \
    X(chmod_nofollow_link, fdi_chmod(LINK, 0600, FDI_NOFOLLOW))                                    \
    X(chown_path, fdi_chown(PATH, UINT32_MAX, UINT32_MAX, 0))                                      \
    X(chown_at, fdi_chown(AT, UINT32_MAX, UINT32_MAX, 0))                                          \
    X(chown_fd, fdi_chown(FD, UINT32_MAX, UINT32_MAX, 0))                                          \
    X(chown_reached, fdi_chown(REACHED, UINT32_MAX, UINT32_MAX, 0))                                \
    X(chown_nofollow, fdi_chown(LINK, UINT32_MAX, UINT32_MAX, FDI_NOFOLLOW))                       \
    X(chown_nofollow_at, fdi_chown(LINK_AT, UINT32_MAX, UINT32_MAX, FDI_NOFOLLOW))                 \
    X(pathconf_path, fdi_pathconf(PATH, _PC_LINK_MAX))                                             \
    X(pathconf_at, fdi_pathconf(AT, _PC_LINK_MAX))                                                 \
    X(pathconf_fd, fdi_pathconf(FD, _PC_LINK_MAX))                                                 \
    X(stat_path, size_of(PATH, 0))                                                                 \
    X(stat_absolute, size_of(ABSOLUTE, 0))                                                         \
    X(stat_at, size_of(AT, 0))                                                                     \
    X(stat_fd, size_of(FD, 0))                                                                     \
    X(stat_reached, size_of(REACHED, 0))                                                           \
    X(stat_nofollow, size_of(LINK, FDI_NOFOLLOW))                                                  \
    X(stat_nofollow_at, size_of(LINK_AT, FDI_NOFOLLOW))                                            \
    X(statvfs_path, unit_of(PATH))                                                                 \
    X(statvfs_at, unit_of(AT))                                                                     \
    X(statvfs_fd, unit_of(FD))                                                                     \
    X(statvfs_reached, unit_of(REACHED))                                                           \
    X(truncate_path, fdi_truncate(PATH, 3))                                                        \
    X(truncate_absolute, fdi_truncate(ABSOLUTE, 3))                                                \
    X(truncate_at, fdi_truncate(AT, 3))                                                            \
    X(truncate_fd, fdi_truncate(FD, 3))                                                            \
    X(truncate_reached, fdi_truncate(REACHED, 3))                                                  \
    X(utime_path, fdi_utime(PATH, times, 0))                                                       \
    X(utime_at, fdi_utime(AT, times, 0))                                                           \
    X(utime_fd, fdi_utime(FD, times, 0))                                                           \
    X(utime_reached, fdi_utime(REACHED, times, 0))                                                 \
    X(utime_nofollow, fdi_utime(LINK, times, FDI_NOFOLLOW))                                        \
    X(utime_nofollow_at, fdi_utime(LINK_AT, times, FDI_NOFOLLOW))

#define NAMES(X)                                                                                   \
    X(link_path, fdi_link(LINK, NEW, 0))                                                           \
    X(link_at, fdi_link(LINK_AT, NEW_AT, 0))                                                       \
    X(link_fd, fdi_link(FD, NEW, 0))                                                               \
    X(link_reached, fdi_link(REACHED, NEW_AT, 0))                                                  \
    X(link_nofollow, fdi_link(LINK, NEW_AT, FDI_NOFOLLOW))                                         \
    X(link_nofollow_at, fdi_link(LINK_AT, NEW, FDI_NOFOLLOW))                                      \
    X(mkdir_path, fdi_mkdir(NEW, 0755))                                                            \
    X(mkdir_at, fdi_mkdir(NEW_AT, 0755))                                                           \
    X(mkfifo_path, fdi_mkfifo(NEW, 0644))                                                          \
    X(mkfifo_at, fdi_mkfifo(NEW_AT, 0644))                                                         \
    X(mknod_path, fdi_mknod(NEW, S_IFIFO | 0644, 0))                                               \
    X(mknod_at, fdi_mknod(NEW_AT, S_IFIFO | 0644, 0))                                              \
    X(readlink_path, fdi_readlink(LINK, buffer, sizeof buffer))                                    \
    X(readlink_at, fdi_readlink(LINK_AT, buffer, sizeof buffer))                                   \
    X(readlink_fd, fdi_readlink(fdi_fd(place.reached_link), buffer, sizeof buffer))                \
    X(rename_path, fdi_rename(PATH, NEW, 0))                                                       \
    X(rename_at, fdi_rename(AT, NEW_AT, 0))                                                        \
    X(rmdir_path, fdi_rmdir(fdi_path("dir/empty")))                                                \
    X(rmdir_at, fdi_rmdir(fdi_path_at(place.directory, "empty")))                                  \
    X(symlink_path, fdi_symlink("text", NEW, 0))                                                   \
    X(symlink_at, fdi_symlink("text", NEW_AT, 0))                                                  \
    X(unlink_path, fdi_unlink(PATH))                                                               \
    X(unlink_at, fdi_unlink(AT))

#define XATTRS(X)                                                                                  \
    X(getxattr_path, fdi_getxattr(PATH, "user.test", buffer, sizeof buffer, 0))                    \
    X(getxattr_at, fdi_getxattr(AT, "user.test", buffer, sizeof buffer, 0))                        \
    X(getxattr_fd, fdi_getxattr(FD, "user.test", buffer, sizeof buffer, 0))                        \
    X(getxattr_reached, fdi_getxattr(REACHED, "user.test", buffer, sizeof buffer, 0))              \
    X(getxattr_nofollow, fdi_getxattr(PATH, "user.test", buffer, sizeof buffer, FDI_NOFOLLOW))     \
    X(getxattr_nofollow_at, fdi_getxattr(AT, "user.test", buffer, sizeof buffer, FDI_NOFOLLOW))    \
    X(setxattr_path, fdi_setxattr(PATH, "user.new", "x", 1, 0, 0))                                 \
    X(setxattr_at, fdi_setxattr(AT, "user.new", "x", 1, 0, 0))                                     \
    X(setxattr_fd, fdi_setxattr(FD, "user.new", "x", 1, 0, 0))                                     \
    X(setxattr_reached, fdi_setxattr(REACHED, "user.new", "x", 1, 0, 0))                           \
    X(setxattr_nofollow, fdi_setxattr(PATH, "user.new", "x", 1, 0, FDI_NOFOLLOW))                  \
    X(setxattr_nofollow_at, fdi_setxattr(AT, "user.new", "x", 1, 0, FDI_NOFOLLOW))                 \
    X(listxattr_path, fdi_listxattr(PATH, buffer, sizeof buffer, 0))                               \
    X(listxattr_at, fdi_listxattr(AT, buffer, sizeof buffer, 0))                                   \
    X(listxattr_fd, fdi_listxattr(FD, buffer, sizeof buffer, 0))                                   \
    X(listxattr_reached, fdi_listxattr(REACHED, buffer, sizeof buffer, 0))                         \
    X(listxattr_nofollow, fdi_listxattr(LINK, buffer, sizeof buffer, FDI_NOFOLLOW))                \
    X(listxattr_nofollow_at, fdi_listxattr(LINK_AT, buffer, sizeof buffer, FDI_NOFOLLOW))          \
    X(removexattr_path, fdi_removexattr(PATH, "user.test", 0))                                     \
    X(removexattr_at, fdi_removexattr(AT, "user.test", 0))                                         \
    X(removexattr_fd, fdi_removexattr(FD, "user.test", 0))                                         \
    X(removexattr_reached, fdi_removexattr(REACHED, "user.test", 0))                               \
    X(removexattr_nofollow, fdi_removexattr(PATH, "user.test", FDI_NOFOLLOW))                      \
    X(removexattr_nofollow_at, fdi_removexattr(AT, "user.test", FDI_NOFOLLOW))

ATTRIBUTES(FOR_NUMBER)
NAMES(FOR_NUMBER)
XATTRS(FOR_NUMBER)

/* ---- directories --------------------------------------------------------------------------- */

/* Reports whether `name` is in the directory that the call entered, and returns to the previous
 * one. */
static int64_t enter(fdi_target directory, const char *name)
{
    call_begin();
    int result = fdi_chdir(directory);
    call_end();
    int found = access(name, F_OK);
    return fchdir(place.here) < 0 || result < 0 ? -1 : found == 0;
}

static int64_t list(fdi_target directory)
{
    call_begin();
    fdi_dir *dir = fdi_opendir(directory);
    call_end();
    return dir ? fdi_closedir(dir) : -1;
}

#define ENTER(name, target, inside)                                                                \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        return enter(target, inside);                                                              \
    }
#define LIST(name, target)                                                                         \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        return list(target);                                                                       \
    }

ENTER(chdir_path, fdi_path("dir"), "inner")
ENTER(chdir_at, fdi_path_at(place.here, "dir"), "inner")
ENTER(chdir_fd, fdi_fd(place.directory), "inner")
LIST(opendir_path, fdi_path("dir"))
LIST(opendir_at, fdi_path_at(place.here, "dir"))
LIST(opendir_fd, fdi_fd(place.directory))

static int64_t readdir_(void)
{
    const fdi_dirent *entry;
    int64_t length = -1;
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    call_begin();
    for (int result = 1; result == 1; length++)
        result = fdi_readdir(dir, &entry);
    call_end();
    return fdi_closedir(dir) < 0 ? -1 : length;
}

static int64_t closedir_(void)
{
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    call_begin();
    int result = fdi_closedir(dir);
    call_end();
    return result;
}

const struct act operations[] = {ATTRIBUTES(AS_ROW) NAMES(AS_ROW) XATTRS(AS_ROW)                  //
                                 AS_ROW(chdir_path, ) AS_ROW(chdir_at, ) AS_ROW(chdir_fd, )       //
                                 AS_ROW(opendir_path, ) AS_ROW(opendir_at, ) AS_ROW(opendir_fd, ) //
                                 AS_ROW(readdir_, ) AS_ROW(closedir_, )};

const size_t operation_count = sizeof operations / sizeof operations[0];
