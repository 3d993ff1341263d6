/* SPDX-License-Identifier: MIT
 * Terminals, event descriptors, and programs that have closed stdio. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child.h"
#include "../support/files.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_born_private(int fd)
{
    assert_true(fd >= 0);
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
}

/* ---- terminals ----------------------------------------------------------------------------- */

static void openpty_opens_both_ends_of_a_terminal(void **state)
{
    (void)state;
    char text[8] = {0};
    int primary = -1;
    int secondary = -1;
    assert_works(fdi_openpty(&primary, &secondary, 0));
    assert_true(isatty(secondary));
    assert_int_equal(write(secondary, "abc", 3), 3);
    assert_int_equal(read(primary, text, 3), 3);
    assert_string_equal(text, "abc");
    assert_born_private(secondary);
    assert_born_private(primary);
}

/* A session leader without a terminal would acquire this one as its controlling terminal. */
static void openpty_does_not_acquire_a_controlling_terminal(void **state)
{
    (void)state;
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        int ends[2];
        bool is_right = setsid() > 0 && fdi_openpty(&ends[0], &ends[1], 0) == 0 &&
                        open("/dev/tty", O_RDWR | O_CLOEXEC) < 0;
        _exit(is_right ? 0 : 1);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

/* ---- memfd, eventfd, epoll, kqueue --------------------------------------------------------- */

#if defined(__linux__)

static void memfd_is_not_inherited(void **state)
{
    (void)state;
    int fd = -1;
    assert_works(fd = fdi_memfd_create("name", 0));
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_born_private(fd);
    assert_born_private(fdi_memfd_create("", MFD_ALLOW_SEALING));
    assert_fails(EINVAL, fdi_memfd_create("name", 0x40000000));
}

static void eventfd_is_not_inherited(void **state)
{
    (void)state;
    uint64_t count = 0;
    int fd = -1;
    assert_works(fd = fdi_eventfd(3, O_NONBLOCK));
    assert_int_equal(read(fd, &count, sizeof count), sizeof count);
    assert_int_equal(count, 3);
    assert_born_private(fd);
    assert_fails(EINVAL, fdi_eventfd(0, 0x40000000));
}

static void epoll_is_not_inherited_and_kqueue_is_enotsup(void **state)
{
    (void)state;
    int fd = -1;
    assert_works(fd = fdi_epoll_create());
    assert_born_private(fd);
    assert_fails(ENOTSUP, fdi_kqueue());
}

#endif

/* ---- files --------------------------------------------------------------------------------- */

static void mkstemp_grants_access_to_the_owner_only(void **state)
{
    (void)state;
    char name[] = "XXXXXX";
    struct stat status;
    mode_t mask = umask(0);
    int fd = fdi_mkstemp(fdi_path("."), name, 0, 0);
    umask(mask);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    close(fd);
}

static void fopen_obeys_the_umask(void **state)
{
    (void)state;
    struct stat status;
    mode_t mask = umask(027);
    FILE *stream = fdi_fopen(fdi_path("file"), "w", 0);
    umask(mask);
    assert_int_equal(fstat(fileno(stream), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    fclose(stream);
}

static void fopen_appends_in_every_form(void **state)
{
    (void)state;
    int here = open(".", O_RDONLY | O_CLOEXEC);
    int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    FILE *streams[] = {
        fdi_fopen(fdi_path("file"), "a", 0),
        fdi_fopen(fdi_path_at(here, "file"), "a+", 0),
        fdi_fopen(fdi_fd(fd), "ab", 0),
        fdi_fopen(fdi_path("file"), "ae", FDI_ABOVE_STDIO),
    };
    for (size_t i = 0; i < 4; i++) {
        struct stat status;
        assert_int_equal(!streams[i], i == 2 && !is_served(FDI_FN_OPEN, FORM_FD));
        if (!streams[i])
            continue;
        assert_int_equal(ftruncate(fd, (off_t)i), 0);
        fputs("abc", streams[i]);
        fclose(streams[i]);
        assert_int_equal(fstat(fd, &status), 0);
        assert_int_equal(status.st_size, i + 3);
    }
    close(fd);
    close(here);
}

/* ---- FDI_ABOVE_STDIO ----------------------------------------------------------------------- */

static int one_open(void)
{
    return fdi_above_stdio(fdi_open(fdi_path("/dev/null"), O_RDWR, 0));
}

static int one_dup(void)
{
    return fdi_above_stdio(fdi_dup(9, 0));
}

static int one_dup_by_flag(void)
{
    return fdi_dup(9, FDI_ABOVE_STDIO);
}

static int one_mkstemp(void)
{
    char name[] = "XXXXXX";
    return fdi_above_stdio(fdi_mkstemp(fdi_path("."), name, 0, 0));
}

static int one_socket(void)
{
    return fdi_above_stdio(fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0));
}

static int one_socket_by_flag(void)
{
    return fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, FDI_ABOVE_STDIO);
}

/* Moves the two helper sockets away first. Otherwise they would occupy the low numbers. */
static int accept_above(bool by_flag)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    const struct sockaddr *name = (const struct sockaddr *)&address;
    (void)unlink(address.sun_path);
    int listener = one_socket();
    int client = one_socket();
    bool is_connected = client >= 0 && bind(listener, name, sizeof address) == 0 &&
                        listen(listener, 1) == 0 && connect(client, name, sizeof address) == 0;
    int accepted = -1;
    if (is_connected && by_flag)
        accepted = fdi_accept(listener, NULL, NULL, FDI_ABOVE_STDIO);
    else if (is_connected)
        accepted = fdi_above_stdio(fdi_accept(listener, NULL, NULL, 0));
    int error = errno;
    close(listener);
    close(client);
    errno = error;
    return accepted;
}

static int one_accept(void)
{
    return accept_above(false);
}

static int one_accept_by_flag(void)
{
    return accept_above(true);
}

static int one_stream(void)
{
    FILE *stream = fdi_fopen(fdi_path("/dev/null"), "r+", FDI_ABOVE_STDIO);
    return stream ? fileno(stream) : -1;
}

/* A failed call must remove the file that "x" created. Returns 0 if the file still exists. */
static int one_new_stream(void)
{
    FILE *stream = fdi_fopen(fdi_path("new"), "wx", FDI_ABOVE_STDIO);
    int error = errno;
    bool is_left = !stream && access("new", F_OK) == 0;
    (void)unlink("new");
    errno = error;
    if (is_left)
        return 0;
    return stream ? fileno(stream) : -1;
}

static int both_are_above(int result, const int *fds)
{
    return result == 0 && fds[0] > 2 && fds[1] > 2 ? fds[0] : -1;
}

static int two_by_pipe(void)
{
    int fds[2];
    return both_are_above(fdi_pipe(fds, FDI_ABOVE_STDIO), fds);
}

static int two_by_socketpair(void)
{
    int fds[2];
    return both_are_above(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, FDI_ABOVE_STDIO), fds);
}

static int two_by_openpty(void)
{
    int fds[2];
    return both_are_above(fdi_openpty(&fds[0], &fds[1], FDI_ABOVE_STDIO), fds);
}

#if defined(__linux__)
static int one_memfd(void)
{
    return fdi_above_stdio(fdi_memfd_create("name", 0));
}

static int one_eventfd(void)
{
    return fdi_above_stdio(fdi_eventfd(0, 0));
}

static int one_epoll(void)
{
    return fdi_above_stdio(fdi_epoll_create());
}
#endif

static int (*const above[])(void) = {
#if defined(__linux__)
    one_memfd,      one_eventfd,     one_epoll,
#endif
    one_open,       one_dup,         one_mkstemp,        one_socket,
    one_accept,     one_dup_by_flag, one_socket_by_flag, one_accept_by_flag,
    one_stream,     one_new_stream,  two_by_pipe,        two_by_socketpair,
    two_by_openpty,
};
static const size_t above_count = sizeof above / sizeof above[0];

/* Calls `make` in a separate process. Stdio is closed from `closed_from` on; 3 to `last_full`
 * and 9 are open, and 10 is the limit. Returns 0 if `make` returns a private descriptor above
 * stdio. If it `fails`, it must fail with EMFILE and leave nothing open. */
static int with_stdio_closed(int (*make)(void), int closed_from, int last_full, bool fails)
{
    struct rlimit limit = {10, 10};
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_RDWR), 9);
        for (int fd = closed_from; fd < 9; fd++)
            close(fd);
        for (int fd = 3; fd <= last_full; fd++)
            dup2(9, fd);
        setrlimit(RLIMIT_NOFILE, &limit);
        int made = make();
        int error = errno;
        bool stdio_is_closed = true;
        for (int fd = closed_from; fd < 3; fd++)
            stdio_is_closed = stdio_is_closed && fcntl(fd, F_GETFD) < 0;
        bool nothing_is_left = stdio_is_closed;
        for (int fd = last_full + 1; fd < 9; fd++)
            nothing_is_left = nothing_is_left && fcntl(fd, F_GETFD) < 0;
        if (fails)
            _exit(made == -1 && error == EMFILE && nothing_is_left ? 0 : 1);
        _exit(made > 2 && fcntl(made, F_GETFD) == FD_CLOEXEC && stdio_is_closed ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return status;
}

static void every_creator_can_avoid_stdio(void **state)
{
    (void)state;
    for (size_t i = 0; i < above_count; i++)
        for (int closed_from = 0; closed_from < 3; closed_from++)
            assert_int_equal(with_stdio_closed(above[i], closed_from, 2, false), 0);
}

static void descriptor_that_cannot_be_moved_is_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < above_count; i++)
        assert_int_equal(with_stdio_closed(above[i], 0, 8, true), 0);
}

static void pair_is_closed_if_one_end_cannot_be_moved(void **state)
{
    (void)state;
    int (*const pairs[])(void) = {two_by_pipe, two_by_socketpair, two_by_openpty};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(with_stdio_closed(pairs[i], 0, 7, true), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(openpty_opens_both_ends_of_a_terminal),
        CASE(openpty_does_not_acquire_a_controlling_terminal),
#if defined(__linux__)
        CASE(memfd_is_not_inherited),
        CASE(eventfd_is_not_inherited),
        CASE(epoll_is_not_inherited_and_kqueue_is_enotsup),
#endif
        CASE(mkstemp_grants_access_to_the_owner_only),
        CASE(fopen_obeys_the_umask),
        CASE(fopen_appends_in_every_form),
        CASE(every_creator_can_avoid_stdio),
        CASE(descriptor_that_cannot_be_moved_is_closed),
        CASE(pair_is_closed_if_one_end_cannot_be_moved),
    };
    return cmocka_run_group_tests_name("create_posix", cases, NULL, NULL);
}
