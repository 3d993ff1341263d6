/* SPDX-License-Identifier: MIT
 * Children on Windows: streams, modes, programs and their arguments, errors, waiting. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/told.h"
#include "../support/windows_run_time.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct told told;

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int tell_with(const fdi_fd_map *map, size_t count)
{
    fdi_spawn_options options = tell_options();
    options.fds = map;
    options.fd_count = count;
    return tell_all(&options, &told);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static void fd_5_arrives_and_everything_else_is_withheld(void **state)
{
    (void)state;
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    int ends[2], other = open_null(true);
    HANDLE event = CreateEventW(&inherit, TRUE, FALSE, NULL);
    assert_int_equal(_pipe(ends, 4096, _O_BINARY), 0);
    assert_works(tell_with((fdi_fd_map[]){{ends[1], 5}}, 1));
    assert_int_equal(told.status, 0);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.fds[0].fd, 5);
    assert_int_equal(told.inherited, 1);
    CloseHandle(event);
    _close(other);
    _close(ends[0]);
    _close(ends[1]);
}

static void child_numbers_go_up_to_2047(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    for (int number = 250; number < 260; number++)
        assert_true(tell_exact((fdi_fd_map[]){{fd, number}}, 1));
    assert_true(tell_exact((fdi_fd_map[]){{fd, 2047}, {fd, 3}}, 2));
    assert_fails(EMFILE, tell_with((fdi_fd_map[]){{fd, 2048}}, 1));
    assert_fails(EMFILE, tell_with((fdi_fd_map[]){{fd, INT32_MAX - 1}}, 1));
    _close(fd);
}

static void only_streams_that_are_given_are_there(void **state)
{
    (void)state;
    int fd = open_file("file", 20);
    const struct {
        fdi_fd_map map[3];
        size_t count;
        uint64_t streams;
    } cases[] = {
        {{{fd, 0}, {fd, 1}, {fd, 2}}, 3, 7}, {{{fd, 0}}, 1, 1}, {{{fd, 1}}, 1, 2},
        {{{fd, 2}, {fd, 0}}, 2, 5},          {{{fd, 9}}, 1, 0}, {{{fd, 9}}, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_works(tell_with(cases[i].map, cases[i].count));
        assert_int_equal(told.streams, cases[i].streams);
        assert_int_equal(told.count, cases[i].count);
    }
    _close(fd);
}

static void streams_are_in_text_mode_and_others_in_binary_mode(void **state)
{
    (void)state;
    int ends[2], file = open_file("file", -1), null = open_null(false);
    assert_int_equal(_pipe(ends, 4096, _O_TEXT | _O_NOINHERIT), 0);
    assert_works(
        tell_with((fdi_fd_map[]){{file, 0}, {ends[1], 1}, {null, 2}, {file, 3}, {ends[1], 4}}, 5));
    assert_int_equal(told.count, 5);
    assert_int_equal(told.text, 7);
    _close(ends[0]);
    _close(ends[1]);
    _close(file);
    _close(null);
}

static void each_number_has_a_handle_of_its_own(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    assert_works(tell_with((fdi_fd_map[]){{fd, 3}, {fd, 4}, {fd, 1}}, 3));
    assert_int_equal(told.inherited, 3);
    _close(fd);
}

static void nothing_stays_open_and_nothing_becomes_inheritable(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    fdi_process process;
    fdi_spawn_options options = tell_options();
    write_file("text", "text");
    assert_works(tell_with((fdi_fd_map[]){{fd, 3}}, 1)); /* the first use may open something */
    int open_before = handle_count(), inheritable_before = inheritable_handle_count();
    assert_works(tell_with((fdi_fd_map[]){{fd, 3}, {fd, 0}, {fd, 7}}, 3));
    assert_works(tell_with(NULL, 0));
    options.program = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.program = fdi_path("text");
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    assert_int_equal(handle_count(), open_before);
    assert_int_equal(inheritable_handle_count(), inheritable_before);
    _close(fd);
}

/* ---- programs ---------------------------------------------------------------------------------- */

static int spawn_path(const char *path, unsigned flags)
{
    fdi_spawn_options options = tell_options();
    options.program = fdi_path(path);
    options.flags = flags;
    return tell_all(&options, &told);
}

static void program_that_cannot_start_is_the_error_of_spawn(void **state)
{
    (void)state;
    make_directory("folder");
    write_file("text", "text");
    write_file("text.exe", "text");
    assert_fails(ENOENT, spawn_path("missing", 0));
    assert_fails(ENOENT, spawn_path("missing\\program", 0));
    assert_fails(ENOENT, spawn_path("", 0));
    assert_fails(ENOEXEC, spawn_path("text", 0));
    assert_fails(ENOEXEC, spawn_path(".\\text.exe", 0));
    assert_fails(EACCES, spawn_path("folder", 0));
    assert_fails(EILSEQ, spawn_path("\xff", 0));
}

static void program_seen_from_no_directory_is_enotdir(void **state)
{
    (void)state;
    write_file("file", "text");
    int file = open_program("file");
    fdi_process process;
    fdi_spawn_options options = tell_options();
    options.program = fdi_path_at(file, "tell.exe");
    assert_fails(ENOTDIR, fdi_spawn(&process, &options));
    options.program = fdi_path_at(999, "tell.exe");
    assert_fails(EBADF, fdi_spawn(&process, &options));
    options.program = fdi_fd(file);
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    _close(file);
}

static void batch_file_is_refused_by_whatever_name(void **state)
{
    (void)state;
    static const char *const names[] = {"x.bat",    ".\\x.bat", "./X.BAT", "x.bat.", "x.bat ",
                                        "x.bat. .", "y.cmd",    "Y.Cmd",   "y.cmd "};
    write_file("x.bat", "@exit /b 0\r\n");
    write_file("y.cmd", "@exit /b 0\r\n");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_fails(ENOEXEC, spawn_path(names[i], 0));
    int batch = open_program("x.bat"), folder = open_folder(".");
    fdi_process process;
    fdi_spawn_options options = tell_options();
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

static void copy_tell(const char *to)
{
    fdi_spawn_options options = tell_options();
    assert_true(CopyFileA(options.program.path, to, TRUE));
}

static void search_goes_along_path_and_adds_exe(void **state)
{
    (void)state;
    make_directory("empty");
    make_directory("a;b");
    make_directory("two");
    copy_tell("two\\there.exe");
    copy_tell("a;b\\quoted.exe");
    copy_tell("two\\dotted.1.exe");
    copy_tell("two\\plain");
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

static void current_directory_is_searched_only_if_it_is_named(void **state)
{
    (void)state;
    make_directory("two");
    copy_tell("here.exe");
    set_variable("PATH", "two;;");
    assert_fails(ENOENT, spawn_path("here", FDI_SPAWN_SEARCH));
    set_variable("PATH", NULL);
    assert_fails(ENOENT, spawn_path("here", FDI_SPAWN_SEARCH));
    set_variable("PATH", "two;.");
    assert_works(spawn_path("here", FDI_SPAWN_SEARCH));
}

static void relative_program_is_seen_from_the_childs_directory(void **state)
{
    (void)state;
    make_directory("one");
    copy_tell("one\\there.exe");
    fdi_spawn_options options = tell_options();
    options.program = fdi_path("there.exe");
    assert_fails(ENOENT, tell_all(&options, &told));
    options.directory = fdi_path("one");
    assert_works(tell_all(&options, &told));
    assert_int_equal(told.status, 0);
}

/* ---- flags, waiting ----------------------------------------------------------------------------- */

static void a_session_is_enotsup_and_signals_have_no_meaning(void **state)
{
    (void)state;
    fdi_spawn_options options = tell_options();
    options.flags = FDI_SPAWN_NEW_SESSION;
    assert_fails(ENOTSUP, tell_all(&options, &told));
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NEW_GROUP;
    assert_works(tell_all(&options, &told));
    assert_int_equal(told.status, 0);
}

static void wait_gives_the_exit_code_once(void **state)
{
    (void)state;
    fdi_spawn_options options = tell_options();
    char *arguments[] = {"tell", options.argv[1], "77", NULL};
    fdi_process process;
    int status;
    options.argv = arguments;
    assert_works(fdi_spawn(&process, &options));
    assert_true(fdi_process_id(process) > 0);
    assert_works(fdi_wait(process, &status));
    assert_int_equal(status, 77);
    tell_read(&told);
    assert_fails(ECHILD, fdi_wait(process, &status));
    assert_fails(EINVAL, fdi_process_id(process));
}

/* It waits for the end of its input. */
static fdi_process start_sleeper(int *input)
{
    int ends[2];
    fdi_process process;
    fdi_spawn_options options = tell_options();
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
    options.program = fdi_path(BECOME);
    options.argv = (char *[]){"become", NULL};
    options.fds = (fdi_fd_map[]){{ends[0], 0}};
    options.fd_count = 1;
    assert_works(fdi_spawn(&process, &options));
    _close(ends[0]);
    *input = ends[1];
    return process;
}

static void wait_can_look_and_give_up(void **state)
{
    (void)state;
    int input, status;
    fdi_process process = start_sleeper(&input);
    assert_int_equal(fdi_wait_timeout(process, 0, &status), 0);
    assert_int_equal(fdi_wait_timeout(process, 50, &status), 0);
    assert_true(fdi_process_id(process) != (int64_t)GetCurrentProcessId());
    _close(input);
    assert_int_equal(fdi_wait_timeout(process, -1, NULL), 1);
}

static void killed_child_tells_the_code_it_was_killed_with(void **state)
{
    (void)state;
    int input, status;
    fdi_process process = start_sleeper(&input);
    assert_true(TerminateProcess((HANDLE)process, 259));
    assert_works(fdi_wait(process, &status));
    assert_int_equal(status, 259); /* also the one that means "still running" */
    _close(input);
}

static void handle_of_no_process_is_echild(void **state)
{
    (void)state;
    HANDLE event = CreateEventW(NULL, TRUE, TRUE, NULL);
    assert_fails(ECHILD, fdi_wait((fdi_process)event, NULL));
    assert_fails(EINVAL, fdi_process_id((fdi_process)event));
    assert_int_equal(WaitForSingleObject(event, 0), WAIT_OBJECT_0); /* it is still open */
    CloseHandle(event);
}

/* ---- becoming a program -------------------------------------------------------------------------- */

static void wait_for_end(int fd)
{
    char byte;
    assert_int_equal(_read(fd, &byte, 1), 0);
}

static void execve_passes_on_what_is_inheritable_and_ends_with_0(void **state)
{
    (void)state;
    int ends[2], status;
    fdi_process process;
    fdi_spawn_options options = tell_options();
    char *arguments[] = {"become", (char *)options.program.path, options.argv[1], "77", NULL};
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
    options.program = fdi_path(BECOME);
    options.argv = arguments;
    options.fds = (fdi_fd_map[]){{0, 0}, {ends[1], 1}, {ends[1], 9}};
    options.fd_count = 3;
    assert_works(fdi_spawn(&process, &options));
    _close(ends[1]);
    assert_works(fdi_wait(process, &status));
    assert_int_equal(status, 0);
    wait_for_end(ends[0]);
    tell_read(&told);
    assert_int_equal(told.count, 3);
    assert_int_equal(told.inherited, 3);
    assert_int_equal(told.fds[2].fd, 9);
    assert_int_equal(told.arg_count, 3);
    _close(ends[0]);
}

static void execve_that_fails_comes_back(void **state)
{
    (void)state;
    char *arguments[] = {"program", NULL};
    write_file("x.bat", "");
    assert_fails(ENOENT, fdi_execve(fdi_path("missing"), arguments, NULL));
    assert_fails(ENOEXEC, fdi_execve(fdi_path("x.bat"), arguments, NULL));
    assert_fails(EBADF, fdi_execve(fdi_fd(999), arguments, NULL));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(fd_5_arrives_and_everything_else_is_withheld),
        CASE(child_numbers_go_up_to_2047),
        CASE(only_streams_that_are_given_are_there),
        CASE(streams_are_in_text_mode_and_others_in_binary_mode),
        CASE(each_number_has_a_handle_of_its_own),
        CASE(nothing_stays_open_and_nothing_becomes_inheritable),
        CASE(program_that_cannot_start_is_the_error_of_spawn),
        CASE(program_seen_from_no_directory_is_enotdir),
        CASE(batch_file_is_refused_by_whatever_name),
        CASE(search_goes_along_path_and_adds_exe),
        CASE(current_directory_is_searched_only_if_it_is_named),
        CASE(relative_program_is_seen_from_the_childs_directory),
        CASE(a_session_is_enotsup_and_signals_have_no_meaning),
        CASE(wait_gives_the_exit_code_once),
        CASE(wait_can_look_and_give_up),
        CASE(killed_child_tells_the_code_it_was_killed_with),
        CASE(handle_of_no_process_is_echild),
        CASE(execve_passes_on_what_is_inheritable_and_ends_with_0),
        CASE(execve_that_fails_comes_back),
    };
    return cmocka_run_group_tests_name("spawn_windows", cases, NULL, NULL);
}
