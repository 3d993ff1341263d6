/* SPDX-License-Identifier: MIT
 * Indirect access to a file, for targets that the direct call does not accept. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"

#include <string.h>

struct fdi__procfs_path fdi__procfs_path(int fd)
{
    struct fdi__procfs_path name = {"/proc/self/fd/"};
    char digits[12];
    size_t count = 0;
    size_t length = strlen(name.text);
    do
        digits[count++] = (char)('0' + fd % 10);
    while ((fd /= 10) > 0);
    while (count > 0)
        name.text[length++] = digits[--count];
    return name;
}

/* Reports whether procfs is mounted. It uses access, because faccessat in newer C libraries
 * makes a system call that a sandbox may block. */
bool fdi__has_procfs(void)
{
    return access("/proc/self/fd", F_OK) == 0;
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

int fdi__close_keep_errno(int fd, int result)
{
    fdi__close(fd);
    return result;
}

#if defined(FDI__BY_NUMBER)

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
