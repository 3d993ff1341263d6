/* SPDX-License-Identifier: MIT
 * A failed call removes a descriptor that it created but cannot mark, and restores one that it
 * replaced. A filter against the ioctl and a replacement for fcntl make the marking fail. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { NEVER = -1, NUMBERS = 64 };

/* ---- the kernel ---------------------------------------------------------------------------- */

static bool is_ignoring;         /* hides FD_CLOEXEC, so that the library marks every descriptor */
static int marks = NEVER;        /* number of marks that succeed before one fails with EIO */
static int status_fails = NEVER; /* the same for F_GETFL and F_SETFL */
static int status_flags;         /* extra status flags to report */

#define PLAY(result, word, arguments)                                                              \
    result play_##word arguments __asm__(#word);                                                   \
    result play_##word##64 arguments __asm__(#word "64")

PLAY(int, fcntl, (int fd, int command, long argument));

static bool fails_now(int *successes)
{
    return *successes != NEVER && (*successes)-- == 0;
}

int play_fcntl(int fd, int command, long argument)
{
    bool is_mark = command == F_SETFD && (argument & FD_CLOEXEC);
    bool is_status = command == F_GETFL || command == F_SETFL;
    if ((is_mark && fails_now(&marks)) || (is_status && fails_now(&status_fails))) {
        errno = EIO;
        return -1;
    }
    int result = (int)syscall(SYS_fcntl, fd, command, argument);
    if (result >= 0 && command == F_GETFL)
        return result | status_flags;
    return result >= 0 && command == F_GETFD && is_ignoring ? result & ~FD_CLOEXEC : result;
}

int play_fcntl64(int fd, int command, long argument)
{
    return play_fcntl(fd, command, argument);
}

/* ---- descriptors before and after ---------------------------------------------------------- */

static int real_flags(int fd)
{
    return (int)syscall(SYS_fcntl, fd, F_GETFD, 0);
}

static void note_descriptors(int *flags)
{
    for (int fd = 0; fd < NUMBERS; fd++)
        flags[fd] = real_flags(fd);
}

static bool is_marking_refused(void)
{
    const struct seccomp_rule rule = {SYS_ioctl, 1, ~0U, FIOCLEX, ENOTTY};
    is_ignoring = true;
    return seccomp_refuse(&rule, 1);
}

/* The call fails with EIO if the marking after `successes` fails, and every descriptor is the
 * same as before. */
static bool fails_cleanly(bool (*call)(void), int successes)
{
    int before[NUMBERS], after[NUMBERS];
    note_descriptors(before);
    marks = successes;
    errno = 0;
    bool failed = call() && errno == EIO;
    marks = NEVER;
    note_descriptors(after);
    return failed && memcmp(before, after, sizeof before) == 0;
}

/* ---- the calls ----------------------------------------------------------------------------- */

static int pair[2], two[2], listener = -1;

static bool open_new(void)
{
    return fdi_open(fdi_path("new"), O_RDWR | O_CREAT | O_EXCL, 0600) == -1;
}

static bool open_there(void)
{
    return fdi_open(fdi_path("there"), O_RDWR | O_CREAT, 0600) == -1;
}

static bool make_temporary(void)
{
    char name[] = "temporary.XXXXXX";
    bool failed = fdi_mkstemp(fdi_path("."), name, 0, 0) == -1;
    return failed && strcmp(name, "temporary.XXXXXX") == 0;
}

static bool duplicate(void)
{
    return fdi_dup(0, 0) == -1;
}

static bool make_pipe(void)
{
    return fdi_pipe(two, 0) == -1;
}

static bool make_socket(void)
{
    return fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0) == -1;
}

static bool make_pair(void)
{
    return fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, two, 0) == -1;
}

static bool accept_one(void)
{
    return fdi_accept(listener, NULL, NULL, 0) == -1;
}

static bool receive_two(void)
{
    int fds[4];
    size_t count = 4;
    char text;
    return fdi_recv_fds(pair[1], &text, 1, fds, &count, 0) == -1;
}

static bool receive_nothing(void)
{
    int fds[4];
    size_t count = 4;
    return fdi_recv_fds(0, NULL, 0, fds, &count, 0) == -1 && errno == ENOTSOCK;
}

static bool send_two(void)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    struct iovec data = {(char[]){'x'}, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(2 * sizeof(int));
    memcpy(CMSG_DATA(item), (int[]){0, 1}, 2 * sizeof(int));
    return sendmsg(pair[0], &message, 0) == 1;
}

static bool connect_one(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    if (listener < 0) {
        listener = socket(AF_UNIX, SOCK_STREAM, 0);
        if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 ||
            listen(listener, 4) < 0)
            return false;
    }
    return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof address) ==
           0;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* ---- tests --------------------------------------------------------------------------------- */

static bool files_go(const void *unused)
{
    (void)unused;
    return close(open("there", O_CREAT | O_WRONLY, 0600)) == 0 && is_marking_refused() &&
           fails_cleanly(open_new, 0) && !exists("new") && fails_cleanly(open_there, 0) &&
           exists("there") && fails_cleanly(make_temporary, 0) && unlink("there") == 0;
}

static void failed_call_removes_new_files_and_keeps_existing_ones(void **state)
{
    (void)state;
    assert_true(apart(files_go, NULL));
}

static bool descriptors_go(const void *unused)
{
    (void)unused;
    return is_marking_refused() && fails_cleanly(duplicate, 0) && fails_cleanly(make_pipe, 0) &&
           fails_cleanly(make_pipe, 1) && fails_cleanly(make_socket, 0) &&
           fails_cleanly(make_pair, 0) && fails_cleanly(make_pair, 1) && connect_one() &&
           fails_cleanly(accept_one, 0);
}

static void failed_call_closes_its_descriptors_and_both_ends_of_a_pair(void **state)
{
    (void)state;
    assert_true(apart(descriptors_go, NULL));
}

static bool received_go(const void *unused)
{
    (void)unused;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && is_marking_refused() && send_two() &&
           fails_cleanly(receive_two, 0) && send_two() && fails_cleanly(receive_two, 1) &&
           receive_nothing();
}

static void failed_call_closes_received_descriptors(void **state)
{
    (void)state;
    assert_true(apart(received_go, NULL));
}

#if defined(FDI_NO_ATOMIC_CALLS)

static bool replace_twenty(void)
{
    return fdi_dup2(0, 20, 0) == -1;
}

static bool is_null(int fd)
{
    char text;
    return read(fd, &text, 1) == 0;
}

static bool replaced_is_back(const void *unused)
{
    (void)unused;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), zero = open("/dev/zero", O_RDONLY);
    if (dup2(zero, 0) != 0 || !is_marking_refused() || !fails_cleanly(replace_twenty, 0))
        return false;
    if (dup2(null, 20) != 20 || !fails_cleanly(replace_twenty, 0) || !is_null(20))
        return false;
    is_ignoring = false; /* now its flag is visible and it is private again */
    return syscall(SYS_fcntl, 20, F_SETFD, FD_CLOEXEC) == 0 && fails_cleanly(replace_twenty, 0) &&
           is_null(20) && real_flags(20) == FD_CLOEXEC;
}

static void failed_dup2_restores_the_replaced_descriptor(void **state)
{
    (void)state;
    assert_true(apart(replaced_is_back, NULL));
}

static bool make_nonblocking_pipe(void)
{
    return fdi_pipe(two, FDI_NONBLOCK) == -1;
}

static bool make_nonblocking_socket(void)
{
    return fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, FDI_NONBLOCK) == -1;
}

static bool make_nonblocking_pair(void)
{
    return fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, two, FDI_NONBLOCK) == -1;
}

static bool accept_nonblocking(void)
{
    return fdi_accept(listener, NULL, NULL, FDI_NONBLOCK) == -1;
}

/* The library reads and writes the status flags of a descriptor. The filter refuses the call for
 * that number. */
static bool fails_at_status(bool (*call)(void), int successes)
{
    status_fails = successes;
    bool failed = fails_cleanly(call, NEVER);
    bool was_refused = status_fails == NEVER;
    status_fails = NEVER;
    return failed && was_refused;
}

static bool nonblocking_go(const void *unused)
{
    (void)unused;
    two[0] = two[1] = -7;
    for (int successes = 0; successes < 4; successes++)
        if (!fails_at_status(make_nonblocking_pipe, successes) ||
            !fails_at_status(make_nonblocking_pair, successes) || two[0] != -7 || two[1] != -7)
            return false;
    for (int successes = 0; successes < 2; successes++)
        if (!fails_at_status(make_nonblocking_socket, successes) || !connect_one() ||
            !fails_at_status(accept_nonblocking, successes))
            return false;
    return true;
}

static void descriptors_that_cannot_be_made_nonblocking_are_closed(void **state)
{
    (void)state;
    assert_true(apart(nonblocking_go, NULL));
}

/* Simulates platforms where an accepted socket inherits the listener's O_NONBLOCK. */
static bool accepted_blocks(const void *unused)
{
    (void)unused;
    status_flags = O_NONBLOCK;
    if (!connect_one())
        return false;
    int fd = fdi_accept(listener, NULL, NULL, 0);
    status_flags = 0;
    return fd >= 0 && (fcntl(fd, F_GETFL, 0) & O_NONBLOCK) == 0;
}

static bool fails_to_unblock(const void *successes)
{
    status_flags = O_NONBLOCK;
    status_fails = *(const int *)successes;
    return connect_one() && fails_cleanly(accept_one, NEVER);
}

static void socket_that_cannot_be_made_blocking_is_closed(void **state)
{
    (void)state;
    assert_true(apart(accepted_blocks, NULL));
    assert_int_equal(unlink("socket"), 0);
    assert_true(apart(fails_to_unblock, &(int){0}));
    assert_int_equal(unlink("socket"), 0);
    assert_true(apart(fails_to_unblock, &(int){1}));
}

#endif

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(failed_call_removes_new_files_and_keeps_existing_ones),
        CASE(failed_call_closes_its_descriptors_and_both_ends_of_a_pair),
        CASE(failed_call_closes_received_descriptors),
#if defined(FDI_NO_ATOMIC_CALLS)
        CASE(failed_dup2_restores_the_replaced_descriptor),
        CASE(socket_that_cannot_be_made_blocking_is_closed),
        CASE(descriptors_that_cannot_be_made_nonblocking_are_closed),
#endif
    };
    return cmocka_run_group_tests_name("unmarked", cases, NULL, NULL);
}
