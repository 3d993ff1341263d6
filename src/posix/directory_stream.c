/* SPDX-License-Identifier: MIT
 * Reads a directory with the C library, so that an interposed library sees the calls. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "directory.h"
#include "posix.h"

#if !FDI__HAS_FSTATAT64

#include <dirent.h>
#include <stdlib.h>

enum { OWN = -1 };

struct fdi_dir {
    DIR *stream;
    off_t shared; /* the listing's position if the stream shares the fd's position, else OWN */
    struct fdi__entries entries;
};

/* Calls opendir, because it skips the checks that fdopendir makes on its fd. */
static DIR *open_plain(const char *path)
{
    DIR *stream;
    FDI__RETRY_FAILURE(stream, NULL, opendir(path));
    return stream;
}

static DIR *open_fd(int fd)
{
    DIR *stream;
    if (fd < 0)
        return NULL;
    FDI__RETRY_FAILURE(stream, NULL, fdopendir(fd));
    if (!stream)
        fdi__close(fd);
    return stream;
}

/* Sets *shared to 0 if the stream shares its position with the caller's fd. */
static DIR *open_directory_stream(fdi_target target, off_t *shared)
{
    int state = fdi__os_cancel_off();
    bool is_plain = target.path && !fdi__needs_dir_fd(target);
    int fd = is_plain ? -1 : fdi__open_directory(target);
    if (!is_plain && fd < 0) {
        fd = fdi__duplicate_directory(target);
        *shared = 0;
    }
    DIR *stream = is_plain ? open_plain(target.path) : open_fd(fd);
    fdi__os_cancel_restore(state);
    return stream;
}

static int close_directory_stream(DIR *stream)
{
    int state = fdi__os_cancel_off();
    int result = closedir(stream);
    fdi__os_cancel_restore(state);
    return result;
}

fdi_dir *fdi__os_opendir(fdi_target target)
{
    int saved_errno = errno;
    off_t shared = OWN;
    DIR *stream = open_directory_stream(target, &shared);
    if (!stream)
        return NULL;
    fdi_dir *dir = calloc(1, sizeof *dir);
    if (!dir) {
        (void)close_directory_stream(stream);
        errno = ENOMEM;
        return NULL;
    }
    dir->stream = stream;
    dir->shared = shared;
    errno = saved_errno;
    return dir;
}

/* Skips "." and "..". Clears errno, because readdir returns NULL both at the end and on error. */
static const struct dirent *next_entry(DIR *stream)
{
    const struct dirent *next;
    do {
        errno = 0;
        next = readdir(stream);
    } while (next ? fdi__is_dots(next->d_name) : errno == EINTR);
    return next;
}

/* Reads at the listing's own position, then restores the position of the caller's fd. */
static const struct dirent *next_shared_entry(fdi_dir *dir)
{
    int fd = dirfd(dir->stream);
    off_t before = lseek(fd, 0, SEEK_CUR);
    if (before < 0 || lseek(fd, dir->shared, SEEK_SET) < 0)
        return NULL;
    const struct dirent *next = next_entry(dir->stream);
    int error = errno;
    dir->shared = lseek(fd, 0, SEEK_CUR);
    (void)lseek(fd, before, SEEK_SET);
    errno = error;
    return next;
}

#if defined(DT_UNKNOWN)
#define FDI__D_TYPE(entry) ((entry)->d_type)
#else
#define FDI__D_TYPE(entry) 0
#endif

int fdi__os_readdir(fdi_dir *dir, const fdi_dirent **entry)
{
    int saved_errno = errno;
    fdi__expire_entry(&dir->entries);
    const struct dirent *next =
        dir->shared == OWN ? next_entry(dir->stream) : next_shared_entry(dir);
    if (!next)
        return errno ? -1 : fdi__restore_errno(saved_errno, 0);
    *entry = fdi__store_entry(&dir->entries, next->d_name, next->d_ino, FDI__D_TYPE(next));
    return fdi__restore_errno(saved_errno, 1);
}

int fdi__os_closedir(fdi_dir *dir)
{
    int result = close_directory_stream(dir->stream);
    int saved_errno = errno;
    free(dir);
    return fdi__restore_errno(saved_errno, result);
}

#endif
