/* SPDX-License-Identifier: MIT
 * Creates descriptors with FD_CLOEXEC set. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#include <stdlib.h>

/* ---- files --------------------------------------------------------------------------------- */

/* Reopens the file of `fd`. A procfs path works for every file. Without procfs, only a directory
 * can be reopened. */
static int open_again(int fd, int oflags, unsigned mode)
{
    int saved_errno = errno;
    int again;
    FDI__RETRY(again, open(fdi__procfs_path(fd).text, oflags, mode));
    again = fdi__procfs_result(fd, again);
    if (again >= 0 || errno != ENOTSUP || fdi__has_procfs())
        return again;
    FDI__RETRY(again, openat(fd, ".", oflags, mode));
    if (again < 0 && errno == ENOTDIR)
        return fdi__fail(ENOTSUP);
    return fdi__restore_errno_on_success(saved_errno, again);
}

/* Removes a new file after a later step failed. O_CREAT with O_EXCL proves that this call created
 * it. */
static void undo_create(fdi_target target, int oflags)
{
    int saved_errno = errno;
    if (target.path && (oflags & O_CREAT) && (oflags & O_EXCL))
        (void)unlinkat(target.fd, target.path, 0);
    errno = saved_errno;
}

int fdi__os_open(fdi_target target, int oflags, unsigned mode)
{
    int fd;
    if (oflags & ~FDI__OFLAGS)
        return fdi__fail(EINVAL);
    if (!target.path)
        return fdi__ensure_cloexec(open_again(target.fd, oflags | O_CLOEXEC, mode));
    FDI__RETRY(fd, openat(target.fd, target.path, oflags | O_CLOEXEC, mode));
    if (fd < 0 || fdi__ensure_cloexec(fd) >= 0)
        return fd;
    undo_create(target, oflags);
    return -1;
}

FILE *fdi__os_fdopen(int fd, const char *mode)
{
    int saved_errno = errno;
    FILE *stream = fdopen(fd, mode);
    if (stream)
        errno = saved_errno;
    return stream;
}

static FILE *open_stream(fdi_target target, int oflags, const char *mode)
{
    int fd = fdi__os_open(target, oflags, 0666);
    FILE *stream = fd < 0 ? NULL : fdi__os_fdopen(fd, mode);
    if (fd >= 0 && !stream) {
        fdi__os_discard(fd);
        undo_create(target, oflags);
    }
    return stream;
}

/* Opens the stream with one call. fdopen in glibc would ask the kernel for flags that the mode
 * already contains. */
static FILE *open_plain_stream(const char *path, int oflags, const char *mode)
{
    char extended[8];
    size_t length = 0;
    for (; mode[length]; length++)
        extended[length] = mode[length];
    extended[length++] = 'e';
    if (oflags & O_EXCL)
        extended[length++] = 'x';
    extended[length] = '\0';
    FILE *stream;
    FDI__RETRY_FAILURE(stream, NULL, fopen(path, extended));
    return stream;
}

static FILE *open_any_stream(fdi_target target, int oflags, const char *mode)
{
    if (FDI__FOPEN_TAKES_FLAGS && target.path && !fdi__needs_dir_fd(target))
        return open_plain_stream(target.path, oflags, mode);
    return open_stream(target, oflags, mode);
}

FILE *fdi__os_fopen(fdi_target target, int oflags, const char *mode)
{
    int state = fdi__os_cancel_off();
    FILE *stream = open_any_stream(target, oflags, mode);
    fdi__os_cancel_restore(state);
    return stream;
}

/* ---- duplicates and pipes ------------------------------------------------------------------ */

int fdi__os_dup(int fd, int lowest, bool inheritable)
{
    if (inheritable)
        return fdi__fcntl(fd, F_DUPFD, lowest);
    return fdi__ensure_cloexec(fdi__fcntl(fd, F_DUPFD_CLOEXEC, lowest));
}

#if FDI__HAS_ATOMIC_CALLS

/* Nothing follows dup3, so that the compiler can emit a tail call. Another return costs 7% of
 * the call. */
static int replace_marked(int fd, int fd2)
{
    return dup3(fd, fd2, O_CLOEXEC);
}

int fdi__os_pipe(int *fds, unsigned flags)
{
    int pipe_flags = O_CLOEXEC | (flags & FDI_NONBLOCK ? O_NONBLOCK : 0);
    return fdi__ensure_cloexec_two(fdi__enosys_to_enotsup(pipe2(fds, pipe_flags)), fds);
}

#else

/* Restores `fd2` after its FD_CLOEXEC could not be set, or closes it if it was closed before. */
static void put_back(int fd2, int former, bool inheritable)
{
    if (former < 0)
        fdi__close(fd2);
    else {
        (void)dup2(former, fd2);
        (void)fdi__os_set_inheritable(fd2, inheritable);
    }
}

static int replace_and_mark(int fd, int fd2)
{
    int inheritable = fdi__os_get_inheritable(fd2);
    int former = inheritable < 0 ? -1 : fdi__fcntl(fd2, F_DUPFD_CLOEXEC, 0);
    if (inheritable >= 0 && former < 0)
        return -1;
    int result = dup2(fd, fd2);
    if (result >= 0 && fdi__os_set_inheritable(fd2, false) < 0) {
        int error = errno;
        put_back(fd2, former, inheritable == 1);
        result = fdi__fail(error);
    }
    return former < 0 ? result : fdi__close_keep_errno(former, result);
}

static int replace_marked(int fd, int fd2)
{
    struct fdi__fork_lock held;
    int saved_errno = errno;
    if (fdi__fork_lock_acquire(&held) < 0)
        return -1;
    int result = fdi__restore_errno_on_success(saved_errno, replace_and_mark(fd, fd2));
    fdi__fork_lock_release(&held);
    return result;
}

int fdi__os_pipe(int *fds, unsigned flags)
{
    struct fdi__fork_lock held;
    if (fdi__fork_lock_acquire(&held) < 0)
        return -1;
    int result = fdi__set_cloexec_or_close_two(pipe(fds), fds);
    fdi__fork_lock_release(&held);
    return fdi__nonblock_two(result, fds, flags);
}

#endif

static int set_itself(int fd, bool inheritable)
{
    return fdi__os_set_inheritable(fd, inheritable) < 0 ? -1 : fd;
}

/* Returns EINTR to the caller. A retry could overwrite a descriptor that another thread opened
 * meanwhile. */
int fdi__os_dup2(int fd, int fd2, bool inheritable)
{
    if (fd == fd2)
        return set_itself(fd, inheritable);
    return inheritable ? dup2(fd, fd2) : replace_marked(fd, fd2);
}
