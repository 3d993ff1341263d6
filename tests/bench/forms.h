/* SPDX-License-Identifier: MIT
 * Every form of each repeatable operation: the library's call, the bare C library call with the
 * same outcome, and CPython's. Operations that change something form pairs that undo each other.
 *
 *   FORM(operation, form, ours, bare, "function, arguments, keywords" of Python)
 *
 * The file is open as `fd`, and its directory as `dir_fd`. */
#ifndef FDI_BENCH_FORMS_H
#define FDI_BENCH_FORMS_H

#include "fdinherit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* A path of five components, and the same file relative to its directory. */
#define TREE       "/tmp/fdinherit-bench/a/b/"
#define FILE_NAME  "file"
#define LINK_NAME  "link"
#define OTHER_NAME "other"

extern int fd, reach_fd, dir_fd, link_fd;
extern fdi_target file_path, file_at, file_fd, link_path, link_at, link_itself;
extern fdi_target dir_path, dir_at, dir_itself, other_path, other_at;
extern struct fdi_time two_times[2];
extern struct timespec two_specs[2];
extern struct fdi_stat ours_stat;
extern struct fdi_statvfs ours_statvfs;
extern struct statvfs bare_statvfs;
extern char text[64];

/* Creates the files. Exits if that fails. */
void forms_prepare(void);
void forms_remove(void);

/* A hand-written equivalent: fstatat(2), then every member is copied. */
int bare_stat(int directory, const char *path, int at_flags);
int bare_fstat(int file);
int bare_faccessat2(int directory, const char *path, int mode, int at_flags);
int bare_fchmodat2(int directory, const char *path, mode_t mode, int at_flags);
int bare_getxattrat(int directory, const char *path, int at_flags);
int close_it(int opened);

#define PAIR(first, second) ((first) < 0 ? -1 : (second))
#define NOFOLLOW            AT_SYMLINK_NOFOLLOW

#define FORMS(FORM)                                                                                \
    FORM(get_inheritable, fd, fdi_get_inheritable(fd), fcntl(fd, F_GETFD),                         \
         "os.get_inheritable, (fd,), ()")                                                          \
    FORM(set_inheritable, fd, fdi_set_inheritable(fd, false), ioctl(fd, FIOCLEX),                  \
         "os.set_inheritable, (fd, False), ()")                                                    \
    FORM(stat, path, fdi_stat(file_path, &ours_stat, 0), bare_stat(AT_FDCWD, TREE FILE_NAME, 0),   \
         "os.stat, (tree + 'file',), ()")                                                          \
    FORM(stat, nofollow, fdi_stat(link_path, &ours_stat, FDI_NOFOLLOW),                            \
         bare_stat(AT_FDCWD, TREE LINK_NAME, NOFOLLOW), "os.lstat, (tree + 'link',), ()")          \
    FORM(stat, dir_fd, fdi_stat(file_at, &ours_stat, 0), bare_stat(dir_fd, FILE_NAME, 0),          \
         "os.stat, ('file', dir_fd), ('dir_fd',)")                                                 \
    FORM(stat, fd, fdi_stat(file_fd, &ours_stat, 0), bare_fstat(fd), "os.stat, (fd,), ()")         \
    FORM(access, path, fdi_access(file_path, R_OK, 0), access(TREE FILE_NAME, R_OK),               \
         "os.access, (tree + 'file', os.R_OK), ()")                                                \
    FORM(access, dir_fd, fdi_access(file_at, R_OK, 0), faccessat(dir_fd, FILE_NAME, R_OK, 0),      \
         "os.access, ('file', os.R_OK, dir_fd), ('dir_fd',)")                                      \
    FORM(access, nofollow, fdi_access(link_path, R_OK, FDI_NOFOLLOW),                              \
         bare_faccessat2(AT_FDCWD, TREE LINK_NAME, R_OK, NOFOLLOW),                                \
         "os.access, (tree + 'link', os.R_OK, False), ('follow_symlinks',)")                       \
    FORM(access, fd, fdi_access(file_fd, R_OK, 0), bare_faccessat2(fd, "", R_OK, AT_EMPTY_PATH),   \
         NULL)                                                                                     \
    FORM(chmod, path, fdi_chmod(file_path, 0600, 0), chmod(TREE FILE_NAME, 0600),                  \
         "os.chmod, (tree + 'file', 0o600), ()")                                                   \
    FORM(chmod, dir_fd, fdi_chmod(file_at, 0600, 0), fchmodat(dir_fd, FILE_NAME, 0600, 0),         \
         "os.chmod, ('file', 0o600, dir_fd), ('dir_fd',)")                                         \
    FORM(chmod, nofollow, fdi_chmod(file_path, 0600, FDI_NOFOLLOW),                                \
         bare_fchmodat2(AT_FDCWD, TREE FILE_NAME, 0600, NOFOLLOW), NULL)                           \
    FORM(chmod, fd, fdi_chmod(file_fd, 0600, 0), fchmod(fd, 0600), "os.chmod, (fd, 0o600), ()")    \
    FORM(chown, path, fdi_chown(file_path, UINT32_MAX, UINT32_MAX, 0),                             \
         chown(TREE FILE_NAME, (uid_t)-1, (gid_t)-1), "os.chown, (tree + 'file', -1, -1), ()")     \
    FORM(chown, nofollow, fdi_chown(link_path, UINT32_MAX, UINT32_MAX, FDI_NOFOLLOW),              \
         lchown(TREE LINK_NAME, (uid_t)-1, (gid_t)-1), "os.lchown, (tree + 'link', -1, -1), ()")   \
    FORM(chown, dir_fd, fdi_chown(file_at, UINT32_MAX, UINT32_MAX, 0),                             \
         fchownat(dir_fd, FILE_NAME, (uid_t)-1, (gid_t)-1, 0),                                     \
         "os.chown, ('file', -1, -1, dir_fd), ('dir_fd',)")                                        \
    FORM(chown, fd, fdi_chown(file_fd, UINT32_MAX, UINT32_MAX, 0),                                 \
         fchown(fd, (uid_t)-1, (gid_t)-1), "os.chown, (fd, -1, -1), ()")                           \
    FORM(utime, path, fdi_utime(file_path, two_times, 0),                                          \
         utimensat(AT_FDCWD, TREE FILE_NAME, two_specs, 0),                                        \
         "os.utime, (tree + 'file', (5, 5)), ()")                                                  \
    FORM(utime, nofollow, fdi_utime(link_path, two_times, FDI_NOFOLLOW),                           \
         utimensat(AT_FDCWD, TREE LINK_NAME, two_specs, NOFOLLOW),                                 \
         "os.utime, (tree + 'link', (5, 5), False), ('follow_symlinks',)")                         \
    FORM(utime, dir_fd, fdi_utime(file_at, two_times, 0),                                          \
         utimensat(dir_fd, FILE_NAME, two_specs, 0),                                               \
         "os.utime, ('file', (5, 5), dir_fd), ('dir_fd',)")                                        \
    FORM(utime, fd, fdi_utime(file_fd, two_times, 0), futimens(fd, two_specs),                     \
         "os.utime, (fd, (5, 5)), ()")                                                             \
    FORM(truncate, path, fdi_truncate(file_path, 0), truncate(TREE FILE_NAME, 0),                  \
         "os.truncate, (tree + 'file', 0), ()")                                                    \
    FORM(truncate, fd, fdi_truncate(file_fd, 0), ftruncate(fd, 0), "os.truncate, (fd, 0), ()")     \
    FORM(readlink, path, (int)fdi_readlink(link_path, text, sizeof text),                          \
         (int)readlink(TREE LINK_NAME, text, sizeof text), "os.readlink, (tree + 'link',), ()")    \
    FORM(readlink, dir_fd, (int)fdi_readlink(link_at, text, sizeof text),                          \
         (int)readlinkat(dir_fd, LINK_NAME, text, sizeof text),                                    \
         "os.readlink, ('link', dir_fd), ('dir_fd',)")                                             \
    FORM(readlink, fd, (int)fdi_readlink(link_itself, text, sizeof text),                          \
         (int)readlinkat(link_fd, "", text, sizeof text), NULL)                                    \
    FORM(getxattr, path, (int)fdi_getxattr(file_path, "user.x", text, sizeof text, 0),             \
         (int)getxattr(TREE FILE_NAME, "user.x", text, sizeof text),                               \
         "os.getxattr, (tree + 'file', 'user.x'), ()")                                             \
    FORM(getxattr, nofollow,                                                                       \
         (int)fdi_getxattr(file_path, "user.x", text, sizeof text, FDI_NOFOLLOW),                  \
         (int)lgetxattr(TREE FILE_NAME, "user.x", text, sizeof text),                              \
         "os.getxattr, (tree + 'file', 'user.x', False), ('follow_symlinks',)")                    \
    FORM(getxattr, dir_fd, (int)fdi_getxattr(file_at, "user.x", text, sizeof text, 0),             \
         bare_getxattrat(dir_fd, FILE_NAME, 0), NULL)                                              \
    FORM(getxattr, fd, (int)fdi_getxattr(file_fd, "user.x", text, sizeof text, 0),                 \
         (int)fgetxattr(fd, "user.x", text, sizeof text), "os.getxattr, (fd, 'user.x'), ()")       \
    FORM(setxattr, path, fdi_setxattr(file_path, "user.x", "1", 1, 0, 0),                          \
         setxattr(TREE FILE_NAME, "user.x", "1", 1, 0),                                            \
         "os.setxattr, (tree + 'file', 'user.x', b'1'), ()")                                       \
    FORM(setxattr, fd, fdi_setxattr(file_fd, "user.x", "1", 1, 0, 0),                              \
         fsetxattr(fd, "user.x", "1", 1, 0), "os.setxattr, (fd, 'user.x', b'1'), ()")              \
    FORM(listxattr, path, (int)fdi_listxattr(file_path, text, sizeof text, 0),                     \
         (int)listxattr(TREE FILE_NAME, text, sizeof text), "os.listxattr, (tree + 'file',), ()")  \
    FORM(listxattr, fd, (int)fdi_listxattr(file_fd, text, sizeof text, 0),                         \
         (int)flistxattr(fd, text, sizeof text), "os.listxattr, (fd,), ()")                        \
    FORM(chdir, path, fdi_chdir(dir_path), chdir(TREE), "os.chdir, (tree,), ()")                   \
    FORM(chdir, fd, fdi_chdir(dir_itself), fchdir(dir_fd), "os.chdir, (dir_fd,), ()")              \
    FORM(statvfs, path, fdi_statvfs(file_path, &ours_statvfs),                                     \
         statvfs(TREE FILE_NAME, &bare_statvfs), "os.statvfs, (tree + 'file',), ()")               \
    FORM(statvfs, fd, fdi_statvfs(file_fd, &ours_statvfs), fstatvfs(fd, &bare_statvfs),            \
         "os.statvfs, (fd,), ()")                                                                  \
    FORM(open, path, close_it(fdi_open(file_path, O_RDONLY, 0)),                                   \
         close_it(open(TREE FILE_NAME, O_RDONLY | O_CLOEXEC)), NULL)                               \
    FORM(open, dir_fd, close_it(fdi_open(file_at, O_RDONLY, 0)),                                   \
         close_it(openat(dir_fd, FILE_NAME, O_RDONLY | O_CLOEXEC)), NULL)                          \
    FORM(rename, path,                                                                             \
         PAIR(fdi_rename(file_path, other_path, 0), fdi_rename(other_path, file_path, 0)),         \
         PAIR(rename(TREE FILE_NAME, TREE OTHER_NAME), rename(TREE OTHER_NAME, TREE FILE_NAME)),   \
         NULL)                                                                                     \
    FORM(rename, dir_fd, PAIR(fdi_rename(file_at, other_at, 0), fdi_rename(other_at, file_at, 0)), \
         PAIR(renameat(dir_fd, FILE_NAME, dir_fd, OTHER_NAME),                                     \
              renameat(dir_fd, OTHER_NAME, dir_fd, FILE_NAME)),                                    \
         NULL)                                                                                     \
    FORM(link_unlink, path, PAIR(fdi_link(file_path, other_path, 0), fdi_unlink(other_path)),      \
         PAIR(linkat(AT_FDCWD, TREE FILE_NAME, AT_FDCWD, TREE OTHER_NAME, AT_SYMLINK_FOLLOW),      \
              unlink(TREE OTHER_NAME)),                                                            \
         NULL)                                                                                     \
    FORM(link_unlink, dir_fd, PAIR(fdi_link(file_at, other_at, 0), fdi_unlink(other_at)),          \
         PAIR(linkat(dir_fd, FILE_NAME, dir_fd, OTHER_NAME, AT_SYMLINK_FOLLOW),                    \
              unlinkat(dir_fd, OTHER_NAME, 0)),                                                    \
         NULL)                                                                                     \
    FORM(mkdir_rmdir, path, PAIR(fdi_mkdir(other_path, 0700), fdi_rmdir(other_path)),              \
         PAIR(mkdir(TREE OTHER_NAME, 0700), rmdir(TREE OTHER_NAME)), NULL)                         \
    FORM(mkdir_rmdir, dir_fd, PAIR(fdi_mkdir(other_at, 0700), fdi_rmdir(other_at)),                \
         PAIR(mkdirat(dir_fd, OTHER_NAME, 0700), unlinkat(dir_fd, OTHER_NAME, AT_REMOVEDIR)),      \
         NULL)                                                                                     \
    FORM(symlink_unlink, path, PAIR(fdi_symlink("x", other_path, 0), fdi_unlink(other_path)),      \
         PAIR(symlink("x", TREE OTHER_NAME), unlink(TREE OTHER_NAME)), NULL)                       \
    FORM(symlink_unlink, dir_fd, PAIR(fdi_symlink("x", other_at, 0), fdi_unlink(other_at)),        \
         PAIR(symlinkat("x", dir_fd, OTHER_NAME), unlinkat(dir_fd, OTHER_NAME, 0)), NULL)          \
    FORM(mkfifo_unlink, path, PAIR(fdi_mkfifo(other_path, 0600), fdi_unlink(other_path)),          \
         PAIR(mkfifo(TREE OTHER_NAME, 0600), unlink(TREE OTHER_NAME)), NULL)                       \
    FORM(mknod_unlink, dir_fd, PAIR(fdi_mknod(other_at, S_IFREG, 0), fdi_unlink(other_at)),        \
         PAIR(mknodat(dir_fd, OTHER_NAME, S_IFREG, 0), unlinkat(dir_fd, OTHER_NAME, 0)), NULL)

#endif
