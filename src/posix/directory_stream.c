/* SPDX-License-Identifier: MIT
 * Reads a directory with the C library, on every system but Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "directory.h"
#include "posix.h"

#if !defined(__linux__)

#include <dirent.h>
#include <stdlib.h>

struct fdi_dir {
    DIR *stream;
    struct fdi__entries entries;
};

/* opendir skips the checks that fdopendir makes on its fd. */
static DIR *open_plain(const char *path)
{
    DIR *stream;
    do
        stream = opendir(path);
    while (!stream && errno == EINTR);
    return stream;
}

static DIR *open_other(fdi_target target)
{
    int fd = fdi__open_directory(target);
    DIR *stream;
    if (fd < 0)
        return NULL;
    do
        stream = fdopendir(fd);
    while (!stream && errno == EINTR);
    if (!stream)
        fdi__close(fd);
    return stream;
}

static DIR *open_directory_stream(fdi_target target)
{
    int state = fdi__os_cancel_off();
    bool is_plain = target.path && !fdi__needs_dir_fd(target);
    DIR *stream = is_plain ? open_plain(target.path) : open_other(target);
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
    DIR *stream = open_directory_stream(target);
    if (!stream)
        return NULL;
    fdi_dir *dir = calloc(1, sizeof *dir);
    if (!dir) {
        (void)close_directory_stream(stream);
        errno = ENOMEM;
        return NULL;
    }
    dir->stream = stream;
    errno = saved_errno;
    return dir;
}

/* readdir returns NULL both at the end and on error; only errno differs. */
static const struct dirent *next_entry(DIR *stream)
{
    const struct dirent *next;
    do {
        errno = 0;
        next = readdir(stream);
    } while (next ? fdi__is_dots(next->d_name) : errno == EINTR);
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
    const struct dirent *next = next_entry(dir->stream);
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
