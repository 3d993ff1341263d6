/* SPDX-License-Identifier: MIT
 * Implements fdi_stat on Linux with statx. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if FDI__HAS_STATX

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

/* Calls go to the C library's statx where it exists, so that an interposed library such as fakeroot
 * sees them. The symbol is weak, because older C libraries lack it. Both calls fill the kernel's
 * structure. */
extern int fdi__statx(int directory, const char *path, int at_flags, unsigned mask,
                      struct statx_answer *answer) __asm__("statx") __attribute__((weak));

static int ask_statx(int directory, const char *path, int at_flags, struct statx_answer *answer)
{
    if (fdi__statx)
        return fdi__statx(directory, path, at_flags, STATX_BASIC_AND_BIRTH, answer);
    return (int)syscall(SYS_statx, directory, path, at_flags, STATX_BASIC_AND_BIRTH, answer);
}

#if FDI__HAS_FSTATAT64

/* The kernel's struct stat64, which is the same on x86 and arm. */
struct stat64_answer {
    uint64_t dev;
    uint32_t padding;
    uint32_t short_ino;
    uint32_t mode;
    uint32_t nlink;
    uint32_t uid;
    uint32_t gid;
    uint64_t rdev;
    uint32_t more_padding;
    int64_t size;
    uint32_t blksize;
    uint64_t blocks;
    int32_t times[6]; /* access, modification, change: seconds and nanoseconds */
    uint64_t ino;
};

static struct fdi_time from_stat64(const int32_t *time)
{
    return (struct fdi_time){time[0], time[1]};
}

static void fill_stat64(const struct stat64_answer *answer, struct fdi_stat *out)
{
    *out = (struct fdi_stat){
        .dev = answer->dev,
        .ino = answer->ino,
        .nlink = answer->nlink,
        .rdev = answer->rdev,
        .size = answer->size,
        .blocks = answer->blocks,
        .mode = answer->mode,
        .uid = answer->uid,
        .gid = answer->gid,
        .blksize = answer->blksize,
        .present = FDI_STAT_OWNER | FDI_STAT_BLOCKS,
        .atime = from_stat64(answer->times),
        .mtime = from_stat64(answer->times + 2),
        .ctime = from_stat64(answer->times + 4),
    };
}

static int stat_without_statx(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    struct stat64_answer answer;
    const char *path = target.path ? target.path : "";
    int at_flags = fdi__at_flags(flags) | (target.path ? 0 : AT_EMPTY_PATH);
    long result;
    FDI__RETRY(result, syscall(SYS_fstatat64, target.fd, path, &answer, at_flags));
    if (result == 0)
        fill_stat64(&answer, out);
    return (int)result;
}

#else

static int stat_without_statx(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    return fdi__stat_by_libc(target, out, flags);
}

#endif

int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    struct statx_answer answer;
    int saved_errno = errno;
    int directory = target.fd;
    const char *path = target.path ? target.path : "";
    /* Like stat(2), fdi_stat does not trigger an automount. */
    int at_flags = STATX_NO_AUTOMOUNT | fdi__at_flags(flags) | (target.path ? 0 : AT_EMPTY_PATH);
    int result;
    FDI__RETRY(result, ask_statx(directory, path, at_flags, &answer));
    if (result == 0)
        fill_statx(&answer, out);
    else if (fdi__was_refused(SYS_statx))
        return fdi__restore_errno_on_success(saved_errno, stat_without_statx(target, out, flags));
    return result;
}

#endif
