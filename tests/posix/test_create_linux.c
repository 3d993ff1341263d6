/* SPDX-License-Identifier: MIT
 * The creators on kernels and in sandboxes that lack the calls they need. They report the error
 * and never create an inheritable descriptor, not even for a moment. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* Runs `make` in a separate process where the call is refused. Returns the errno, or 0. */
static int refused(struct seccomp_rule rule, int (*make)(void))
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        if (!seccomp_refuse(&rule, 1))
            _exit(255);
        int next = dup(0);
        close(next);
        int made = make();
        int error = errno;
        int free_now = dup(0);
        _exit(made >= 0 ? 0 : free_now == next ? error : 254);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 253;
}

static int make_pipe(void)
{
    int fds[2];
    return fdi_pipe(fds, 0);
}

static int make_dup2(void)
{
    return fdi_dup2(0, 77, 0);
}

static int make_inheritable_dup2(void)
{
    return fdi_dup2(0, 77, FDI_INHERITABLE);
}

static int make_socket(void)
{
    return fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
}

static int make_socketpair(void)
{
    int pair[2];
    return fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0);
}

static int make_accepted(void)
{
    return fdi_accept(0, NULL, NULL, 0);
}

static int make_memfd(void)
{
    return fdi_memfd_create("name", 0);
}

static int make_eventfd(void)
{
    return fdi_eventfd(0, 0);
}

static int make_terminal(void)
{
    int ends[2];
    return fdi_openpty(&ends[0], &ends[1], 0);
}

static const struct {
    long number;
    int (*make)(void);
} makers[] = {
    {SYS_pipe2, make_pipe},       {SYS_dup3, make_dup2},
    {SYS_socket, make_socket},    {SYS_socketpair, make_socketpair},
    {SYS_accept4, make_accepted}, {SYS_memfd_create, make_memfd},
    {SYS_eventfd2, make_eventfd}, {SYS_epoll_create1, fdi_epoll_create},
};
enum { MAKERS = sizeof makers / sizeof makers[0] };

static void call_missing_from_the_kernel_is_enotsup(void **state)
{
    (void)state;
    for (int i = 0; i < MAKERS; i++)
        assert_int_equal(
            refused((struct seccomp_rule){makers[i].number, 0, 0, 0, ENOSYS}, makers[i].make),
            makers[i].make == make_dup2 ? ENOSYS : ENOTSUP);
}

static void call_refused_by_a_sandbox_keeps_its_errno(void **state)
{
    (void)state;
    for (int i = 0; i < MAKERS; i++)
        assert_int_equal(
            refused((struct seccomp_rule){makers[i].number, 0, 0, 0, EPERM}, makers[i].make),
            EPERM);
}

/* ---- fdi_supports --------------------------------------------------------------------------- */

static const struct {
    long number;
    fdi_function function;
} events[] = {
    {SYS_memfd_create, FDI_FN_MEMFD_CREATE},
    {SYS_eventfd2, FDI_FN_EVENTFD},
    {SYS_epoll_create1, FDI_FN_EPOLL_CREATE},
};

static bool is_supported(fdi_function function)
{
    errno = 4711;
    return fdi_supports(function, FDI_FORM_PATH, 0) && errno == 4711;
}

static bool is_unsupported(fdi_function function)
{
    errno = 4711;
    return !fdi_supports(function, FDI_FORM_PATH, 0) && errno == 4711;
}

/* The kernel lacks one of the calls; the functions that use the others stay supported. */
static bool lacks_one(const void *index)
{
    int lacking = *(const int *)index;
    const struct seccomp_rule rule = {events[lacking].number, 0, 0, 0, ENOSYS};
    for (int i = 0; i < 3; i++)
        if (!is_supported(events[i].function))
            return false;
    if (!seccomp_refuse(&rule, 1))
        return false;
    for (int i = 0; i < 3; i++)
        if (i == lacking ? !is_unsupported(events[i].function) : !is_supported(events[i].function))
            return false;
    return true;
}

/* A sandbox that refuses the call sets its own errno, which is not ENOTSUP. */
static bool is_refused_but_supported(const void *unused)
{
    (void)unused;
    struct seccomp_rule rules[3];
    for (int i = 0; i < 3; i++)
        rules[i] = (struct seccomp_rule){events[i].number, 0, 0, 0, EPERM};
    return seccomp_refuse(rules, 3) && is_supported(FDI_FN_MEMFD_CREATE) &&
           is_supported(FDI_FN_EVENTFD) && is_supported(FDI_FN_EPOLL_CREATE);
}

static void function_that_needs_a_missing_call_is_not_supported(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(apart(lacks_one, &i));
    assert_true(apart(is_refused_but_supported, NULL));
    assert_true(is_unsupported(FDI_FN_KQUEUE));
}

static void functions_without_a_target_support_no_form_and_no_foreign_flag(void **state)
{
    (void)state;
    const fdi_function functions[] = {FDI_FN_OPENPTY, FDI_FN_MEMFD_CREATE, FDI_FN_EVENTFD,
                                      FDI_FN_EPOLL_CREATE, FDI_FN_RECV_FDS};
    for (int i = 0; i < 5; i++) {
        bool moves = functions[i] == FDI_FN_OPENPTY || functions[i] == FDI_FN_RECV_FDS;
        assert_true(is_supported(functions[i]));
        assert_false(fdi_supports(functions[i], FDI_FORM_DIR_FD, 0));
        assert_false(fdi_supports(functions[i], FDI_FORM_FD, 0));
        assert_false(fdi_supports(functions[i], FDI_FORM_PATH, FDI_NOFOLLOW));
        assert_int_equal(fdi_supports(functions[i], FDI_FORM_PATH, FDI_ABOVE_STDIO), moves);
    }
}

/* ---- temporary files ------------------------------------------------------------------------ */

enum { NAMES = 20 };

/* Creates files with six random letters each. Every name must be new and consist of letters and
 * digits. */
static bool makes_names(const void *error)
{
    const struct seccomp_rule rule = {SYS_getrandom, 0, 0, 0, *(const int *)error};
    char names[NAMES][16];
    if (!seccomp_refuse(&rule, 1))
        return false;
    for (int i = 0; i < NAMES; i++) {
        strcpy(names[i], "a.XXXXXX.txt");
        errno = 4711;
        int fd = fdi_mkstemp(fdi_path("."), names[i], 4, 0);
        bool right = fd >= 0 && errno == 4711 && close(fd) == 0 && access(names[i], F_OK) == 0;
        if (!right || strcmp(names[i] + 8, ".txt") != 0 || memcmp(names[i], "a.", 2) != 0)
            return false;
        for (int letter = 2; letter < 8; letter++)
            if (!isalnum((unsigned char)names[i][letter]))
                return false;
        for (int former = 0; former < i; former++)
            if (strcmp(names[i], names[former]) == 0)
                return false;
    }
    return true;
}

static void mkstemp_works_without_random_numbers_from_the_kernel(void **state)
{
    (void)state;
    const int errors[] = {ENOSYS, EPERM, EAGAIN};
    for (int i = 0; i < 3; i++)
        assert_true(apart(makes_names, &errors[i]));
}

/* The kernel refuses every new file with this error. */
static bool makes_nothing(const void *error)
{
    const struct seccomp_rule rule = {SYS_openat, 2, O_EXCL, O_EXCL, *(const int *)error};
    char name[] = "a.XXXXXX";
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int next = dup(0);
    close(next);
    if (!seccomp_refuse(&rule, 1) || fdi_mkstemp(fdi_fd(here), name, 0, 0) != -1 ||
        errno != *(const int *)error || strcmp(name, "a.XXXXXX") != 0)
        return false;
    if (fdi_mkstemp(fdi_path_at(here, "."), name, 0, 0) != -1 || errno != *(const int *)error ||
        strcmp(name, "a.XXXXXX") != 0)
        return false;
    return dup(0) == next;
}

static void mkstemp_without_a_free_name_leaves_the_template_unchanged(void **state)
{
    (void)state;
    assert_true(apart(makes_nothing, &(int){EEXIST}));
    assert_true(apart(makes_nothing, &(int){EACCES}));
}

/* ---- flags ---------------------------------------------------------------------------------- */

static void flag_unknown_to_the_kernel_is_einval(void **state)
{
    (void)state;
    const struct seccomp_rule socket_flag = {SYS_socket, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL};
    const struct seccomp_rule pair_flag = {SYS_socketpair, 1, SOCK_CLOEXEC, SOCK_CLOEXEC, EINVAL};
    assert_int_equal(refused(socket_flag, make_socket), EINVAL);
    assert_int_equal(refused(pair_flag, make_socketpair), EINVAL);
}

static void open_flag_ignored_by_the_kernel_is_einval(void **state)
{
    (void)state;
    const int unknown[] = {0x40000000, INT_MIN};
    for (int i = 0; i < 2; i++) {
        assert_fails(EINVAL, fdi_open(fdi_path("."), O_RDONLY | unknown[i], 0));
        assert_fails(EINVAL, fdi_open(fdi_fd(0), O_RDONLY | unknown[i], 0));
        assert_fails(EINVAL, fdi_open(fdi_path("new"), O_RDWR | O_CREAT | unknown[i], 0600));
    }
    assert_int_equal(access("new", F_OK), -1);
}

static void open_accepts_every_flag_of_linux(void **state)
{
    (void)state;
    const int flags[] = {O_CREAT | O_EXCL | O_RDWR,
                         O_TRUNC | O_APPEND | O_WRONLY,
                         O_SYNC | O_DSYNC | O_RSYNC,
                         O_NONBLOCK | O_NDELAY | O_ASYNC | O_NOCTTY,
                         O_NOFOLLOW | O_NOATIME | O_LARGEFILE | O_CLOEXEC,
                         O_PATH};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        int fd = -1;
        assert_works(fd = fdi_open(fdi_path("file"), flags[i], 0600));
        int report = fcntl(fd, F_GETFL); /* includes the kernel's own O_LARGEFILE */
        assert_int_equal(close(fd), 0);
        assert_works(fd = fdi_open(fdi_path("file"), report, 0));
        assert_int_equal(close(fd), 0);
    }
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path("."), O_TMPFILE | O_RDWR, 0600));
    assert_int_equal(close(fd), 0);
    assert_works(fd = fdi_open(fdi_path("."), O_DIRECTORY, 0));
    assert_int_equal(close(fd), 0);
}

static void inheritable_dup2_works_without_newer_calls(void **state)
{
    (void)state;
    assert_int_equal(refused((struct seccomp_rule){SYS_dup3, 2, O_CLOEXEC, O_CLOEXEC, ENOSYS},
                             make_inheritable_dup2),
                     0);
}

/* Covers Linux before 4.13, and sandboxes that do not know the ioctl. */
static void openpty_falls_back_to_the_terminals_name(void **state)
{
    (void)state;
    const int errors[] = {EINVAL, ENOTTY, EPERM, ENOSYS};
    for (int i = 0; i < 4; i++)
        assert_int_equal(refused((struct seccomp_rule){SYS_ioctl, 1, ~0U, TIOCGPTPEER, errors[i]},
                                 make_terminal),
                         0);
}

static int stream_of_an_fd(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    FILE *stream = lose_proc() ? fdi_fopen(fdi_fd(fd), "r", 0) : NULL;
    int error = errno;
    close(fd);
    errno = error;
    return stream ? 0 : -1;
}

static void fopen_of_an_fd_needs_proc(void **state)
{
    (void)state;
    assert_int_equal(refused((struct seccomp_rule){SYS_pipe2, 0, 0, 0, ENOSYS}, stream_of_an_fd),
                     ENOTSUP);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(call_missing_from_the_kernel_is_enotsup),
        CASE(call_refused_by_a_sandbox_keeps_its_errno),
        CASE(function_that_needs_a_missing_call_is_not_supported),
        CASE(functions_without_a_target_support_no_form_and_no_foreign_flag),
        CASE(mkstemp_works_without_random_numbers_from_the_kernel),
        CASE(mkstemp_without_a_free_name_leaves_the_template_unchanged),
        CASE(flag_unknown_to_the_kernel_is_einval),
        CASE(open_flag_ignored_by_the_kernel_is_einval),
        CASE(open_accepts_every_flag_of_linux),
        CASE(inheritable_dup2_works_without_newer_calls),
        CASE(openpty_falls_back_to_the_terminals_name),
        CASE(fopen_of_an_fd_needs_proc),
    };
    return cmocka_run_group_tests_name("create_linux", cases, NULL, NULL);
}
