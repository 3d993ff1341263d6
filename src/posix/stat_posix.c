/* SPDX-License-Identifier: MIT
 * The status of a file, from the C library. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <string.h>

#define FDI__JOIN(first, second, third) first##second##third
#define FDI__MEMBER(which, suffix)      FDI__JOIN(st_, which, suffix)
#define FDI__TIME_OF(status, which)     ((status)->FDI__MEMBER(which, FDI__TIME_SUFFIX))

static struct fdi_time to_time(struct timespec time)
{
    return (struct fdi_time){time.tv_sec, time.tv_nsec};
}

#if FDI__HAS_BSD_FLAGS

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

int fdi__stat_by_libc(fdi_target target, struct fdi_stat *out, unsigned flags)
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

#if !FDI__HAS_STATX

int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    return fdi__stat_by_libc(target, out, flags);
}

#endif
