/* SPDX-License-Identifier: MIT
 * Properties of every operation: it never waits for a fifo, never acquires a controlling terminal
 * and never updates the access time. It accepts descriptor 0 and an O_PATH fd. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* These functions open the file on purpose, or replace this process. */
static bool is_about_opening(int function)
{
    return function == FDI_FN_OPEN || function == FDI_FN_FOPEN || function == FDI_FN_EXECVE;
}

static void call_every_way(fdi_function function, int directory, const char *name)
{
    (void)call_any(function, fdi_path_at(directory, name), 0);
    (void)fdi_unlink(fdi_path("other"));
    if (takes_flags(function))
        (void)call_any(function, fdi_path_at(directory, name), FDI_NOFOLLOW);
    (void)fdi_unlink(fdi_path("other"));
    (void)call_any(function, fdi_path(name), 0);
    (void)fdi_unlink(fdi_path("other"));
}

/* ---- fifos --------------------------------------------------------------------------------- */

/* The alarm ends the program if a call waits for the other end. */
static void no_operation_waits_for_a_fifo(void **state)
{
    (void)state;
    int here = open_directory(".");
    for (int i = 0; i < function_count(); i++) {
        if (is_about_opening(i) || !takes_target((fdi_function)i))
            continue;
        (void)unlink("fifo");
        assert_int_equal(mkfifo("fifo", 0644), 0);
        alarm(10);
        call_every_way((fdi_function)i, here, "fifo");
        alarm(0);
    }
    assert_int_equal(close(here), 0);
}

static void operations_on_another_file_type_reject_a_fifo(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(mkfifo("dir/fifo", 0644), 0);
    int reader = open("dir/fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target fifo = named(state, tree.directory, "fifo", form);
        assert_fails(EINVAL, fdi_truncate(fifo, 0));
        assert_fails(ENOTDIR, fdi_opendir(fifo) ? 0 : -1);
        assert_fails(ENOTDIR, fdi_chdir(fifo));
    }
    assert_int_equal(close(reader), 0);
    file_tree_close(&tree);
}

/* ---- terminals ----------------------------------------------------------------------------- */

/* Runs in a new session, where the first opened terminal would become the controlling terminal. */
static int touch_terminal(const char *folder, const char *name)
{
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (setsid() < 0 || directory < 0)
        return 1;
    for (int i = 0; i < function_count(); i++)
        if (!is_about_opening(i) && takes_target((fdi_function)i) && i != FDI_FN_UNLINK &&
            i != FDI_FN_RENAME)
            call_every_way((fdi_function)i, directory, name);
    return open("/dev/tty", O_RDWR | O_CLOEXEC) == -1 && errno == ENXIO ? 0 : 2;
}

static void no_operation_acquires_a_controlling_terminal(void **state)
{
    (void)state;
    char path[64];
    int status = -1;
    int primary = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(primary >= 0 && grantpt(primary) == 0 && unlockpt(primary) == 0);
    snprintf(path, sizeof path, "%s", ptsname(primary));
    char *slash = strrchr(path, '/');
    *slash = '\0';
    pid_t child = fork();
    if (child == 0)
        _exit(touch_terminal(path, slash + 1));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(close(primary), 0);
}

/* ---- times of access ----------------------------------------------------------------------- */

static void make_old(const char *path)
{
    const struct timespec times[2] = {{1000, 0}, {2000, 0}}; /* read before written */
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void assert_old(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_atime, 1000);
}

static void no_operation_updates_the_access_time(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const int removing[] = {FDI_FN_RENAME, FDI_FN_UNLINK, FDI_FN_RMDIR};
    for (int i = 0; i < function_count(); i++) {
        bool removes = false;
        for (int j = 0; j < 3; j++)
            removes |= i == removing[j];
        if (removes || i == FDI_FN_UTIME || !takes_target((fdi_function)i))
            continue;
        assert_int_equal(chmod("dir", 0755), 0);
        make_old("dir/file");
        make_old("dir");
        call_every_way((fdi_function)i, tree.directory, "file");
        (void)call_any((fdi_function)i, fdi_fd(tree.fd), 0);
        (void)fdi_unlink(fdi_path("other"));
        assert_old("dir/file");
        if (i != FDI_FN_CHDIR)
            (void)call_any((fdi_function)i, fdi_fd(tree.directory), 0);
        assert_old("dir");
    }
    file_tree_close(&tree);
}

/* ---- descriptor 0 -------------------------------------------------------------------------- */

/* Makes 0 a copy of `fd`, or closes 0 if `fd` is -1, for one call. Returns the result, or the
 * negated errno. */
static int64_t said_with_zero(int fd, fdi_function function, fdi_target target, unsigned flags)
{
    int aside = fcntl(0, F_DUPFD_CLOEXEC, 10);
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)close(0);
    if (fd >= 0)
        (void)dup2(fd, 0);
    int64_t said = call_any(function, target, flags);
    said = said < 0 ? -errno : said;
    (void)dup2(aside, 0);
    (void)close(aside);
    (void)fchdir(here);
    (void)close(here);
    (void)unlink("other");
    return said;
}

/* Restores the attribute and the directory permissions that some functions remove. */
static void give_back(void)
{
    assert_int_equal(chmod("dir", 0755), 0);
    (void)fdi_setxattr(fdi_path("dir/file"), "user.test", "value", 5, 0, 0);
    (void)fdi_setxattr(fdi_path("dir"), "user.test", "value", 5, 0, 0);
}

static void name_is_served_with_zero_free(fdi_function function, const char *name, int zero)
{
    unsigned flags = takes_flags(function) ? FDI_NOFOLLOW : 0;
    int directory = open_directory("dir");
    for (unsigned i = 0; i <= flags; i += FDI_NOFOLLOW) {
        give_back();
        int64_t said = said_with_zero(zero, function, fdi_path_at(directory, name), i);
        give_back();
        assert_int_equal(said_with_zero(-1, function, fdi_path_at(directory, name), i), said);
        give_back();
        assert_int_equal(said_with_zero(directory, function, fdi_path_at(0, name), i), said);
    }
    assert_int_equal(close(directory), 0);
}

static void fd_is_served_as_zero(fdi_function function, int fd)
{
    give_back();
    int64_t said = said_with_zero(fd, function, fdi_fd(fd), 0);
    give_back();
    assert_int_equal(said_with_zero(fd, function, fdi_fd(0), 0), said);
}

static void every_operation_accepts_descriptor_zero(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    for (int i = 0; i < function_count(); i++) {
        fdi_function function = (fdi_function)i;
        if (function == FDI_FN_RENAME || function == FDI_FN_UNLINK || function == FDI_FN_EXECVE ||
            !takes_target(function))
            continue;
        name_is_served_with_zero_free(function, "file", tree.fd);
        name_is_served_with_zero_free(function, "link", tree.fd);
        name_is_served_with_zero_free(function, ".", tree.fd);
        fd_is_served_as_zero(function, tree.fd);
        fd_is_served_as_zero(function, tree.directory);
    }
    file_tree_close(&tree);
}

/* ---- O_PATH descriptors -------------------------------------------------------------------- */

#if defined(O_PATH)

/* Functions that use the procfs name of such an fd on every kernel. */
static bool needs_proc(fdi_function function)
{
    switch (function) {
    case FDI_FN_GETXATTR:
    case FDI_FN_SETXATTR:
    case FDI_FN_LISTXATTR:
    case FDI_FN_REMOVEXATTR:
    case FDI_FN_OPEN:
    case FDI_FN_TRUNCATE:
        return true;
    case FDI_FN_CHMOD:
        return !fdi_supports(FDI_FN_CHMOD, FDI_FORM_PATH, FDI_NOFOLLOW);
    default:
        return false;
    }
}

static int reach(fdi_function function)
{
    switch (function) {
    case FDI_FN_CHDIR:
    case FDI_FN_OPENDIR:
        return open("dir", O_PATH | O_CLOEXEC);
    case FDI_FN_READLINK:
        return open("dir/link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    default:
        return open("dir/file", O_PATH | O_CLOEXEC);
    }
}

static void act_reached(fdi_function function, int here)
{
    bool has_proc = access("/proc/self/fd", F_OK) == 0;
    int fd = reach(function);
    bool served = fdi_supports(function, FDI_FORM_FD, 0) && (has_proc || !needs_proc(function));
    if (!served)
        assert_fails(ENOTSUP, call_any(function, fdi_fd(fd), 0));
    else if (function == FDI_FN_EXECVE)
        assert_fails(EACCES, call_any(function, fdi_fd(fd), 0));
    else
        assert_works(call_any(function, fdi_fd(fd), 0));
    assert_int_equal(fchdir(here), 0);
    assert_int_equal(close(fd), 0);
    (void)unlink("other");
}

static void every_operation_accepts_an_o_path_fd(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    static const fdi_function functions[] = {
        FDI_FN_ACCESS,   FDI_FN_CHDIR,     FDI_FN_CHMOD,       FDI_FN_CHOWN,   FDI_FN_EXECVE,
        FDI_FN_SETXATTR, FDI_FN_LISTXATTR, FDI_FN_GETXATTR,    FDI_FN_LINK,    FDI_FN_OPEN,
        FDI_FN_PATHCONF, FDI_FN_READLINK,  FDI_FN_REMOVEXATTR, FDI_FN_OPENDIR, FDI_FN_STAT,
        FDI_FN_STATVFS,  FDI_FN_TRUNCATE,  FDI_FN_UTIME,
    };
    int here = open_directory(".");
    assert_int_equal(fdi_setxattr(fdi_path("dir/file"), "user.test", "value", 5, 0, 0), 0);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        act_reached(functions[i], here);
    assert_int_equal(close(here), 0);
    file_tree_close(&tree);
}

/* Acts on the symlink itself, never on its target. */
static void o_path_fd_of_a_symlink_acts_on_the_symlink(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    const struct fdi_time times[2] = {{1000, 0}, {2000, 0}};
    struct fdi_stat before = status_of("dir/file");
    struct fdi_stat status;
    int fd = open("dir/link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    assert_works(fdi_stat(fdi_fd(fd), &status, 0));
    assert_true(S_ISLNK(status.mode));
    assert_fails(ENOTSUP, fdi_chmod(fdi_fd(fd), 0600, 0));
    assert_int_equal(fdi_truncate(fdi_fd(fd), 0), -1);
    assert_works(fdi_chown(fdi_fd(fd), UINT32_MAX, UINT32_MAX, 0));
    if (fdi_utime(fdi_fd(fd), times, 0) == 0) {
        assert_works(fdi_stat(fdi_fd(fd), &status, 0));
        assert_int_equal(status.mtime.sec, 2000);
    } else {
        assert_int_equal(errno, ENOTSUP);
    }
    struct fdi_stat after = status_of("dir/file");
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(close(fd), 0);
    file_tree_close(&tree);
}

#endif

/* ---- fdi_supports --------------------------------------------------------------------------- */

enum { FUNCTIONS = 64 }; /* room for all functions, including later ones */

static unsigned support_of(fdi_function function)
{
    return (fdi_supports(function, FDI_FORM_FD, 0) ? 1U : 0U) |
           (fdi_supports(function, FDI_FORM_DIR_FD, 0) ? 2U : 0U) |
           (fdi_supports(function, FDI_FORM_PATH, FDI_NOFOLLOW) ? 4U : 0U) |
           (fdi_supports(function, FDI_FORM_PATH, FDI_EFFECTIVE_IDS) ? 8U : 0U) |
           (fdi_supports(function, FDI_FORM_PATH, 0) ? 16U : 0U);
}

static void supports_needs_no_free_fd(void **state)
{
    (void)state;
    struct rlimit former;
    unsigned before[FUNCTIONS] = {0};
    unsigned without[FUNCTIONS] = {0};
    assert_true(function_count() <= FUNCTIONS);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &former), 0);
    const struct rlimit none = {0, former.rlim_max};
    for (int function = 0; function < function_count(); function++)
        before[function] = support_of((fdi_function)function);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int function = 0; function < function_count(); function++)
        without[function] = support_of((fdi_function)function);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &former), 0);
    assert_memory_equal(before, without, sizeof before);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(no_operation_waits_for_a_fifo),
        CASE(operations_on_another_file_type_reject_a_fifo),
        CASE(no_operation_acquires_a_controlling_terminal),
        CASE(no_operation_updates_the_access_time),
        CASE(supports_needs_no_free_fd),
        CASE(every_operation_accepts_descriptor_zero),
#if defined(O_PATH)
        CASE(every_operation_accepts_an_o_path_fd),
        CASE(o_path_fd_of_a_symlink_acts_on_the_symlink),
#endif
    };
    return cmocka_run_group_tests_name("functions_posix", cases, NULL, NULL);
}
