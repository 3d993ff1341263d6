/* SPDX-License-Identifier: MIT
 * Creates the files of the forms, and defines bare calls that take several lines. */
#include "../../src/platform.h"
#include "forms.h"
#include "measure.h"

#include <sys/sysmacros.h>

enum { FACCESSAT2 = 439, FCHMODAT2 = 452, GETXATTRAT = 464 };

int fd, reach_fd, dir_fd, link_fd;
fdi_target file_path, file_at, file_fd, link_path, link_at, link_itself;
fdi_target dir_path, dir_at, dir_itself, other_path, other_at;
struct fdi_time two_times[2] = {{5, 0}, {5, 0}};
struct timespec two_specs[2] = {{5, 0}, {5, 0}};
struct fdi_stat ours_stat;
struct fdi_statvfs ours_statvfs;
struct statvfs bare_statvfs;
char text[64];

static struct fdi_time to_time(struct timespec time)
{
    return (struct fdi_time){time.tv_sec, time.tv_nsec};
}

static int fill(int result, const struct stat *status)
{
    if (result < 0)
        return -1;
    ours_stat = (struct fdi_stat){
        .dev = status->st_dev,
        .ino = status->st_ino,
        .nlink = status->st_nlink,
        .rdev = status->st_rdev,
        .size = status->st_size,
        .blocks = (uint64_t)status->st_blocks,
        .mode = status->st_mode,
        .uid = status->st_uid,
        .gid = status->st_gid,
        .blksize = (uint32_t)status->st_blksize,
        .present = FDI_STAT_OWNER | FDI_STAT_BLOCKS,
        .atime = to_time(status->st_atim),
        .mtime = to_time(status->st_mtim),
        .ctime = to_time(status->st_ctim),
    };
    return 0;
}

int bare_stat(int directory, const char *path, int at_flags)
{
    struct stat status;
    return fill(fstatat(directory, path, &status, at_flags), &status);
}

int bare_fstat(int file)
{
    struct stat status;
    return fill(fstat(file, &status), &status);
}

int bare_faccessat2(int directory, const char *path, int mode, int at_flags)
{
    return (int)syscall(FACCESSAT2, directory, path, mode, at_flags);
}

int bare_fchmodat2(int directory, const char *path, mode_t mode, int at_flags)
{
    return (int)syscall(FCHMODAT2, directory, path, mode, at_flags);
}

int bare_getxattrat(int directory, const char *path, int at_flags)
{
    struct {
        uint64_t value;
        uint32_t size;
        uint32_t flags;
    } arguments = {(uintptr_t)text, sizeof text, 0};
    return (int)syscall(GETXATTRAT, directory, path, at_flags, "user.x", &arguments,
                        sizeof arguments);
}

int close_it(int opened)
{
    return close(opened);
}

static void remove_all(void)
{
    (void)unlink(TREE FILE_NAME);
    (void)unlink(TREE LINK_NAME);
    (void)unlink(TREE OTHER_NAME);
    (void)rmdir(TREE OTHER_NAME);
    (void)rmdir("/tmp/fdinherit-bench/a/b");
    (void)rmdir("/tmp/fdinherit-bench/a");
    (void)rmdir("/tmp/fdinherit-bench");
}

static void make_targets(void)
{
    file_path = fdi_path(TREE FILE_NAME);
    file_at = fdi_path_at(dir_fd, FILE_NAME);
    file_fd = fdi_fd(fd);
    link_path = fdi_path(TREE LINK_NAME);
    link_at = fdi_path_at(dir_fd, LINK_NAME);
    link_itself = fdi_fd(link_fd);
    dir_path = fdi_path(TREE);
    dir_itself = fdi_fd(dir_fd);
    other_path = fdi_path(TREE OTHER_NAME);
    other_at = fdi_path_at(dir_fd, OTHER_NAME);
}

void forms_prepare(void)
{
    remove_all();
    bench_must(mkdir("/tmp/fdinherit-bench", 0700));
    bench_must(mkdir("/tmp/fdinherit-bench/a", 0700));
    bench_must(mkdir(TREE, 0700));
    fd = bench_must(open(TREE FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    dir_fd = bench_must(open(TREE, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    bench_must(symlink(FILE_NAME, TREE LINK_NAME));
    link_fd = bench_must(open(TREE LINK_NAME, O_PATH | O_NOFOLLOW | O_CLOEXEC));
    bench_must(fsetxattr(fd, "user.x", "1", 1, 0));
    make_targets();
}

void forms_remove(void)
{
    remove_all();
}
