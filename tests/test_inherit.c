/* SPDX-License-Identifier: MIT
 * The inheritable flag. A child proves each change. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/child.h"
#include "fdinherit.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 6, CLOSED = 1900 };

static void open_six(int *fds, bool inheritable)
{
    for (int i = 0; i < COUNT; i++) {
        fds[i] = open_null(inheritable);
        assert_true(fds[i] >= 0);
    }
}

static void close_six(const int *fds)
{
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(close(fds[i]), 0);
}

/* Asserts that a child receives exactly the descriptors marked x in `received`. */
static void assert_child_receives(const int *fds, const char *received)
{
    static int in_child[8192];
    char found[COUNT + 1] = "------";
    int count = child_fds(in_child, 8192);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < COUNT; j++)
            if (in_child[i] == fds[j])
                found[j] = 'x';
    assert_string_equal(found, received);
}

/* ---- one ---- */

static void child_receives_exactly_the_inheritable_descriptors(void **state)
{
    (void)state;
    int given = open_null(false);
    int kept = open_null(true);
    assert_works(fdi_set_inheritable(given, true));
    assert_works(fdi_set_inheritable(kept, false));
    assert_true(child_has(given));
    assert_false(child_has(kept));
    close(given);
    close(kept);
}

static void get_inheritable_returns_one_or_zero(void **state)
{
    (void)state;
    int given = open_null(true);
    int kept = open_null(false);
    assert_works(fdi_get_inheritable(given));
    assert_int_equal(fdi_get_inheritable(given), 1);
    assert_works(fdi_get_inheritable(kept));
    assert_int_equal(fdi_get_inheritable(kept), 0);
    close(given);
    close(kept);
}

static void setting_an_unchanged_flag_succeeds(void **state)
{
    (void)state;
    int fd = open_null(false);
    for (int i = 0; i < 4; i++) {
        assert_works(fdi_set_inheritable(fd, i < 2));
        assert_int_equal(fdi_get_inheritable(fd), i < 2);
    }
    assert_false(child_has(fd));
    close(fd);
}

static void closed_fd_is_ebadf(void **state)
{
    (void)state;
    const int never[] = {CLOSED, -1, -2, FDI_AT_FDCWD, INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_fails(EBADF, fdi_get_inheritable(never[i]));
        assert_fails(EBADF, fdi_set_inheritable(never[i], true));
        assert_fails(EBADF, fdi_set_inheritable(never[i], false));
    }
}

/* ---- many ---- */

static void many_sets_the_listed_fds_and_no_others(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    assert_works(fdi_set_inheritable_many((int[]){fds[4], fds[0], fds[3]}, 3, true));
    assert_child_receives(fds, "x--xx-");
    assert_works(fdi_set_inheritable_many((int[]){fds[3], fds[2], fds[3]}, 3, false));
    assert_child_receives(fds, "x---x-");
    close_six(fds);
}

static void many_changes_nothing_if_one_fd_is_closed(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    assert_works(fdi_set_inheritable_many((int[]){fds[0], fds[2], fds[5]}, 3, true));
    const int closed[] = {CLOSED, -1, INT_MAX};
    for (int i = 0; i < 3; i++) {
        const int in_the_middle[] = {fds[0], fds[1], fds[2], closed[i], fds[3], fds[4]};
        assert_fails(EBADF, fdi_set_inheritable_many(in_the_middle, 6, true));
        assert_child_receives(fds, "x-x--x");
        assert_fails(EBADF, fdi_set_inheritable_many(in_the_middle, 6, false));
        assert_child_receives(fds, "x-x--x");
    }
    close_six(fds);
}

static void failed_many_restores_an_fd_listed_twice(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    const int twice[] = {fds[0], fds[0], fds[1], fds[0], CLOSED};
    assert_fails(EBADF, fdi_set_inheritable_many(twice, 5, true));
    assert_child_receives(fds, "------");
    assert_works(fdi_set_inheritable_many(twice, 4, true));
    assert_child_receives(fds, "xx----");
    assert_fails(EBADF, fdi_set_inheritable_many(twice, 5, false));
    assert_child_receives(fds, "xx----");
    close_six(fds);
}

/* The library records changes in bitmaps of 4,096 bits: `places` covers the first, the last and
 * both sides of a boundary. */
static void failed_many_restores_thousands_of_fds(void **state)
{
    enum { MANY = 10000 };
    static int many[MANY];
    static const int places[COUNT] = {0, 4095, 4096, 8191, 8192, 9998};
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    int other = open_null(true);
    for (int i = 0; i < MANY; i++)
        many[i] = other;
    for (int i = 0; i < COUNT; i++)
        many[places[i]] = fds[i];
    assert_works(fdi_set_inheritable_many(many, MANY, true));
    assert_child_receives(fds, "xxxxxx");
    assert_works(fdi_set_inheritable_many(fds, COUNT, false));
    many[MANY - 1] = CLOSED;
    assert_fails(EBADF, fdi_set_inheritable_many(many, MANY, true));
    assert_child_receives(fds, "------");
    assert_true(child_has(other));
    close(other);
    close_six(fds);
}

static void many_with_count_zero_succeeds_and_null_with_a_count_is_einval(void **state)
{
    int fd = open_null(false);
    (void)state;
    assert_works(fdi_set_inheritable_many(NULL, 0, true));
    assert_works(fdi_set_inheritable_many(&fd, 0, true));
    assert_false(child_has(fd));
    assert_fails(EINVAL, fdi_set_inheritable_many(NULL, 1, true));
    assert_fails(EINVAL, fdi_set_inheritable_many(NULL, SIZE_MAX, false));
    close(fd);
}

/* ---- range ---- */

static void range_includes_both_ends_and_nothing_more(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    assert_works(fdi_set_inheritable_range(fds[1], fds[4], true));
    assert_child_receives(fds, "-xxxx-");
    assert_works(fdi_set_inheritable_range(fds[2], fds[3], false));
    assert_child_receives(fds, "-x--x-");
    assert_works(fdi_set_inheritable_range(fds[4], fds[4], false));
    assert_works(fdi_set_inheritable_range(fds[3], fds[3], true));
    assert_child_receives(fds, "-x-x--");
    close_six(fds);
}

static void range_reaches_the_last_open_descriptor(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, true);
    int last = dup2(fds[0], CLOSED) < 0 ? -1 : CLOSED;
    assert_int_equal(last, CLOSED);
    assert_works(fdi_set_inheritable_range(fds[2], FDI_LAST_FD, false));
    assert_child_receives(fds, "xx----");
    assert_false(child_has(last));
    assert_works(fdi_set_inheritable_range(fds[4], FDI_LAST_FD, true));
    assert_child_receives(fds, "xx--xx");
    assert_true(child_has(last));
    close(last);
    close_six(fds);
}

static void range_skips_closed_numbers(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    close(fds[1]);
    close(fds[4]);
    assert_works(fdi_set_inheritable_range(fds[0], fds[5], true));
    assert_child_receives(fds, "x-xx-x");
    assert_works(fdi_set_inheritable_range(fds[1], fds[4], false));
    assert_child_receives(fds, "x----x");
    assert_works(fdi_set_inheritable_range(fds[4], fds[4], true));
    assert_works(fdi_set_inheritable_range(CLOSED, CLOSED + 50, true));
    assert_works(fdi_set_inheritable_range(CLOSED, FDI_LAST_FD, false));
    assert_works(fdi_set_inheritable_range(FDI_LAST_FD, FDI_LAST_FD, true));
    assert_child_receives(fds, "x----x");
    assert_int_equal(open_null(false), fds[1]);
    assert_int_equal(open_null(false), fds[4]);
    close_six(fds);
}

static void invalid_range_is_einval_and_changes_nothing(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    for (int inheritable = 0; inheritable < 2; inheritable++) {
        assert_fails(EINVAL, fdi_set_inheritable_range(-1, FDI_LAST_FD, inheritable));
        assert_fails(EINVAL, fdi_set_inheritable_range(INT_MIN, fds[5], inheritable));
        assert_fails(EINVAL, fdi_set_inheritable_range(fds[5], fds[4], inheritable));
        assert_fails(EINVAL, fdi_set_inheritable_range(0, -1, inheritable));
        assert_fails(EINVAL, fdi_set_inheritable_range(-2, -2, inheritable));
    }
    assert_child_receives(fds, "------");
    close_six(fds);
}

/* ---- each ---- */

struct visits {
    int fds[4096];
    bool inheritable[4096];
    int count;
    int stop_at;
    int answer;
};

static struct visits visits;

static int note(void *context, int fd, bool inheritable)
{
    struct visits *seen = context;
    assert_true(seen->count < 4096);
    seen->fds[seen->count] = fd;
    seen->inheritable[seen->count++] = inheritable;
    return fd == seen->stop_at ? seen->answer : 0;
}

static void visit_all(void)
{
    memset(&visits, 0, sizeof visits);
    visits.stop_at = -1;
    assert_works(fdi_foreach_open(note, &visits));
}

static int visits_of(int fd)
{
    int count = 0;
    for (int i = 0; i < visits.count; i++)
        count += visits.fds[i] == fd;
    return count;
}

static void foreach_open_visits_each_descriptor_once_in_order(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    close(fds[3]);
    assert_works(fdi_set_inheritable_many((int[]){fds[0], fds[4]}, 2, true));
    visit_all();
    for (int i = 1; i < visits.count; i++)
        assert_true(visits.fds[i - 1] < visits.fds[i]);
    for (int i = 0; i < visits.count; i++)
        assert_int_equal(visits.inheritable[i], fdi_get_inheritable(visits.fds[i]));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(visits_of(fds[i]), i != 3);
    for (int fd = 0; fd < CLOSED; fd++)
        assert_int_equal(visits_of(fd), fdi_get_inheritable(fd) >= 0);
    assert_int_equal(open_null(false), fds[3]);
    close_six(fds);
}

static void foreach_open_stops_at_the_first_nonzero_result(void **state)
{
    const int answers[] = {1, 42, -1, -7, INT_MAX, INT_MIN};
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        visits = (struct visits){.stop_at = fds[2], .answer = answers[i]};
        errno = 4711;
        assert_int_equal(fdi_foreach_open(note, &visits), answers[i]);
        assert_true(answers[i] < 0 || errno == 4711);
        assert_int_equal(visits.fds[visits.count - 1], fds[2]);
        assert_int_equal(visits_of(fds[1]), 1);
    }
    close_six(fds);
}

static int fail_with_enospc(void *context, int fd, bool inheritable)
{
    (void)context, (void)fd, (void)inheritable;
    errno = ENOSPC;
    return -1;
}

static void foreach_open_keeps_the_errno_of_a_failed_callback(void **state)
{
    (void)state;
    assert_fails(ENOSPC, fdi_foreach_open(fail_with_enospc, NULL));
}

/* Closes the second descriptor and the next one, and opens one, while visiting the second. */
static int close_two(void *context, int fd, bool inheritable)
{
    int *fds = context;
    assert_int_not_equal(fd, fds[3]);
    (void)inheritable;
    if (fd == fds[2]) {
        close(fds[2]);
        close(fds[3]);
        fds[2] = open_null(false);
    }
    return fd == fds[4] ? fdi_set_inheritable(fd, true) : 0;
}

static void callback_may_open_mark_and_close_descriptors(void **state)
{
    int fds[COUNT];
    (void)state;
    open_six(fds, false);
    assert_works(fdi_foreach_open(close_two, fds));
    assert_child_receives(fds, "----x-");
    assert_int_equal(open_null(false), fds[3]);
    close_six(fds);
}

static void foreach_open_without_a_callback_is_einval(void **state)
{
    (void)state;
    assert_fails(EINVAL, fdi_foreach_open(NULL, NULL));
    assert_fails(EINVAL, fdi_foreach_open(NULL, &visits));
}

/* No call leaves a descriptor open, not even at a number that was free. */
static void lowest_free_number_does_not_change(void **state)
{
    (void)state;
    int fd = open_null(false);
    close(fd);
    visit_all();
    assert_works(fdi_set_inheritable_range(fd, FDI_LAST_FD, true));
    assert_works(fdi_set_inheritable_range(fd, FDI_LAST_FD, false));
    visits = (struct visits){.stop_at = 0, .answer = 1};
    assert_int_equal(fdi_foreach_open(note, &visits), 1);
    assert_int_equal(open_null(false), fd);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(child_receives_exactly_the_inheritable_descriptors),
        CASE(get_inheritable_returns_one_or_zero),
        CASE(setting_an_unchanged_flag_succeeds),
        CASE(closed_fd_is_ebadf),
        CASE(many_sets_the_listed_fds_and_no_others),
        CASE(many_changes_nothing_if_one_fd_is_closed),
        CASE(failed_many_restores_an_fd_listed_twice),
        CASE(failed_many_restores_thousands_of_fds),
        CASE(many_with_count_zero_succeeds_and_null_with_a_count_is_einval),
        CASE(range_includes_both_ends_and_nothing_more),
        CASE(range_reaches_the_last_open_descriptor),
        CASE(range_skips_closed_numbers),
        CASE(invalid_range_is_einval_and_changes_nothing),
        CASE(foreach_open_visits_each_descriptor_once_in_order),
        CASE(foreach_open_stops_at_the_first_nonzero_result),
        CASE(foreach_open_keeps_the_errno_of_a_failed_callback),
        CASE(callback_may_open_mark_and_close_descriptors),
        CASE(foreach_open_without_a_callback_is_einval),
        CASE(lowest_free_number_does_not_change),
    };
    return cmocka_run_group_tests_name("inherit", cases, NULL, NULL);
}
