/* SPDX-License-Identifier: MIT
 * The stat family of glibc 2.17, which is linked into every program because the shared library lacks it.
 * zig's own replacements lose errno. */
#define _GNU_SOURCE 1
#include <sys/types.h>

struct stat;
enum { STAT_VERSION = 1, NODE_VERSION = 0 };
int __xstat64(int version, const char *path, struct stat *out);
int __lxstat64(int version, const char *path, struct stat *out);
int __fxstat64(int version, int fd, struct stat *out);
int __fxstatat64(int version, int directory, const char *path, struct stat *out, int flags);
int __xmknodat(int version, int directory, const char *path, mode_t mode, dev_t *device);

#define STAND_IN __attribute__((visibility("hidden")))

#define FAMILY(suffix)                                                                             \
    STAND_IN int stat##suffix(const char *path, struct stat *out)                                  \
    {                                                                                              \
        return __xstat64(STAT_VERSION, path, out);                                                 \
    }                                                                                              \
    STAND_IN int lstat##suffix(const char *path, struct stat *out)                                 \
    {                                                                                              \
        return __lxstat64(STAT_VERSION, path, out);                                                \
    }                                                                                              \
    STAND_IN int fstat##suffix(int fd, struct stat *out)                                           \
    {                                                                                              \
        return __fxstat64(STAT_VERSION, fd, out);                                                  \
    }                                                                                              \
    STAND_IN int fstatat##suffix(int directory, const char *path, struct stat *out, int flags)     \
    {                                                                                              \
        return __fxstatat64(STAT_VERSION, directory, path, out, flags);                            \
    }
FAMILY()
FAMILY(64)

STAND_IN int mknodat(int directory, const char *path, mode_t mode, dev_t device)
{
    return __xmknodat(NODE_VERSION, directory, path, mode, &device);
}
