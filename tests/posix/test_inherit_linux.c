/* SPDX-License-Identifier: MIT
 * Ranges and walks on every kernel and in every sandbox. The tests refuse each better call in
 * turn, and the results stay the same up to the last descriptor. If no way is left, the call
 * fails. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CLOSE_RANGE = 436, FLAG_ARGUMENT = 2, CLOEXEC_FLAG = 4, MOST = 4096, LOW = 16 };

/* ---- open descriptors ---- */

static bool expect(bool right, const char *what)
{
    if (!right)
        dprintf(1, "# not so: %s\n", what);
    return right;
}

static int numbers[MOST]; /* the open descriptors above stdio, ascending */
static int count;

static bool open_number(int number)
{
    numbers[count++] = number;
    return dup2(0, number) == number;
}

static void close_all(void)
{
    count = 0;
    if (syscall(CLOSE_RANGE, 3, ~0U, 0) == 0)
        return;
    for (int fd = 3; fd < 8192; fd++)
        (void)close(fd);
}

/* A few descriptors in a large table: the library lists them in procfs, if it is mounted. */
static bool open_sparse(void)
{
    close_all();
    return open_number(3) && open_number(1023) && open_number(1024) && open_number(5000) &&
           open_number(6000);
}

/* Many descriptors in a small table: the library queries each number. The tests use those below
 * 16. */
static bool open_dense(void)
{
    close_all();
    for (int fd = LOW; fd < 1100; fd++)
        if (!open_number(fd))
            return false;
    return true;
}

static bool lower_limit(rlim_t limit)
{
    struct rlimit limits;
    if (getrlimit(RLIMIT_NOFILE, &limits) < 0)
        return false;
    limits.rlim_cur = limit;
    return setrlimit(RLIMIT_NOFILE, &limits) == 0;
}

/* ---- common checks ---- */

/* A child receives those from index `first` to before `end` of the list, and no other. */
static bool child_has_exactly(int first, int end)
{
    static int in_child[MOST];
    int found = child_fds(in_child, MOST);
    return found == end - first &&
           memcmp(in_child, numbers + first, (size_t)found * sizeof(int)) == 0;
}

static int at;

static int is_next(void *inheritable_number, int fd, bool inheritable)
{
    if (fd < 3)
        return 0;
    if (at >= count || numbers[at] != fd || inheritable != (fd == *(int *)inheritable_number))
        return 1;
    at++;
    return 0;
}

static bool walk_is_exact(int inheritable_number)
{
    at = 0;
    errno = 4711;
    return fdi_foreach_open(is_next, &inheritable_number) == 0 && at == count && errno == 4711;
}

static bool set_range(int first, int last, bool inheritable)
{
    errno = 4711;
    return fdi_set_inheritable_range(first, last, inheritable) == 0 && errno == 4711;
}

static bool set_many(bool inheritable)
{
    errno = 4711;
    return fdi_set_inheritable_many(numbers, (size_t)count, inheritable) == 0 && errno == 4711;
}

static bool all_is_right(void)
{
    return expect(child_has_exactly(0, count), "all are inheritable at first") &&
           expect(set_range(3, FDI_LAST_FD, false), "all are marked") &&
           expect(child_has_exactly(0, 0), "none is inherited") &&
           expect(walk_is_exact(-1), "the walk over what is marked") &&
           expect(set_range(numbers[1], numbers[count - 2], true), "some are inheritable again") &&
           expect(child_has_exactly(1, count - 1), "those are inherited") &&
           expect(set_range(numbers[2], FDI_LAST_FD, false), "the upper ones are marked") &&
           expect(child_has_exactly(1, 2), "one is inherited") &&
           expect(walk_is_exact(numbers[1]), "the walk tells which") &&
           expect(set_range(3, FDI_LAST_FD, true), "all are inheritable again") &&
           expect(child_has_exactly(0, count), "all are inherited") &&
           expect(set_many(false) && child_has_exactly(0, 0), "many are marked") &&
           expect(set_many(true) && child_has_exactly(0, count), "many are inheritable again");
}

/* ---- ways ---- */

struct way {
    const char *name;
    bool is_without_proc;
    size_t count;
    struct seccomp_rule rules[8];
};

#define NO(number, error)                                                                          \
    {                                                                                              \
        number, 0, 0, 0, error                                                                     \
    }
/* The kernel has the call but does not know the flag yet. */
#define NO_RANGE_FLAG                                                                              \
    {                                                                                              \
        CLOSE_RANGE, FLAG_ARGUMENT, CLOEXEC_FLAG, CLOEXEC_FLAG, EINVAL                             \
    }
#define NO_IOCTL(error)                                                                            \
    {SYS_ioctl, 1, ~0U, FIOCLEX, error},                                                           \
    {                                                                                              \
        SYS_ioctl, 1, ~0U, FIONCLEX, error                                                         \
    }
#if defined(SYS_select)
#define NO_SELECT(error) NO(SYS_select, error), NO(SYS_pselect6, error)
enum { SELECTS = 2 };
#else
#define NO_SELECT(error) NO(SYS_pselect6, error)
enum { SELECTS = 1 };
#endif

static const struct way ways[] = {
    {"nothing refused", false, 0, {NO(0, 0)}},
    {"close_range ENOSYS", false, 1, {NO(CLOSE_RANGE, ENOSYS)}},
    {"close_range EPERM", false, 1, {NO(CLOSE_RANGE, EPERM)}},
    {"close_range EINVAL", false, 1, {NO_RANGE_FLAG}},
    {"ioctl EPERM", false, 2, {NO_IOCTL(EPERM)}},
    {"ioctl EACCES", false, 3, {NO_IOCTL(EACCES), NO(CLOSE_RANGE, EPERM)}},
    {"ioctl ENOTTY", false, 3, {NO_IOCTL(ENOTTY), NO(CLOSE_RANGE, ENOSYS)}},
    {"getdents64 EPERM", false, 2, {NO(SYS_getdents64, EPERM), NO(CLOSE_RANGE, EPERM)}},
    {"getdents64 ENOSYS", false, 2, {NO(SYS_getdents64, ENOSYS), NO_RANGE_FLAG}},
    {"fstatfs EPERM", false, 2, {NO(SYS_fstatfs, EPERM), NO(CLOSE_RANGE, EPERM)}},
    {"select EPERM", false, SELECTS + 1, {NO_SELECT(EPERM), NO(CLOSE_RANGE, EPERM)}},
    {"select ENOSYS", false, SELECTS + 1, {NO_SELECT(ENOSYS), NO(CLOSE_RANGE, ENOSYS)}},
    {"no /proc", true, 0, {NO(0, 0)}},
    {"no /proc, close_range ENOSYS", true, 1, {NO(CLOSE_RANGE, ENOSYS)}},
    {"no /proc, close_range EPERM", true, 1, {NO(CLOSE_RANGE, EPERM)}},
    {"no /proc, close_range EINVAL", true, 1, {NO_RANGE_FLAG}},
    {"no /proc, no ioctl", true, 3, {NO_IOCTL(EPERM), NO(CLOSE_RANGE, EPERM)}},
};

static bool go(const struct way *way)
{
    return expect(!way->is_without_proc || lose_proc(), "/proc can be taken away") &&
           expect(seccomp_refuse(way->rules, way->count), "the filter is taken");
}

static bool sparse_is_right(const void *way)
{
    return open_sparse() && go(way) && all_is_right();
}

static bool dense_is_right(const void *way)
{
    return open_dense() && go(way) && all_is_right();
}

/* Lowers the limit while everything is open: to between the last two descriptors, then below
 * all. */
static bool sparse_is_right_above_a_limit(const void *way)
{
    return open_sparse() && lower_limit(5500) && go(way) && all_is_right() && lower_limit(LOW) &&
           all_is_right();
}

static bool dense_is_right_above_a_limit(const void *way)
{
    return open_dense() && lower_limit(LOW) && go(way) && all_is_right();
}

static void every_way(bool (*body)(const void *))
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (!apart(body, &ways[i])) {
            print_error("# wrong with %s\n", ways[i].name);
            wrong++;
        }
    assert_int_equal(wrong, 0);
}

static void sparse_descriptors_are_all_found(void **state)
{
    (void)state;
    every_way(sparse_is_right);
}

static void dense_descriptors_are_all_found(void **state)
{
    (void)state;
    every_way(dense_is_right);
}

static void descriptors_above_a_lowered_limit_are_found(void **state)
{
    (void)state;
    every_way(sparse_is_right_above_a_limit);
    every_way(dense_is_right_above_a_limit);
}

/* ---- every way refused ---- */

static bool is_error(int error, int result)
{
    return result == -1 && errno == error;
}

static int note_it(void *context, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    *(bool *)context = true;
    return 0;
}

/* Two of the five are inheritable before and after the call. */
static bool errors_change_nothing(int error)
{
    bool is_visited = false;
    return expect(is_error(error, fdi_set_inheritable_range(3, FDI_LAST_FD, false)), "off") &&
           expect(is_error(error, fdi_set_inheritable_range(3, FDI_LAST_FD, true)), "on") &&
           expect(is_error(error, fdi_foreach_open(note_it, &is_visited)), "walk") &&
           expect(!is_visited, "not one is visited") &&
           expect(child_has_exactly(1, 3), "the same are inherited");
}

static const struct way no_way = {
    "nothing left", true, SELECTS + 1, {NO_SELECT(EPERM), NO(CLOSE_RANGE, ENOSYS)}};

static bool without_any_listing(const void *unused)
{
    (void)unused;
    return open_sparse() && set_many(false) && fdi_set_inheritable(1023, true) == 0 &&
           fdi_set_inheritable(1024, true) == 0 && go(&no_way) && errors_change_nothing(ENOTSUP) &&
           expect(set_many(true) && child_has_exactly(0, 5), "single ones can still be set");
}

static void failed_listing_is_an_error(void **state)
{
    (void)state;
    assert_true(apart(without_any_listing, NULL));
}

/* With close_range, marking needs no listing. */
static bool with_close_range_alone(const void *unused)
{
    static const struct way way = {"", true, SELECTS, {NO_SELECT(EPERM)}};
    (void)unused;
    return open_sparse() && go(&way) && set_range(1024, FDI_LAST_FD, false) &&
           child_has_exactly(0, 2) &&
           is_error(ENOTSUP, fdi_set_inheritable_range(3, FDI_LAST_FD, true)) &&
           child_has_exactly(0, 2);
}

static void close_range_alone_can_mark_a_range(void **state)
{
    (void)state;
    assert_true(apart(with_close_range_alone, NULL));
}

struct failing {
    bool is_without_proc;
    unsigned number;
};

/* The flags of one number cannot be read. The numbers before it have changed by then. */
static bool with_one_that_fails(const void *context)
{
    const struct failing *failing = context;
    const struct way way = {"",
                            failing->is_without_proc,
                            2,
                            {{SYS_fcntl, 0, ~0U, failing->number, EACCES}, NO_RANGE_FLAG}};
    bool is_visited = false;
    if (!open_sparse() || !set_many(false) || fdi_set_inheritable(1023, true) < 0 ||
        fdi_set_inheritable(1024, true) < 0 || !go(&way))
        return false;
    return expect(is_error(EACCES, fdi_set_inheritable_range(3, FDI_LAST_FD, false)), "off") &&
           expect(is_error(EACCES, fdi_set_inheritable_range(3, FDI_LAST_FD, true)), "on") &&
           expect(is_error(EACCES, fdi_set_inheritable_many(numbers, 5, true)), "many on") &&
           expect(is_error(EACCES, fdi_set_inheritable_many(numbers, 5, false)), "many off") &&
           expect(is_error(EACCES, fdi_foreach_open(note_it, &is_visited)), "walk") &&
           expect(is_visited, "those before it are visited") &&
           expect(child_has_exactly(1, 3), "all are put back");
}

/* 5000 is in the second bitmap of changes. */
static void failed_call_restores_every_flag_it_changed(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_true(apart(with_one_that_fails, &(struct failing){i % 2, i < 2 ? 5000 : 6000}));
}

/* The search for the end of the table cannot query number 1023. The library must not conclude
 * that the table ends there. */
static bool with_one_that_hides(const void *unused)
{
    const struct way way = {"", true, 2, {{SYS_fcntl, 0, ~0U, 1023, EACCES}, NO_RANGE_FLAG}};
    (void)unused;
    return open_sparse() && set_many(false) && go(&way) &&
           is_error(ENOTSUP, fdi_set_inheritable_range(1024, FDI_LAST_FD, true)) &&
           child_has_exactly(0, 0);
}

static void refused_query_does_not_end_the_table(void **state)
{
    (void)state;
    assert_true(apart(with_one_that_hides, NULL));
}

/* ---- one descriptor, refused ---- */

struct one {
    int error;
    bool is_path; /* an O_PATH descriptor, which refuses the ioctl anyway */
};

static bool change_one(int fd, bool inheritable)
{
    errno = 4711;
    return fdi_set_inheritable(fd, inheritable) == 0 && errno == 4711 &&
           fdi_get_inheritable(fd) == inheritable && child_has(fd) == inheritable;
}

/* The filter is set after the ioctl has worked once. */
static bool falls_back_when_refused(const void *context)
{
    const struct one *one = context;
    const struct seccomp_rule ioctl_refused[] = {NO_IOCTL(one->error)};
    int fd = open("/dev/null", one->is_path ? O_PATH | O_CLOEXEC : O_RDWR | O_CLOEXEC);
    return change_one(fd, true) && change_one(fd, false) && seccomp_refuse(ioctl_refused, 2) &&
           change_one(fd, true) && change_one(fd, false) &&
           expect(is_error(EBADF, fdi_set_inheritable(4000, true)), "closed is EBADF still") &&
           expect(is_error(EBADF, fdi_set_inheritable(-1, false)), "so is -1");
}

static void refused_ioctl_falls_back_to_fcntl(void **state)
{
    const int errors[] = {EPERM, EACCES, ENOTTY, ENOSYS, EINVAL, EBADF};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof errors / sizeof errors[0]; i++)
        assert_true(apart(falls_back_when_refused, &(struct one){errors[i / 2], i % 2}));
}

static bool shell_has_number_5(void)
{
    return system("(exec 9<&5) 2>/dev/null") == 0;
}

/* Both calls fail with different errors; the library reports the error of writing the flags. */
static bool error_is_that_of_the_flags(const void *unused)
{
    const struct seccomp_rule all[] = {NO_IOCTL(EPERM), {SYS_fcntl, 1, ~0U, F_SETFD, EACCES}};
    (void)unused;
    return dup3(0, 5, O_CLOEXEC) == 5 && expect(!shell_has_number_5(), "it is not inherited") &&
           change_one(5, true) && expect(shell_has_number_5(), "it is inherited") &&
           change_one(5, false) && seccomp_refuse(all, 3) &&
           is_error(EACCES, fdi_set_inheritable(5, true)) &&
           is_error(EBADF, fdi_set_inheritable(4000, true)) &&
           expect(!shell_has_number_5(), "it is not inherited still") &&
           fdi_set_inheritable(5, false) == 0;
}

static void refused_fcntl_after_a_refused_ioctl_is_the_error(void **state)
{
    (void)state;
    assert_true(apart(error_is_that_of_the_flags, NULL));
}

/* ---- unusual environments ---- */

/* Replaces procfs by a directory that lists numbers of closed descriptors. */
static bool with_a_forged_proc(const void *unused)
{
    (void)unused;
    return open_sparse() && lose_proc() && mkdir("/proc/self", 0700) == 0 &&
           mkdir("/proc/self/fd", 0700) == 0 && mkdir("/proc/self/fd/77", 0700) == 0 &&
           mkdir("/proc/self/fd/nonsense", 0700) == 0 &&
           seccomp_refuse(&(struct seccomp_rule)NO_RANGE_FLAG, 1) && all_is_right();
}

static void forged_procfs_is_not_trusted(void **state)
{
    (void)state;
    assert_true(apart(with_a_forged_proc, NULL));
}

/* The walk has no free number for a directory. */
static bool with_no_number_free(const void *unused)
{
    (void)unused;
    return open_sparse() && seccomp_refuse(&(struct seccomp_rule)NO_RANGE_FLAG, 1) &&
           lower_limit(4) && expect(dup(0) == -1 && errno == EMFILE, "no number is free") &&
           walk_is_exact(-2) == 0 && set_range(4, FDI_LAST_FD, false) && walk_is_exact(3) &&
           lower_limit(LOW) && child_has_exactly(0, 1);
}

static void walk_needs_no_free_number(void **state)
{
    (void)state;
    assert_true(apart(with_no_number_free, NULL));
}

/* Runs in a thread that no longer shares its descriptor table with the others. */
static void *see_own_table(void *right)
{
    *(bool *)right = unshare(CLONE_FILES) == 0 && open_number(7000) && walk_is_exact(7000) &&
                     set_range(3, FDI_LAST_FD, false) && walk_is_exact(-1) && close(7000) == 0;
    return NULL;
}

static bool with_a_table_of_its_own(const void *is_without_proc)
{
    bool right = false;
    pthread_t thread;
    if (!open_sparse() || !set_many(false) || (is_without_proc && !lose_proc()) ||
        !seccomp_refuse(&(struct seccomp_rule)NO_RANGE_FLAG, 1) ||
        fdi_set_inheritable(3, true) < 0 || fdi_set_inheritable(3, false) < 0)
        return false;
    if (pthread_create(&thread, NULL, see_own_table, &right) != 0 ||
        pthread_join(thread, NULL) != 0)
        return false;
    count--;
    return expect(right, "the thread sees its own") &&
           expect(walk_is_exact(-1), "and this one not");
}

static void thread_may_have_its_own_descriptor_table(void **state)
{
    (void)state;
    assert_true(apart(with_a_table_of_its_own, NULL));
    assert_true(apart(with_a_table_of_its_own, state));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(sparse_descriptors_are_all_found),
        CASE(dense_descriptors_are_all_found),
        CASE(descriptors_above_a_lowered_limit_are_found),
        CASE(failed_listing_is_an_error),
        CASE(close_range_alone_can_mark_a_range),
        CASE(failed_call_restores_every_flag_it_changed),
        CASE(refused_query_does_not_end_the_table),
        CASE(refused_ioctl_falls_back_to_fcntl),
        CASE(refused_fcntl_after_a_refused_ioctl_is_the_error),
        CASE(forged_procfs_is_not_trusted),
        CASE(walk_needs_no_free_number),
        CASE(thread_may_have_its_own_descriptor_table),
    };
    return cmocka_run_group_tests_name("inherit_linux", cases, NULL, NULL);
}
