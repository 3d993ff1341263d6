/* SPDX-License-Identifier: MIT */
#include "../../../src/platform.h"
#include "../../support/files.h"
#include "../../support/socket.h"
#include "../../support/windows_run_time.h"
#include "scenarios.h"
#include "injector.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

struct surroundings around;

static void write_file(const char *name)
{
    int fd = _open(name, _O_RDWR | _O_CREAT | _O_BINARY | _O_NOINHERIT, 0600);
    must(fd);
    must(_write(fd, "0123456789", 10));
    must(_close(fd));
}

void surroundings_build(void)
{
    must(CreateDirectoryA("dir", NULL) - 1);
    must(CreateDirectoryA("dir\\empty", NULL) - 1);
    write_file("file");
    write_file("other");
    write_file("dir\\inner");
    write_file("dir\\other");
    write_file("dir\\locked");
    must(SetFileAttributesA("dir\\locked", FILE_ATTRIBUTE_READONLY) - 1);
    around.appending = fdi_open(fdi_path("file"), O_WRONLY | O_APPEND, 0);
    must(around.appending);
    must(GetCurrentDirectoryW(MAX_PATH, around.start) - 1);
    around.file = fdi_open(fdi_path("file"), O_RDWR, 0);
    around.directory = fdi_open(fdi_path("dir"), O_RDONLY, 0);
    around.inheritable = _open("file", _O_RDONLY | _O_BINARY);
    must(around.file);
    must(around.directory);
    must(around.inheritable);
}

void surroundings_leave(void)
{
    must(_close(around.file));
    must(_close(around.directory));
    must(_close(around.appending));
    if (run_time_has(around.inheritable))
        must(_close(around.inheritable));
}

/* Targets of every form. */
#define PATH     fdi_path("file")
#define LONG     fdi_path("dir\\..\\dir\\.\\inner")
#define AT       fdi_path_at(around.directory, "inner")
#define FD       fdi_fd(around.file)
#define DIR_FD   fdi_fd(around.directory)
#define OTHER    fdi_path("other")
#define OTHER_AT fdi_path_at(around.directory, "other")
#define NEW      fdi_path("new")
#define NEW_AT   fdi_path_at(around.directory, "new")
#define EMPTY    fdi_path("dir/empty")

#define ACT(name, call)                                                                            \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        MARKED(int64_t, call);                                                                     \
        return result;                                                                             \
    }

/* The same for a call that returns a descriptor, which is closed. */
#define ACT_FD(name, call)                                                                         \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        MARKED(int, call);                                                                         \
        if (result >= 0)                                                                           \
            must(_close(result));                                                                  \
        return result;                                                                             \
    }

#define ACT_STREAM(name, call)                                                                     \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        MARKED(FILE *, call);                                                                      \
        return result ? fclose(result) : -1;                                                       \
    }

static char buffer[256];
static struct fdi_stat status;
static struct fdi_statvfs filesystem;
static const struct fdi_time times[2] = {{1000000, 200}, {3000000, 400}};

/* ---- inherit --------------------------------------------------------------------------------- */

static int count_it(void *context, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    ++*(int *)context;
    return 0;
}

#define HANDLE_OF(fd) ((fdi_handle)_get_osfhandle(fd))

ACT(get_inheritable, fdi_get_inheritable(around.file))
ACT(set_inheritable_off, fdi_set_inheritable(around.inheritable, false))
ACT(set_inheritable_on, fdi_set_inheritable(around.file, true))
ACT(get_handle, fdi_get_handle_inheritable(HANDLE_OF(around.file)))
ACT(set_handle, fdi_set_handle_inheritable(HANDLE_OF(around.file), true))
ACT(range_off, fdi_set_inheritable_range(3, FDI_LAST_FD, false))
ACT(range_on, fdi_set_inheritable_range(3, FDI_LAST_FD, true))
ACT(many, fdi_set_inheritable_many((int[]){around.file, around.directory}, 2, true))
ACT(foreach_open, fdi_foreach_open(count_it, &(int){0}))

ACT(supports_symlink, fdi_supports(FDI_FN_SYMLINK, FDI_FORM_DIR_FD, 0))

/* A missing path that is too long for the library's fixed buffers. */
static fdi_target long_path(void)
{
    static char path[1000];
    memset(path, 'a', sizeof path - 1);
    for (size_t i = 100; i < sizeof path; i += 100)
        path[i] = '/';
    return fdi_path(path);
}

/* ---- attributes ------------------------------------------------------------------------------ */

ACT(access_path, fdi_access(PATH, 4, 0))
ACT(access_at, fdi_access(AT, 2, 0))
ACT(access_fd, fdi_access(FD, 4, 0))
ACT(access_nofollow, fdi_access(PATH, 0, FDI_NOFOLLOW))
ACT(chmod_path, fdi_chmod(PATH, 0400, 0))
ACT(chmod_at, fdi_chmod(AT, 0400, 0))
ACT(chmod_fd, fdi_chmod(FD, 0400, 0))
ACT(chmod_nofollow, fdi_chmod(PATH, 0400, FDI_NOFOLLOW))
ACT(stat_path, fdi_stat(PATH, &status, 0))
ACT(stat_dots, fdi_stat(LONG, &status, 0))
ACT(stat_long, fdi_stat(long_path(), &status, 0))
ACT(stat_up, fdi_stat(fdi_path_at(around.directory, "../file"), &status, 0))
ACT(stat_at, fdi_stat(AT, &status, 0))
ACT(stat_fd, fdi_stat(FD, &status, 0))
ACT(stat_directory, fdi_stat(DIR_FD, &status, 0))
ACT(stat_nofollow, fdi_stat(PATH, &status, FDI_NOFOLLOW))
ACT(statvfs_path, fdi_statvfs(PATH, &filesystem))
ACT(statvfs_at, fdi_statvfs(AT, &filesystem))
ACT(statvfs_fd, fdi_statvfs(FD, &filesystem))
ACT(truncate_path, fdi_truncate(PATH, 3))
ACT(truncate_appending, fdi_truncate(fdi_fd(around.appending), 3))
ACT(truncate_at, fdi_truncate(AT, 3))
ACT(truncate_fd, fdi_truncate(FD, 3))
ACT(utime_path, fdi_utime(PATH, times, 0))
ACT(utime_at, fdi_utime(AT, times, 0))
ACT(utime_fd, fdi_utime(FD, times, 0))
ACT(utime_now, fdi_utime(PATH, NULL, 0))
ACT(utime_nofollow, fdi_utime(PATH, times, FDI_NOFOLLOW))

/* ---- names ----------------------------------------------------------------------------------- */

ACT(link_path, fdi_link(PATH, NEW, 0))
ACT(link_at, fdi_link(AT, NEW_AT, 0))
ACT(link_fd, fdi_link(FD, NEW, 0))
ACT(link_nofollow, fdi_link(PATH, NEW, FDI_NOFOLLOW))
ACT(mkdir_path, fdi_mkdir(NEW, 0777))
ACT(mkdir_at, fdi_mkdir(NEW_AT, 0777))
ACT(readlink_path, fdi_readlink(PATH, buffer, sizeof buffer))
ACT(readlink_fd, fdi_readlink(FD, buffer, sizeof buffer))
ACT(rename_path, fdi_rename(OTHER, NEW, 0))
ACT(rename_at, fdi_rename(OTHER_AT, NEW_AT, 0))
ACT(rename_replaces_path, fdi_rename(OTHER, fdi_path("dir/inner"), 0))
ACT(rename_replaces_at, fdi_rename(OTHER_AT, AT, 0))
ACT(rmdir_path, fdi_rmdir(EMPTY))
ACT(rmdir_at, fdi_rmdir(EMPTY_AT))
ACT(symlink_path, fdi_symlink("file", NEW, 0))
ACT(symlink_at, fdi_symlink("inner", NEW_AT, 0))
ACT(unlink_path, fdi_unlink(OTHER))
ACT(unlink_read_only, fdi_unlink(fdi_path("dir/locked")))
ACT(unlink_at, fdi_unlink(OTHER_AT))
ACT(unlink_open, fdi_unlink(PATH))

/* ---- directories ----------------------------------------------------------------------------- */

static int64_t changed(int64_t result)
{
    must(SetCurrentDirectoryW(around.start) - 1);
    return result;
}

#define ACT_CHDIR(name, target)                                                                    \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        MARKED(int, fdi_chdir(target));                                                            \
        return result < 0 ? result : changed(result);                                              \
    }

ACT_CHDIR(chdir_path, fdi_path("dir"))
ACT_CHDIR(chdir_at, EMPTY_AT)
ACT_CHDIR(chdir_fd, DIR_FD)

static int64_t read_all(fdi_target target)
{
    const fdi_dirent *entry;
    int result = -1;
    injector_begin();
    fdi_dir *dir = fdi_opendir(target);
    if (dir)
        while ((result = fdi_readdir(dir, &entry)) == 1)
            continue;
    injector_end();
    int error = errno;
    if (dir)
        must(fdi_closedir(dir));
    errno = error;
    return result;
}

#define ACT_LIST(name, target)                                                                     \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        return read_all(target);                                                                   \
    }

ACT_LIST(opendir_path, fdi_path("dir"))
ACT_LIST(opendir_at, EMPTY_AT)
ACT_LIST(opendir_fd, DIR_FD)

/* ---- creators -------------------------------------------------------------------------------- */

ACT_FD(open_path, fdi_open(PATH, O_RDONLY, 0))
ACT_FD(open_at, fdi_open(AT, O_RDWR, 0))
ACT_FD(open_fd, fdi_open(FD, O_RDONLY, 0))
ACT_FD(open_directory_again, fdi_open(DIR_FD, O_RDONLY, 0))
ACT_FD(open_new, fdi_open(NEW, O_WRONLY | O_CREAT | O_EXCL, 0600))
ACT_FD(open_new_at, fdi_open(NEW_AT, O_WRONLY | O_CREAT, 0400))
ACT_FD(open_cut, fdi_open(AT, O_WRONLY | O_TRUNC, 0))
ACT_FD(open_nofollow, fdi_open(PATH, O_RDONLY | FDI_O_NOFOLLOW, 0))
ACT_FD(open_append, fdi_open(AT, O_WRONLY | O_APPEND, 0))
ACT_FD(dup_it, fdi_dup(around.inheritable, 0))
ACT_FD(dup_inheritably, fdi_dup(around.file, FDI_INHERITABLE | FDI_ABOVE_STDIO))
ACT_FD(dup2_new, fdi_dup2(around.file, 40, 0))
ACT_FD(dup2_new_inherited, fdi_dup2(around.file, 40, FDI_INHERITABLE))
ACT(dup2_onto_open, fdi_dup2(around.file, around.inheritable, 0))
ACT(dup2_same, fdi_dup2(around.inheritable, around.inheritable, 0))
/* Frees 0 and 2, so that the first duplicate is still a number of stdio. */
static int64_t above_stdio(void)
{
    int saved[] = {_dup(0), _dup(2)};
    must(_close(0));
    must(_close(2));
    int low = _dup(around.file);
    errno = UNTOUCHED;
    MARKED(int, fdi_above_stdio(low));
    int error = errno;
    if (result >= 0)
        must(_close(result));
    must(_dup2(saved[0], 0));
    must(_dup2(saved[1], 2));
    must(_close(saved[0]));
    must(_close(saved[1]));
    errno = error;
    return result;
}

ACT_STREAM(fopen_path, fdi_fopen(PATH, "r", 0))
ACT_STREAM(fopen_new, fdi_fopen(NEW, "wx", 0))
ACT_STREAM(fopen_fd, fdi_fopen(FD, "r", 0))
ACT_STREAM(fopen_above, fdi_fopen(AT, "r+", FDI_ABOVE_STDIO))

static int64_t make_pipe(void)
{
    int fds[2];
    MARKED(int, fdi_pipe(fds, FDI_ABOVE_STDIO));
    if (result == 0) {
        must(_close(fds[0]));
        must(_close(fds[1]));
    }
    return result;
}

#define ACT_IN(name, directory)                                                                    \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        return make_temporary_in(directory);                                                       \
    }

static int64_t make_temporary_in(fdi_target directory)
{
    char name[] = "new.XXXXXX";
    MARKED(int, fdi_mkstemp(directory, name, 0, 0));
    if (result >= 0)
        must(_close(result));
    return result;
}

ACT_IN(make_temporary, fdi_path("."))
ACT_IN(make_temporary_at, EMPTY_AT)
ACT_IN(make_temporary_fd, DIR_FD)

static int64_t opened(fdi_socket made)
{
    if (made == FDI_NO_SOCKET)
        return -1;
    close_socket(made);
    return 0;
}

static int64_t make_socket(void)
{
    MARKED(fdi_socket, fdi_socket_open(AF_INET, SOCK_STREAM, 0, FDI_NONBLOCK | FDI_ABOVE_STDIO));
    return opened(result);
}

static int64_t make_pair(int domain, unsigned flags)
{
    fdi_socket pair[2];
    MARKED(int, fdi_socketpair(domain, SOCK_STREAM, 0, pair, flags));
    if (result == 0) {
        close_socket(pair[0]);
        close_socket(pair[1]);
    }
    return result;
}

static int64_t make_pair_v4(void)
{
    return make_pair(AF_INET, FDI_NONBLOCK);
}

static int64_t make_pair_v6(void)
{
    return make_pair(AF_INET6, 0);
}

static int64_t accept_one(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
    must(bind(listener, (struct sockaddr *)&address, sizeof address));
    must(listen(listener, 1));
    must(getsockname(listener, (struct sockaddr *)&address, &size));
    must(connect(client, (struct sockaddr *)&address, sizeof address));
    errno = UNTOUCHED;
    MARKED(fdi_socket, fdi_accept(listener, NULL, NULL, FDI_NONBLOCK));
    int error = errno;
    int64_t answer = opened(result);
    close_socket(client);
    close_socket(listener);
    errno = error;
    return answer;
}

const struct scenario scenarios[] = {
    ROW(get_inheritable),
    ROW(set_inheritable_off),
    ROW(set_inheritable_on),
    ROW(get_handle),
    ROW(set_handle),
    {"range_off", range_off, "SetHandleInformation", false},
    {"range_on", range_on, "SetHandleInformation", false},
    {"many", many, "SetHandleInformation", false},
    ROW(foreach_open),
    ROW(supports_symlink),
    ROW(access_path),
    ROW(access_at),
    ROW(access_fd),
    ROW(access_nofollow),
    ROW(chmod_path),
    ROW(chmod_at),
    ROW(chmod_fd),
    ROW(chmod_nofollow),
    ROW(stat_path),
    ROW(stat_dots),
    ROW(stat_at),
    ROW(stat_up),
    ROW(stat_long),
    ROW(stat_fd),
    ROW(stat_directory),
    ROW(stat_nofollow),
    ROW(statvfs_path),
    ROW(statvfs_at),
    ROW(statvfs_fd),
    ROW(truncate_path),
    ROW(truncate_at),
    ROW(truncate_fd),
    ROW(truncate_appending),
    ROW(utime_path),
    ROW(utime_at),
    ROW(utime_fd),
    ROW(utime_now),
    ROW(utime_nofollow),
    ROW(link_path),
    ROW(link_at),
    ROW(link_fd),
    ROW(link_nofollow),
    ROW(mkdir_path),
    ROW(mkdir_at),
    ROW(readlink_path),
    ROW(readlink_fd),
    ROW(rename_path),
    ROW(rename_at),
    ROW(rename_replaces_path),
    ROW(rename_replaces_at),
    ROW(rmdir_path),
    ROW(rmdir_at),
    {"symlink_path", symlink_path, "NtSetInformationFile", true},
    {"symlink_at", symlink_at, "NtSetInformationFile", true},
    ROW(unlink_path),
    ROW(unlink_at),
    {"unlink_read_only", unlink_read_only, "SetFileInformationByHandle", false},
    ROW(unlink_open),
    ROW(chdir_path),
    ROW(chdir_at),
    ROW(chdir_fd),
    ROW(opendir_path),
    ROW(opendir_at),
    ROW(opendir_fd),
    ROW(open_path),
    ROW(open_at),
    ROW(open_fd),
    ROW(open_directory_again),
    ROW(open_new),
    ROW(open_new_at),
    ROW(open_cut),
    ROW(open_append),
    ROW(open_nofollow),
    ROW(dup_it),
    ROW(dup_inheritably),
    ROW(dup2_new),
    ROW(dup2_new_inherited),
    {"dup2_onto_open", dup2_onto_open, "_open_osfhandle",
     true}, /* the header documents this loss */
    ROW(dup2_same),
    ROW(above_stdio),
    ROW(fopen_path),
    ROW(fopen_new),
    ROW(fopen_fd),
    ROW(fopen_above),
    ROW(make_pipe),
    ROW(make_temporary),
    ROW(make_temporary_at),
    ROW(make_temporary_fd),
    ROW(make_socket),
    ROW(make_pair_v4),
    ROW(make_pair_v6),
    ROW(accept_one),
};
const int scenario_count = sizeof scenarios / sizeof *scenarios;
