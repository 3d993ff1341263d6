/* SPDX-License-Identifier: MIT
 * Promises that only a rare number, a rare status or a refused call puts to the test. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CORE_DUMPED = 0x80, CLONE3 = 435 };

/* Added to each status that the kernel reports, as if every killed child left a core file. */
static int core_bit;

pid_t waitpid(pid_t pid, int *status, int options)
{
    pid_t ended = (pid_t)syscall(SYS_wait4, pid, status, options, NULL);
    if (ended > 0 && status && WIFSIGNALED(*status))
        *status |= core_bit;
    return ended;
}

static fdi_spawn_options shell(char *script)
{
    static char *arguments[] = {"sh", "-c", NULL, NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    arguments[2] = script;
    options.program = fdi_path("/bin/sh");
    options.argv = arguments;
    return options;
}

/* Returns the status of the child, or -1000 minus the errno of fdi_spawn. */
static int64_t run(const fdi_spawn_options *options)
{
    fdi_process process = FDI_NO_PROCESS;
    int64_t status = -2000;
    if (fdi_spawn(&process, options) < 0)
        return -1000 - errno;
    return fdi_wait(&process, &status, -1, 0) == 1 ? status : -3000;
}

/* ---- children ------------------------------------------------------------------------------ */

static void directory_descriptor_above_all_others_is_not_in_the_child(void **state)
{
    (void)state;
    fdi_spawn_options options = shell("! [ -e /dev/fd/100 ]");
    int opened = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(dup2(opened, 100), 100);
    options.directory = fdi_fd(100);
    assert_int_equal(run(&options), 0);
    close(opened);
    close(100);
}

static bool refuse_shared_memory(int error)
{
    const struct seccomp_rule rules[] = {{CLONE3, 0, 0, 0, error},
                                         {SYS_clone, 0, CLONE_VM, CLONE_VM, error}};
    return seccomp_refuse(rules, 2);
}

/* The library's own pipe takes the lowest free number. */
static bool copies_with_a_closed_source(const void *context)
{
    fdi_fd_map map = {0, 50};
    fdi_spawn_options options = shell("exit 0");
    (void)context;
    if (!refuse_shared_memory(EPERM))
        return false;
    options.fds = &map;
    options.fd_count = 1;
    for (map.fd = 3; map.fd < 20; map.fd++) {
        bool is_open = fcntl(map.fd, F_GETFD) >= 0;
        if (run(&options) != (is_open ? 0 : -1000 - EBADF))
            return false;
    }
    return true;
}

static void closed_source_is_ebadf_for_a_copied_child(void **state)
{
    (void)state;
    assert_true(apart(copies_with_a_closed_source, NULL));
}

static bool keeps_mask_and_cancel_state(const fdi_spawn_options *options, int error)
{
    sigset_t blocked;
    sigset_t after;
    int cancelling;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    int64_t status = run(options);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &cancelling);
    for (int signal = 1; signal < 65; signal++)
        if (sigismember(&after, signal) != (signal == SIGUSR1))
            return false;
    return cancelling == PTHREAD_CANCEL_ENABLE && status == -1000 - error;
}

static bool fails_in_every_way(const void *context)
{
    const fdi_fd_map closed = {77, 5};
    fdi_spawn_options missing = shell("exit 0");
    fdi_spawn_options elsewhere = missing;
    fdi_spawn_options source = missing;
    missing.program = fdi_path("/missing");
    elsewhere.directory = fdi_path("/missing");
    source.fds = &closed;
    source.fd_count = 1;
    if (context && !refuse_shared_memory(EPERM))
        return false;
    return keeps_mask_and_cancel_state(&missing, ENOENT) &&
           keeps_mask_and_cancel_state(&elsewhere, ENOENT) &&
           keeps_mask_and_cancel_state(&source, EBADF);
}

static bool fails_without_any_way(const void *context)
{
    const struct seccomp_rule rules[] = {{CLONE3, 0, 0, 0, EPERM}, {SYS_clone, 0, 0, 0, EPERM}};
    fdi_spawn_options options = shell("exit 0");
    (void)context;
    return seccomp_refuse(rules, 2) && keeps_mask_and_cancel_state(&options, EPERM);
}

static void failed_start_restores_the_mask_and_the_cancel_state(void **state)
{
    (void)state;
    assert_true(apart(fails_in_every_way, NULL));
    assert_true(apart(fails_in_every_way, ""));
    assert_true(apart(fails_without_any_way, NULL));
}

static void status_of_a_core_dump_is_minus_the_signal(void **state)
{
    (void)state;
    fdi_spawn_options options = shell("kill -ABRT $$");
    core_bit = CORE_DUMPED;
    assert_int_equal(run(&options), -SIGABRT);
    core_bit = 0;
}

static void reaped_child_is_echild_while_waiting(void **state)
{
    (void)state;
    fdi_spawn_options options = shell("sleep 0.1");
    assert_true(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    for (int milliseconds = -1; milliseconds < 9000; milliseconds += 5000) {
        fdi_process process = FDI_NO_PROCESS;
        int64_t status = 4711;
        assert_works(fdi_spawn(&process, &options));
        assert_fails(ECHILD, fdi_wait(&process, &status, milliseconds, 0));
        assert_int_equal(process, FDI_NO_PROCESS);
        assert_int_equal(status, 4711);
    }
    signal(SIGCHLD, SIG_DFL);
}

static bool resets_signals_of_a_misnamed_process(const void *context)
{
    fdi_spawn_options options = shell("kill -PIPE $$; exit 0");
    (void)context;
    (void)prctl(PR_SET_NAME, "SigIgn:");
    (void)signal(SIGPIPE, SIG_IGN);
    return run(&options) == -SIGPIPE;
}

static void process_name_is_not_taken_for_the_ignored_signals(void **state)
{
    (void)state;
    assert_true(apart(resets_signals_of_a_misnamed_process, NULL));
}

/* ---- numbers at the ends of blocks --------------------------------------------------------- */

static const int numbers[] = {62,   63,   64,   65,    4094,  4095,  4096, 4097,
                              8191, 8192, 8193, 16382, 16383, 16384, 16385};
enum { NUMBERS = sizeof numbers / sizeof numbers[0], LISTED = 4200, FIRST_LISTED = 100 };

static bool raise_limit(void)
{
    const struct rlimit limit = {20000, 20000};
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* Makes the range inheritable and private again, and checks every descriptor both times. */
static bool sets_exactly(int first, int last)
{
    for (int inheritable = 1; inheritable >= 0; inheritable--) {
        if (fdi_set_inheritable_range(first, last, inheritable) < 0)
            return false;
        for (int i = 0; i < NUMBERS; i++) {
            bool is_inside = numbers[i] >= first && numbers[i] <= last;
            if (fdi_get_inheritable(numbers[i]) != (is_inside && inheritable))
                return false;
        }
    }
    return true;
}

static bool sets_each_range(const void *context)
{
    const struct seccomp_rule no_range = {436 /* close_range */, 0, 0, 0, ENOSYS};
    if (!raise_limit() || (context && !seccomp_refuse(&no_range, 1)))
        return false;
    for (int i = 0; i < NUMBERS; i++)
        if (dup3(0, numbers[i], O_CLOEXEC) != numbers[i])
            return false;
    for (int first = 0; first < NUMBERS; first++)
        for (int last = first; last < NUMBERS; last++)
            if (!sets_exactly(numbers[first], numbers[last]))
                return false;
    return true;
}

static void ranges_end_exactly_at_every_block(void **state)
{
    (void)state;
    assert_true(apart(sets_each_range, NULL));
    assert_true(apart(sets_each_range, ""));
}

static int count_inheritable(const int *fds, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++)
        found += fdi_get_inheritable(fds[i]) == 1;
    return found;
}

static bool sets_each_list(const void *context)
{
    static const int counts[] = {63, 64, 65, 4095, 4096, 4097};
    static int fds[LISTED];
    (void)context;
    if (!raise_limit())
        return false;
    for (int i = 0; i < LISTED; i++)
        if ((fds[i] = fcntl(0, F_DUPFD_CLOEXEC, FIRST_LISTED)) < 0)
            return false;
    for (int i = 0; i < 6; i++) {
        int count = counts[i];
        int last = fds[count - 1];
        fds[count - 1] = 19999; /* closed */
        if (fdi_set_inheritable_many(fds, (size_t)count, true) == 0 || errno != EBADF ||
            count_inheritable(fds, count) != 0)
            return false;
        fds[count - 1] = last;
        if (fdi_set_inheritable_many(fds, (size_t)count, true) < 0 ||
            count_inheritable(fds, LISTED) != count ||
            fdi_set_inheritable_many(fds, (size_t)count, false) < 0)
            return false;
    }
    return true;
}

static void lists_are_set_and_restored_at_every_block(void **state)
{
    (void)state;
    assert_true(apart(sets_each_list, NULL));
}

/* ---- files --------------------------------------------------------------------------------- */

static bool is_equal(const struct fdi_statvfs *found, const struct statvfs *expected)
{
    return found->bsize == expected->f_bsize && found->frsize == expected->f_frsize &&
           found->blocks == expected->f_blocks && found->bfree == expected->f_bfree &&
           found->bavail == expected->f_bavail && found->files == expected->f_files &&
           found->ffree == expected->f_ffree && found->favail == expected->f_favail &&
           found->fsid == expected->f_fsid && found->flag == expected->f_flag &&
           found->namemax == expected->f_namemax;
}

/* Other processes use the file system meanwhile, so several attempts are made. */
static void statvfs_agrees_with_the_c_library_in_each_member(void **state)
{
    static const char *const places[] = {".", "/", "/proc", "/dev", "/dev/shm", "/sys"};
    (void)state;
    for (int i = 0; i < 6; i++) {
        bool agrees = false;
        for (int attempt = 0; attempt < 1000 && !agrees; attempt++) {
            struct fdi_statvfs found;
            struct statvfs expected;
            assert_int_equal(statvfs(places[i], &expected), 0);
            assert_works(fdi_statvfs(fdi_path(places[i]), &found));
            agrees = is_equal(&found, &expected);
        }
        assert_true(agrees);
    }
}

static void new_stream_has_the_permissions_of_the_umask(void **state)
{
    static const unsigned flags[] = {0, FDI_ABOVE_STDIO};
    static const mode_t masks[] = {0, 027};
    mode_t old = umask(0);
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct stat status;
        umask(masks[i / 2]);
        FILE *stream = fdi_fopen(fdi_path("new"), i % 2 ? "wx" : "w", flags[i % 2]);
        assert_non_null(stream);
        assert_int_equal(fstat(fileno(stream), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0666 & ~masks[i / 2]);
        assert_int_equal(fclose(stream), 0);
        assert_int_equal(unlink("new"), 0);
    }
    umask(old);
}

static bool sets_times_by_procfs(const void *context)
{
    const struct seccomp_rule rule = {SYS_utimensat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH,
                                      *(const int *)context};
    const struct fdi_time times[2] = {{1, 2}, {3, 4}};
    struct stat status;
    int made = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int reached = open("file", O_PATH | O_CLOEXEC);
    return made >= 0 && reached >= 0 && seccomp_refuse(&rule, 1) &&
           fdi_utime(fdi_fd(reached), times, 0) == 0 && fstat(made, &status) == 0 &&
           status.st_atim.tv_sec == 1 && status.st_atim.tv_nsec == 2 &&
           status.st_mtim.tv_sec == 3 && status.st_mtim.tv_nsec == 4;
}

static void times_of_o_path_are_set_by_procfs_on_older_kernels(void **state)
{
    (void)state;
    assert_true(apart(sets_times_by_procfs, &(int){EINVAL}));
    assert_true(apart(sets_times_by_procfs, &(int){ENOENT}));
}

/* ---- messages ------------------------------------------------------------------------------ */

static void empty_message_delivers_its_descriptors(void **state)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec none = {NULL, 0};
    struct msghdr message = {.msg_iov = &none, .msg_iovlen = 1};
    int pair[2];
    int fd = -1;
    int sent = open_null(true);
    size_t count = 1;
    char byte;
    (void)state;
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    control.head.cmsg_level = SOL_SOCKET;
    control.head.cmsg_type = SCM_RIGHTS;
    control.head.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.head), &sent, sizeof sent);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(sendmsg(pair[0], &message, 0), 0);
    assert_works(fdi_recv_fds(pair[1], &byte, 1, &fd, &count, 0));
    assert_int_equal(count, 1);
    assert_int_equal(fdi_get_inheritable(fd), 0);
    close(fd);
    close(sent);
    close(pair[0]);
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(directory_descriptor_above_all_others_is_not_in_the_child),
        CASE(closed_source_is_ebadf_for_a_copied_child),
        CASE(failed_start_restores_the_mask_and_the_cancel_state),
        CASE(status_of_a_core_dump_is_minus_the_signal),
        CASE(reaped_child_is_echild_while_waiting),
        CASE(process_name_is_not_taken_for_the_ignored_signals),
        CASE(ranges_end_exactly_at_every_block),
        CASE(lists_are_set_and_restored_at_every_block),
        CASE(statvfs_agrees_with_the_c_library_in_each_member),
        CASE(new_stream_has_the_permissions_of_the_umask),
        CASE(times_of_o_path_are_set_by_procfs_on_older_kernels),
        CASE(empty_message_delivers_its_descriptors),
    };
    return cmocka_run_group_tests_name("rare", cases, NULL, NULL);
}
