/* SPDX-License-Identifier: MIT
 * Indirect access to a file, for targets that the direct call does not accept. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"

#include <string.h>

#if FDI__HAS_PROCFS

#include <sys/vfs.h>

enum { PROCFS = 0x9fa0 }; /* PROC_SUPER_MAGIC */

static bool is_procfs(const char *path)
{
    struct statfs filesystem;
    int result;
    FDI__RETRY(result, statfs(path, &filesystem));
    return result == 0 && (long)filesystem.f_type == PROCFS;
}

/* A thread may have a descriptor table of its own, and the main thread may have ended. Only kernels
 * before Linux 3.17 lack "thread-self". */
const char *fdi__procfs_directory(void)
{
    static const char own[] = "/proc/thread-self/fd";
    static const char shared[] = "/proc/self/fd";
    int saved_errno = errno;
    const char *found = NULL;
    errno = 0;
    if (is_procfs(own))
        found = own;
    else if (errno == ENOENT && is_procfs(shared))
        found = shared;
    errno = saved_errno;
    return found;
}

#else

const char *fdi__procfs_directory(void)
{
    return NULL;
}

#endif

bool fdi__has_procfs(void)
{
    return fdi__procfs_directory() != NULL;
}

static void write_number(char *text, int number)
{
    char digits[12];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *text++ = digits[--count];
}

struct fdi__procfs_path fdi__procfs_path(int fd)
{
    struct fdi__procfs_path name = {""};
    const char *directory = fdi__procfs_directory();
    if (directory) {
        size_t length = strlen(directory);
        memcpy(name.text, directory, length);
        name.text[length++] = '/';
        write_number(name.text + length, fd);
    }
    return name;
}

int fdi__procfs_result(int fd, int result)
{
    if (result >= 0 || (errno != ENOENT && errno != ENOTDIR))
        return result;
    int error = errno;
    if (fdi__fcntl(fd, F_GETFD) < 0)
        return -1;
    return fdi__fail(fdi__has_procfs() ? error : ENOTSUP);
}

int fdi__open_path(fdi_target target, unsigned flags)
{
    int nofollow = flags & FDI_NOFOLLOW ? FDI__O_SYMLINK_ITSELF : 0;
    return fdi__openat(target.fd, target.path, FDI__O_ONLY_PATH | nofollow, 0);
}

int fdi__open_mounted(fdi_target target)
{
    int saved_errno = errno;
    int fd = fdi__openat(target.fd, target.path, FDI__O_ONLY_DIRECTORY, 0);
    if (fd < 0 && errno == ENOTDIR)
        fd = fdi__restore_errno_on_success(saved_errno, fdi__open_path(target, 0));
    return fd;
}

int fdi__close_keep_errno(int fd, int result)
{
    fdi__close(fd);
    return result;
}

#if FDI__CALLS_BY_NUMBER

/* Reports whether the call exists. These arguments make every call fail, so ENOSYS or EPERM
 * means that it is missing or blocked. */
bool fdi__has_call(long number)
{
    (void)syscall(number, -1, "", 0, 0, 0, 0);
    return errno != ENOSYS && errno != EPERM;
}

bool fdi__was_refused(long number)
{
    if (errno != EPERM)
        return errno == ENOSYS;
    bool refused = !fdi__has_call(number);
    return fdi__restore_errno(EPERM, refused);
}

#endif
