/* SPDX-License-Identifier: MIT
 * Directories: changing to one and reading one. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

int fdi_chdir(fdi_target target)
{
    if (fdi__check(FDI_FN_CHDIR, target, 0) < 0)
        return -1;
    return fdi__os_chdir(target);
}

fdi_dir *fdi_opendir(fdi_target target)
{
    if (fdi__check(FDI_FN_OPENDIR, target, 0) < 0)
        return NULL;
    return fdi__os_opendir(target);
}

int fdi_readdir(fdi_dir *dir, const fdi_dirent **entry)
{
    if (!dir || !entry)
        return fdi__fail(EINVAL);
    return fdi__os_readdir(dir, entry);
}

int fdi_closedir(fdi_dir *dir)
{
    if (!dir)
        return fdi__fail(EINVAL);
    return fdi__os_closedir(dir);
}
