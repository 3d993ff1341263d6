/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "files.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

void make_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

void assert_file_is(const char *path, const char *text)
{
    char found[64] = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    (void)fread(found, 1, sizeof found - 1, file);
    fclose(file);
    assert_string_equal(found, text);
}

bool exists(const char *path)
{
    struct fdi_stat status;
    return fdi_stat(fdi_path(path), &status, FDI_NOFOLLOW) == 0;
}

struct fdi_stat status_of(const char *path)
{
    struct fdi_stat status;
    memset(&status, 0xff, sizeof status);
    assert_int_equal(fdi_stat(fdi_path(path), &status, 0), 0);
    return status;
}

int open_directory(const char *path)
{
    int fd = fdi_open(fdi_path(path), O_RDONLY, 0);
    assert_true(fd >= 0);
    return fd;
}

int closed_fd(void)
{
    int fd = open_null(false);
    assert_int_equal(close(fd), 0);
    return fd;
}

int function_count(void)
{
    int count = 0;
    while (fdi_function_name((fdi_function)count))
        count++;
    return count;
}

fdi_target named(void **state, int directory, const char *name, enum form form)
{
    static char texts[8][512];
    static int last;
    char *text = texts[++last % 8];
    if (form == FORM_PATH)
        snprintf(text, sizeof texts[0], "dir/%s", name);
    else if (form == FORM_AT)
        snprintf(text, sizeof texts[0], "%s", name);
    else
        snprintf(text, sizeof texts[0], "%s/dir/%s", (const char *)*state, name);
    if (form == FORM_PATH)
        return fdi_path(text);
    return fdi_path_at(form == FORM_AT ? directory : closed_fd(), text);
}

struct file_tree file_tree_open(void **state)
{
    struct file_tree tree = {-1, -1, state};
    assert_int_equal(fdi_mkdir(fdi_path("dir"), 0755), 0);
    make_file("dir/file", "0123456789");
    tree.directory = open_directory("dir");
    tree.fd = fdi_open(fdi_path("dir/file"), O_RDWR, 0);
    assert_true(tree.fd >= 0);
    return tree;
}

struct file_tree file_tree_with_links(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(fdi_symlink("file", fdi_path("dir/link"), 0), 0);
    assert_int_equal(fdi_symlink("nothing", fdi_path("dir/dangling"), 0), 0);
    return tree;
}

void file_tree_close(struct file_tree *tree)
{
    assert_int_equal(close(tree->fd), 0);
    assert_int_equal(close(tree->directory), 0);
}

fdi_target file_tree_file(struct file_tree *tree, enum form form)
{
    if (form == FORM_FD)
        return fdi_fd(tree->fd);
    return named(tree->state, tree->directory, "file", form);
}

bool is_served(fdi_function function, enum form form)
{
    switch (form) {
    case FORM_FD:
        return fdi_supports(function, FDI_FORM_FD, 0);
    case FORM_AT:
        return fdi_supports(function, FDI_FORM_DIR_FD, 0);
    default:
        return system_has(function);
    }
}

/* ---- any operation ------------------------------------------------------------------------- */

bool takes_flags(fdi_function function)
{
    switch (function) {
    case FDI_FN_ACCESS:
    case FDI_FN_CHFLAGS:
    case FDI_FN_CHMOD:
    case FDI_FN_CHOWN:
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
    case FDI_FN_LINK:
    case FDI_FN_RENAME:
    case FDI_FN_STAT:
    case FDI_FN_SYMLINK:
    case FDI_FN_UTIME:
    case FDI_FN_FOPEN:
    case FDI_FN_SPAWN:
        return true;
    default:
        return false;
    }
}

static int64_t call_open(fdi_target target, unsigned flags)
{
    int oflags = O_RDONLY;
#if defined(O_NOFOLLOW)
    oflags |= flags & FDI_NOFOLLOW ? O_NOFOLLOW : 0;
#elif defined(_WIN32)
    oflags |= flags & FDI_NOFOLLOW ? FDI_O_NOFOLLOW : 0;
#else
    (void)flags;
#endif
    int fd = fdi_open(target, oflags, 0);
    return fd < 0 ? fd : close(fd);
}

static int64_t call_opendir(fdi_target target)
{
    fdi_dir *dir = fdi_opendir(target);
    return dir ? fdi_closedir(dir) : -1;
}

static int64_t call_fopen(fdi_target target, unsigned flags)
{
    FILE *stream = fdi_fopen(target, "r", flags);
    return stream ? fclose(stream) : -1;
}

/* Removes the new file again. */
static int64_t call_mkstemp(fdi_target directory)
{
    char name[] = "new-XXXXXX";
    int fd = fdi_mkstemp(directory, name, 0, 0);
    if (fd < 0)
        return -1;
    int opened = fdi_open(directory, O_RDONLY, 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(fdi_unlink(fdi_path_at(opened, name)), 0);
    return close(opened);
}

static int64_t call_spawn(fdi_target program, unsigned flags)
{
    static char *const argv[] = {"program", NULL};
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = program;
    options.argv = argv;
    options.flags = flags;
    return fdi_spawn(&process, &options) < 0 ? -1 : fdi_wait(&process, NULL, -1, 0);
}

static int64_t call_attribute(fdi_function function, fdi_target target, unsigned flags)
{
    static const struct fdi_time times[2] = {{86400, 0}, {172800, 0}};
    char list[512];
    switch (function) {
    case FDI_FN_ACCESS:
        return fdi_access(target, 0, flags);
    case FDI_FN_CHFLAGS:
        return fdi_chflags(target, 0, flags);
    case FDI_FN_CHMOD:
        return fdi_chmod(target, 0644, flags);
    case FDI_FN_CHOWN:
        return fdi_chown(target, UINT32_MAX, UINT32_MAX, flags);
    case FDI_FN_GETXATTR:
        return fdi_getxattr(target, "user.test", list, sizeof list, flags);
    case FDI_FN_SETXATTR:
        return fdi_setxattr(target, "user.test", "value", 5, 0, flags);
    case FDI_FN_LISTXATTR:
        return fdi_listxattr(target, list, sizeof list, flags);
    case FDI_FN_REMOVEXATTR:
        return fdi_removexattr(target, "user.test", flags);
    default:
        return fdi_utime(target, times, flags);
    }
}

static int64_t call_name(fdi_function function, fdi_target target, unsigned flags)
{
    const fdi_target other = fdi_path("other");
    switch (function) {
    case FDI_FN_LINK:
        return fdi_link(target, other, flags);
    case FDI_FN_MKDIR:
        return fdi_mkdir(target, 0755);
    case FDI_FN_MKFIFO:
        return fdi_mkfifo(target, 0644);
    case FDI_FN_MKNOD:
        return fdi_mknod(target, 0100644, 0);
    case FDI_FN_RENAME:
        return fdi_rename(target, other, flags);
    case FDI_FN_RMDIR:
        return fdi_rmdir(target);
    case FDI_FN_SYMLINK:
        return fdi_symlink("text", target, flags);
    default:
        return fdi_unlink(target);
    }
}

static int64_t call_file(fdi_function function, fdi_target target, unsigned flags)
{
    switch (function) {
    case FDI_FN_OPEN:
        return call_open(target, flags);
    case FDI_FN_OPENDIR:
        return call_opendir(target);
    case FDI_FN_FOPEN:
        return call_fopen(target, flags);
    case FDI_FN_MKSTEMP:
        return call_mkstemp(target);
    default:
        return call_spawn(target, flags);
    }
}

int64_t call_any(fdi_function function, fdi_target target, unsigned flags)
{
    static char *const argv[] = {"program", NULL};
    struct fdi_statvfs filesystem;
    struct fdi_stat status;
    char text[64];
    switch (function) {
    case FDI_FN_CHDIR:
        return fdi_chdir(target);
    case FDI_FN_EXECVE:
        return fdi_execve(target, argv, NULL);
    case FDI_FN_PATHCONF:
        return fdi_pathconf(target, 0); /* _PC_LINK_MAX on Linux and macOS */
    case FDI_FN_READLINK:
        return fdi_readlink(target, text, sizeof text);
    case FDI_FN_STAT:
        return fdi_stat(target, &status, flags);
    case FDI_FN_STATVFS:
        return fdi_statvfs(target, &filesystem);
    case FDI_FN_TRUNCATE:
        return fdi_truncate(target, 10);
    case FDI_FN_OPEN:
    case FDI_FN_OPENDIR:
    case FDI_FN_FOPEN:
    case FDI_FN_MKSTEMP:
    case FDI_FN_SPAWN:
        return call_file(function, target, flags);
    case FDI_FN_LINK:
    case FDI_FN_MKDIR:
    case FDI_FN_MKFIFO:
    case FDI_FN_MKNOD:
    case FDI_FN_RENAME:
    case FDI_FN_RMDIR:
    case FDI_FN_SYMLINK:
    case FDI_FN_UNLINK:
        return call_name(function, target, flags);
    default:
        return call_attribute(function, target, flags);
    }
}
