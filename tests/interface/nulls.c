/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "misuse.h"

#if defined(_WIN32)
enum { NO_HANDLE = EBADF, NO_EXECVE = ENOTSUP };
#else
enum { NO_HANDLE = ENOTSUP, NO_EXECVE = ENOENT };
#endif

static char *const argv[] = {"program", NULL};
static const struct fdi_time times[2] = {{0, 0}, {0, 0}};

static int go_on(void *context, int fd, bool inheritable)
{
    (void)context, (void)fd, (void)inheritable;
    return 0;
}

static int64_t failed_if_null(const void *result)
{
    return result ? 0 : -1;
}

static int64_t failed_socket(fdi_socket socket)
{
    return socket == FDI_NO_SOCKET ? -1 : 0;
}

/* Reads one entry into a NULL pointer. */
static int64_t read_into_null(void)
{
    fdi_dir *dir = fdi_opendir(fdi_path("."));
    assert_non_null(dir);
    int result = fdi_readdir(dir, NULL);
    int error = errno;
    assert_int_equal(fdi_closedir(dir), 0);
    errno = error;
    return result;
}

static int64_t spawn_into_null(void)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(EXIT_WITH);
    options.argv = argv;
    return fdi_spawn(NULL, &options);
}

#define CALL(name, expression)                                                                     \
    static int64_t name(struct objects *objects)                                                   \
    {                                                                                              \
        struct outputs *out = &objects->out;                                                       \
        (void)out;                                                                                 \
        return expression;                                                                         \
    }

CALL(get_handle, fdi_get_handle_inheritable(NULL))
CALL(set_handle, fdi_set_handle_inheritable(NULL, false))
CALL(many_fds, fdi_set_inheritable_many(NULL, 1, false))
CALL(foreach_visit, fdi_foreach_open(NULL, objects))
CALL(foreach_context, fdi_foreach_open(go_on, NULL))
CALL(path, fdi_stat(fdi_path(NULL), &out->status, 0))
CALL(path_at, fdi_stat(fdi_path_at(3, NULL), &out->status, 0))
CALL(execve_argv, fdi_execve(fdi_path("missing"), NULL, argv))
CALL(execve_envp, fdi_execve(fdi_path("missing"), argv, NULL))
CALL(getxattr_name, fdi_getxattr(fdi_path("file"), NULL, out->bytes, 9, 0))
CALL(getxattr_value, fdi_getxattr(fdi_path("file"), "user.test", NULL, 9, 0))
CALL(setxattr_name, fdi_setxattr(fdi_path("file"), NULL, "value", 5, 0, 0))
CALL(setxattr_value, fdi_setxattr(fdi_path("file"), "user.test", NULL, 5, 0, 0))
CALL(listxattr_list, fdi_listxattr(fdi_path("file"), NULL, 9, 0))
CALL(removexattr_name, fdi_removexattr(fdi_path("file"), NULL, 0))
CALL(readlink_buffer, fdi_readlink(fdi_path("file"), NULL, 9))
CALL(readdir_dir, fdi_readdir(NULL, &(const fdi_dirent *){NULL}))
CALL(readdir_entry, read_into_null())
CALL(closedir_dir, fdi_closedir(NULL))
CALL(stat_out, fdi_stat(fdi_path("file"), NULL, 0))
CALL(statvfs_out, fdi_statvfs(fdi_path("file"), NULL))
CALL(symlink_text, fdi_symlink(NULL, fdi_path("symlink"), 0))
CALL(utime_times, fdi_utime(fdi_path("file"), NULL, 0) | fdi_utime(fdi_path("file"), times, 0))
CALL(fopen_mode, failed_if_null(fdi_fopen(fdi_path("file"), NULL, 0)))
CALL(pipe_fds, fdi_pipe(NULL, 0))
CALL(mkstemp_template, fdi_mkstemp(fdi_path("."), NULL, 0, 0))
CALL(openpty_primary, fdi_openpty(NULL, &out->fds[1], 0))
CALL(openpty_secondary, fdi_openpty(&out->fds[0], NULL, 0))
CALL(memfd_name, fdi_memfd_create(NULL, 0))
CALL(socketpair_pair, fdi_socketpair(AF_INET, SOCK_STREAM, 0, NULL, 0))
CALL(accept_address, failed_socket(fdi_accept(objects->listener, NULL, &out->address_size, 0)))
CALL(accept_size, failed_socket(fdi_accept(objects->listener, out->address, NULL, 0)))
CALL(recv_data, fdi_recv_fds(objects->pair[1], NULL, 9, out->fds, &out->count, 0))
CALL(recv_fds, fdi_recv_fds(objects->pair[1], out->bytes, 9, NULL, &out->count, 0))
CALL(recv_count, fdi_recv_fds(objects->pair[1], out->bytes, 9, out->fds, NULL, 0))
CALL(spawn_process, spawn_into_null())
CALL(spawn_options, fdi_spawn(&out->process, NULL))
CALL(wait_process, fdi_wait(NULL, &out->number, 0, 0))
CALL(wait_status, fdi_wait(&out->process, NULL, 0, 0))
CALL(release_process, fdi_release(NULL))

const struct null_call null_calls[] = {
    {"fdi_get_handle_inheritable.handle", NO_HANDLE, get_handle},
    {"fdi_set_handle_inheritable.handle", NO_HANDLE, set_handle},
    {"fdi_set_inheritable_many.fds", EINVAL, many_fds},
    {"fdi_foreach_open.visit", EINVAL, foreach_visit},
    {"fdi_foreach_open.context", 0, foreach_context},
    {"fdi_path.path", EINVAL, path},
    {"fdi_path_at.path", EINVAL, path_at},
    {"fdi_execve.argv", EINVAL, execve_argv},
    {"fdi_execve.envp", NO_EXECVE, execve_envp},
    {"fdi_getxattr.name", EINVAL, getxattr_name},
    {"fdi_getxattr.value", EINVAL, getxattr_value},
    {"fdi_setxattr.name", EINVAL, setxattr_name},
    {"fdi_setxattr.value", EINVAL, setxattr_value},
    {"fdi_listxattr.list", EINVAL, listxattr_list},
    {"fdi_removexattr.name", EINVAL, removexattr_name},
    {"fdi_readlink.buffer", EINVAL, readlink_buffer},
    {"fdi_readdir.dir", EINVAL, readdir_dir},
    {"fdi_readdir.entry", EINVAL, readdir_entry},
    {"fdi_closedir.dir", EINVAL, closedir_dir},
    {"fdi_stat.out", EINVAL, stat_out},
    {"fdi_statvfs.out", EINVAL, statvfs_out},
    {"fdi_symlink.text", EINVAL, symlink_text},
    {"fdi_utime.times", 0, utime_times},
    {"fdi_fopen.mode", EINVAL, fopen_mode},
    {"fdi_pipe.fds", EINVAL, pipe_fds},
    {"fdi_mkstemp.name_template", EINVAL, mkstemp_template},
    {"fdi_openpty.primary", EINVAL, openpty_primary},
    {"fdi_openpty.secondary", EINVAL, openpty_secondary},
    {"fdi_memfd_create.name", EINVAL, memfd_name},
    {"fdi_socketpair.pair", EINVAL, socketpair_pair},
    {"fdi_accept.address", EINVAL, accept_address},
    {"fdi_accept.address_size", EINVAL, accept_size},
    {"fdi_recv_fds.data", EINVAL, recv_data},
    {"fdi_recv_fds.fds", EINVAL, recv_fds},
    {"fdi_recv_fds.count", EINVAL, recv_count},
    {"fdi_spawn.process", EINVAL, spawn_process},
    {"fdi_spawn.options", EINVAL, spawn_options},
    {"fdi_wait.process", EINVAL, wait_process},
    {"fdi_wait.status", 0, wait_status},
    {"fdi_release.process", EINVAL, release_process},
    {NULL, 0, NULL},
};
