/* SPDX-License-Identifier: MIT
 * The status of a file system. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <string.h>
#include <sys/statvfs.h>

#if FDI__WIDE_STATVFS

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

#else

#include <sys/mount.h>

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

#endif

int fdi__os_statvfs(fdi_target target, struct fdi_statvfs *out)
{
    if (!target.path || !fdi__needs_dir_fd(target))
        return statvfs_of(target.path, target.fd, out);
    int fd = fdi__open_mounted(target);
    return fd < 0 ? -1 : fdi__close_keep_errno(fd, statvfs_of(NULL, fd, out));
}
