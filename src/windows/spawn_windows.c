/* SPDX-License-Identifier: MIT
 * Programs. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"

int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    (void)process;
    (void)options;
    return fdi__fail(ENOTSUP);
}

int fdi__os_wait(fdi_process process, int milliseconds, int *status)
{
    (void)process;
    (void)milliseconds;
    (void)status;
    return fdi__fail(ENOTSUP);
}

int64_t fdi__os_process_id(fdi_process process)
{
    (void)process;
    return fdi__fail(ENOTSUP);
}
