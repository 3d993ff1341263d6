/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "state.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void append_fd(int fd)
{
    struct stat status;
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0)
        return;
    if (fstat(fd, &status) < 0)
        abort();
    append("fd %d: %#x %#x %llu %lld\n", fd, (unsigned)flags, (unsigned)fcntl(fd, F_GETFL),
           (unsigned long long)status.st_ino, (long long)lseek(fd, 0, SEEK_CUR));
}

/* Listing a directory may change its time of last access. */
static int append_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)type, (void)walk;
    append("%s: %#o %llu %lld %lld %lld %lld\n", path, (unsigned)status->st_mode,
           (unsigned long long)status->st_nlink, (long long)status->st_size,
           S_ISDIR(status->st_mode) ? 0 : (long long)status->st_atime, (long long)status->st_mtime,
           (long long)status->st_ctime);
    return 0;
}

void append_files(void)
{
    if (nftw(".", append_file, 16, FTW_PHYS) != 0)
        abort();
}
