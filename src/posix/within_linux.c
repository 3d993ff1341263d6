/* SPDX-License-Identifier: MIT
 * Confined targets on Linux: openat2, and the symlinks that the kernel does not follow. */
#include "../platform.h"
#include "../result.h"
#include "../within.h"
#include "lookup.h"
#include "posix.h"

#if defined(__linux__)

#include <limits.h>
#include <string.h>
#include <sys/vfs.h>

/* ---- one call ------------------------------------------------------------------------------ */

#if FDI__CALLS_BY_NUMBER

/* The kernel's struct open_how and its RESOLVE_ constants. */
struct open_how {
    uint64_t flags;
    uint64_t mode;
    uint64_t resolve;
};

enum { RESOLVE_NO_SYMLINKS = 0x04, RESOLVE_BENEATH = 0x08, RESOLVE_IN_ROOT = 0x10 };

/* A rename anywhere in the system can make the kernel answer EAGAIN. */
enum { TRIES_OF_OPENAT2 = 64 };

static uint64_t resolve_of(unsigned form)
{
    uint64_t limit = form & FDI_NO_SYMLINKS ? RESOLVE_NO_SYMLINKS : 0;
    bool is_beneath = (form & ~(unsigned)FDI_NO_SYMLINKS) == FDI_FORM_BENEATH;
    return limit | (is_beneath ? RESOLVE_BENEATH : RESOLVE_IN_ROOT);
}

static int open_path(const struct fdi__goal *goal, const char *path)
{
    int large = goal->oflags & O_PATH ? 0 : O_LARGEFILE;
    const struct open_how how = {(unsigned)(goal->oflags | large), goal->mode,
                                 resolve_of(goal->target.form)};
    int saved_errno = errno;
    long fd;
    for (int tries = 0; tries < TRIES_OF_OPENAT2; tries++) {
        FDI__RETRY(fd, syscall(FDI__SYS_OPENAT2, goal->target.fd, path, &how, sizeof how));
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fdi__restore_errno_on_success(saved_errno, (int)fd);
}

static int open_part(const struct fdi__goal *goal)
{
    char path[PATH_MAX];
    memcpy(path, goal->target.path, goal->length);
    path[goal->length] = '\0';
    return open_path(goal, path);
}

int fdi__open_by_kernel(const struct fdi__goal *goal)
{
    bool is_whole = !goal->target.path[goal->length];
    return is_whole ? open_path(goal, goal->target.path) : open_part(goal);
}

#else

int fdi__open_by_kernel(const struct fdi__goal *goal)
{
    (void)goal;
    return fdi__fail(ENOSYS);
}

#endif

/* ---- symlinks ------------------------------------------------------------------------------ */

enum { NO_SYMLINK_MOUNT = 0x2000, PROCFS_MAGIC = 0x9fa0 }; /* ST_NOSYMFOLLOW, PROC_SUPER_MAGIC */

/* Reports whether fs.protected_symlinks is on. Without /proc it counts as on, which is the safe
 * answer. */
static bool is_protection_on(void)
{
    char value = '1';
    int fd = fdi__openat(AT_FDCWD, "/proc/sys/fs/protected_symlinks", O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0) {
        (void)!syscall(SYS_read, fd, &value, sizeof value);
        fdi__close(fd);
    }
    return value != '0';
}

/* In a sticky directory that everybody may write to, the kernel follows a final symlink only for
 * its owner, or if it belongs to the directory's owner. */
static bool is_protected(const struct fdi__link *link)
{
    struct stat directory, own;
    const mode_t shared = S_ISVTX | S_IWOTH;
    if (!link->is_final || fstat(link->directory, &directory) < 0 ||
        (directory.st_mode & shared) != shared || fstat(link->link, &own) < 0)
        return false;
    return own.st_uid != geteuid() && own.st_uid != directory.st_uid && is_protection_on();
}

/* The text of a magic link of procfs is no path. Plain links there have relative texts of letters
 * and slashes. */
static bool is_magic(const struct fdi__link *link)
{
    size_t length = (size_t)link->length;
    return link->text[0] == '/' || link->text[0] == '(' || memchr(link->text, ':', length);
}

int fdi__check_link(const struct fdi__link *link)
{
    int error = errno;
    struct statfs filesystem;
    if (fstatfs(link->link, &filesystem) < 0)
        return -1;
    if ((long)filesystem.f_flags & NO_SYMLINK_MOUNT)
        return fdi__fail(ELOOP);
    if (is_protected(link))
        return fdi__fail(EACCES);
    if (link->length < 0)
        return fdi__fail(error);
    return (long)filesystem.f_type == PROCFS_MAGIC && is_magic(link) ? fdi__fail(EXDEV) : 0;
}

#endif
