/* SPDX-License-Identifier: MIT
 * Tests the library on WASI, which has no processes. cmocka needs setjmp, which WASI lacks, so this
 * program has its own checks. Fd 3 must be an open directory. */
#include "../../src/platform.h"
#include "fdinherit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

enum { UNTOUCHED = 4711, DIRECTORY = 3, CLOSED = 99 };

static int passed, failed;

static void judge(const char *call, long long result, long long expected, int error)
{
    int got = errno;
    bool good = result == expected && got == error;
    good ? passed++ : failed++;
    if (!good)
        printf("not ok: %s is %lld with errno %d\n", call, result, got);
    errno = UNTOUCHED;
}

#define ANSWERS(value, call)    judge(#call, (long long)(call), value, UNTOUCHED)
#define FAILS(error, call)      judge(#call, (long long)(call), -1, error)
#define NULL_FAILS(error, call) judge(#call, (call) == NULL ? -1 : 0, -1, error)

static int never(void *context, int fd, bool inheritable)
{
    (void)context;
    (void)inheritable;
    return fd + 1;
}

static void open_fds_are_not_inheritable(void)
{
    const int fds[] = {0, 1, DIRECTORY};
    const int bad[] = {0, CLOSED};
    for (int fd = 0; fd <= DIRECTORY; fd++) {
        ANSWERS(0, fdi_get_inheritable(fd));
        ANSWERS(0, fdi_set_inheritable(fd, false));
        FAILS(ENOTSUP, fdi_set_inheritable(fd, true));
    }
    ANSWERS(0, fdi_set_inheritable_many(fds, 3, false));
    FAILS(ENOTSUP, fdi_set_inheritable_many(fds, 3, true));
    FAILS(EBADF, fdi_set_inheritable_many(bad, 2, false));
    ANSWERS(0, fdi_set_inheritable_range(0, FDI_LAST_FD, false));
    FAILS(ENOTSUP, fdi_set_inheritable_range(0, FDI_LAST_FD, true));
    FAILS(ENOTSUP, fdi_foreach_open(never, NULL));
}

static void closed_fds_and_misuse_are_reported_first(void)
{
    const int never_open[] = {CLOSED, -1, INT_MAX, INT_MIN};
    for (int i = 0; i < 4; i++) {
        FAILS(EBADF, fdi_get_inheritable(never_open[i]));
        FAILS(EBADF, fdi_set_inheritable(never_open[i], true));
        FAILS(EBADF, fdi_set_inheritable(never_open[i], false));
    }
    FAILS(EINVAL, fdi_set_inheritable_range(-1, 3, false));
    FAILS(EINVAL, fdi_set_inheritable_range(4, 3, false));
    FAILS(EINVAL, fdi_set_inheritable_many(NULL, 1, false));
    FAILS(EINVAL, fdi_foreach_open(NULL, NULL));
    FAILS(EINVAL, fdi_mkdir(fdi_path("made"), 0100000));
    FAILS(EINVAL, fdi_open(fdi_path(NULL), 0, 0));
    FAILS(EINVAL, fdi_open(fdi_path_at(DIRECTORY, NULL), 0, 0));
    FAILS(EINVAL, fdi_open((fdi_target){0}, 0, 0));
    FAILS(EBADF, fdi_open(fdi_fd(-1), 0, 0));
}

static void foreign_flags_are_einval(void)
{
    int fds[2];
    fdi_process process = 1;
    FAILS(EINVAL, fdi_dup(0, FDI_NONBLOCK));
    FAILS(EINVAL, fdi_dup2(0, 5, FDI_ABOVE_STDIO));
    FAILS(EINVAL, fdi_pipe(fds, FDI_INHERITABLE));
    FAILS(EINVAL, fdi_rename(fdi_path("a"), fdi_path("b"), FDI_NOFOLLOW));
    FAILS(EINVAL, fdi_wait(&process, NULL, 0, FDI_NONBLOCK));
    NULL_FAILS(EINVAL, fdi_fopen(fdi_path("file"), "r", FDI_NONBLOCK));
}

static void creators_are_enotsup(void)
{
    int fds[2];
    fdi_socket pair[2];
    size_t count = 0;
    char template[] = "XXXXXX";
    FAILS(ENOTSUP, fdi_dup(0, FDI_INHERITABLE | FDI_ABOVE_STDIO));
    FAILS(ENOTSUP, fdi_dup2(0, 5, FDI_INHERITABLE));
    FAILS(ENOTSUP, fdi_pipe(fds, FDI_NONBLOCK | FDI_ABOVE_STDIO));
    FAILS(ENOTSUP, fdi_openpty(&fds[0], &fds[1], FDI_ABOVE_STDIO));
    FAILS(ENOTSUP, fdi_socket_open(1, 1, 0, FDI_NONBLOCK));
    FAILS(ENOTSUP, fdi_socketpair(1, 1, 0, pair, FDI_NONBLOCK));
    FAILS(ENOTSUP, fdi_accept(DIRECTORY, NULL, NULL, FDI_NONBLOCK));
    FAILS(ENOTSUP, fdi_recv_fds(DIRECTORY, NULL, 0, NULL, &count, FDI_ABOVE_STDIO));
    FAILS(ENOTSUP, fdi_mkstemp(fdi_fd(DIRECTORY), template, 0, 0));
    NULL_FAILS(ENOTSUP, fdi_fopen(fdi_path("file"), "r", FDI_ABOVE_STDIO));
}

static void children_are_enotsup(void)
{
    char *const arguments[] = {(char *)"program", NULL};
    fdi_process process = FDI_NO_PROCESS;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.argv = arguments;
    FAILS(EINVAL, fdi_spawn(&process, &options));
    options.program = fdi_path("program");
    FAILS(ENOTSUP, fdi_spawn(&process, &options));
    ANSWERS(0, fdi_release(&process));
    FAILS(EINVAL, fdi_wait(&process, NULL, 0, 0));
}

static void unsupported_functions_are_enotsup(void)
{
    int marker = 0;
    char *const arguments[] = {(char *)"program", NULL};
    FAILS(ENOTSUP, fdi_get_handle_inheritable(&marker));
    FAILS(ENOTSUP, fdi_set_handle_inheritable(&marker, false));
    FAILS(ENOTSUP, fdi_execve(fdi_path("program"), arguments, NULL));
    FAILS(ENOTSUP, fdi_open(fdi_path("file"), 0, 0));
    NULL_FAILS(ENOTSUP, fdi_opendir(fdi_path_at(DIRECTORY, ".")));
    creators_are_enotsup();
    children_are_enotsup();
    for (unsigned function = 0; fdi_function_name((fdi_function)function); function++) {
        ANSWERS(0, fdi_supports((fdi_function)function, FDI_FORM_FD, 0));
        ANSWERS(0, fdi_supports((fdi_function)function, FDI_FORM_DIR_FD, 0));
        ANSWERS(0, fdi_supports((fdi_function)function, FDI_FORM_PATH, 0));
        ANSWERS(0, fdi_supports((fdi_function)function, FDI_FORM_PATH, FDI_NOFOLLOW));
    }
}

int main(void)
{
    errno = UNTOUCHED;
    open_fds_are_not_inheritable();
    closed_fds_and_misuse_are_reported_first();
    foreign_flags_are_einval();
    unsupported_functions_are_enotsup();
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
