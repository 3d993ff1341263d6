/* SPDX-License-Identifier: MIT
 * Becoming a program. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

extern char **environ;

#if defined(FDI__BY_NUMBER)

static int exec_by_proc(fdi_target target, char *const *argv, char *const *envp)
{
    int fd = target.path ? fdi__reach(target, 0) : target.fd;
    if (fd < 0)
        return -1;
    int result = fdi__by_proc(fd, execve(fdi__proc_name(fd).text, argv, envp));
    return target.path ? fdi__leave(fd, result) : result;
}

static int exec_elsewhere(fdi_target target, char *const *argv, char *const *envp)
{
    int directory = target.path ? target.dir_fd : target.fd;
    const char *path = target.path ? target.path : "";
    (void)syscall(SYS_execveat, directory, path, argv, envp, target.path ? 0 : AT_EMPTY_PATH);
    return fdi__was_refused(SYS_execveat) ? exec_by_proc(target, argv, envp) : -1;
}

#elif !defined(__APPLE__)

static int exec_elsewhere(fdi_target target, char *const *argv, char *const *envp)
{
    return target.path ? fdi__fail(ENOTSUP) : fexecve(target.fd, argv, envp);
}

#else

static int exec_elsewhere(fdi_target target, char *const *argv, char *const *envp)
{
    (void)target;
    (void)argv;
    (void)envp;
    return fdi__fail(ENOTSUP);
}

#endif

int fdi__os_execve(fdi_target target, char *const *argv, char *const *envp)
{
    if (!envp)
        envp = environ;
    if (!target.path || fdi__is_relative(target))
        return exec_elsewhere(target, argv, envp);
    return execve(target.path, argv, envp);
}
