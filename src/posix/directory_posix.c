/* SPDX-License-Identifier: MIT
 * Directories: changing to one, and opening one. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "directory.h"
#include "posix.h"
#include "sanitizer.h"

#include <dirent.h>

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

/* Opening "." fails in a directory that is readable but not searchable. Its procfs path still
 * works. */
int fdi__open_directory(fdi_target target)
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

int fdi__duplicate_directory(fdi_target target)
{
    int error = errno;
    bool is_forbidden = error == EACCES || error == EPERM || error == ENOTSUP;
    if (target.path || !is_forbidden || lseek(target.fd, 0, SEEK_CUR) < 0)
        return fdi__fail(error);
    int fd = fdi__os_dup(target.fd, 0, false);
    return fd < 0 ? fdi__fail(error) : fd;
}

#if defined(DT_UNKNOWN)

static int type_of_entry(int d_type)
{
    switch (d_type) {
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

static int type_of_entry(int d_type)
{
    (void)d_type;
    return FDI_TYPE_UNKNOWN;
}

#endif

void fdi__expire_entry(struct fdi__entries *entries)
{
    ASAN_POISON_MEMORY_REGION(&entries->entries[entries->turn], sizeof entries->entries[0]);
}

const fdi_dirent *fdi__store_entry(struct fdi__entries *entries, const char *name, uint64_t ino,
                                   int d_type)
{
    entries->turn = !entries->turn;
    fdi_dirent *entry = &entries->entries[entries->turn];
    ASAN_UNPOISON_MEMORY_REGION(entry, sizeof *entry);
    *entry = (fdi_dirent){name, ino, type_of_entry(d_type)};
    return entry;
}
