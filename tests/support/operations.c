/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "operations.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the calls ----------------------------------------------------------------------------- */

#define CALL(name, expression)                                                                     \
    static int64_t call_##name(const struct arguments *with)                                       \
    {                                                                                              \
        return (int64_t)(expression);                                                              \
    }

CALL(access, fdi_access(with->target, with->number, with->flags))
CALL(chdir, fdi_chdir(with->target))
CALL(chflags, fdi_chflags(with->target, with->bsd_flags, with->flags))
CALL(chmod, fdi_chmod(with->target, with->mode, with->flags))
CALL(chown, fdi_chown(with->target, with->uid, with->gid, with->flags))
CALL(execve, fdi_execve(with->target, with->argv, NULL))
CALL(getxattr, fdi_getxattr(with->target, with->text, with->bytes, with->size, with->flags))
CALL(setxattr,
     fdi_setxattr(with->target, with->text, with->bytes, with->size, with->number, with->flags))
CALL(listxattr, fdi_listxattr(with->target, with->bytes, with->size, with->flags))
CALL(removexattr, fdi_removexattr(with->target, with->text, with->flags))
CALL(link, fdi_link(with->target, with->to, with->flags))
CALL(mkdir, fdi_mkdir(with->target, with->mode))
CALL(mkfifo, fdi_mkfifo(with->target, with->mode))
CALL(mknod, fdi_mknod(with->target, with->mode, with->device))
CALL(pathconf, fdi_pathconf(with->target, with->number))
CALL(readlink, fdi_readlink(with->target, with->bytes, with->size))
CALL(rename, fdi_rename(with->target, with->to, with->flags))
CALL(rmdir, fdi_rmdir(with->target))
CALL(stat, fdi_stat(with->target, with->status, with->flags))
CALL(statvfs, fdi_statvfs(with->target, with->filesystem))
CALL(symlink, fdi_symlink(with->text, with->target, with->flags))
CALL(truncate, fdi_truncate(with->target, with->length))
CALL(unlink, fdi_unlink(with->target))
CALL(utime, fdi_utime(with->target, with->times, with->flags))

static int64_t close_one(int fd)
{
    return fd < 0 ? -1 : close(fd);
}

static int64_t call_open(const struct arguments *with)
{
    int oflags = O_RDONLY;
#if defined(O_NOFOLLOW)
    oflags |= with->flags & FDI_NOFOLLOW ? O_NOFOLLOW : 0;
#elif defined(_WIN32)
    oflags |= with->flags & FDI_NOFOLLOW ? FDI_O_NOFOLLOW : 0;
#endif
    return close_one(fdi_open(with->target, oflags, 0));
}

static int64_t call_opendir(const struct arguments *with)
{
    fdi_dir *dir = fdi_opendir(with->target);
    return dir ? fdi_closedir(dir) : -1;
}

static int64_t call_fopen(const struct arguments *with)
{
    FILE *stream = fdi_fopen(with->target, "r", with->flags);
    return stream ? fclose(stream) : -1;
}

/* Removes the new file again. */
static int64_t call_mkstemp(const struct arguments *with)
{
    char name[] = "new-XXXXXX";
    int fd = fdi_mkstemp(with->target, name, 0, 0);
    if (fd < 0)
        return -1;
    int directory = fdi_open(with->target, O_RDONLY, 0);
    if (close(fd) < 0 || fdi_unlink(fdi_path_at(directory, name)) < 0)
        abort();
    return close(directory);
}

static int64_t call_spawn(const struct arguments *with)
{
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = with->target;
    options.argv = with->argv;
    options.flags = with->flags;
    return fdi_spawn(&process, &options) < 0 ? -1 : fdi_wait(&process, NULL, -1, 0);
}

static int64_t call_openpty(const struct arguments *with)
{
    int primary, secondary;
    if (fdi_openpty(&primary, &secondary, with->flags) < 0)
        return -1;
    return close(primary) | close(secondary);
}

static int64_t call_recv_fds(const struct arguments *with)
{
    size_t count = 0;
    return fdi_recv_fds((fdi_socket)with->target.fd, NULL, 0, NULL, &count, with->flags);
}

#define CREATE(name, expression)                                                                   \
    static int64_t call_##name(const struct arguments *with)                                       \
    {                                                                                              \
        (void)with;                                                                                \
        return close_one(expression);                                                              \
    }

CREATE(memfd_create, fdi_memfd_create("memory", 0))
CREATE(eventfd, fdi_eventfd(0, 0))
CREATE(epoll_create, fdi_epoll_create())
CREATE(kqueue, fdi_kqueue())

/* ---- the table ----------------------------------------------------------------------------- */

#define SPAWN_FLAGS                                                                                \
    (FDI_SPAWN_SEARCH | FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_NEW_SESSION | FDI_SPAWN_NEW_GROUP |       \
     FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NO_STDIO | FDI_SPAWN_NO_WINDOW)

#define ROW(NUMBER, name, targets, flags, systems, object, ...)                                    \
    {                                                                                              \
        FDI_FN_##NUMBER, #name, targets, flags, systems, object, call_##name,                      \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

const struct operation contract[] = {
    ROW(ACCESS, access, BY_NAME_OR_FD, FDI_NOFOLLOW | FDI_EFFECTIVE_IDS, EVERYWHERE, ON_FILE,
        TAKES_TARGET, TAKES_NUMBER, TAKES_FLAGS),
    ROW(CHDIR, chdir, BY_NAME_OR_FD, 0, EVERYWHERE, ON_DIRECTORY, TAKES_TARGET),
    ROW(CHFLAGS, chflags, BY_NAME_OR_FD, FDI_NOFOLLOW, WITH_BSD_FLAGS, ON_FILE, TAKES_TARGET,
        TAKES_BSD_FLAGS, TAKES_FLAGS),
    ROW(CHMOD, chmod, BY_NAME_OR_FD, FDI_NOFOLLOW, EVERYWHERE, ON_FILE, TAKES_TARGET, TAKES_MODE,
        TAKES_FLAGS),
    ROW(CHOWN, chown, BY_NAME_OR_FD, FDI_NOFOLLOW, POSIX_ONLY, ON_FILE, TAKES_TARGET, TAKES_UID,
        TAKES_GID, TAKES_FLAGS),
    ROW(EXECVE, execve, BY_NAME_OR_FD, 0, POSIX_ONLY, ON_FILE, TAKES_TARGET, TAKES_ARGV),
    ROW(GETXATTR, getxattr, BY_NAME_OR_FD, FDI_NOFOLLOW, WITH_XATTRS, ON_FILE, TAKES_TARGET,
        TAKES_TEXT, TAKES_BUFFER, TAKES_FLAGS),
    ROW(SETXATTR, setxattr, BY_NAME_OR_FD, FDI_NOFOLLOW, WITH_XATTRS, ON_FILE, TAKES_TARGET,
        TAKES_TEXT, TAKES_VALUE, TAKES_NUMBER, TAKES_FLAGS),
    ROW(LISTXATTR, listxattr, BY_NAME_OR_FD, FDI_NOFOLLOW, WITH_XATTRS, ON_FILE, TAKES_TARGET,
        TAKES_BUFFER, TAKES_FLAGS),
    ROW(REMOVEXATTR, removexattr, BY_NAME_OR_FD, FDI_NOFOLLOW, WITH_XATTRS, ON_FILE, TAKES_TARGET,
        TAKES_TEXT, TAKES_FLAGS),
    ROW(LINK, link, BY_NAME_OR_FD, FDI_NOFOLLOW, EVERYWHERE, ON_FILE, TAKES_FROM, TAKES_TO,
        TAKES_FLAGS),
    ROW(MKDIR, mkdir, BY_NAME, 0, EVERYWHERE, ON_NEW_NAME, TAKES_TARGET, TAKES_MODE),
    ROW(MKFIFO, mkfifo, BY_NAME, 0, POSIX_ONLY, ON_NEW_NAME, TAKES_TARGET, TAKES_MODE),
    ROW(MKNOD, mknod, BY_NAME, 0, POSIX_ONLY, ON_NEW_NAME, TAKES_TARGET, TAKES_MODE, TAKES_DEVICE),
    ROW(OPEN, open, BY_NAME_OR_FD, FDI_NOFOLLOW, EVERYWHERE, ON_FILE, TAKES_TARGET),
    ROW(PATHCONF, pathconf, BY_NAME_OR_FD, 0, POSIX_ONLY, ON_FILE, TAKES_TARGET, TAKES_NUMBER),
    ROW(READLINK, readlink, BY_NAME_OR_FD, 0, EVERYWHERE, ON_FILE, TAKES_TARGET, TAKES_BUFFER),
    ROW(RENAME, rename, BY_NAME, 0, EVERYWHERE, ON_FILE, TAKES_FROM, TAKES_TO, TAKES_FLAGS),
    ROW(RMDIR, rmdir, BY_NAME, 0, EVERYWHERE, ON_DIRECTORY, TAKES_TARGET),
    ROW(OPENDIR, opendir, BY_NAME_OR_FD, 0, EVERYWHERE, ON_DIRECTORY, TAKES_TARGET),
    ROW(STAT, stat, BY_NAME_OR_FD, FDI_NOFOLLOW, EVERYWHERE, ON_FILE, TAKES_TARGET, TAKES_STATUS,
        TAKES_FLAGS),
    ROW(STATVFS, statvfs, BY_NAME_OR_FD, 0, EVERYWHERE, ON_FILE, TAKES_TARGET, TAKES_FILESYSTEM),
    ROW(SYMLINK, symlink, BY_NAME, FDI_TARGET_IS_DIRECTORY, EVERYWHERE, ON_NEW_NAME, TAKES_TEXT,
        TAKES_LINK, TAKES_FLAGS),
    ROW(TRUNCATE, truncate, BY_NAME_OR_FD, 0, EVERYWHERE, ON_FILE, TAKES_TARGET, TAKES_LENGTH),
    ROW(UNLINK, unlink, BY_NAME, 0, EVERYWHERE, ON_FILE, TAKES_TARGET),
    ROW(UTIME, utime, BY_NAME_OR_FD, FDI_NOFOLLOW, EVERYWHERE, ON_FILE, TAKES_TARGET, TAKES_TIMES,
        TAKES_FLAGS),
    ROW(FOPEN, fopen, BY_NAME_OR_FD, FDI_ABOVE_STDIO, EVERYWHERE, ON_FILE, TAKES_TARGET,
        TAKES_FLAGS),
    ROW(MKSTEMP, mkstemp, BY_NAME_OR_FD, 0, EVERYWHERE, ON_DIRECTORY, TAKES_DIRECTORY),
    ROW(SPAWN, spawn, BY_NAME_OR_FD, SPAWN_FLAGS, EVERYWHERE, ON_FILE, TAKES_PROGRAM, TAKES_ARGV,
        TAKES_FLAGS),
    ROW(OPENPTY, openpty, NO_TARGET, FDI_ABOVE_STDIO, POSIX_ONLY, ON_NEW_NAME, TAKES_FLAGS),
    ROW(MEMFD_CREATE, memfd_create, NO_TARGET, 0, SOME_KERNELS, ON_NEW_NAME, TAKES_NO_MORE),
    ROW(EVENTFD, eventfd, NO_TARGET, 0, SOME_KERNELS, ON_NEW_NAME, TAKES_NO_MORE),
    ROW(EPOLL_CREATE, epoll_create, NO_TARGET, 0, SOME_KERNELS, ON_NEW_NAME, TAKES_NO_MORE),
    ROW(KQUEUE, kqueue, NO_TARGET, 0, SOME_KERNELS, ON_NEW_NAME, TAKES_NO_MORE),
    ROW(RECV_FDS, recv_fds, NO_TARGET, FDI_ABOVE_STDIO, POSIX_ONLY, ON_FILE, TAKES_FLAGS),
};

const int contract_size = sizeof contract / sizeof contract[0];

/* ---- queries ------------------------------------------------------------------------------- */

const struct operation *operation_of(fdi_function function)
{
    int number = (int)function;
    if (number >= 0 && number < contract_size && contract[number].function == function)
        return &contract[number];
    const char *name = fdi_function_name(function);
    (void)fprintf(stderr, "# operations.c has no row for %s\n", name ? name : "this number");
    abort();
}

bool takes_target(fdi_function function)
{
    return operation_of(function)->targets != NO_TARGET;
}

bool takes(const struct operation *operation, enum parameter parameter)
{
    for (int i = 0; i < PARAMETERS; i++)
        if (operation->parameters[i] == parameter)
            return true;
    return false;
}

bool takes_flags(fdi_function function)
{
    return takes(operation_of(function), TAKES_FLAGS);
}

#if defined(_WIN32)
enum { IS_POSIX = false };
#else
enum { IS_POSIX = true };
#endif

#if defined(UF_SETTABLE)
enum { HAS_BSD_FLAGS = true };
#else
enum { HAS_BSD_FLAGS = false };
#endif

#if defined(__linux__) || defined(__APPLE__)
enum { HAS_XATTRS = true };
#else
enum { HAS_XATTRS = false };
#endif

bool system_has(fdi_function function)
{
    switch (operation_of(function)->systems) {
    case EVERYWHERE:
        return true;
    case POSIX_ONLY:
        return IS_POSIX;
    case WITH_XATTRS:
        return HAS_XATTRS;
    case WITH_BSD_FLAGS:
        return HAS_BSD_FLAGS;
    default:
        return false;
    }
}

/* ---- a call with valid arguments ----------------------------------------------------------- */

static unsigned mode_for(fdi_function function)
{
    if (function == FDI_FN_MKNOD)
        return 0100644;
    return function == FDI_FN_MKDIR ? 0755 : 0644;
}

/* Number 0 means F_OK for fdi_access, and _PC_LINK_MAX for fdi_pathconf on Linux and macOS. */
int64_t call_between(fdi_function function, fdi_target from, fdi_target to, unsigned flags)
{
    static const struct fdi_time times[2] = {{86400, 0}, {172800, 0}};
    static char *const argv[] = {"program", NULL};
    const struct operation *operation = operation_of(function);
    char bytes[512] = "value";
    struct fdi_stat status;
    struct fdi_statvfs filesystem;
    const struct arguments arguments = {
        .target = from,
        .to = to,
        .flags = flags,
        .mode = mode_for(function),
        .uid = UINT32_MAX,
        .gid = UINT32_MAX,
        .length = 10,
        .text = "user.test",
        .bytes = bytes,
        .size = function == FDI_FN_SETXATTR ? 5 : sizeof bytes,
        .times = times,
        .status = &status,
        .filesystem = &filesystem,
        .argv = argv,
    };
    return operation->call(&arguments);
}

int64_t call_any(fdi_function function, fdi_target target, unsigned flags)
{
    return call_between(function, target, fdi_path("other"), flags);
}
