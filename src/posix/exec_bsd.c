/* SPDX-License-Identifier: MIT
 * Replaces this process with the program of an fd, on every system but Linux. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if !FDI__CALLS_BY_NUMBER

#if FDI__HAS_FEXECVE

int fdi__exec_indirectly(fdi_target target, char *const *argv, char *const *envp)
{
    return target.path ? fdi__fail(ENOTSUP) : fexecve(target.fd, argv, envp);
}

#else

int fdi__exec_indirectly(fdi_target target, char *const *argv, char *const *envp)
{
    (void)target;
    (void)argv;
    (void)envp;
    return fdi__fail(ENOTSUP);
}

#endif
#endif
