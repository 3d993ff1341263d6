/* SPDX-License-Identifier: MIT
 * The status of a file and of its file system, in the library's own layouts. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <string.h>
#include <sys/statvfs.h>

#if defined(__APPLE__)
#include <sys/mount.h>
#endif

/* ---- stat ---------------------------------------------------------------------------------- */

#if defined(__APPLE__) || defined(__NetBSD__)
#define FDI__TIME_OF(status, which) ((status)->st_##which##timespec)
#else
#define FDI__TIME_OF(status, which) ((status)->st_##which##tim)
#endif

static struct fdi_time to_time(struct timespec time)
{
    return (struct fdi_time){time.tv_sec, time.tv_nsec};
}

#if defined(UF_SETTABLE)

static void fill_bsd_flags(const struct stat *status, struct fdi_stat *out)
{
    out->flags = (uint32_t)status->st_flags;
    out->present |= FDI_STAT_FLAGS;
}

#else

static void fill_bsd_flags(const struct stat *status, struct fdi_stat *out)
{
    (void)status;
    (void)out;
}

#endif

#if defined(st_birthtime)

static void fill_birth(const struct stat *status, struct fdi_stat *out)
{
    out->birthtime = to_time(FDI__TIME_OF(status, birth));
    out->present |= FDI_STAT_BIRTHTIME;
}

#else

static void fill_birth(const struct stat *status, struct fdi_stat *out)
{
    (void)status;
    (void)out;
}

#endif

static void fill(const struct stat *status, struct fdi_stat *out)
{
    memset(out, 0, sizeof *out);
    out->dev = (uint64_t)status->st_dev;
    out->ino = status->st_ino;
    out->nlink = status->st_nlink;
    out->rdev = (uint64_t)status->st_rdev;
    out->size = status->st_size;
    out->blocks = (uint64_t)status->st_blocks;
    out->mode = status->st_mode;
    out->uid = status->st_uid;
    out->gid = status->st_gid;
    out->blksize = (uint32_t)status->st_blksize;
    out->present = FDI_STAT_OWNER | FDI_STAT_BLOCKS;
    out->atime = to_time(FDI__TIME_OF(status, a));
    out->mtime = to_time(FDI__TIME_OF(status, m));
    out->ctime = to_time(FDI__TIME_OF(status, c));
    fill_bsd_flags(status, out);
    fill_birth(status, out);
}

static int stat_classic(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    struct stat status;
    int result;
    if (!target.path)
        FDI__RETRY(result, fstat(target.fd, &status));
    else
        FDI__RETRY(result, fstatat(target.fd, target.path, &status, fdi__at_flags(flags)));
    if (result == 0)
        fill(&status, out);
    return result;
}

#if defined(FDI__BY_NUMBER) && defined(SYS_statx)

#include <sys/sysmacros.h>

/* The kernel's struct statx, which is the same on every architecture. It has 64-bit times and a
 * birth time even if the C library has neither. */
struct statx_time {
    int64_t sec;
    uint32_t nsec;
    int32_t reserved;
};

struct statx_answer {
    uint32_t mask;
    uint32_t blksize;
    uint64_t attributes;
    uint32_t nlink;
    uint32_t uid;
    uint32_t gid;
    uint16_t mode;
    uint16_t spare;
    uint64_t ino;
    uint64_t size;
    uint64_t blocks;
    uint64_t attributes_mask;
    struct statx_time atime;
    struct statx_time btime;
    struct statx_time ctime;
    struct statx_time mtime;
    uint32_t rdev_major;
    uint32_t rdev_minor;
    uint32_t dev_major;
    uint32_t dev_minor;
    uint64_t later[14];
};

enum { STATX_BASIC_AND_BIRTH = 0xfff, STATX_BIRTH = 0x800, STATX_NO_AUTOMOUNT = 0x800 };

static struct fdi_time from_statx(struct statx_time time)
{
    return (struct fdi_time){time.sec, time.nsec};
}

static void fill_statx(const struct statx_answer *answer, struct fdi_stat *out)
{
    *out = (struct fdi_stat){
        .dev = makedev(answer->dev_major, answer->dev_minor),
        .ino = answer->ino,
        .nlink = answer->nlink,
        .rdev = makedev(answer->rdev_major, answer->rdev_minor),
        .size = (int64_t)answer->size,
        .blocks = answer->blocks,
        .mode = answer->mode,
        .uid = answer->uid,
        .gid = answer->gid,
        .blksize = answer->blksize,
        .present = FDI_STAT_OWNER | FDI_STAT_BLOCKS,
        .atime = from_statx(answer->atime),
        .mtime = from_statx(answer->mtime),
        .ctime = from_statx(answer->ctime),
    };
    if (answer->mask & STATX_BIRTH) {
        out->birthtime = from_statx(answer->btime);
        out->present |= FDI_STAT_BIRTHTIME;
    }
}

/* The C library's statx is called where it exists, so that an interposed library such as
 * fakeroot sees the call. The symbol is weak, because older C libraries lack it. The answer has
 * the kernel's layout. */
extern int fdi__statx(int directory, const char *path, int at_flags, unsigned mask,
                      struct statx_answer *answer) __asm__("statx") __attribute__((weak));

static int ask_statx(int directory, const char *path, int at_flags, struct statx_answer *answer)
{
    if (fdi__statx)
        return fdi__statx(directory, path, at_flags, STATX_BASIC_AND_BIRTH, answer);
    return (int)syscall(SYS_statx, directory, path, at_flags, STATX_BASIC_AND_BIRTH, answer);
}

int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    struct statx_answer answer;
    int saved_errno = errno;
    int directory = target.fd;
    const char *path = target.path ? target.path : "";
    /* stat(2) does not trigger an automount either. */
    int at_flags = STATX_NO_AUTOMOUNT | fdi__at_flags(flags) | (target.path ? 0 : AT_EMPTY_PATH);
    int result;
    FDI__RETRY(result, ask_statx(directory, path, at_flags, &answer));
    if (result == 0)
        fill_statx(&answer, out);
    else if (fdi__was_refused(SYS_statx))
        return fdi__restore_errno_on_success(saved_errno, stat_classic(target, out, flags));
    return result;
}

#else

int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    return stat_classic(target, out, flags);
}

#endif

/* ---- statvfs ------------------------------------------------------------------------------- */

#if defined(__APPLE__) /* macOS counts blocks in 32 bits in struct statvfs */

static int statvfs_of(const char *path, int fd, struct fdi_statvfs *out)
{
    struct statfs answer;
    int result;
    if (path)
        FDI__RETRY(result, statfs(path, &answer));
    else
        FDI__RETRY(result, fstatfs(fd, &answer));
    if (result < 0)
        return -1;
    *out = (struct fdi_statvfs){
        .bsize = (uint64_t)answer.f_iosize,
        .frsize = answer.f_bsize,
        .blocks = answer.f_blocks,
        .bfree = answer.f_bfree,
        .bavail = answer.f_bavail,
        .files = answer.f_files,
        .ffree = answer.f_ffree,
        .favail = answer.f_ffree,
        .fsid = (uint32_t)answer.f_fsid.val[0],
        .flag = answer.f_flags & (MNT_RDONLY | MNT_NOSUID),
        .namemax = 255,
    };
    return 0;
}

#else

static int statvfs_of(const char *path, int fd, struct fdi_statvfs *out)
{
    struct statvfs answer;
    int result;
    if (path)
        FDI__RETRY(result, statvfs(path, &answer));
    else
        FDI__RETRY(result, fstatvfs(fd, &answer));
    if (result < 0)
        return -1;
    out->bsize = answer.f_bsize;
    out->frsize = answer.f_frsize;
    out->blocks = answer.f_blocks;
    out->bfree = answer.f_bfree;
    out->bavail = answer.f_bavail;
    out->files = answer.f_files;
    out->ffree = answer.f_ffree;
    out->favail = answer.f_favail;
    out->fsid = answer.f_fsid;
    out->flag = answer.f_flag;
    out->namemax = answer.f_namemax;
    memset(out->reserved, 0, sizeof out->reserved);
    return 0;
}

#endif

int fdi__os_statvfs(fdi_target target, struct fdi_statvfs *out)
{
    if (!target.path || !fdi__needs_dir_fd(target))
        return statvfs_of(target.path, target.fd, out);
    int fd = fdi__open_path(target, 0);
    return fd < 0 ? -1 : fdi__close_keep_errno(fd, statvfs_of(NULL, fd, out));
}
