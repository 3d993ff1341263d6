/* SPDX-License-Identifier: MIT
 * The one table: the name of each operation, whether it acts on an fd, and its flags. Every one of
 * them takes a dir_fd. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

const struct fdi__row fdi__rows[FDI_FUNCTION_COUNT] = {
    [FDI_FN_ACCESS] = {"access", true, FDI_NOFOLLOW | FDI_EFFECTIVE_IDS},
    [FDI_FN_CHDIR] = {"chdir", true, 0},
    [FDI_FN_CHFLAGS] = {"chflags", true, FDI_NOFOLLOW},
    [FDI_FN_CHMOD] = {"chmod", true, FDI_NOFOLLOW},
    [FDI_FN_CHOWN] = {"chown", true, FDI_NOFOLLOW},
    [FDI_FN_EXECVE] = {"execve", true, 0},
    [FDI_FN_GETXATTR] = {"getxattr", true, FDI_NOFOLLOW},
    [FDI_FN_SETXATTR] = {"setxattr", true, FDI_NOFOLLOW},
    [FDI_FN_LISTXATTR] = {"listxattr", true, FDI_NOFOLLOW},
    [FDI_FN_REMOVEXATTR] = {"removexattr", true, FDI_NOFOLLOW},
    [FDI_FN_LINK] = {"link", true, FDI_NOFOLLOW},
    [FDI_FN_MKDIR] = {"mkdir", false, 0},
    [FDI_FN_MKFIFO] = {"mkfifo", false, 0},
    [FDI_FN_MKNOD] = {"mknod", false, 0},
    [FDI_FN_OPEN] = {"open", true, FDI_NOFOLLOW},
    [FDI_FN_PATHCONF] = {"pathconf", true, 0},
    [FDI_FN_READLINK] = {"readlink", true, 0},
    [FDI_FN_RENAME] = {"rename", false, 0},
    [FDI_FN_REPLACE] = {"replace", false, 0},
    [FDI_FN_RMDIR] = {"rmdir", false, 0},
    [FDI_FN_OPENDIR] = {"opendir", true, 0},
    [FDI_FN_STAT] = {"stat", true, FDI_NOFOLLOW},
    [FDI_FN_STATVFS] = {"statvfs", true, 0},
    [FDI_FN_SYMLINK] = {"symlink", false, FDI_TARGET_IS_DIRECTORY},
    [FDI_FN_TRUNCATE] = {"truncate", true, 0},
    [FDI_FN_UNLINK] = {"unlink", false, 0},
    [FDI_FN_UTIME] = {"utime", true, FDI_NOFOLLOW},
};

static bool is_function(fdi_function function)
{
    return (unsigned)function < FDI_FUNCTION_COUNT;
}

static bool system_supports(fdi_function function, enum fdi__form form)
{
    int saved_errno = errno;
    return fdi__kept(saved_errno, fdi__os_supports(function, form));
}

static bool supports_flag(fdi_function function, unsigned flag, enum fdi__form form)
{
    return is_function(function) && (fdi__rows[function].flags & flag) &&
           system_supports(function, form);
}

bool fdi_supports_fd(fdi_function function)
{
    return is_function(function) && fdi__rows[function].fd && system_supports(function, FDI__FD);
}

bool fdi_supports_dir_fd(fdi_function function)
{
    return is_function(function) && system_supports(function, FDI__DIR_FD);
}

bool fdi_supports_follow_symlinks(fdi_function function)
{
    return supports_flag(function, FDI_NOFOLLOW, FDI__NOFOLLOW);
}

bool fdi_supports_effective_ids(fdi_function function)
{
    return supports_flag(function, FDI_EFFECTIVE_IDS, FDI__EFFECTIVE_IDS);
}

const char *fdi_function_name(fdi_function function)
{
    return is_function(function) ? fdi__rows[function].name : NULL;
}
