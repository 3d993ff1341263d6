/* SPDX-License-Identifier: MIT
 * Replaces this process with a program below a directory fd or of an fd, on Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if FDI__CALLS_BY_NUMBER

static bool is_closed_by_exec(int fd)
{
    return fdi__fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

/* O_NOATIME preserves the access time. Only the file's owner may use it. */
static int open_to_look(int fd)
{
    const int oflags = O_RDONLY | O_NOCTTY | O_CLOEXEC;
    const struct fdi__procfs_path path = fdi__procfs_path(fd);
    int file = fdi__openat(AT_FDCWD, path.text, oflags | O_NOATIME, 0);
    if (file < 0 && errno == EPERM)
        file = fdi__openat(AT_FDCWD, path.text, oflags, 0);
    return file;
}

static bool is_script(int fd)
{
    struct fdi_stat status;
    char start[2];
    if (fdi__os_stat((fdi_target){NULL, fd, FDI_FORM_FD}, &status, 0) < 0 ||
        !S_ISREG(status.mode) || !(status.mode & 0111))
        return false; /* exec would fail, so the file is not read */
    int file = open_to_look(fd);
    if (file < 0)
        return false;
    bool answer = syscall(SYS_read, file, start, 2) == 2 && start[0] == '#' && start[1] == '!';
    return fdi__close_keep_errno(file, answer);
}

/* Executes a file by its procfs path. The interpreter of a script cannot open that path if exec
 * closes the fd. execveat reports this case while the old program still runs. execve does not,
 * so it is detected here. */
static int exec_by_proc(fdi_target target, char *const *argv, char *const *envp)
{
    int fd = target.path ? fdi__open_path(target, 0) : target.fd;
    int result;
    if (fd < 0)
        return -1;
    if (is_closed_by_exec(fd) && is_script(fd))
        result = fdi__fail(is_closed_by_exec(target.fd) ? ENOENT : ENOTSUP);
    else
        result = fdi__procfs_result(fd, execve(fdi__procfs_path(fd).text, argv, envp));
    return target.path ? fdi__close_keep_errno(fd, result) : result;
}

int fdi__exec_indirectly(fdi_target target, char *const *argv, char *const *envp)
{
    int directory = target.fd;
    const char *path = target.path ? target.path : "";
    (void)syscall(FDI__SYS_EXECVEAT, directory, path, argv, envp, target.path ? 0 : AT_EMPTY_PATH);
    return fdi__was_refused(FDI__SYS_EXECVEAT) ? exec_by_proc(target, argv, envp) : -1;
}

#endif
