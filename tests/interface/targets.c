/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "misuse.h"

#include <fcntl.h>
#include <unistd.h>

static char *const argv[] = {"program", NULL};

static int64_t failed_if_null(const void *result)
{
    return result ? 0 : -1;
}

static int64_t make_temporary(fdi_target directory)
{
    char text[] = "XXXXXX";
    return fdi_mkstemp(directory, text, 0, 0);
}

static int64_t read_link(fdi_target target)
{
    char text[16];
    return fdi_readlink(target, text, sizeof text);
}

static int64_t spawn_program(fdi_target program)
{
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = program;
    options.argv = argv;
    return fdi_spawn(&process, &options);
}

#define CALL(name, expression)                                                                     \
    static int64_t name(fdi_target target)                                                         \
    {                                                                                              \
        return expression;                                                                         \
    }

CALL(access_target, fdi_access(target, 0, 0))
CALL(chdir_target, fdi_chdir(target))
CALL(chflags_target, fdi_chflags(target, 0, 0))
CALL(chmod_target, fdi_chmod(target, 0600, 0))
CALL(chown_target, fdi_chown(target, UINT32_MAX, UINT32_MAX, 0))
CALL(execve_target, fdi_execve(target, argv, NULL))
CALL(getxattr_target, fdi_getxattr(target, "user.test", NULL, 0, 0))
CALL(setxattr_target, fdi_setxattr(target, "user.test", "1", 1, 0, 0))
CALL(listxattr_target, fdi_listxattr(target, NULL, 0, 0))
CALL(removexattr_target, fdi_removexattr(target, "user.test", 0))
CALL(link_from, fdi_link(target, fdi_path("made"), 0))
CALL(link_to, fdi_link(fdi_path("file"), target, 0))
CALL(mkdir_target, fdi_mkdir(target, 0700))
CALL(mkfifo_target, fdi_mkfifo(target, 0600))
CALL(mknod_target, fdi_mknod(target, 0100600, 0))
CALL(open_target, fdi_open(target, O_RDONLY, 0))
CALL(pathconf_target, fdi_pathconf(target, 0))
CALL(readlink_target, read_link(target))
CALL(rename_from, fdi_rename(target, fdi_path("made"), 0))
CALL(rename_to, fdi_rename(fdi_path("file"), target, 0))
CALL(rmdir_target, fdi_rmdir(target))
CALL(opendir_target, failed_if_null(fdi_opendir(target)))
CALL(stat_target, fdi_stat(target, &(struct fdi_stat){0}, 0))
CALL(statvfs_target, fdi_statvfs(target, &(struct fdi_statvfs){0}))
CALL(symlink_link, fdi_symlink("text", target, 0))
CALL(truncate_target, fdi_truncate(target, 0))
CALL(unlink_target, fdi_unlink(target))
CALL(utime_target, fdi_utime(target, NULL, 0))
CALL(fopen_target, failed_if_null(fdi_fopen(target, "w", 0)))

const struct target_call target_calls[] = {
    {"fdi_access.target", true, access_target},
    {"fdi_chdir.target", true, chdir_target},
    {"fdi_chflags.target", true, chflags_target},
    {"fdi_chmod.target", true, chmod_target},
    {"fdi_chown.target", true, chown_target},
    {"fdi_execve.target", true, execve_target},
    {"fdi_getxattr.target", true, getxattr_target},
    {"fdi_setxattr.target", true, setxattr_target},
    {"fdi_listxattr.target", true, listxattr_target},
    {"fdi_removexattr.target", true, removexattr_target},
    {"fdi_link.from", true, link_from},
    {"fdi_link.to", false, link_to},
    {"fdi_mkdir.target", false, mkdir_target},
    {"fdi_mkfifo.target", false, mkfifo_target},
    {"fdi_mknod.target", false, mknod_target},
    {"fdi_open.target", true, open_target},
    {"fdi_pathconf.target", true, pathconf_target},
    {"fdi_readlink.target", true, readlink_target},
    {"fdi_rename.from", false, rename_from},
    {"fdi_rename.to", false, rename_to},
    {"fdi_rmdir.target", false, rmdir_target},
    {"fdi_opendir.target", true, opendir_target},
    {"fdi_stat.target", true, stat_target},
    {"fdi_statvfs.target", true, statvfs_target},
    {"fdi_symlink.link", false, symlink_link},
    {"fdi_truncate.target", true, truncate_target},
    {"fdi_unlink.target", false, unlink_target},
    {"fdi_utime.target", true, utime_target},
    {"fdi_fopen.target", true, fopen_target},
    {"fdi_mkstemp.directory", true, make_temporary},
    {"fdi_spawn_options.program", true, spawn_program},
    {NULL, false, NULL},
};
