/* SPDX-License-Identifier: MIT
 * Replaces this process with a program. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

int fdi__os_execve(fdi_target target, char *const *argv, char *const *envp)
{
    if (!envp)
        envp = environ;
    if (!target.path || fdi__needs_dir_fd(target))
        return fdi__exec_indirectly(target, argv, envp);
    return execve(target.path, argv, envp);
}
