/* SPDX-License-Identifier: MIT
 * Directories: changing to one and reading one. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "sanitizer.h"

#include <dirent.h>
#include <stdlib.h>

/* ---- changing to one ----------------------------------------------------------------------- */

int fdi__os_chdir(fdi_target target)
{
    int result;
    if (!target.path) {
        FDI__RETRY(result, fchdir(target.fd));
        return result;
    }
    if (!fdi__needs_dir_fd(target)) {
        FDI__RETRY(result, chdir(target.path));
        return result;
    }
    int fd = fdi__openat(target.fd, target.path, FDI__O_ONLY_DIRECTORY, 0);
    if (fd < 0)
        return -1;
    FDI__RETRY(result, fchdir(fd));
    return fdi__close_keep_errno(fd, result);
}

/* ---- reading one --------------------------------------------------------------------------- */

/* The two entries alternate, so that AddressSanitizer detects the use of an entry after the next
 * call. */
struct fdi_dir {
    DIR *stream;
    fdi_dirent entries[2];
    int turn;
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

/* An fd is reopened, so that its position is not shared. Opening "." fails in a directory that
 * is readable but not searchable. Its procfs path still works. */
static int open_directory(fdi_target target)
{
    const int oflags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
    if (target.path)
        return fdi__openat(target.fd, target.path, oflags, 0);
    int fd = fdi__openat(target.fd, ".", oflags, 0);
    if (fd < 0 && errno == EACCES) {
        fd = fdi__openat(AT_FDCWD, fdi__procfs_path(target.fd).text, oflags, 0);
        fd = fdi__procfs_result(target.fd, fd);
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

/* Poisons the previous entry, so that AddressSanitizer reports a use of it. */
static fdi_dirent *next_entry(fdi_dir *dir)
{
    ASAN_POISON_MEMORY_REGION(&dir->entries[dir->turn], sizeof dir->entries[0]);
    dir->turn = !dir->turn;
    ASAN_UNPOISON_MEMORY_REGION(&dir->entries[dir->turn], sizeof dir->entries[0]);
    return &dir->entries[dir->turn];
}

/* readdir returns NULL both at the end and on error; only errno differs. */
int fdi__os_readdir(fdi_dir *dir, const fdi_dirent **entry)
{
    int saved_errno = errno;
    const struct dirent *next;
    fdi_dirent *own = next_entry(dir);
    errno = 0;
    do
        next = readdir(dir->stream);
    while (next && is_dots(next->d_name));
    if (!next)
        return errno ? -1 : fdi__restore_errno(saved_errno, 0);
    *own = (fdi_dirent){next->d_name, next->d_ino, type_of(next)};
    *entry = own;
    return fdi__restore_errno(saved_errno, 1);
}

int fdi__os_closedir(fdi_dir *dir)
{
    int result = close_directory_stream(dir->stream);
    int saved_errno = errno;
    free(dir);
    return fdi__restore_errno(saved_errno, result);
}
