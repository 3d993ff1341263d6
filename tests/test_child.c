/* SPDX-License-Identifier: MIT
 * A child receives exactly the descriptors in its list. The child itself reports its descriptors.
 * These tests run on every platform. */
#include "../src/platform.h"
#include "support/files.h"
#include "support/child_report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct child_report report;

#define EXACT(...)                                                                                 \
    assert_true(child_has_exactly((const fdi_fd_map[]){__VA_ARGS__},                               \
                                  sizeof((const fdi_fd_map[]){__VA_ARGS__}) / sizeof(fdi_fd_map)))

static void child_receives_exactly_the_descriptors_in_its_list(void **state)
{
    (void)state;
    int inheritable = open_null(true);
    int a = open_file("a", 20);
    int b = open_file("b", 21);
    EXACT({0, 0}, {1, 1}, {2, 2});
    EXACT({0, 0}, {1, 1}, {2, 2}, {a, a});
    EXACT({0, 0}, {1, 1}, {2, 2}, {b, 3});
    EXACT({a, 0}, {b, 1});
    EXACT({a, 7});
    EXACT({a, 7}, {a, 8}, {a, 0}, {a, 20});
    close(inheritable);
    close(a);
    close(b);
}

static bool adds(const fdi_fd_map *fds, size_t count, const fdi_fd_map *expected, size_t has)
{
    fdi_spawn_options options = report_options();
    options.fds = fds;
    options.fd_count = count;
    return child_has_expected(&options, expected, has);
}

static void entries_are_added_to_stdio(void **state)
{
    (void)state;
    int inheritable = open_null(true);
    int a = open_file("a", 20);
    const fdi_fd_map all[] = {{0, 0}, {1, 1}, {2, 2}, {a, 7}, {a, a}};
    assert_true(adds(NULL, 0, all, 3));
    assert_true(adds(all + 3, 1, all, 4));
    assert_true(adds(all + 3, 2, all, 5));
    assert_true(adds(all, 5, all, 5));
    close(inheritable);
    close(a);
}

static void entry_for_a_stdio_number_replaces_the_default(void **state)
{
    (void)state;
    int a = open_file("a", 20), b = open_file("b", 21);
    for (int number = 0; number < 3; number++) {
        fdi_fd_map expected[] = {{0, 0}, {1, 1}, {2, 2}, {b, 9}};
        const fdi_fd_map fds[] = {{b, 9}, {a, number}};
        expected[number].fd = a;
        assert_true(adds(fds + 1, 1, expected, 3));
        assert_true(adds(fds, 2, expected, 4));
    }
    const fdi_fd_map swapped[] = {{1, 2}, {2, 1}, {0, 0}};
    assert_true(adds(swapped, 2, swapped, 3));
    close(a);
    close(b);
}

static void child_with_an_empty_list_and_no_stdio_receives_nothing(void **state)
{
    (void)state;
    assert_true(child_has_exactly(NULL, 0));
}

static void child_numbers_may_form_swaps_and_cycles(void **state)
{
    (void)state;
    int a = open_file("a", 20), b = open_file("b", 21), c = open_file("c", 22);
    EXACT({a, b}, {b, a});
    EXACT({a, b}, {b, c}, {c, a});
    EXACT({a, b}, {b, c}, {c, 23});
    EXACT({b, a}, {c, b}, {a, 23});
    EXACT({a, b}, {b, a}, {c, c}, {a, 0}, {b, 1});
    EXACT({0, 2}, {2, 1}, {1, 0}, {a, 3}, {b, 4});
    close(a);
    close(b);
    close(c);
}

static void child_numbers_may_lie_above_and_below_every_open_fd(void **state)
{
    (void)state;
    int a = open_file("a", 100);
    int low = open_null(true);
    EXACT({a, 3}, {low, 1000});
    EXACT({a, 1000}, {low, 0});
    EXACT({a, 1001}, {low, 1000}, {0, 999});
    close(a);
    close(low);
}

static void program_may_be_a_path_a_path_at_a_directory_or_an_fd(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    const char *path = options.program.path;
    char folder[4096];
    strcpy(folder, path);
    *strrchr(folder, '/') = '\0';
    int directory = open_folder(folder);
    const char *name = path + strlen(folder) + 1;
    int program = open_program(path);
    const fdi_target targets[] = {fdi_path(path), fdi_path_at(directory, name), fdi_fd(program),
                                  fdi_path_at(program, path)};
    const enum form forms[] = {FORM_PATH, FORM_AT, FORM_FD, FORM_ABSOLUTE};
    for (size_t i = 0; i < 4; i++) {
        bool served = forms[i] == FORM_PATH || is_served(FDI_FN_SPAWN, forms[i]);
        options.program = targets[i];
        assert_served(served, spawn_report(&options, &report));
        if (!served)
            continue;
        assert_int_equal(report.status, 0);
        assert_int_equal(report.count, 3);
        assert_string_equal(report.args[0], "report_child");
    }
    close(directory);
    close(program);
}

static void program_fd_may_have_the_number_of_an_entry(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    int program = open_program(options.program.path);
    int other = open_null(true);
    options.program = fdi_fd(program);
    options.flags = FDI_SPAWN_NO_STDIO;
    options.fds = (const fdi_fd_map[]){{other, program}, {program, other}};
    options.fd_count = 2;
    bool served = is_served(FDI_FN_SPAWN, FORM_FD);
    assert_served(served, spawn_report(&options, &report));
    assert_true(!served || report.count == 2);
    options.fds = (const fdi_fd_map[]){{other, program}};
    options.fd_count = 1;
    assert_served(served, spawn_report(&options, &report));
    assert_true(!served || (report.count == 1 && report.fds[0].fd == program));
    close(program);
    close(other);
}

static void child_receives_its_arguments_and_environment(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    char *arguments[] = {"another name", options.argv[1], "0", "", "a b\"c\\", NULL};
    char *environment[] = {"FDI_TELL=here", NULL};
    options.argv = arguments;
    options.envp = environment;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.arg_count, 4); /* the empty argument is not read back */
    assert_string_equal(report.args[0], "another name");
    assert_string_equal(report.args[3], "a b\"c\\");
    assert_string_equal(report.variable, "here");
    set_variable("FDI_TELL", "mine");
    options.envp = NULL;
    assert_works(spawn_report(&options, &report));
    assert_string_equal(report.variable, "mine");
    set_variable("FDI_TELL", NULL);
    options.envp = (char *[]){NULL};
    assert_works(spawn_report(&options, &report));
    assert_string_equal(report.variable, "(none)");
}

static void oversized_argument_is_e2big(void **state)
{
    (void)state;
    enum { LONG = 3 << 20 };
    fdi_process process;
    fdi_spawn_options options = report_options();
    char *text = malloc(LONG);
    memset(text, 'x', LONG);
    text[LONG - 1] = '\0';
    char *arguments[] = {"report_child", text, NULL};
    options.argv = arguments;
    assert_fails(E2BIG, fdi_spawn(&process, &options));
    free(text);
}

static void child_starts_in_its_directory_and_the_parents_does_not_change(void **state)
{
    (void)state;
    char here[512], there[512];
    make_directory("one");
    make_directory("one/two");
    int one = open_folder("one");
    here_and("", here);
    here_and("/one/two", there);
    fdi_spawn_options options = report_options();
    assert_works(spawn_report(&options, &report));
    assert_string_equal(report.cwd, here);
    const fdi_target targets[] = {fdi_path("one/two"), fdi_path_at(one, "two"), fdi_path(there)};
    for (size_t i = 0; i < 3; i++) {
        options.directory = targets[i];
        assert_works(spawn_report(&options, &report));
        assert_string_equal(report.cwd, there);
        assert_int_equal(report.count, 3);
    }
    options.directory = fdi_fd(one);
    assert_works(spawn_report(&options, &report));
    there[strlen(there) - 4] = '\0';
    assert_string_equal(report.cwd, there);
    options.flags = FDI_SPAWN_NO_STDIO;
    options.fds = (const fdi_fd_map[]){{0, one}};
    options.fd_count = 1;
    assert_works(spawn_report(&options, &report));
    assert_string_equal(report.cwd, there);
    here_and("", there);
    assert_string_equal(here, there);
    close(one);
}

static void spawn_reports_why_the_directory_cannot_be_entered(void **state)
{
    (void)state;
    fdi_process process;
    int file = open_file("file", -1);
    fdi_spawn_options options = report_options();
    options.directory = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.directory = fdi_path("file");
    assert_fails(ENOTDIR, fdi_spawn(&process, &options));
    options.directory = fdi_fd(file);
    assert_fails(ENOTDIR, fdi_spawn(&process, &options));
    options.directory = fdi_fd(999);
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options.directory = fdi_path_at(999, "missing");
    assert_fails(EBADF, fdi_spawn(&process, &options));
    close(file);
}

static void many_descriptors_may_be_listed_in_any_order(void **state)
{
    (void)state;
    enum { MANY = 200 };
    fdi_fd_map map[MANY];
    for (int i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        map[i].fd = open_file(name, -1);
        map[i].child_fd = 3 + (i * 77) % MANY; /* 77 and 200 share no common factor */
    }
    assert_true(child_has_exactly(map, MANY));
    assert_true(child_has_exactly(map, 33));
    assert_true(child_has_exactly(map, 32));
    for (int i = 0; i < MANY; i++)
        close(map[i].fd);
}

static void spawn_leaves_the_parents_flags_unchanged(void **state)
{
    (void)state;
    fdi_process process;
    int open_ones[] = {open_null(true), open_null(false)};
    fdi_spawn_options options = report_options();
    options.fds = (const fdi_fd_map[]){
        {open_ones[0], 30}, {open_ones[1], open_ones[0]}, {open_ones[0], open_ones[1]}};
    options.fd_count = 3;
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_works(spawn_report(&options, &report));
    options.program = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    assert_int_equal(fdi_get_inheritable(open_ones[0]), 1);
    assert_int_equal(fdi_get_inheritable(open_ones[1]), 0);
    close(open_ones[0]);
    close(open_ones[1]);
}

static void parent_with_closed_stdin_can_pass_any_other_descriptor(void **state)
{
    (void)state;
    int a = open_file("a", 20);
    int keep = dup(0);
    close(0);
    EXACT({a, 0}, {1, 1}, {2, 2});
    EXACT({a, 5});
    assert_true(
        adds((const fdi_fd_map[]){{a, 0}}, 1, (const fdi_fd_map[]){{a, 0}, {1, 1}, {2, 2}}, 3));
    fdi_spawn_options options = report_options();
    options.fds = (const fdi_fd_map[]){{0, 0}};
    options.fd_count = 1;
    assert_fails(EBADF, spawn_report(&options, &report));
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_fails(EBADF, spawn_report(&options, &report));
    dup2(keep, 0);
    close(keep);
    close(a);
}

/* Closes the numbers in `closed` while `options` start a program. Returns the program's status,
 * or -1000 if a closed number is open afterwards. */
static int64_t status_without(int closed, const fdi_spawn_options *options)
{
    int kept[3];
    int64_t status = -1;
    fdi_process process;
    for (int fd = 0; fd < 3; fd++)
        kept[fd] = fdi_dup(fd, FDI_ABOVE_STDIO);
    for (int fd = 0; fd < 3; fd++)
        if (closed & 1 << fd)
            close(fd);
    if (fdi_spawn(&process, options) == 0)
        (void)fdi_wait(&process, &status, -1, 0);
    for (int fd = 0; fd < 3; fd++) {
        if ((closed & 1 << fd) && fdi_get_inheritable(fd) != -1)
            status = -1000;
        (void)fdi_dup2(kept[fd], fd, FDI_INHERITABLE);
        close(kept[fd]);
    }
    return status;
}

static void closed_stdio_becomes_the_null_device(void **state)
{
    (void)state;
    fdi_spawn_options options = try_stdio_options(false);
    for (int closed = 1; closed < 8; closed++) {
        int64_t found = status_without(closed, &options);
        assert_true(found >= 0 && found < 8);
        assert_int_equal(found & closed, closed);
    }
    options = report_options();
    for (int closed = 1; closed < 8; closed++) {
        assert_int_equal(status_without(closed, &options), 0);
        read_report(&report);
        assert_int_equal(report.count, 3);
        assert_true(report.inherited < 0 || report.inherited == 3);
    }
}

static void closed_stdio_stays_closed_with_no_stdio(void **state)
{
    (void)state;
    fdi_spawn_options options = try_stdio_options(false);
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_int_equal(status_without(7, &options), 0);
    options = report_options();
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_int_equal(status_without(7, &options), 0);
    read_report(&report);
    assert_int_equal(report.count, 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(child_receives_exactly_the_descriptors_in_its_list),
        CASE(entries_are_added_to_stdio),
        CASE(entry_for_a_stdio_number_replaces_the_default),
        CASE(child_with_an_empty_list_and_no_stdio_receives_nothing),
        CASE(child_numbers_may_form_swaps_and_cycles),
        CASE(child_numbers_may_lie_above_and_below_every_open_fd),
        CASE(program_may_be_a_path_a_path_at_a_directory_or_an_fd),
        CASE(program_fd_may_have_the_number_of_an_entry),
        CASE(child_receives_its_arguments_and_environment),
        CASE(oversized_argument_is_e2big),
        CASE(child_starts_in_its_directory_and_the_parents_does_not_change),
        CASE(spawn_reports_why_the_directory_cannot_be_entered),
        CASE(many_descriptors_may_be_listed_in_any_order),
        CASE(spawn_leaves_the_parents_flags_unchanged),
        CASE(parent_with_closed_stdin_can_pass_any_other_descriptor),
        CASE(closed_stdio_becomes_the_null_device),
        CASE(closed_stdio_stays_closed_with_no_stdio),
    };
    return cmocka_run_group_tests_name("child", cases, NULL, NULL);
}
