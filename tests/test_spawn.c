/* SPDX-License-Identifier: MIT
 * fdi_spawn and fdi_wait reject misuse before they do anything. */
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

static void spawn_defaults_are_all_zero(void **state)
{
    (void)state;
    const fdi_spawn_options zero = {0};
    fdi_spawn_options options = fdi_spawn_defaults();
    assert_null(options.fds);
    assert_int_equal(options.fd_count, 0);
    assert_null(options.argv);
    assert_null(options.envp);
    assert_null(options.program.path);
    assert_int_equal(options.program.form, 0);
    assert_int_equal(options.directory.form, 0);
    assert_int_equal(options.flags, 0);
    assert_memory_equal(options.reserved, zero.reserved, sizeof zero.reserved);
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
    for (int i = 0; i < 8; i++) {
        options = good;
        options.reserved[i] = UINT64_C(1) << 8 * i;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
    }
}

static void foreign_flags_are_einval(void **state)
{
    (void)state;
    const unsigned known = FDI_SPAWN_SEARCH | FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_NEW_SESSION |
                           FDI_SPAWN_NEW_GROUP | FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NO_STDIO |
                           FDI_SPAWN_NO_WINDOW;
    fdi_process process;
    fdi_spawn_options options = options_for("missing");
    for (int bit = 0; bit < 32; bit++) {
        options.flags = 1U << bit;
        if (known & options.flags)
            continue;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
        options.flags |= known;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
    }
}

static void entries_without_count_or_count_without_entries_is_einval(void **state)
{
    (void)state;
    const unsigned flags[] = {0, FDI_SPAWN_NO_STDIO};
    const fdi_fd_map map[] = {{0, 5}};
    fdi_process process;
    for (int i = 0; i < 2; i++) {
        fdi_spawn_options options = options_for("missing");
        options.flags = flags[i];
        options.fds = map;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
        options.fds = NULL;
        options.fd_count = 1;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
        options.fd_count = SIZE_MAX;
        assert_fails(EINVAL, fdi_spawn(&process, &options));
    }
}

static void unset_program_is_einval(void **state)
{
    (void)state;
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.argv = arguments;
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.flags = FDI_SPAWN_SEARCH;
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options = options_for(NULL);
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.program = fdi_path_at(0, NULL);
    assert_fails(EINVAL, fdi_spawn(&process, &options));
}

static int spawn_with(const fdi_fd_map *fds, size_t count)
{
    fdi_process process;
    fdi_spawn_options options = options_for("missing");
    options.fds = fds;
    options.fd_count = count;
    return fdi_spawn(&process, &options);
}

static void negative_or_duplicate_child_number_is_einval(void **state)
{
    (void)state;
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, -1}}, 1));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, INT_MIN}}, 1));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, 5}, {1, 4}, {2, 5}}, 3));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{0, 100000}, {1, 4}, {2, 100000}}, 3));
    assert_fails(EINVAL, spawn_with((fdi_fd_map[]){{-1, 3}, {0, 3}}, 2));
}

static void largest_child_number_exceeds_every_limit(void **state)
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

static void invalid_target_is_rejected(void **state)
{
    (void)state;
    fdi_process process;
    fdi_spawn_options options = options_for("missing");
    options.program = (fdi_target){NULL, 1, 4};
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.program = fdi_fd(-1);
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options = options_for("missing");
    options.directory = (fdi_target){NULL, 1, 4};
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.directory = fdi_fd(-1);
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options.directory = fdi_path(NULL);
    assert_fails(EINVAL, fdi_spawn(&process, &options));
    options.directory = fdi_path_at(0, NULL);
    assert_fails(EINVAL, fdi_spawn(&process, &options));
}

static void search_accepts_a_plain_path_only(void **state)
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

static void wait_for_no_process_is_einval(void **state)
{
    (void)state;
    const fdi_process none[] = {FDI_NO_PROCESS, -1, INTPTR_MIN};
    int64_t status = 4711;
    for (int i = 0; i < 3; i++) {
        fdi_process process = none[i];
        assert_fails(EINVAL, fdi_wait(&process, &status, -1, 0));
        assert_fails(EINVAL, fdi_wait(&process, &status, 0, FDI_WAIT_KEEP));
        assert_fails(EINVAL, fdi_wait(&process, NULL, 10, 0));
        assert_true(process == none[i]);
        assert_fails(EINVAL, fdi_process_id(process));
    }
    assert_fails(EINVAL, fdi_wait(NULL, &status, -1, 0));
    assert_true(status == 4711);
}

static void wait_with_an_invalid_timeout_or_flag_is_einval(void **state)
{
    (void)state;
    fdi_process process = 1;
    assert_fails(EINVAL, fdi_wait(&process, NULL, -2, 0));
    assert_fails(EINVAL, fdi_wait(&process, NULL, INT_MIN, 0));
    for (int bit = 0; bit < 32; bit++)
        if (1U << bit != FDI_WAIT_KEEP)
            assert_fails(EINVAL, fdi_wait(&process, NULL, 0, 1U << bit));
    assert_true(process == 1);
}

static void release_of_no_process_does_nothing(void **state)
{
    (void)state;
    fdi_process process = FDI_NO_PROCESS;
    assert_works(fdi_release(&process));
    assert_true(process == FDI_NO_PROCESS);
    process = -1;
    assert_fails(EINVAL, fdi_release(&process));
    assert_true(process == -1);
    assert_fails(EINVAL, fdi_release(NULL));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(spawn_defaults_are_all_zero),
        CASE(misuse_is_einval),
        CASE(foreign_flags_are_einval),
        CASE(entries_without_count_or_count_without_entries_is_einval),
        CASE(unset_program_is_einval),
        CASE(negative_or_duplicate_child_number_is_einval),
        CASE(largest_child_number_exceeds_every_limit),
        CASE(negative_fd_is_ebadf),
        CASE(invalid_target_is_rejected),
        CASE(search_accepts_a_plain_path_only),
        CASE(wait_for_no_process_is_einval),
        CASE(wait_with_an_invalid_timeout_or_flag_is_einval),
        CASE(release_of_no_process_does_nothing),
    };
    return cmocka_run_group_tests_name("spawn", cases, NULL, NULL);
}
