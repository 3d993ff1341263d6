/* SPDX-License-Identifier: MIT
 * The functions other than file operations, and the four that act on a cancellation. */
#include "../../src/platform.h"
#include "acts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define AT fdi_path_at(place.directory, "inner")

static const fdi_target never_set;

/* ---- inheritance --------------------------------------------------------------------------- */

static int count_one(void *context, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    ++*(int *)context;
    return 0;
}

static int64_t count_open(void)
{
    int count = 0;
    return fdi_foreach_open(count_one, &count) < 0 ? -1 : count;
}

static int64_t set_many(bool inheritable)
{
    const int fds[3] = {place.file, place.inheritable, place.here};
    return fdi_set_inheritable_many(fds, 3, inheritable);
}

static int64_t count_supported(void)
{
    int64_t count = 0;
    for (int form = FDI_FORM_PATH; form <= FDI_FORM_FD; form++)
        for (int function = 0; fdi_function_name((fdi_function)function); function++)
            count += fdi_supports((fdi_function)function, (fdi_form)form, 0) +
                     fdi_supports((fdi_function)function, (fdi_form)form, FDI_NOFOLLOW) +
                     fdi_supports((fdi_function)function, (fdi_form)form, FDI_EFFECTIVE_IDS);
    return count;
}

static int64_t release(fdi_process process)
{
    return fdi_release(&process) < 0 ? -1 : process;
}

#define INHERITANCE(X)                                                                             \
    X(version, fdi_version())                                                                      \
    X(get_inheritable, fdi_get_inheritable(place.file))                                            \
    X(set_inheritable_on, fdi_set_inheritable(place.file, true))                                   \
    X(set_inheritable_off, fdi_set_inheritable(place.inheritable, false))                          \
    X(set_inheritable_reached, fdi_set_inheritable(place.reached, true))                           \
    X(get_handle_inheritable, fdi_get_handle_inheritable(&place))                                  \
    X(set_handle_inheritable, fdi_set_handle_inheritable(&place, true))                            \
    X(set_inheritable_range_on, fdi_set_inheritable_range(place.file, INT_MAX, true))              \
    X(set_inheritable_range_off, fdi_set_inheritable_range(place.file, INT_MAX, false))            \
    X(set_inheritable_many_on, set_many(true))                                                     \
    X(set_inheritable_many_off, set_many(false))                                                   \
    X(foreach_open, count_open())                                                                  \
    X(supports, count_supported())                                                                 \
    X(function_name, (int64_t)strlen(fdi_function_name(FDI_FN_STAT)))                              \
    X(process_id, fdi_process_id(77))                                                              \
    X(release_, release(77))

INHERITANCE(FOR_NUMBER)
FOR_NUMBER(foreach_spread, count_open())
FOR_NUMBER(foreach_crowded, count_open())

/* ---- one descriptor ------------------------------------------------------------------------ */

static int make_temporary(fdi_target directory, const char *path)
{
    char name[32] = "temporary.XXXXXX.txt";
    char whole[64];
    int fd = fdi_mkstemp(directory, name, 4, O_APPEND);
    (void)strcat(strcpy(whole, path), name);
    return fd < 0 || fdi_unlink(fdi_path(whole)) < 0 ? -1 : fd;
}

#define CREATORS(X)                                                                                \
    X(dup_, fdi_dup(place.inheritable, 0))                                                         \
    X(dup_inheritable, fdi_dup(place.file, FDI_INHERITABLE))                                       \
    X(dup2_, fdi_dup2(place.here, 77, 0))                                                          \
    X(dup2_inheritable, fdi_dup2(place.here, 77, FDI_INHERITABLE))                                 \
    X(memfd_create_, fdi_memfd_create("name", 0))                                                  \
    X(eventfd_, fdi_eventfd(3, 0))                                                                 \
    X(epoll_create_, fdi_epoll_create())                                                           \
    X(kqueue_, fdi_kqueue())                                                                       \
    X(socket_open, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0))                                    \
    X(socket_open_nonblock, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, FDI_NONBLOCK))                \
    X(mkstemp_path, make_temporary(fdi_path("dir"), "dir/"))                                       \
    X(mkstemp_at, make_temporary(fdi_path_at(place.directory, "empty"), "dir/empty/"))             \
    X(mkstemp_fd, make_temporary(fdi_fd(place.directory), "dir/"))

#define LOW_CREATORS(X)                                                                            \
    X(dup_above_stdio, fdi_dup(place.file, FDI_ABOVE_STDIO))                                       \
    X(socket_above_stdio, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, FDI_ABOVE_STDIO))               \
    X(above_stdio, fdi_above_stdio(fdi_dup(place.file, 0)))

CREATORS(FOR_FD)
LOW_CREATORS(FOR_FD)

/* ---- dup2 onto an open descriptor ---------------------------------------------------------- */

#define REPLACEMENTS(X)                                                                            \
    X(dup2_replaces, fdi_dup2(place.here, place.inheritable, 0))                                   \
    X(dup2_replaces_inheritable, fdi_dup2(place.here, place.file, FDI_INHERITABLE))                \
    X(dup2_itself, fdi_dup2(place.inheritable, place.inheritable, 0))

REPLACEMENTS(FOR_NUMBER)

/* ---- two descriptors ----------------------------------------------------------------------- */

#define FOR_PAIR(name, call)                                                                       \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        int fds[2];                                                                                \
        call_begin();                                                                              \
        int result = (call);                                                                       \
        call_end();                                                                                \
        if (result < 0)                                                                            \
            return -1;                                                                             \
        (void)close(fds[0]);                                                                       \
        (void)close(fds[1]);                                                                       \
        return fds[0] * 1000 + fds[1];                                                             \
    }

#define PAIRS(X)                                                                                   \
    X(pipe_, fdi_pipe(fds, 0))                                                                     \
    X(pipe_nonblock, fdi_pipe(fds, FDI_NONBLOCK))                                                  \
    X(openpty_, fdi_openpty(&fds[0], &fds[1], 0))                                                  \
    X(socketpair_, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, 0))                                \
    X(socketpair_nonblock, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, FDI_NONBLOCK))

#define LOW_PAIRS(X)                                                                               \
    X(pipe_above_stdio, fdi_pipe(fds, FDI_ABOVE_STDIO))                                            \
    X(openpty_above_stdio, fdi_openpty(&fds[0], &fds[1], FDI_ABOVE_STDIO))                         \
    X(socketpair_above_stdio, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, FDI_ABOVE_STDIO))

PAIRS(FOR_PAIR)
LOW_PAIRS(FOR_PAIR)

/* ---- streams ------------------------------------------------------------------------------- */

#define FOR_STREAM(name, call)                                                                     \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        call_begin();                                                                              \
        FILE *stream = (call);                                                                     \
        call_end();                                                                                \
        int fd = stream ? fileno(stream) : -1;                                                     \
        if (stream)                                                                                \
            (void)fclose(stream);                                                                  \
        return fd;                                                                                 \
    }

#define STREAMS(X)                                                                                 \
    X(fopen_path, fdi_fopen(fdi_path("file"), "r", 0))                                             \
    X(fopen_new, fdi_fopen(fdi_path("new"), "w+bx", 0))                                            \
    X(fopen_absolute, fdi_fopen(fdi_path_at(-1, place.absolute), "w", 0))                          \
    X(fopen_at, fdi_fopen(AT, "a", 0))                                                             \
    X(fopen_at_new, fdi_fopen(fdi_path_at(place.directory, "new"), "wx", 0))                       \
    X(fopen_fd, fdi_fopen(fdi_fd(place.file), "r+", 0))

#define LOW_STREAMS(X)                                                                             \
    X(fopen_above_stdio, fdi_fopen(fdi_path("new"), "wx", FDI_ABOVE_STDIO))                        \
    X(fopen_at_above_stdio, fdi_fopen(AT, "r", FDI_ABOVE_STDIO))                                   \
    X(fopen_fd_above_stdio, fdi_fopen(fdi_fd(place.file), "r", FDI_ABOVE_STDIO))

STREAMS(FOR_STREAM)
LOW_STREAMS(FOR_STREAM)

/* ---- programs ------------------------------------------------------------------------------ */

static char *seven[] = {"sh", "-c", "exit 7", NULL};

static fdi_spawn_options options_for(fdi_target program, fdi_target directory, unsigned flags)
{
    static fdi_fd_map fds[2];
    fdi_spawn_options options = fdi_spawn_defaults();
    fds[0] = (fdi_fd_map){place.file, place.here};
    fds[1] = (fdi_fd_map){place.here, place.file};
    options.program = program;
    options.directory = directory;
    options.argv = seven;
    options.flags = flags;
    options.fds = fds;
    options.fd_count = 2;
    return options;
}

static int64_t start(fdi_target program, fdi_target directory, unsigned flags)
{
    fdi_spawn_options options = options_for(program, directory, flags);
    fdi_process process;
    int64_t status = -1;
    call_begin();
    int result = fdi_spawn(&process, &options);
    call_end();
    return result < 0 || fdi_wait(&process, &status, -1, 0) < 0 ? -1 : status;
}

/* Returns 0 if the call fails with this errno. It has reaped the child then. */
static int64_t fail_to_start(fdi_target program, int reason)
{
    fdi_spawn_options options = options_for(program, never_set, 0);
    fdi_process process;
    call_begin();
    int before = errno;
    int result = fdi_spawn(&process, &options);
    bool failed = result < 0 && errno == reason;
    if (failed)
        errno = before;
    call_end();
    return failed ? 0 : -1;
}

/* Runs in a child, which exits with 7 if it becomes the program, and with errno otherwise. If
 * the call acted on the cancellation of its only thread, the child would exit with 0. */
static int64_t become(fdi_target program)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        call_begin();
        (void)fdi_execve(program, seven, NULL);
        _exit(errno);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    call_begin();
    if (WEXITSTATUS(status) != 7)
        errno = WEXITSTATUS(status);
    call_end();
    return WEXITSTATUS(status) == 7 ? 7 : -1;
}

#define FOR_PROGRAM(name, call)                                                                    \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        return call;                                                                               \
    }

#define PROGRAMS(X)                                                                                \
    X(spawn_path, start(fdi_path("/bin/sh"), never_set, 0))                                        \
    X(spawn_missing, fail_to_start(fdi_path("missing"), ENOENT))                                   \
    X(spawn_at, start(fdi_path_at(place.bin, "sh"), never_set, 0))                                 \
    X(spawn_fd, start(fdi_fd(place.shell), never_set, 0))                                          \
    X(spawn_search, start(fdi_path("sh"), never_set, FDI_SPAWN_SEARCH))                            \
    X(spawn_in_path, start(fdi_path("/bin/sh"), fdi_path("dir"), FDI_SPAWN_NEW_GROUP))             \
    X(spawn_in_at, start(fdi_path("/bin/sh"), fdi_path_at(place.here, "dir"), 0))                  \
    X(spawn_in_fd, start(fdi_path("/bin/sh"), fdi_fd(place.directory), FDI_SPAWN_EMPTY_MASK))      \
    X(execve_path, become(fdi_path("/bin/sh")))                                                    \
    X(execve_at, become(fdi_path_at(place.bin, "sh")))                                             \
    X(execve_fd, become(fdi_fd(place.shell)))

#define LOW_PROGRAMS(X) X(spawn_without_stdio, start(fdi_path("/bin/sh"), never_set, 0))

PROGRAMS(FOR_PROGRAM)
LOW_PROGRAMS(FOR_PROGRAM)

const struct act others[] = {
    INHERITANCE(AS_ROW) CREATORS(AS_ROW) LOW_CREATORS(AS_LOW_ROW) REPLACEMENTS(AS_ROW) //
    PAIRS(AS_ROW) LOW_PAIRS(AS_LOW_ROW) STREAMS(AS_ROW) LOW_STREAMS(AS_LOW_ROW)        //
    PROGRAMS(AS_ROW) LOW_PROGRAMS(AS_LOW_ROW)                                          //
    {"foreach_spread", foreach_spread, place_spread, false, NULL},
    {"foreach_crowded", foreach_crowded, place_crowd, false, NULL},
};

const size_t other_count = sizeof others / sizeof others[0];

/* ---- functions that act on a cancellation -------------------------------------------------- */

static int accept_address(void)
{
    struct sockaddr_storage address;
    fdi_socklen size = sizeof address;
    return fdi_accept(place.listener, &address, &size, FDI_NONBLOCK);
}

static int64_t receive(unsigned flags)
{
    char data[8];
    int fds[4];
    size_t count = 4;
    call_begin();
    int64_t length = fdi_recv_fds(place.pair[1], data, sizeof data, fds, &count, flags);
    call_end();
    for (size_t i = 0; length >= 0 && i < count; i++)
        (void)close(fds[i]);
    return length < 0 ? -1 : length * 100 + (int64_t)count;
}

static int wait_for(int milliseconds, unsigned flags)
{
    int64_t status = -1;
    int result = fdi_wait(&place.child, &status, milliseconds, flags);
    return result < 0 ? -1 : (int)status;
}

#define OPENS(X)                                                                                   \
    X(open_path, fdi_open(fdi_path("file"), O_RDONLY, 0))                                          \
    X(open_new, fdi_open(fdi_path("new"), O_RDWR | O_CREAT | O_EXCL, 0644))                        \
    X(open_absolute, fdi_open(fdi_path_at(-1, place.absolute), O_RDWR | O_TRUNC, 0))               \
    X(open_at, fdi_open(AT, O_RDWR | O_TRUNC, 0))                                                  \
    X(open_fd, fdi_open(fdi_fd(place.file), O_RDWR | O_TRUNC, 0))                                  \
    X(open_fd_of_directory, fdi_open(fdi_fd(place.directory), O_RDONLY, 0))                        \
    X(open_nofollow, fdi_open(fdi_path("file"), O_RDONLY | O_NOFOLLOW, 0))                         \
    X(open_nofollow_at, fdi_open(AT, O_RDONLY | O_NOFOLLOW, 0))                                    \
    X(accept_, fdi_accept(place.listener, NULL, NULL, 0))                                          \
    X(accept_with_address, accept_address())

#define LOW_OPENS(X) X(accept_above_stdio, fdi_accept(place.listener, NULL, NULL, FDI_ABOVE_STDIO))

#define WAITS(X)                                                                                   \
    X(wait_forever, wait_for(-1, 0))                                                               \
    X(wait_looking, wait_for(0, 0))                                                                \
    X(wait_limited, wait_for(10000, 0))                                                            \
    X(wait_keep, wait_for(-1, FDI_WAIT_KEEP))                                                      \
    X(wait_looking_keep, wait_for(0, FDI_WAIT_KEEP))                                               \
    X(wait_limited_keep, wait_for(10000, FDI_WAIT_KEEP))

OPENS(FOR_FD)
LOW_OPENS(FOR_FD)
WAITS(FOR_NUMBER)

static int64_t recv_fds(void)
{
    return receive(0);
}

static int64_t recv_fds_above_stdio(void)
{
    return receive(FDI_ABOVE_STDIO);
}

const struct act cancellable[] = {OPENS(AS_ROW) LOW_OPENS(AS_LOW_ROW) WAITS(AS_CHILD_ROW) //
                                  AS_ROW(recv_fds, ) AS_LOW_ROW(recv_fds_above_stdio, )};

const size_t cancellable_count = sizeof cancellable / sizeof cancellable[0];
