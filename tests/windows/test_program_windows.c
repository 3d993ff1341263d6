/* SPDX-License-Identifier: MIT
 * Tests how the program of a child is found on Windows, and the errors of programs. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_report.h"
#include "../support/files.h"

#include <windows.h>

#include <io.h>

static struct child_report report;

/* ---- paths ---------------------------------------------------------------------------------- */

static int spawn_path(const char *path, unsigned flags)
{
    fdi_spawn_options options = report_options();
    options.program = fdi_path(path);
    options.flags = flags;
    return spawn_report(&options, &report);
}

static void spawn_fails_if_the_program_cannot_start(void **state)
{
    (void)state;
    make_directory("folder");
    make_file("text", "text");
    make_file("text.exe", "text");
    assert_fails(ENOENT, spawn_path("missing", 0));
    assert_fails(ENOENT, spawn_path("missing\\program", 0));
    assert_fails(ENOENT, spawn_path("", 0));
    assert_fails(ENOEXEC, spawn_path("text", 0));
    assert_fails(ENOEXEC, spawn_path(".\\text.exe", 0));
    assert_fails(EACCES, spawn_path("folder", 0));
    assert_fails(EILSEQ, spawn_path("\xff", 0));
}

static void a_program_relative_to_no_directory_is_enotdir(void **state)
{
    (void)state;
    make_file("file", "text");
    int file = open_program("file");
    fdi_process process;
    fdi_spawn_options options = report_options();
    options.program = fdi_path_at(file, "report_child.exe");
    assert_fails(ENOTDIR, fdi_spawn(&process, &options));
    options.program = fdi_path_at(999, "report_child.exe");
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options.program = fdi_fd(file);
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    _close(file);
}

static void a_pipe_or_device_is_no_program_and_no_directory(void **state)
{
    (void)state;
    int ends[2], null = open_null(false);
    assert_int_equal(_pipe(ends, 4096, 0), 0);
    fdi_spawn_options options = report_options();
    const fdi_target others[] = {fdi_path("NUL"), fdi_fd(null), fdi_fd(ends[0])};
    for (int i = 0; i < 3; i++) {
        fdi_process process;
        options = report_options();
        options.directory = others[i];
        assert_fails(ENOTDIR, fdi_spawn(&process, &options));
        options = report_options();
        options.program = others[i];
        assert_fails(EACCES, fdi_spawn(&process, &options));
    }
    _close(ends[0]);
    _close(ends[1]);
    _close(null);
}

static void a_batch_file_is_refused_under_every_name(void **state)
{
    (void)state;
    static const char *const names[] = {"x.bat",    ".\\x.bat", "./X.BAT", "x.bat.", "x.bat ",
                                        "x.bat. .", "y.cmd",    "Y.Cmd",   "y.cmd "};
    make_file("x.bat", "@exit /b 0\r\n");
    make_file("y.cmd", "@exit /b 0\r\n");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_fails(ENOEXEC, spawn_path(names[i], 0));
    int batch = open_program("x.bat"), folder = open_folder(".");
    fdi_process process;
    fdi_spawn_options options = report_options();
    options.program = fdi_fd(batch);
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    options.program = fdi_path_at(folder, "x.bat");
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    set_variable("PATH", ".");
    assert_fails(ENOEXEC, spawn_path("x.bat", FDI_SPAWN_SEARCH));
    assert_fails(ENOENT, spawn_path("x", FDI_SPAWN_SEARCH));
    _close(batch);
    _close(folder);
}

static void copy_reporter(const char *to)
{
    fdi_spawn_options options = report_options();
    assert_true(CopyFileA(options.program.path, to, TRUE));
}

static void search_uses_path_and_adds_exe(void **state)
{
    (void)state;
    make_directory("empty");
    make_directory("a;b");
    make_directory("two");
    copy_reporter("two\\there.exe");
    copy_reporter("a;b\\quoted.exe");
    copy_reporter("two\\dotted.1.exe");
    copy_reporter("two\\plain");
    set_variable("PATH", "missing;empty;;\"a;b\";two");
    assert_works(spawn_path("there", FDI_SPAWN_SEARCH));
    assert_works(spawn_path("there.exe", FDI_SPAWN_SEARCH));
    assert_works(spawn_path("THERE", FDI_SPAWN_SEARCH));
    assert_works(spawn_path("quoted", FDI_SPAWN_SEARCH));
    assert_works(spawn_path("dotted.1", FDI_SPAWN_SEARCH));
    assert_works(spawn_path("two\\there.exe", FDI_SPAWN_SEARCH));
    assert_fails(ENOENT, spawn_path("plain", FDI_SPAWN_SEARCH));
    assert_fails(ENOENT, spawn_path("nowhere", FDI_SPAWN_SEARCH));
    assert_fails(ENOENT, spawn_path("", FDI_SPAWN_SEARCH));
    assert_fails(ENOENT, spawn_path("there", 0));
}

static void the_current_directory_is_searched_only_if_path_names_it(void **state)
{
    (void)state;
    make_directory("two");
    copy_reporter("here.exe");
    set_variable("PATH", "two;;");
    assert_fails(ENOENT, spawn_path("here", FDI_SPAWN_SEARCH));
    set_variable("PATH", NULL);
    assert_fails(ENOENT, spawn_path("here", FDI_SPAWN_SEARCH));
    set_variable("PATH", "two;.");
    assert_works(spawn_path("here", FDI_SPAWN_SEARCH));
}

static void a_relative_program_starts_at_the_childs_directory(void **state)
{
    (void)state;
    make_directory("one");
    copy_reporter("one\\there.exe");
    fdi_spawn_options options = report_options();
    options.program = fdi_path("there.exe");
    assert_fails(ENOENT, spawn_report(&options, &report));
    options.directory = fdi_path("one");
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.status, 0);
}

/* ---- the PATH of the child's environment ----------------------------------------------------- */

static int search_with(char *const *environment, const char *name)
{
    fdi_spawn_options options = report_options();
    options.program = fdi_path(name);
    options.envp = environment;
    options.flags = FDI_SPAWN_SEARCH;
    return spawn_report(&options, &report);
}

static void search_uses_path_of_the_childs_environment(void **state)
{
    (void)state;
    static char system_root[] = "SystemRoot=C:\\windows";
    make_directory("one");
    make_directory("two");
    copy_reporter("one\\only_here.exe");
    copy_reporter("two\\there.exe");
    set_variable("PATH", "one");
    assert_works(search_with((char *[]){system_root, "PATH=two", NULL}, "there"));
    assert_works(search_with((char *[]){"path=missing;two", system_root, NULL}, "there"));
    assert_works(
        search_with((char *[]){"PATHS=one", "Path=;;\"two\"", system_root, NULL}, "there"));
    assert_fails(ENOENT, search_with((char *[]){system_root, "PATH=two", NULL}, "only_here"));
    assert_fails(ENOENT,
                 search_with((char *[]){"PATH=one", "Path=two", system_root, NULL}, "there"));
    assert_works(search_with(NULL, "only_here"));
}

static void search_with_an_empty_path_finds_nothing(void **state)
{
    (void)state;
    copy_reporter("here.exe");
    set_variable("PATH", ".");
    assert_fails(ENOENT, search_with((char *[]){"PATH=", NULL}, "here"));
    assert_fails(ENOENT, search_with((char *[]){"PATH=;;", NULL}, "here"));
    assert_fails(ENOENT, search_with((char *[]){"PATH=", NULL}, "cmd"));
    assert_true(SetEnvironmentVariableW(L"PATH", L""));
    assert_fails(ENOENT, search_with(NULL, "here"));
    assert_fails(ENOENT, search_with(NULL, "cmd"));
}

/* Returns the exit status of cmd.exe, which is in the system directory. */
static int64_t run_cmd(char *const *environment)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int64_t status;
    options.program = fdi_path("cmd");
    options.argv = (char *[]){"cmd", "/c", "exit", "7", NULL};
    options.envp = environment;
    options.flags = FDI_SPAWN_SEARCH;
    if (fdi_spawn(&process, &options) < 0 || fdi_wait(&process, &status, -1, 0) != 1)
        return -1;
    return status;
}

static void search_without_path_uses_the_system_directory(void **state)
{
    (void)state;
    copy_reporter("here.exe");
    set_variable("PATH", ".");
    assert_int_equal(run_cmd((char *[]){"SystemRoot=C:\\windows", NULL}), 7);
    assert_fails(ENOENT, search_with((char *[]){"SystemRoot=C:\\windows", NULL}, "here"));
    assert_fails(ENOENT, search_with((char *[]){NULL}, "here"));
    set_variable("PATH", NULL);
    assert_int_equal(run_cmd(NULL), 7);
    assert_fails(ENOENT, search_with(NULL, "here"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(spawn_fails_if_the_program_cannot_start),
        CASE(a_program_relative_to_no_directory_is_enotdir),
        CASE(a_pipe_or_device_is_no_program_and_no_directory),
        CASE(a_batch_file_is_refused_under_every_name),
        CASE(search_uses_path_and_adds_exe),
        CASE(the_current_directory_is_searched_only_if_path_names_it),
        CASE(a_relative_program_starts_at_the_childs_directory),
        CASE(search_uses_path_of_the_childs_environment),
        CASE(search_with_an_empty_path_finds_nothing),
        CASE(search_without_path_uses_the_system_directory),
    };
    return cmocka_run_group_tests_name("program_windows", cases, NULL, NULL);
}
