/* SPDX-License-Identifier: MIT
 * Children that inherit exactly what they are given: what holds on every system. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "fdinherit.h"

#include <limits.h>

static char *arguments[] = {"program", NULL};

static fdi_spawn_options options_for(const char *path)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(path);
    options.argv = arguments;
    return options;
}

static void defaults_map_stdio_and_change_nothing_else(void **state)
{
    (void)state;
    fdi_spawn_options options = fdi_spawn_defaults();
    assert_int_equal(options.fd_count, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(options.fds[i].fd, i);
        assert_int_equal(options.fds[i].child_fd, i);
    }
    assert_null(options.envp);
    assert_int_equal(options.flags, 0);
}

static void misuse_is_einval(void **state)
{
    (void)state;
    static char *const nothing[] = {NULL};
    fdi_process process;
    fdi_spawn_options good = options_for("missing");
    fdi_spawn_options options = good;
    assert_fails(EINVAL, fdi_spawn(NULL, &good));
    assert_fails(EINVAL, fdi_spawn(&process, NULL));
    options.argv = NULL;
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.argv = nothing;
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options = good;
    options.fds = NULL;
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    for (unsigned flag = 0x20; flag; flag <<= 1) {
        options = good;
        options.flags = flag;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
    }
    for (int i = 0; i < 4; i++) {
        options = good;
        options.reserved[i] = 1;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
    }
}

static int spawn_with(const fdi_fd_map *fds, size_t count)
{
    fdi_process process;
    fdi_spawn_options options = options_for("missing");
    options.fds = fds;
    options.fd_count = count;
    return fdi_spawn(&process, &options);
}

static void child_number_that_is_negative_or_given_twice_is_einval(void **state)
{
    (void)state;
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, -1}}, 1));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, INT_MIN}}, 1));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, 5}, {1, 4}, {2, 5}}, 3));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, 100000}, {1, 4}, {2, 100000}}, 3));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{-1, 3}, {0, 3}}, 2));
}

static void largest_child_number_is_above_every_limit(void **state)
{
    (void)state;
    assert_fails(EMFILE, spawn_with((fdi_fd_map[]){{0, INT_MAX}}, 1));
    assert_fails(EBADF, spawn_with((fdi_fd_map[]){{0, INT_MAX}, {-1, 3}}, 2));
    assert_fails(EBADF, spawn_with((fdi_fd_map[]){{-1, 3}, {0, INT_MAX}}, 2));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, INT_MAX}, {0, 4}, {1, 4}}, 3));
}

static void negative_fd_is_ebadf(void **state)
{
    (void)state;
    assert_fails(EBADF, spawn_with((fdi_fd_map[]){{0, 0}, {-1, 3}}, 2));
    assert_fails(EBADF, spawn_with((fdi_fd_map[]){{INT_MIN, 3}}, 1));
}

static void target_that_makes_no_sense_is_refused(void **state)
{
    (void)state;
    fdi_process process;
    fdi_spawn_options options = options_for("missing");
    options.program = (fdi_target){"missing", 1, FDI_AT_FDCWD};
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.program = fdi_fd(-1);
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options = options_for("missing");
    options.directory = (fdi_target){"missing", 1, FDI_AT_FDCWD};
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.directory = fdi_fd(-1);
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options.directory = fdi_path(NULL);
    assert_fails(EBADF, fdi_spawn(&process, &options));
}

static void search_takes_a_plain_path_only(void **state)
{
    (void)state;
    fdi_process process;
    fdi_spawn_options options = options_for("missing");
    options.flags = FDI_SPAWN_SEARCH;
    options.program = fdi_fd(0);
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.program = fdi_path_at(0, "missing");
    assert_fails(EINVAL, fdi_spawn(&process, &options));
}

static void waiting_for_no_process_is_einval(void **state)
{
    (void)state;
    int status;
    assert_fails(EINVAL, fdi_wait(0, &status));
    assert_fails(EINVAL, fdi_wait(-1, &status));
    assert_fails(EINVAL, fdi_wait_timeout(-1, 0, &status));
    assert_fails(EINVAL, fdi_wait_timeout(1, -2, &status));
    assert_fails(EINVAL, fdi_process_id(0));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(defaults_map_stdio_and_change_nothing_else),
        CASE(misuse_is_einval),
        CASE(child_number_that_is_negative_or_given_twice_is_einval),
        CASE(largest_child_number_is_above_every_limit),
        CASE(negative_fd_is_ebadf),
        CASE(target_that_makes_no_sense_is_refused),
        CASE(search_takes_a_plain_path_only),
        CASE(waiting_for_no_process_is_einval),
    };
    return cmocka_run_group_tests_name("spawn", cases, NULL, NULL);
}
