/* SPDX-License-Identifier: MIT
 * Tests the descriptors, standard handles and flags of children on Windows. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_report.h"
#include "../support/files.h"
#include "../support/socket.h"
#include "../support/windows_run_time.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

static struct child_report report;

static int report_with(const fdi_fd_map *map, size_t count)
{
    fdi_spawn_options options = report_options();
    options.fds = count > 0 ? map : NULL;
    options.fd_count = count;
    options.flags = FDI_SPAWN_NO_STDIO;
    return spawn_report(&options, &report);
}

/* ---- descriptors ----------------------------------------------------------------------------- */

static void fd_5_arrives_and_nothing_else_is_inherited(void **state)
{
    (void)state;
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    int ends[2], other = open_null(true);
    HANDLE event = CreateEventW(&inherit, TRUE, FALSE, NULL);
    assert_int_equal(_pipe(ends, 4096, _O_BINARY), 0);
    assert_works(report_with((fdi_fd_map[]){{ends[1], 5}}, 1));
    assert_int_equal(report.status, 0);
    assert_int_equal(report.count, 1);
    assert_int_equal(report.fds[0].fd, 5);
    assert_int_equal(report.inherited, 1);
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
        assert_true(child_has_exactly((fdi_fd_map[]){{fd, number}}, 1));
    assert_true(child_has_exactly((fdi_fd_map[]){{fd, 2047}, {fd, 3}}, 2));
    assert_fails(EMFILE, report_with((fdi_fd_map[]){{fd, 2048}}, 1));
    assert_fails(EMFILE, report_with((fdi_fd_map[]){{fd, INT32_MAX - 1}}, 1));
    _close(fd);
}

static void the_child_has_only_the_given_streams(void **state)
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
        assert_works(report_with(cases[i].map, cases[i].count));
        assert_int_equal(report.streams, cases[i].streams);
        assert_int_equal(report.count, cases[i].count);
    }
    _close(fd);
}

static void streams_are_in_text_mode_and_others_in_binary_mode(void **state)
{
    (void)state;
    int ends[2], file = open_file("file", -1), null = open_null(false);
    assert_int_equal(_pipe(ends, 4096, _O_TEXT | _O_NOINHERIT), 0);
    assert_works(report_with(
        (fdi_fd_map[]){{file, 0}, {ends[1], 1}, {null, 2}, {file, 3}, {ends[1], 4}}, 5));
    assert_int_equal(report.count, 5);
    assert_int_equal(report.text, 7);
    _close(ends[0]);
    _close(ends[1]);
    _close(file);
    _close(null);
}

static void each_fd_has_its_own_handle(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    assert_works(report_with((fdi_fd_map[]){{fd, 3}, {fd, 4}, {fd, 1}}, 3));
    assert_int_equal(report.inherited, 3);
    _close(fd);
}

static void nothing_stays_open_and_nothing_becomes_inheritable(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    fdi_process process;
    fdi_spawn_options options = report_options();
    make_file("text", "text");
    assert_works(report_with((fdi_fd_map[]){{fd, 3}}, 1)); /* the first use may open something */
    int open_before = handle_count(), inheritable_before = inheritable_handle_count();
    assert_works(report_with((fdi_fd_map[]){{fd, 3}, {fd, 0}, {fd, 7}}, 3));
    assert_works(report_with(NULL, 0));
    options.program = fdi_path("missing");
    assert_fails(ENOENT, fdi_spawn(&process, &options));
    options.program = fdi_path("text");
    assert_fails(ENOEXEC, fdi_spawn(&process, &options));
    assert_int_equal(handle_count(), open_before);
    assert_int_equal(inheritable_handle_count(), inheritable_before);
    _close(fd);
}

/* ---- stdio ----------------------------------------------------------------------------------- */

/* Windows does not promise that a duplicated socket works in another process. */
static void a_socket_among_the_descriptors_is_enotsup(void **state)
{
    (void)state;
    sockets_start();
    fdi_socket made = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    int fd = _open_osfhandle((intptr_t)made, _O_NOINHERIT);
    int ends[2];
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
    int handles = handle_count();
    assert_fails(ENOTSUP, report_with((fdi_fd_map[]){{ends[1], 4}, {fd, 5}}, 2));
    assert_int_equal(handle_count(), handles);
    assert_works(report_with((fdi_fd_map[]){{ends[1], 4}, {ends[0], 5}}, 2));
    close_socket(made);
    (void)_close(fd); /* closes the number only */
    _close(ends[0]);
    _close(ends[1]);
}

static void stdio_is_passed_besides_the_given_descriptors(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    fdi_spawn_options options = report_options();
    options.fds = (fdi_fd_map[]){{fd, 5}, {fd, 1}};
    options.fd_count = 2;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.count, 4);
    assert_int_equal(report.inherited, 4);
    assert_int_equal(report.streams, 7);
    assert_int_equal(report.fds[0].ino, identity_of(0));
    assert_int_equal(report.fds[1].ino, identity_of(fd));
    assert_int_equal(report.fds[2].ino, identity_of(2));
    assert_int_equal(report.fds[3].fd, 5);
    _close(fd);
}

/* Returns the status of a child that starts while fd `number` of this process is closed, or -1. It
 * is 0 if that fd of the child is the null device, open for reading and writing. */
static int64_t status_without(int number)
{
    char digit[] = {(char)('0' + number), '\0'};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int64_t status = -1;
    options.program = fdi_path(STARTED);
    options.argv = (char *[]){"started", "null", digit, NULL};
    int saved = _dup(number);
    _close(number);
    errno = 4711;
    bool works = fdi_spawn(&process, &options) == 0 && errno == 4711;
    if (works)
        (void)fdi_wait(&process, &status, -1, 0);
    _dup2(saved, number);
    _close(saved);
    return works ? status : -1;
}

static void a_closed_stdio_descriptor_becomes_the_null_device(void **state)
{
    (void)state;
    for (int number = 0; number <= 2; number++)
        assert_int_equal(status_without(number), 0);
    int open_before = handle_count(), inheritable_before = inheritable_handle_count();
    for (int number = 0; number <= 2; number++)
        assert_int_equal(status_without(number), 0);
    assert_int_equal(handle_count(), open_before);
    assert_int_equal(inheritable_handle_count(), inheritable_before);
}

/* Control: proves that the case above can fail. */
static void an_open_stdio_descriptor_is_not_the_null_device(void **state)
{
    (void)state;
    int fd = open_file("file", -1);
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int64_t status;
    options.program = fdi_path(STARTED);
    options.argv = (char *[]){"started", "null", "0", NULL};
    options.fds = (fdi_fd_map[]){{fd, 0}};
    options.fd_count = 1;
    assert_works(fdi_spawn(&process, &options));
    assert_int_equal(fdi_wait(&process, &status, -1, 0), 1);
    assert_int_equal(status, 1);
    _close(fd);
}

/* A GUI program has no standard handles unless its parent passes them. */
static void a_program_without_standard_handles_can_start_children(void **state)
{
    (void)state;
    int null = open_null(false);
    fdi_spawn_options options = report_options();
    options.argv =
        (char *[]){"started", "start", (char *)options.program.path, options.argv[1], NULL};
    options.program = fdi_path(STARTED);
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.status, 0);
    assert_int_equal(report.count, 3);
    assert_int_equal(report.inherited, 3);
    assert_int_equal(report.streams, 7);
    for (int i = 0; i < 3; i++)
        assert_int_equal(report.fds[i].ino, identity_of(null));
    _close(null);
}

/* ---- flags ----------------------------------------------------------------------------------- */

static void new_session_is_enotsup_and_signal_flags_are_ignored(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    options.flags = FDI_SPAWN_NEW_SESSION;
    assert_fails(ENOTSUP, spawn_report(&options, &report));
    options.flags = FDI_SPAWN_EMPTY_MASK | FDI_SPAWN_KEEP_IGNORED | FDI_SPAWN_NEW_GROUP;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.status, 0);
}

/* ---- execve ---------------------------------------------------------------------------------- */

static void execve_is_enotsup_and_starts_nothing(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    int folder = open_folder("."), program = open_program(options.program.path);
    int open_before = handle_count();
    const fdi_target targets[] = {options.program, fdi_path_at(folder, options.program.path),
                                  fdi_fd(program), fdi_path("missing")};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        assert_fails(ENOTSUP, fdi_execve(targets[i], options.argv, NULL));
        assert_int_equal(handle_count(), open_before);
    }
    Sleep(200); /* a child would write its report */
    assert_int_equal(GetFileAttributesA(options.argv[1]), INVALID_FILE_ATTRIBUTES);
    _close(program);
    _close(folder);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(fd_5_arrives_and_nothing_else_is_inherited),
        CASE(child_numbers_go_up_to_2047),
        CASE(the_child_has_only_the_given_streams),
        CASE(streams_are_in_text_mode_and_others_in_binary_mode),
        CASE(each_fd_has_its_own_handle),
        CASE(nothing_stays_open_and_nothing_becomes_inheritable),
        CASE(a_socket_among_the_descriptors_is_enotsup),
        CASE(stdio_is_passed_besides_the_given_descriptors),
        CASE(a_closed_stdio_descriptor_becomes_the_null_device),
        CASE(an_open_stdio_descriptor_is_not_the_null_device),
        CASE(a_program_without_standard_handles_can_start_children),
        CASE(new_session_is_enotsup_and_signal_flags_are_ignored),
        CASE(execve_is_enotsup_and_starts_nothing),
    };
    return cmocka_run_group_tests_name("spawn_windows", cases, NULL, NULL);
}
