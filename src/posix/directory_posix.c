/* SPDX-License-Identifier: MIT
 * Directories. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <dirent.h>

/* ---- being in one -------------------------------------------------------------------------- */

int fdi__os_chdir(fdi_target target)
{
    int result;
    if (!target.path) {
        FDI__RETRY(result, fchdir(target.fd));
        return result;
    }
    if (!fdi__is_relative(target)) {
        FDI__RETRY(result, chdir(target.path));
        return result;
    }
    int fd;
    FDI__RETRY(fd, openat(target.dir_fd, target.path, FDI__O_REACH_DIRECTORY | O_CLOEXEC));
    if (fd < 0)
        return -1;
    FDI__RETRY(result, fchdir(fd));
    return fdi__leave(fd, result);
}

/* ---- reading one --------------------------------------------------------------------------- */

/* The stream is the C library's own; only its type is ours. */
static DIR *stream_of(fdi_dir *dir)
{
    return (DIR *)(void *)dir;
}

/* The C library need not ask what it has opened itself. */
static DIR *open_plain(const char *path)
{
    DIR *stream;
    do
        stream = opendir(path);
    while (!stream && errno == EINTR);
    return stream;
}

/* A description of its own also for an fd, so that its position is nobody else's. Where the
 * directory may be read but not searched, "." cannot be looked up, but procfs still leads there. */
static int open_directory(fdi_target target)
{
    const int oflags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    int fd;
    if (target.path) {
        FDI__RETRY(fd, openat(target.dir_fd, target.path, oflags));
        return fd;
    }
    FDI__RETRY(fd, openat(target.fd, ".", oflags));
    if (fd < 0 && errno == EACCES) {
        FDI__RETRY(fd, open(fdi__proc_name(target.fd).text, oflags));
        fd = fdi__by_proc(target.fd, fd);
    }
    return fd;
}

static DIR *open_other(fdi_target target)
{
    int fd = open_directory(target);
    if (fd < 0)
        return NULL;
    DIR *stream = fdopendir(fd);
    if (!stream)
        (void)fdi__leave(fd, 0);
    return stream;
}

fdi_dir *fdi__os_opendir(fdi_target target)
{
    int saved_errno = errno;
    bool is_plain = target.path && !fdi__is_relative(target);
    DIR *stream = is_plain ? open_plain(target.path) : open_other(target);
    if (stream)
        (void)fdi__kept(saved_errno, 0);
    return (fdi_dir *)(void *)stream;
}

#if defined(DT_UNKNOWN)

static int type_of(const struct dirent *entry)
{
    switch (entry->d_type) {
    case DT_FIFO:
        return FDI_TYPE_FIFO;
    case DT_CHR:
        return FDI_TYPE_CHARACTER_DEVICE;
    case DT_DIR:
        return FDI_TYPE_DIRECTORY;
    case DT_BLK:
        return FDI_TYPE_BLOCK_DEVICE;
    case DT_REG:
        return FDI_TYPE_FILE;
    case DT_LNK:
        return FDI_TYPE_SYMLINK;
    case DT_SOCK:
        return FDI_TYPE_SOCKET;
    default:
        return FDI_TYPE_UNKNOWN;
    }
}

#else

static int type_of(const struct dirent *entry)
{
    (void)entry;
    return FDI_TYPE_UNKNOWN;
}

#endif

static bool is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* The end and an error differ only in errno. */
int fdi__os_readdir(fdi_dir *dir, fdi_dirent *entry)
{
    int saved_errno = errno;
    const struct dirent *next;
    (void)fdi__kept(0, 0);
    do
        next = readdir(stream_of(dir));
    while (next && is_dots(next->d_name));
    if (!next)
        return errno ? -1 : fdi__kept(saved_errno, 0);
    *entry = (fdi_dirent){next->d_name, next->d_ino, type_of(next)};
    return fdi__kept(saved_errno, 1);
}

int fdi__os_closedir(fdi_dir *dir)
{
    return closedir(stream_of(dir));
}
