/* SPDX-License-Identifier: MIT
 * Counts how often the library reads and writes the descriptor flags to set one of them, and
 * checks the others. Replacements for C library functions observe the calls. Descriptors have a
 * second flag here, as on platforms with close-on-fork. The descriptor limit is a billion. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OTHER_FLAG = 4, MOST = 64, LIMIT = 1000000000, CLOSE_RANGE = 436 };

static struct {
    int getfd;
    int setfd;
} made;

static bool has_other_flag[MOST]; /* by number */
static bool is_limit_asked;
static int closes_before =
    -1; /* simulates another thread: closes this number when its flag is read */
static int closes_after = -1;

/* ---- the kernel ---------------------------------------------------------------------------- */

/* Defines each function under both of its names: plain, and with the suffix 64 for large files. */
#define PLAY(result, word, arguments)                                                              \
    result play_##word arguments __asm__(#word);                                                   \
    result play_##word##64 arguments __asm__(#word "64")

long play_sysconf(int name) __asm__("sysconf");
int play_getdtablesize(void) __asm__("getdtablesize");
PLAY(int, fcntl, (int fd, int command, long argument));
PLAY(int, getrlimit, (int resource, struct rlimit *limits));

int play_fcntl(int fd, int command, long argument)
{
    if (fd == closes_before && command == F_GETFD)
        (void)close(fd);
    int result = (int)syscall(SYS_fcntl, fd, command, argument & ~(long)OTHER_FLAG);
    if (fd == closes_after && command == F_GETFD)
        (void)close(fd);
    made.getfd += command == F_GETFD;
    made.setfd += command == F_SETFD;
    if (result < 0 || fd >= MOST)
        return result;
    if (command == F_SETFD)
        has_other_flag[fd] = argument & OTHER_FLAG;
    return command == F_GETFD && has_other_flag[fd] ? result | OTHER_FLAG : result;
}

int play_fcntl64(int fd, int command, long argument)
{
    return play_fcntl(fd, command, argument);
}

int play_getrlimit(int resource, struct rlimit *limits)
{
    (void)resource;
    is_limit_asked = true;
    limits->rlim_cur = limits->rlim_max = LIMIT;
    return 0;
}

int play_getrlimit64(int resource, struct rlimit *limits)
{
    return play_getrlimit(resource, limits);
}

long play_sysconf(int name)
{
    is_limit_asked = is_limit_asked || name == _SC_OPEN_MAX;
    return LIMIT;
}

int play_getdtablesize(void)
{
    is_limit_asked = true;
    return LIMIT;
}

/* ---- counted calls ------------------------------------------------------------------------- */

/* Returns how often the flags were read and written since the last call. */
static bool made_just(int getfds, int setfds)
{
    bool right = made.getfd == getfds && made.setfd == setfds;
    made.getfd = made.setfd = 0;
    return right;
}

static int open_with_other_flag(void)
{
    int fd = open_null(false);
    if (fd >= 0 && fd < MOST)
        has_other_flag[fd] = true;
    (void)made_just(0, 0);
    return fd;
}

/* A child checks the current flag. */
static bool is_set_by(int getfds, int setfds, int fd, bool inheritable)
{
    errno = 4711;
    bool right = fdi_set_inheritable(fd, inheritable) == 0 && errno == 4711 &&
                 made_just(getfds, setfds) && has_other_flag[fd] && child_has(fd) == inheritable;
    (void)made_just(0, 0);
    return right;
}

static void flags_are_not_read_or_written_if_the_ioctl_works(void **state)
{
    (void)state;
    int fd = open_with_other_flag();
    for (int i = 0; i < 4; i++)
        assert_true(is_set_by(0, 0, fd, i % 2));
    assert_int_equal(close(fd), 0);
}

static void get_inheritable_is_one_call(void **state)
{
    (void)state;
    int fd = open_with_other_flag();
    assert_int_equal(fdi_get_inheritable(fd), 0);
    assert_true(made_just(1, 0));
    assert_true(is_set_by(0, 0, fd, true));
    assert_int_equal(fdi_get_inheritable(fd), 1);
    assert_true(made_just(1, 0));
    assert_int_equal(close(fd), 0);
}

/* A flag that is already right is not written. */
static bool flags_are_written(const void *error)
{
    const struct seccomp_rule no_ioctl = {SYS_ioctl, 0, 0, 0, *(const int *)error};
    int fd = open_with_other_flag();
    return seccomp_refuse(&no_ioctl, 1) && is_set_by(1, 1, fd, true) && is_set_by(1, 0, fd, true) &&
           is_set_by(1, 1, fd, false) && is_set_by(1, 0, fd, false) &&
           fdi_set_inheritable_many((int[]){fd, -1}, 2, true) == -1 && errno == EBADF &&
           has_other_flag[fd] && !child_has(fd);
}

static void other_flags_survive_writing_the_flags(void **state)
{
    const int errors[] = {EPERM, EACCES, ENOTTY, ENOSYS};
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        assert_true(apart(flags_are_written, &errors[i]));
}

/* The ioctl fails for one of two descriptors, and later for both. */
static bool each_call_is_tried_anew(const void *error)
{
    int refused = open_with_other_flag(), accepted = open_with_other_flag();
    const struct seccomp_rule first = {SYS_ioctl, 0, ~0U, (unsigned)refused, *(const int *)error};
    const struct seccomp_rule then = {SYS_ioctl, 0, ~0U, (unsigned)accepted, EPERM};
    if (!is_set_by(0, 0, refused, true) || !seccomp_refuse(&first, 1))
        return false;
    for (int i = 0; i < 4; i++)
        if (!is_set_by(1, 1, refused, i % 2) || !is_set_by(0, 0, accepted, i % 2))
            return false;
    return seccomp_refuse(&then, 1) && is_set_by(1, 1, accepted, false);
}

static void no_refusal_is_remembered(void **state)
{
    const int errors[] = {EPERM, EACCES, ENOTTY, ENOSYS};
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        assert_true(apart(each_call_is_tried_anew, &errors[i]));
}

static bool setting_fails_in_one_way(const void *unused)
{
    const struct seccomp_rule rules[] = {{SYS_ioctl, 0, 0, 0, EPERM},
                                         {SYS_fcntl, 1, ~0U, F_SETFD, EACCES}};
    (void)unused;
    int fd = open_with_other_flag();
    return seccomp_refuse(rules, 2) && fdi_set_inheritable(fd, true) == -1 && errno == EACCES &&
           fdi_set_inheritable_many(&fd, 1, true) == -1 && errno == EACCES &&
           fdi_set_inheritable_range(fd, fd, true) == -1 && errno == EACCES &&
           fdi_get_inheritable(fd) == 0;
}

static void flags_that_cannot_be_written_are_an_error(void **state)
{
    (void)state;
    assert_true(apart(setting_fails_in_one_way, NULL));
}

/* ---- another thread closes ----------------------------------------------------------------- */

static int never_of(void *closed, int fd, bool inheritable)
{
    (void)inheritable;
    return fd == *(int *)closed;
}

static void close_during(int *when, const int *fds)
{
    *when = fds[1];
    assert_works(fdi_set_inheritable_range(fds[0], FDI_LAST_FD, true));
    *when = -1;
    assert_int_equal(fdi_get_inheritable(fds[0]), 1);
    assert_fails(EBADF, fdi_get_inheritable(fds[1]));
    assert_int_equal(fdi_get_inheritable(fds[2]), 1);
    assert_int_equal(open_null(false), fds[1]);
}

/* Closes it between the listing and the query, then between the query and the change. */
static void descriptor_closed_by_another_thread_is_skipped(void **state)
{
    int fds[3];
    (void)state;
    for (int i = 0; i < 3; i++)
        fds[i] = open_null(false);
    close_during(&closes_before, fds);
    close_during(&closes_after, fds);
    closes_before = fds[1];
    assert_works(fdi_foreach_open(never_of, &fds[1]));
    closes_before = -1;
    assert_int_equal(open_null(false), fds[1]);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

/* ---- the limit ------------------------------------------------------------------------------ */

static int count_it(void *count, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    ++*(int *)count;
    return 0;
}

/* The table holds 8,192 numbers when 5,000 is in use. */
static bool scan_is_bounded(const void *unused)
{
    const struct seccomp_rule no_range = {CLOSE_RANGE, 0, 0, 0, ENOSYS};
    int before = 0, count = 0;
    (void)unused;
    if (!lose_proc() || !seccomp_refuse(&no_range, 1) || fdi_foreach_open(count_it, &before) != 0)
        return false;
    if (dup3(0, 5000, O_CLOEXEC) != 5000)
        return false;
    made.getfd = 0;
    bool right = fdi_foreach_open(count_it, &count) == 0 && count == before + 1 &&
                 made.getfd >= 5000 && made.getfd < 8192 + 64;
    made.getfd = 0;
    return right && fdi_set_inheritable_range(0, FDI_LAST_FD, false) == 0 && made.getfd >= 5000 &&
           made.getfd < 8192 + 64 && !is_limit_asked;
}

static void limit_of_a_billion_costs_nothing(void **state)
{
    (void)state;
    assert_true(apart(scan_is_bounded, NULL));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(flags_are_not_read_or_written_if_the_ioctl_works),
        CASE(get_inheritable_is_one_call),
        CASE(other_flags_survive_writing_the_flags),
        CASE(no_refusal_is_remembered),
        CASE(flags_that_cannot_be_written_are_an_error),
        CASE(descriptor_closed_by_another_thread_is_skipped),
        CASE(limit_of_a_billion_costs_nothing),
    };
    return cmocka_run_group_tests_name("inherit_calls_linux", cases, NULL, NULL);
}
