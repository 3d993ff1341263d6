/* SPDX-License-Identifier: MIT
 * Reads a directory by system calls, on machines whose C library calls statx in opendir: a sandbox
 * may refuse statx. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "directory.h"
#include "posix.h"

#if FDI__HAS_FSTATAT64

#include "getdents.h"

#include <stdlib.h>

enum { OWN = -1 };

/* `shared` is the position in a directory that could not be opened again, or OWN. */
struct fdi_dir {
    int fd;
    int used;
    int filled;
    off_t shared;
    struct fdi__entries entries;
    uint64_t buffer[4096];
};

static fdi_dir *allocate(int fd, bool is_shared)
{
    fdi_dir *dir = calloc(1, sizeof *dir);
    if (!dir) {
        fdi__close(fd);
        errno = ENOMEM;
        return NULL;
    }
    dir->fd = fd;
    dir->shared = is_shared ? 0 : OWN;
    return dir;
}

fdi_dir *fdi__os_opendir(fdi_target target)
{
    int saved_errno = errno;
    int fd = fdi__open_directory(target);
    bool is_shared = fd < 0;
    if (is_shared)
        fd = fdi__duplicate_directory(target);
    fdi_dir *dir = fd < 0 ? NULL : allocate(fd, is_shared);
    if (dir)
        errno = saved_errno;
    return dir;
}

/* Reads at the listing's own position and restores the position that the fd shares. */
static int refill_shared(fdi_dir *dir)
{
    off_t before = lseek(dir->fd, 0, SEEK_CUR);
    if (before < 0 || lseek(dir->fd, dir->shared, SEEK_SET) < 0)
        return -1;
    int filled = fdi__getdents(dir->fd, dir->buffer, sizeof dir->buffer);
    int saved_errno = errno;
    dir->shared = lseek(dir->fd, 0, SEEK_CUR);
    (void)lseek(dir->fd, before, SEEK_SET);
    return fdi__restore_errno(saved_errno, filled);
}

/* Returns the number of bytes read, 0 at the end, or -1. A directory that was removed is empty, but
 * the kernel answers ENOENT. */
static int refill(fdi_dir *dir)
{
    int filled = dir->shared == OWN ? fdi__getdents(dir->fd, dir->buffer, sizeof dir->buffer)
                                    : refill_shared(dir);
    dir->used = 0;
    dir->filled = filled < 0 ? 0 : filled;
    return filled < 0 && errno == ENOENT ? 0 : filled;
}

int fdi__os_readdir(fdi_dir *dir, const fdi_dirent **entry)
{
    int saved_errno = errno;
    fdi__expire_entry(&dir->entries);
    for (;;) {
        int result = dir->used < dir->filled ? 1 : refill(dir);
        if (result <= 0)
            return fdi__restore_errno_on_success(saved_errno, result);
        const char *start = (const char *)dir->buffer + dir->used;
        const char *name = start + FDI__DIRENT_NAME;
        struct fdi__linux_dirent next = fdi__dirent_at(start);
        dir->used += next.length;
        if (fdi__is_dots(name))
            continue;
        *entry = fdi__store_entry(&dir->entries, name, next.ino, next.type);
        return fdi__restore_errno(saved_errno, 1);
    }
}

int fdi__os_closedir(fdi_dir *dir)
{
    fdi__close(dir->fd);
    free(dir);
    return 0;
}

#endif
