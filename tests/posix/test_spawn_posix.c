/* SPDX-License-Identifier: MIT
 * Children receive exactly the descriptors in their list. A child proves it by a report. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_report.h"
#include "ended.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct child_report report;

#define EXACT(...)                                                                                 \
    assert_true(child_has_exactly((const fdi_fd_map[]){__VA_ARGS__},                               \
                                  sizeof((const fdi_fd_map[]){__VA_ARGS__}) / sizeof(fdi_fd_map)))

static void closed_fd_is_ebadf_and_leaves_no_child(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    options.fds = (const fdi_fd_map[]){{0, 0}, {77, 3}};
    options.fd_count = 2;
    assert_fails(EBADF, spawn_report(&options, &report));
    options.fds = (const fdi_fd_map[]){{0, 0}, {77, 77}};
    assert_fails(EBADF, spawn_report(&options, &report));
    assert_fails(ECHILD, waitpid(-1, NULL, WNOHANG));
}

static void largest_number_is_ebadf_in_every_position(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    const fdi_spawn_options usual = options;
    options.fds = (const fdi_fd_map[]){{INT_MAX, 3}};
    options.fd_count = 1;
    assert_fails(EBADF, spawn_report(&options, &report));
    options = usual;
    options.program = fdi_fd(INT_MAX);
    assert_fails(EBADF, spawn_report(&options, &report));
    options = usual;
    options.directory = fdi_fd(INT_MAX);
    assert_fails(EBADF, spawn_report(&options, &report));
    assert_fails(ECHILD, waitpid(-1, NULL, WNOHANG));
}

/* The kernel drops a lock when a process closes any descriptor of the file in the table that
 * took the lock. */
static bool is_locked(const char *name)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(name, O_RDWR);
        _exit(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK ? 0 : 1);
    }
    return waitpid(pid, &status, 0) == pid && status == 0;
}

static void parents_locks_survive_the_childs_closes(void **state)
{
    (void)state;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int locked = open_file("locked", 20);
    int given = open_file("given", 30);
    assert_int_equal(fcntl(locked, F_SETLK, &lock), 0);
    EXACT({given, 3});
    EXACT({given, 20});
    EXACT({locked, 3}, {given, 20});
    assert_true(is_locked("locked"));
    close(locked);
    assert_false(is_locked("locked"));
    close(given);
}

static int spawn_path(const char *path)
{
    fdi_spawn_options options = report_options();
    options.program = fdi_path(path);
    return spawn_report(&options, &report);
}

static void write_file(const char *name, const char *text, int mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(chmod(name, (mode_t)mode), 0);
}

static void spawn_reports_why_the_program_cannot_start(void **state)
{
    (void)state;
    write_file("plain", "text", 0644);
    write_file("unknown", "text", 0755);
    write_file("script", "#!/missing/interpreter\n", 0755);
    assert_fails(ENOENT, spawn_path("./missing"));
    assert_fails(EACCES, spawn_path("./plain"));
    assert_fails(ENOEXEC, spawn_path("./unknown"));
    assert_fails(ENOENT, spawn_path("./script"));
    assert_fails(ENOTDIR, spawn_path("./plain/program"));
    assert_fails(ENOENT, spawn_path(""));
    assert_fails(EACCES, spawn_path("."));
    assert_fails(ECHILD, waitpid(-1, NULL, WNOHANG));
}

static void wait_distinguishes_exit_codes_from_signals(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    char *arguments[] = {"report_child", options.argv[1], "77", NULL};
    options.argv = arguments;
    assert_works(spawn_report(&options, &report));
    assert_int_equal(report.status, 77);
    fdi_process process;
    options.program = fdi_path("/bin/sh");
    options.argv = (char *[]){"sh", "-c", "kill -9 $$", NULL};
    assert_works(fdi_spawn(&process, &options));
    fdi_process former = process;
    assert_int_equal(status_at_end(&process), -SIGKILL);
    assert_fails(EINVAL, fdi_wait(&process, NULL, -1, 0));
    assert_fails(ECHILD, fdi_wait(&former, NULL, -1, 0));
    assert_int_equal(former, FDI_NO_PROCESS);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(closed_fd_is_ebadf_and_leaves_no_child),
        CASE(largest_number_is_ebadf_in_every_position),
        CASE(parents_locks_survive_the_childs_closes),
        CASE(spawn_reports_why_the_program_cannot_start),
        CASE(wait_distinguishes_exit_codes_from_signals),
    };
    return cmocka_run_group_tests_name("spawn_posix", cases, NULL, NULL);
}
