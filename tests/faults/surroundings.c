/* SPDX-License-Identifier: MIT
 * The tree and the descriptors that every scenario starts with, and the answers that it gets. */
#define _GNU_SOURCE 1
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

struct surroundings around;
struct answers answers;

static void must(int64_t result)
{
    if (result < 0)
        abort();
}

/* The times are old, so that a call that sets them to now is noticed. */
static void make_file(const char *name, const char *content, size_t size)
{
    const struct timespec times[2] = {{1111, 0}, {2222, 0}};
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    must(fd);
    must(write(fd, content, size));
    (void)fsetxattr(fd, "user.test", "value", 5, 0); /* if the file system supports it */
    must(futimens(fd, times));
    must(close(fd));
}

static void build_tree(void)
{
    umask(022);
    make_file("file", "0123456789", 10);
    must(mkdir("dir", 0755));
    make_file("dir/inner", "abcdefgh", 8);
    must(mkdir("dir/empty", 0755));
    must(symlink("file", "link"));
    must(symlink("inner", "dir/inner-link"));
    must(mkfifo("fifo", 0644));
}

static void build_connection(void)
{
    struct sockaddr_un address = {AF_UNIX, "socket"};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, around.connection));
    around.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(around.listener, (struct sockaddr *)&address, sizeof address));
    must(listen(around.listener, 1));
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(connect(client, (struct sockaddr *)&address, sizeof address));
}

void surroundings_build(void)
{
    build_tree();
    around.file = open("file", O_RDWR | O_CLOEXEC);
    must(lseek(around.file, 10, SEEK_SET));
    build_connection();
    around.directory = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    around.here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    around.reached = open("file", O_PATH | O_CLOEXEC);
    around.reached_link = open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    around.inheritable = open("file", O_RDONLY);
    /* With a far number, the library reads procfs instead of scanning a dense table. */
    must(fcntl(around.file, F_DUPFD_CLOEXEC, 200));
}

/* ---- answers ------------------------------------------------------------------------------- */

static void note_file_status(const struct fdi_stat *status)
{
    struct stat identity = {.st_dev = status->dev, .st_ino = status->ino};
    struct timespec birth = {(time_t)status->birthtime.sec, (long)status->birthtime.nsec};
    struct timespec change = {(time_t)status->ctime.sec, (long)status->ctime.nsec};
    effect_note("status of %s: mode %o links %lu owner %u:%u size %ld blocks %lu of %u, present "
                "%x, reserved %lu, device %lx",
                effect_file_name(&identity), status->mode, (unsigned long)status->nlink,
                status->uid, status->gid, (long)status->size, (unsigned long)status->blocks,
                status->blksize, status->present, (unsigned long)status->reserved[3],
                (unsigned long)status->rdev);
    struct stat expected;
    bool is_right = lstat(effect_file_name(&identity), &expected) == 0 &&
                    status->atime.sec == expected.st_atim.tv_sec &&
                    status->mtime.sec == expected.st_mtim.tv_sec &&
                    status->ctime.sec == expected.st_ctim.tv_sec &&
                    status->size == expected.st_size && status->mode == expected.st_mode;
    effect_note(", %s", is_right ? "as by lstat" : "wrong");
    effect_note_time("accessed", (struct timespec){status->atime.sec, status->atime.nsec});
    effect_note_time("modified", (struct timespec){status->mtime.sec, status->mtime.nsec});
    effect_note_time("changed", change);
    effect_note_time("created", birth);
    effect_note("\n");
}

/* Other processes use the file system meanwhile. */
static bool is_near(uint64_t found, uint64_t expected, uint64_t total)
{
    uint64_t difference = found < expected ? expected - found : found - expected;
    return difference <= total / 256;
}

static bool is_as_by_statvfs(const struct fdi_statvfs *found, const struct statvfs *status)
{
    return found->bsize == status->f_bsize && found->frsize == status->f_frsize &&
           found->blocks == status->f_blocks && found->files == status->f_files &&
           is_near(found->bfree, status->f_bfree, status->f_blocks) &&
           is_near(found->bavail, status->f_bavail, status->f_blocks) &&
           is_near(found->ffree, status->f_ffree, status->f_files) &&
           is_near(found->favail, status->f_favail, status->f_files) &&
           found->fsid == status->f_fsid && found->flag == status->f_flag &&
           found->namemax == status->f_namemax;
}

static void note_file_system(const struct fdi_statvfs *found)
{
    struct statvfs status;
    must(statvfs(".", &status));
    effect_note("file system: %s\n", is_as_by_statvfs(found, &status) ? "as by statvfs" : "wrong");
}

void answers_note(void)
{
    int saved_errno = errno;
    for (size_t i = 0; i < sizeof answers.buffer; i++)
        if (answers.buffer[i])
            effect_note("%zu:%c", i, answers.buffer[i]);
    if (answers.status.mode)
        note_file_status(&answers.status);
    if (answers.filesystem.bsize)
        note_file_system(&answers.filesystem);
    errno = saved_errno;
}
