/* SPDX-License-Identifier: MIT
 * Special files on macOS. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#if defined(__APPLE__)

#include <dlfcn.h>
#include <string.h>

/* Returns true if the function exists. macOS 13 introduced mkfifoat and mknodat. The program may
 * run on an older release or be built with older headers. */
static bool find_call(const char *name, void *call, size_t size)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    memcpy(call, &address, size);
    return address != NULL;
}

bool fdi__makes_special_files_at(void)
{
    return dlsym(RTLD_DEFAULT, "mkfifoat") && dlsym(RTLD_DEFAULT, "mknodat");
}

int fdi__os_mkfifo(fdi_target target, unsigned mode)
{
    int (*call)(int, const char *, mode_t);
    if (!fdi__needs_dir_fd(target))
        return mkfifo(target.path, (mode_t)mode);
    if (!find_call("mkfifoat", &call, sizeof call))
        return fdi__fail(ENOTSUP);
    return call(target.fd, target.path, (mode_t)mode);
}

int fdi__os_mknod(fdi_target target, unsigned mode, uint64_t device)
{
    int (*call)(int, const char *, mode_t, dev_t);
    if ((uint64_t)(dev_t)device != device)
        return fdi__fail(EINVAL);
    if (!fdi__needs_dir_fd(target))
        return mknod(target.path, (mode_t)mode, (dev_t)device);
    if (!find_call("mknodat", &call, sizeof call))
        return fdi__fail(ENOTSUP);
    return call(target.fd, target.path, (mode_t)mode, (dev_t)device);
}

#endif
