/* SPDX-License-Identifier: MIT
 * Absolute paths with a closed dir_fd, which the functions ignore, and functions without a system
 * call. */
#define _GNU_SOURCE 1
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER answers.buffer, sizeof answers.buffer

enum { CLOSED = 77 };

static char names[3][512];

static fdi_target absolute(int number, const char *name)
{
    char here[256];
    if (!getcwd(here, sizeof here))
        abort();
    (void)snprintf(names[number], sizeof names[number], "%s/%s", here, name);
    return fdi_path_at(CLOSED, names[number]);
}

/* Defines a scenario whose call uses "file", "link" or the unused name "new". */
#define ACT_ABSOLUTE(name, call)                                                                   \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        fdi_target file = absolute(0, "file");                                                     \
        fdi_target link = absolute(1, "link");                                                     \
        fdi_target new = absolute(2, "new");                                                       \
        (void)file, (void)link, (void)new;                                                         \
        injector_begin();                                                                          \
        int64_t result = (int64_t)(call);                                                          \
        injector_end();                                                                            \
        return result;                                                                             \
    }

static const struct fdi_time times[2] = {{1, 2}, {3, 4}};
static char *arguments[] = {"nothing", NULL};

ACT_ABSOLUTE(absolute_access, fdi_access(file, 4, 0))
ACT_ABSOLUTE(absolute_access_nofollow, fdi_access(link, 0, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_access_effective, fdi_access(file, 4, FDI_EFFECTIVE_IDS))
ACT_ABSOLUTE(absolute_chflags, fdi_chflags(file, 0, 0))
ACT_ABSOLUTE(absolute_chmod, fdi_chmod(file, 0600, 0))
ACT_ABSOLUTE(absolute_chmod_nofollow, fdi_chmod(file, 0600, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_chown, fdi_chown(file, 12, 34, 0))
ACT_ABSOLUTE(absolute_chown_nofollow, fdi_chown(link, 12, 34, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_execve, fdi_execve(new, arguments, NULL))
ACT_ABSOLUTE(absolute_getxattr, fdi_getxattr(file, "user.test", BUFFER, 0))
ACT_ABSOLUTE(absolute_getxattr_nofollow,
             fdi_getxattr(link, "user.test", answers.buffer, 9, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_setxattr, fdi_setxattr(file, "user.new", "x", 1, 0, 0))
ACT_ABSOLUTE(absolute_setxattr_nofollow, fdi_setxattr(file, "user.new", "x", 1, 0, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_listxattr, fdi_listxattr(file, BUFFER, 0))
ACT_ABSOLUTE(absolute_listxattr_nofollow, fdi_listxattr(link, answers.buffer, 9, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_removexattr, fdi_removexattr(file, "user.test", 0))
ACT_ABSOLUTE(absolute_removexattr_nofollow, fdi_removexattr(file, "user.test", FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_link, fdi_link(link, new, 0))
ACT_ABSOLUTE(absolute_link_nofollow, fdi_link(link, new, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_mkdir, fdi_mkdir(new, 0755))
ACT_ABSOLUTE(absolute_mkfifo, fdi_mkfifo(new, 0644))
ACT_ABSOLUTE(absolute_mknod, fdi_mknod(new, S_IFREG | 0644, 0))
ACT_ABSOLUTE(absolute_pathconf, fdi_pathconf(file, _PC_NAME_MAX))
ACT_ABSOLUTE(absolute_readlink, fdi_readlink(link, BUFFER))
ACT_ABSOLUTE(absolute_rename, fdi_rename(file, new, 0))
ACT_ABSOLUTE(absolute_replace, fdi_rename(file, link, 0))
ACT_ABSOLUTE(absolute_stat, fdi_stat(file, &answers.status, 0))
ACT_ABSOLUTE(absolute_stat_nofollow, fdi_stat(link, &answers.status, FDI_NOFOLLOW))
ACT_ABSOLUTE(absolute_statvfs, fdi_statvfs(file, &answers.filesystem))
ACT_ABSOLUTE(absolute_symlink, fdi_symlink("text", new, 0))
ACT_ABSOLUTE(absolute_truncate, fdi_truncate(file, 3))
ACT_ABSOLUTE(absolute_unlink, fdi_unlink(file))
ACT_ABSOLUTE(absolute_utime, fdi_utime(file, times, 0))
ACT_ABSOLUTE(absolute_utime_nofollow, fdi_utime(link, times, FDI_NOFOLLOW))

/* The scenarios below close each new descriptor and return to the first directory. */
static int64_t absolute_open(void)
{
    fdi_target file = absolute(0, "file");
    injector_begin();
    int fd = fdi_open(file, O_RDONLY, 0);
    injector_end();
    if (fd >= 0) {
        effect_note_fd("made", fd);
        close(fd);
    }
    return fd;
}

static int64_t absolute_fopen(void)
{
    fdi_target file = absolute(0, "file");
    injector_begin();
    FILE *stream = fdi_fopen(file, "r+", 0);
    injector_end();
    if (stream) {
        effect_note_fd("stream", fileno(stream));
        fclose(stream);
    }
    return stream ? 0 : -1;
}

static int64_t absolute_chdir(void)
{
    fdi_target directory = absolute(0, "dir");
    injector_begin();
    int result = fdi_chdir(directory);
    injector_end();
    if (result == 0)
        effect_note("entered %s\n", access("inner", F_OK) == 0 ? "dir" : "wrong");
    if (result == 0 && fchdir(around.here) < 0)
        abort();
    return result;
}

static int64_t absolute_rmdir(void)
{
    fdi_target directory = absolute(0, "dir/empty");
    injector_begin();
    int result = fdi_rmdir(directory);
    injector_end();
    return result;
}

ACT(version, fdi_version())
ACT(function_name, fdi_function_name(FDI_FN_STAT) ? 0 : -1)
ACT(process_id, fdi_process_id(77))
ACT(get_handle, fdi_get_handle_inheritable(answers.buffer))
ACT(set_handle, fdi_set_handle_inheritable(answers.buffer, false))

const struct scenario absolutes[] = {
    ROW(absolute_access, .calls = NULL),
    ROW(absolute_access_nofollow, .calls = NULL),
    ROW(absolute_access_effective, .calls = NULL),
    ROW(absolute_chflags, .error = ENOTSUP),
    ROW(absolute_chmod, .calls = NULL),
    ROW(absolute_chmod_nofollow, .calls = NULL),
    ROW(absolute_chown, .calls = NULL),
    ROW(absolute_chown_nofollow, .calls = NULL),
    ROW(absolute_execve, .error = ENOENT),
    ROW(absolute_getxattr, .calls = NULL),
    ROW(absolute_getxattr_nofollow, .error = ENODATA),
    ROW(absolute_setxattr, .calls = NULL),
    ROW(absolute_setxattr_nofollow, .calls = NULL),
    ROW(absolute_listxattr, .calls = NULL),
    ROW(absolute_listxattr_nofollow, .calls = NULL),
    ROW(absolute_removexattr, .calls = NULL),
    ROW(absolute_removexattr_nofollow, .calls = NULL),
    ROW(absolute_link, .calls = NULL),
    ROW(absolute_link_nofollow, .calls = NULL),
    ROW(absolute_mkdir, .calls = NULL),
    ROW(absolute_mkfifo, .calls = NULL),
    ROW(absolute_mknod, .calls = NULL),
    ROW(absolute_pathconf, .calls = NULL),
    ROW(absolute_readlink, .calls = NULL),
    ROW(absolute_rename, .calls = NULL),
    ROW(absolute_replace, .calls = NULL),
    ROW(absolute_stat, .calls = NULL),
    ROW(absolute_stat_nofollow, .calls = NULL),
    ROW(absolute_statvfs, .calls = NULL),
    ROW(absolute_symlink, .calls = NULL),
    ROW(absolute_truncate, .calls = NULL),
    ROW(absolute_unlink, .calls = NULL),
    ROW(absolute_utime, .calls = NULL),
    ROW(absolute_utime_nofollow, .calls = NULL),
    ROW(absolute_open, .calls = NULL),
    ROW(absolute_fopen, .calls = NULL),
    ROW(absolute_chdir, .calls = NULL),
    ROW(absolute_rmdir, .calls = NULL),
    ROW(version, .calls = NULL),
    ROW(function_name, .calls = NULL),
    ROW(process_id, .calls = NULL),
    ROW(get_handle, .error = ENOTSUP),
    ROW(set_handle, .error = ENOTSUP),
};

const int absolute_count = sizeof absolutes / sizeof absolutes[0];
