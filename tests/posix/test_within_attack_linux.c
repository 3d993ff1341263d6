/* SPDX-License-Identifier: MIT
 * No confined call acts outside while another process swaps a directory for a symlink, or moves it
 * out and in again. A control without limits is led outside. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OPENAT2 = 437, EXCHANGE = 2, MILLISECONDS = 700, SECRET = 999, INSIDE = 111 };

static void make_file(const char *path, off_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0 && ftruncate(fd, size) == 0 && close(fd) == 0);
}

/* "limit/a/swapped" is a directory, "limit/link" a symlink to "outside". Both have "file". */
static void make_place(void)
{
    assert_int_equal(mkdir("outside", 0700) | mkdir("outside/deep", 0700), 0);
    assert_int_equal(mkdir("limit", 0700) | mkdir("limit/a", 0700), 0);
    assert_int_equal(mkdir("limit/a/swapped", 0700) | mkdir("limit/a/swapped/deep", 0700), 0);
    make_file("outside/file", SECRET);
    make_file("limit/a/swapped/file", INSIDE);
    assert_int_equal(symlink("../outside", "limit/link"), 0);
    assert_int_equal(symlink("../../outside", "limit/a/link"), 0);
}

static void swap_links(void)
{
    for (;;)
        (void)syscall(SYS_renameat2, AT_FDCWD, "limit/a/swapped", AT_FDCWD, "limit/a/link",
                      EXCHANGE);
}

static void move_out_and_in(void)
{
    for (;;) {
        (void)rename("limit/a/swapped", "outside/moved");
        (void)rename("outside/moved", "limit/a/swapped");
    }
}

static pid_t attack(void (*attacker)(void))
{
    pid_t child = fork();
    if (child == 0)
        attacker();
    assert_true(child > 0);
    return child;
}

static void end(pid_t attacker)
{
    assert_int_equal(kill(attacker, SIGKILL), 0);
    assert_int_equal(waitpid(attacker, NULL, 0), attacker);
}

static long elapsed(const struct timespec *start)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* Calls that read or change "outside", if they are led there. */
static void act_within(fdi_target (*confine)(int, const char *, unsigned), int limit)
{
    struct fdi_stat status;
    char text[64];
    fdi_target file = confine(limit, "a/swapped/file", 0);
    fdi_target new_name = confine(limit, "a/swapped/new", 0);
    fdi_target above = confine(limit, "a/swapped/deep/../../../outside/file", 0);
    if (fdi_stat(file, &status, 0) == 0)
        assert_int_equal(status.size, INSIDE);
    if (fdi_stat(above, &status, 0) == 0)
        assert_int_equal(status.size, INSIDE);
    assert_int_not_equal(errno, EAGAIN);
    (void)fdi_chmod(file, 0640, 0);
    (void)fdi_chmod(confine(limit, "a/swapped/deep/../file", 0), 0640, 0);
    (void)fdi_truncate(file, INSIDE);
    (void)fdi_readlink(file, text, sizeof text);
    int fd = fdi_open(new_name, O_WRONLY | O_CREAT, 0600);
    if (fd >= 0)
        assert_int_equal(close(fd), 0);
    assert_int_not_equal(errno, EAGAIN);
    (void)fdi_rename(new_name, confine(limit, "a/swapped/newer", 0), 0);
    (void)fdi_link(file, confine(limit, "a/swapped/linked", 0), 0);
    (void)fdi_mkdir(confine(limit, "a/swapped/made", 0), 0700);
    (void)fdi_symlink("x", confine(limit, "a/swapped/symlink", 0), 0);
    (void)fdi_unlink(confine(limit, "a/swapped/newer", 0));
    (void)fdi_unlink(confine(limit, "a/swapped/linked", 0));
    (void)fdi_unlink(confine(limit, "a/swapped/symlink", 0));
    (void)fdi_rmdir(confine(limit, "a/swapped/made", 0));
}

static void assert_outside_is_untouched(void)
{
    static const char *const never[] = {"new", "newer", "linked", "made", "symlink"};
    struct stat status;
    char path[64];
    assert_int_equal(stat("outside/file", &status), 0);
    assert_int_equal(status.st_size, SECRET);
    assert_int_equal(status.st_mode & 07777, 0600);
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "outside/%s", never[i]);
        assert_int_not_equal(lstat(path, &status), 0);
    }
}

static bool survive(void (*attacker)(void))
{
    struct timespec start;
    int limit = open("limit", O_PATH | O_DIRECTORY);
    pid_t child = attack(attacker);
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &start), 0);
    while (elapsed(&start) < MILLISECONDS) {
        act_within(fdi_path_beneath, limit);
        act_within(fdi_path_in_root, limit);
        assert_outside_is_untouched();
    }
    end(child);
    return close(limit) == 0;
}

static bool survive_without_openat2(const void *attacker)
{
    const struct seccomp_rule rule = {OPENAT2, 0, 0, 0, ENOSYS};
    void (*const *run)(void) = attacker;
    return seccomp_refuse(&rule, 1) && survive(*run);
}

static void no_call_acts_outside_while_links_are_swapped(void **state)
{
    (void)state;
    make_place();
    assert_true(survive(swap_links));
}

static void no_call_acts_outside_while_directories_are_moved(void **state)
{
    (void)state;
    make_place();
    assert_true(survive(move_out_and_in));
}

static void the_walk_stays_inside_while_links_are_swapped(void **state)
{
    void (*attacker)(void) = swap_links;
    (void)state;
    make_place();
    assert_true(apart(survive_without_openat2, &attacker));
}

static void the_walk_stays_inside_while_directories_are_moved(void **state)
{
    void (*attacker)(void) = move_out_and_in;
    (void)state;
    make_place();
    assert_true(apart(survive_without_openat2, &attacker));
}

static void a_call_without_limits_is_led_outside(void **state)
{
    struct fdi_stat status = {0};
    struct timespec start;
    (void)state;
    make_place();
    int limit = open("limit", O_PATH | O_DIRECTORY);
    pid_t child = attack(swap_links);
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &start), 0);
    while (status.size != SECRET && elapsed(&start) < 20000)
        (void)fdi_stat(fdi_path_at(limit, "a/swapped/file"), &status, 0);
    end(child);
    assert_int_equal(status.size, SECRET);
    assert_int_equal(close(limit), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(no_call_acts_outside_while_links_are_swapped),
        CASE(no_call_acts_outside_while_directories_are_moved),
        CASE(the_walk_stays_inside_while_links_are_swapped),
        CASE(the_walk_stays_inside_while_directories_are_moved),
        CASE(a_call_without_limits_is_led_outside),
    };
    return cmocka_run_group_tests_name("within_attack_linux", cases, NULL, NULL);
}
