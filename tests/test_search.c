/* SPDX-License-Identifier: MIT
 * FDI_SPAWN_SEARCH looks a program up in the PATH of the child's environment. */
#include "../src/platform.h"
#include "support/files.h"
#include "support/child_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct child_report report;

#if defined(_WIN32)
#define SEPARATOR ";"
enum { EMPTY_ELEMENT_IS_HERE = false };
#else
#define SEPARATOR ":"
enum { EMPTY_ELEMENT_IS_HERE = true };
#endif

static char folder[4096]; /* of the program report_child */
static char path_before[32768];

static fdi_spawn_options search_options(void)
{
    fdi_spawn_options options = report_options();
    strcpy(folder, options.program.path);
    *strrchr(folder, '/') = '\0';
    options.program = fdi_path("report_child");
    options.flags = FDI_SPAWN_SEARCH;
    return options;
}

/* Returns the result of a search with this PATH in the child's environment. */
static int find_reporter(const fdi_spawn_options *options, const char *before, const char *path,
                         const char *after)
{
    static char variable[3 * 4096];
    char *environment[] = {"FDI_TELL=found", variable, NULL};
    fdi_spawn_options searching = *options;
    snprintf(variable, sizeof variable, "PATH=%s%s%s", before, path, after);
    searching.envp = environment;
    return spawn_report(&searching, &report);
}

static void set_own_path(const char *path)
{
    strcpy(path_before, getenv("PATH"));
    set_variable("PATH", path);
}

static void search_uses_path_of_the_childs_environment(void **state)
{
    (void)state;
    fdi_spawn_options options = search_options();
    fdi_process process;
    make_directory("empty");
    assert_works(find_reporter(&options, "", folder, ""));
    assert_string_equal(report.variable, "found");
    assert_string_equal(report.args[0], "report_child");
    assert_works(find_reporter(&options, "empty" SEPARATOR, folder, SEPARATOR "empty"));
    set_own_path(folder);
    int own = spawn_report(&options, &report);
    int elsewhere = find_reporter(&options, "empty", "", "");
    int error = errno;
    options.envp = (char *[]){"FDI_TELL=found", NULL};
    int without = fdi_spawn(&process, &options);
    int default_error = errno;
    options.envp = NULL;
    set_variable("PATH", "empty");
    int nowhere = fdi_spawn(&process, &options);
    int own_error = errno;
    set_variable("PATH", path_before);
    assert_int_equal(own, 0);
    assert_true(elsewhere == -1 && error == ENOENT);
    assert_true(without == -1 && default_error == ENOENT);
    assert_true(nowhere == -1 && own_error == ENOENT);
}

static void empty_path_element_is_the_childs_directory(void **state)
{
    (void)state;
    static const char *const paths[][2] = {
        {"", ""}, {SEPARATOR, ""}, {"", SEPARATOR}, {"empty" SEPARATOR, SEPARATOR "empty"}};
    fdi_spawn_options options = search_options();
    make_directory("empty");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        options.directory = (fdi_target){NULL, 0, 0};
        assert_fails(ENOENT, find_reporter(&options, paths[i][0], "", paths[i][1]));
        options.directory = fdi_path("empty");
        assert_fails(ENOENT, find_reporter(&options, paths[i][0], "", paths[i][1]));
        options.directory = fdi_path(folder);
        errno = 0;
        int result = find_reporter(&options, paths[i][0], "", paths[i][1]);
        assert_int_equal(result, EMPTY_ELEMENT_IS_HERE ? 0 : -1);
        assert_int_equal(errno, EMPTY_ELEMENT_IS_HERE ? 0 : ENOENT);
    }
}

static void name_with_a_slash_is_not_searched(void **state)
{
    (void)state;
    fdi_spawn_options options = search_options();
    options.program = fdi_path("./report_child");
    assert_fails(ENOENT, find_reporter(&options, "", folder, ""));
    options.program = report_options().program;
    assert_works(find_reporter(&options, "empty", "", ""));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(search_uses_path_of_the_childs_environment),
        CASE(empty_path_element_is_the_childs_directory),
        CASE(name_with_a_slash_is_not_searched),
    };
    return cmocka_run_group_tests_name("search", cases, NULL, NULL);
}
