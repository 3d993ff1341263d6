/* SPDX-License-Identifier: MIT
 * Programs: becoming one. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

int fdi_execve(fdi_target target, char *const argv[], char *const envp[])
{
    if (fdi__check(FDI_FN_EXECVE, target, 0) < 0)
        return -1;
    if (!argv || !argv[0])
        return fdi__fail(EINVAL);
    return fdi__os_execve(target, argv, envp);
}
