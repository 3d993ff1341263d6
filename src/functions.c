/* SPDX-License-Identifier: MIT
 * The table of functions. Each row contains the name, the accepted target forms and the flags. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

#define NAME_ONLY  true, false
#define NAME_OR_FD true, true
#define NO_TARGET  false, false

enum {
    SPAWN_FLAGS = FDI_SPAWN_SEARCH | FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_NEW_SESSION |
                  FDI_SPAWN_NEW_GROUP | FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NO_STDIO |
                  FDI_SPAWN_NO_WINDOW
};

const struct fdi__row fdi__rows[] = {
    [FDI_FN_ACCESS] = {"access", NAME_OR_FD, FDI_NOFOLLOW | FDI_EFFECTIVE_IDS},
    [FDI_FN_CHDIR] = {"chdir", NAME_OR_FD, 0},
    [FDI_FN_CHFLAGS] = {"chflags", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_CHMOD] = {"chmod", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_CHOWN] = {"chown", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_EXECVE] = {"execve", NAME_OR_FD, 0},
    [FDI_FN_GETXATTR] = {"getxattr", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_SETXATTR] = {"setxattr", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_LISTXATTR] = {"listxattr", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_REMOVEXATTR] = {"removexattr", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_LINK] = {"link", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_MKDIR] = {"mkdir", NAME_ONLY, 0},
    [FDI_FN_MKFIFO] = {"mkfifo", NAME_ONLY, 0},
    [FDI_FN_MKNOD] = {"mknod", NAME_ONLY, 0},
    [FDI_FN_OPEN] = {"open", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_PATHCONF] = {"pathconf", NAME_OR_FD, 0},
    [FDI_FN_READLINK] = {"readlink", NAME_OR_FD, 0},
    [FDI_FN_RENAME] = {"rename", NAME_ONLY, 0},
    [FDI_FN_RMDIR] = {"rmdir", NAME_ONLY, 0},
    [FDI_FN_OPENDIR] = {"opendir", NAME_OR_FD, 0},
    [FDI_FN_STAT] = {"stat", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_STATVFS] = {"statvfs", NAME_OR_FD, 0},
    [FDI_FN_SYMLINK] = {"symlink", NAME_ONLY, FDI_TARGET_IS_DIRECTORY},
    [FDI_FN_TRUNCATE] = {"truncate", NAME_OR_FD, 0},
    [FDI_FN_UNLINK] = {"unlink", NAME_ONLY, 0},
    [FDI_FN_UTIME] = {"utime", NAME_OR_FD, FDI_NOFOLLOW},
    [FDI_FN_FOPEN] = {"fopen", NAME_OR_FD, FDI_ABOVE_STDIO},
    [FDI_FN_MKSTEMP] = {"mkstemp", NAME_OR_FD, 0},
    [FDI_FN_SPAWN] = {"spawn", NAME_OR_FD, SPAWN_FLAGS},
    [FDI_FN_OPENPTY] = {"openpty", NO_TARGET, FDI_ABOVE_STDIO},
    [FDI_FN_MEMFD_CREATE] = {"memfd_create", NO_TARGET, 0},
    [FDI_FN_EVENTFD] = {"eventfd", NO_TARGET, 0},
    [FDI_FN_EPOLL_CREATE] = {"epoll_create", NO_TARGET, 0},
    [FDI_FN_KQUEUE] = {"kqueue", NO_TARGET, 0},
    [FDI_FN_RECV_FDS] = {"recv_fds", NO_TARGET, FDI_ABOVE_STDIO},
};

static bool is_function(fdi_function function)
{
    return (unsigned)function < sizeof fdi__rows / sizeof fdi__rows[0];
}

static bool takes_form(const struct fdi__row *row, fdi_form form)
{
    switch (form) {
    case FDI_FORM_PATH:
        return true;
    case FDI_FORM_DIR_FD:
        return row->target;
    case FDI_FORM_FD:
        return row->fd;
    default:
        return false;
    }
}

/* Returns the flags that have no meaning for this form. */
static unsigned path_flags(fdi_function function, fdi_form form)
{
    if (form == FDI_FORM_FD)
        return FDI_NOFOLLOW | FDI_SPAWN_SEARCH;
    return function == FDI_FN_SPAWN && form == FDI_FORM_DIR_FD ? FDI_SPAWN_SEARCH : 0;
}

static bool has_meaning(fdi_function function, fdi_form form, unsigned flags)
{
    const struct fdi__row *row = &fdi__rows[function];
    return takes_form(row, form) && !(flags & ~row->flags) && !(flags & path_flags(function, form));
}

bool fdi_supports(fdi_function function, fdi_form form, unsigned flags)
{
    if (!is_function(function) || !has_meaning(function, form, flags))
        return false;
    int saved_errno = errno;
    bool answer = fdi__os_supports(function, form, flags);
    errno = saved_errno;
    return answer;
}

const char *fdi_function_name(fdi_function function)
{
    return is_function(function) ? fdi__rows[function].name : NULL;
}
