/* SPDX-License-Identifier: MIT
 * Each creator and operation makes exactly one system call wherever the kernel has one for it. */
#define _GNU_SOURCE 1
#include "errors.h"
#include "injector.h"
#include "scenarios.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc's fdopen reads the flags of the fd. Calls for memory and randomness are not compared,
 * because the C library chooses them.
 *
 * The kernel has no call for a directory change, a length, a limit or a file system relative to a
 * dir_fd. It has none for a new file in a directory that is given by path. An O_PATH fd needs a
 * second call where only the failure of the first reveals it. A procfs path needs a statfs call
 * first, which shows that a procfs is there.
 *
 * The number of open descriptors decides how often a walk makes each call. A plus starts such a
 * row, which has each call once, in any order. */
static const struct expectation {
    const char *name;
    const char *calls;
    long newest;       /* the newest call, which older kernels lack; 0 if every kernel has all */
    const char *older; /* the calls on such a kernel */
} expectations[] = {
    {"open_path", "openat ", 0, NULL},
    {"open_at", "openat ", 0, NULL},
    {"open_fd", "statfs openat ", 0, NULL},
    {"dup_", "fcntl ", 0, NULL},
    {"dup_inheritable", "fcntl ", 0, NULL},
    {"dup_above", "fcntl ", 0, NULL},
    {"memfd", "memfd_create ", 0, NULL},
    {"event", "eventfd2 ", 0, NULL},
    {"epoll", "epoll_create1 ", 0, NULL},
    {"queue", "", 0, NULL},
    {"socket_unix", "socket ", 0, NULL},
    {"socket_nonblock", "socket ", 0, NULL},
    {"socket_above", "socket fcntl close ", 0, NULL},
    {"accept_", "accept4 ", 0, NULL},
    {"accept_nonblock", "accept4 ", 0, NULL},
    {"accept_above", "accept4 fcntl close ", 0, NULL},
    {"accept_address", "accept4 ", 0, NULL},
    {"mkstemp_", "openat openat close ", 0, NULL},
    {"mkstemp_path", "openat openat close ", 0, NULL},
    {"mkstemp_at", "openat openat close ", 0, NULL},
    {"mkstemp_fd", "openat ", 0, NULL},
    {"fopen_path", "openat ", 0, NULL},
    {"fopen_exclusive", "openat ", 0, NULL},
    {"fopen_at", "openat fcntl ", 0, NULL},
    {"fopen_fd", "statfs openat fcntl ", 0, NULL},
    {"fopen_at_exclusive", "openat fcntl ", 0, NULL},
    {"fopen_above_exclusive", "openat fcntl ", 0, NULL},
    {"fopen_above", "openat fcntl ", 0, NULL},
    {"fopen_above_moved", "openat fcntl close fcntl ", 0, NULL},
    {"pipe_", "pipe2 ", 0, NULL},
    {"pipe_nonblock", "pipe2 ", 0, NULL},
    {"pipe_above", "pipe2 fcntl close ", 0, NULL},
    {"openpty_", "openat ioctl ioctl ", 0, NULL},
    {"openpty_above", "openat ioctl ioctl fcntl close ", 0, NULL},
    {"socketpair_", "socketpair ", 0, NULL},
    {"socketpair_nonblock", "socketpair ", 0, NULL},
    {"socketpair_above", "socketpair fcntl close ", 0, NULL},
    {"dup2_private", "dup3 ", 0, NULL},
    {"dup2_private_onto_private", "dup3 ", 0, NULL},
    {"dup2_closed", "dup3 ", 0, NULL},
    {"dup2_inheritable", "dup2 ", 0, NULL},
    {"dup2_itself", "ioctl ", 0, NULL},
    {"recv_fds", "recvmsg ", 0, NULL},
    {"recv_too_many_fds", "recvmsg close close close ", 0, NULL},
    {"recv_fds_above", "recvmsg fcntl close ", 0, NULL},
    {"above_stdio", "epoll_create1 fcntl close ", 0, NULL},
    {"get_inheritable", "fcntl ", 0, NULL},
    {"set_inheritable_off", "ioctl ", 0, NULL},
    {"set_inheritable_on", "ioctl ", 0, NULL},
    {"set_inheritable_o_path", "ioctl fcntl fcntl ", 0, NULL},
    {"range_off", "close_range ", 436,
     "+close_range statfs openat newfstatat pselect6 getdents64 fcntl close ioctl "},
    {"range_on", "+statfs openat newfstatat pselect6 getdents64 fcntl close ioctl ", 0, NULL},
    {"range_dense", "+statfs openat newfstatat pselect6 fcntl close ioctl ", 0, NULL},
    {"foreach_open", "+statfs openat newfstatat pselect6 getdents64 fcntl close ", 0, NULL},
    {"foreach_dense", "+statfs openat newfstatat pselect6 fcntl close ", 0, NULL},
    {"foreach_sparse", "+statfs openat newfstatat pselect6 getdents64 fcntl close ", 0, NULL},
    {"many", "fcntl ioctl fcntl ioctl fcntl ioctl ", 0, NULL},
    {"many_off", "fcntl ioctl fcntl fcntl ", 0, NULL},
    {"supports_everything",
     "+faccessat2 fchmodat2 execveat getxattrat setxattrat listxattrat removexattrat linkat statfs "
     "memfd_create eventfd2 epoll_create1 ",
     439,
     "+faccessat2 getuid geteuid getgid getegid fchmodat2 execveat getxattrat setxattrat "
     "listxattrat removexattrat linkat statfs memfd_create eventfd2 epoll_create1 "},
    {"access_path", "faccessat ", 0, NULL},
    {"access_at", "faccessat ", 0, NULL},
    {"access_fd", "faccessat2 ", 439, "faccessat2 statfs faccessat "},
    {"access_nofollow", "faccessat2 ", 439, "faccessat2 openat statfs faccessat close "},
    {"access_reached", "faccessat2 ", 439, "faccessat2 statfs faccessat "},
    {"access_fd_effective", "faccessat2 ", 439,
     "faccessat2 getuid geteuid getgid getegid statfs faccessat "},
    {"access_effective", "faccessat2 ", 439, "faccessat2 getuid geteuid getgid getegid faccessat "},
    {"access_all", "faccessat2 ", 439,
     "faccessat2 getuid geteuid getgid getegid openat statfs faccessat close "},
    {"chflags_path", "", 0, NULL},
    {"chmod_path", "fchmodat ", 0, NULL},
    {"chmod_at", "fchmodat ", 0, NULL},
    {"chmod_fd", "fchmod ", 0, NULL},
    {"chmod_reached", "fchmod fchmodat2 ", 452,
     "fchmod fchmodat2 statx newfstatat statfs fchmodat "},
    {"chmod_nofollow", "fchmodat2 ", 452,
     "fchmodat2 openat statx newfstatat statfs fchmodat close "},
    {"chmod_nofollow_at", "fchmodat2 ", 452,
     "fchmodat2 openat statx newfstatat statfs fchmodat close "},
    {"chmod_nofollow_link", "fchmodat2 ", 452, "fchmodat2 openat statx newfstatat close "},
    {"chown_path", "fchownat ", 0, NULL},
    {"chown_at", "fchownat ", 0, NULL},
    {"chown_fd", "fchown ", 0, NULL},
    {"chown_reached", "fchown fchownat ", 0, NULL},
    {"chown_nofollow", "fchownat ", 0, NULL},
    {"chown_nofollow_at", "fchownat ", 0, NULL},
    {"pathconf_path", "statfs ", 0, NULL},
    {"pathconf_at", "openat openat fstatfs close ", 0, NULL},
    {"pathconf_fd", "fcntl fstatfs ", 0, NULL},
    {"stat_path", "statx ", SYS_statx, "statx newfstatat "},
    {"stat_at", "statx ", SYS_statx, "statx newfstatat "},
    {"stat_fd", "statx ", SYS_statx, "statx newfstatat "},
    {"stat_reached", "statx ", SYS_statx, "statx newfstatat "},
    {"stat_nofollow", "statx ", SYS_statx, "statx newfstatat "},
    {"stat_nofollow_at", "statx ", SYS_statx, "statx newfstatat "},
    {"statvfs_path", "statfs ", 0, NULL},
    {"statvfs_at", "openat openat fstatfs close ", 0, NULL},
    {"statvfs_fd", "fstatfs ", 0, NULL},
    {"statvfs_reached", "fstatfs ", 0, NULL},
    {"truncate_path", "truncate ", 0, NULL},
    {"truncate_at", "openat statfs truncate close ", 0, NULL},
    {"truncate_fd", "ftruncate ", 0, NULL},
    {"truncate_reached", "ftruncate statfs truncate ", 0, NULL},
    {"utime_path", "utimensat ", 0, NULL},
    {"utime_at", "utimensat ", 0, NULL},
    {"utime_fd", "utimensat ", 0, NULL},
    {"utime_reached", "utimensat utimensat ", 0, NULL},
    {"utime_nofollow", "utimensat ", 0, NULL},
    {"utime_nofollow_at", "utimensat ", 0, NULL},
    {"utime_now_fd", "utimensat ", 0, NULL},
    {"utime_now", "utimensat ", 0, NULL},
    {"link_path", "linkat ", 0, NULL},
    {"link_at", "linkat ", 0, NULL},
    {"link_nofollow", "linkat ", 0, NULL},
    {"link_nofollow_at", "linkat ", 0, NULL},
    {"link_fd", "linkat ", 0, NULL},
    {"link_reached", "linkat ", 0, NULL},
    {"mkdir_path", "mkdirat ", 0, NULL},
    {"mkdir_at", "mkdirat ", 0, NULL},
    {"mkfifo_path", "mknodat ", 0, NULL},
    {"mkfifo_at", "mknodat ", 0, NULL},
    {"mknod_path", "mknodat ", 0, NULL},
    {"mknod_at", "mknodat ", 0, NULL},
    {"readlink_path", "readlinkat ", 0, NULL},
    {"readlink_at", "readlinkat ", 0, NULL},
    {"readlink_fd", "readlinkat ", 0, NULL},
    {"readlink_fd_of_file", "readlinkat ", 0, NULL},
    {"rename_path", "renameat ", 0, NULL},
    {"rename_at", "renameat ", 0, NULL},
    {"replace_path", "renameat ", 0, NULL},
    {"replace_at", "renameat ", 0, NULL},
    {"rmdir_path", "unlinkat ", 0, NULL},
    {"rmdir_at", "unlinkat ", 0, NULL},
    {"symlink_path", "symlinkat ", 0, NULL},
    {"symlink_at", "symlinkat ", 0, NULL},
    {"unlink_path", "unlinkat ", 0, NULL},
    {"unlink_at", "unlinkat ", 0, NULL},
    {"getxattr_path", "getxattr ", 0, NULL},
    {"getxattr_at", "getxattrat ", 464, "getxattrat openat statfs getxattr close "},
    {"getxattr_fd", "fgetxattr ", 0, NULL},
    {"getxattr_reached", "fgetxattr statfs getxattr ", 0, NULL},
    {"getxattr_nofollow", "lgetxattr ", 0, NULL},
    {"getxattr_nofollow_at", "getxattrat ", 464, "getxattrat openat statfs getxattr close "},
    {"setxattr_path", "setxattr ", 0, NULL},
    {"setxattr_at", "setxattrat ", 463, "setxattrat openat statfs setxattr close "},
    {"setxattr_fd", "fsetxattr ", 0, NULL},
    {"setxattr_reached", "fsetxattr statfs setxattr ", 0, NULL},
    {"setxattr_nofollow", "setxattrat ", 463, "setxattrat openat statfs setxattr close "},
    {"setxattr_nofollow_path", "lsetxattr ", 0, NULL},
    {"listxattr_path", "listxattr ", 0, NULL},
    {"listxattr_at", "listxattrat ", 465, "listxattrat openat statfs listxattr close "},
    {"listxattr_fd", "flistxattr ", 0, NULL},
    {"listxattr_reached", "flistxattr statfs listxattr ", 0, NULL},
    {"listxattr_nofollow", "listxattrat ", 465, "listxattrat openat statfs listxattr close "},
    {"listxattr_nofollow_path", "llistxattr ", 0, NULL},
    {"removexattr_path", "removexattr ", 0, NULL},
    {"removexattr_at", "removexattrat ", 466, "removexattrat openat statfs removexattr close "},
    {"removexattr_fd", "fremovexattr ", 0, NULL},
    {"removexattr_reached", "fremovexattr statfs removexattr ", 0, NULL},
    {"removexattr_nofollow", "lremovexattr ", 0, NULL},
    {"removexattr_nofollow_at", "removexattrat ", 466,
     "removexattrat openat statfs removexattr close "},
    {"chdir_path", "chdir ", 0, NULL},
    {"chdir_at", "openat fchdir close ", 0, NULL},
    {"chdir_fd", "fchdir ", 0, NULL},
    {"open_new", "openat ", 0, NULL},
    {"open_nofollow_at", "openat ", 0, NULL},
    {"open_reached", "statfs openat ", 0, NULL},
    {"open_fd_of_directory", "statfs openat ", 0, NULL},
    {"execve_path", "execve ", 0, NULL},
    {"execve_at", "execveat ", SYS_execveat, "execveat openat "},
    {"execve_fd", "execveat ", SYS_execveat, "execveat fcntl statx newfstatat statfs execve "},
    {"list_path", "openat newfstatat getdents64 getdents64 close ", 0, NULL},
    {"list_at", "openat newfstatat fcntl fcntl getdents64 getdents64 close ", 0, NULL},
    {"list_fd", "openat newfstatat fcntl fcntl getdents64 getdents64 close ", 0, NULL},
};

static char base[] = "/tmp/fdinherit-calls.XXXXXX";

enum { EXPECTATIONS = sizeof expectations / sizeof expectations[0] };

static const struct expectation *find(const char *name)
{
    for (int i = 0; i < EXPECTATIONS; i++)
        if (strcmp(expectations[i].name, name) == 0)
            return &expectations[i];
    return NULL;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static int perform(void *scenario)
{
    char tree[] = "tree.XXXXXX";
    if (!mkdtemp(tree) || chdir(tree) < 0)
        abort();
    surroundings_build();
    (void)((const struct scenario *)scenario)->act();
    return 0;
}

static bool is_memory(const char *name)
{
    return strcmp(name, "brk") == 0 || strcmp(name, "mmap") == 0 || strcmp(name, "getrandom") == 0;
}

static bool kernel_has(long number)
{
    return syscall(number, -1, "", 0, 0, 0, 0) == -1 && errno != ENOSYS;
}

static const char *calls_of(const struct expectation *expected)
{
    bool is_old = expected->newest && !kernel_has(expected->newest);
    return is_old ? expected->older : expected->calls;
}

static void add_call(char *found, const char *name)
{
    bool once = found[0] == '+';
    char word[32];
    (void)snprintf(word, sizeof word, "%s ", name);
    if (!is_memory(name) && strlen(found) < 200 && !(once && strstr(found, word)))
        strcat(found, word);
}

static const char *found_calls(const struct scenario *scenario, const char *expected)
{
    static struct injector_run run;
    static char found[256];
    struct scenario copy = *scenario;
    (void)snprintf(found, sizeof found, "%s", expected[0] == '+' ? "+" : "");
    run.call_to_fail = -1;
    injector_run(&run, perform, &copy);
    for (int i = 0; i < run.calls; i++)
        add_call(found, name_of_call(run.numbers[i]));
    return found;
}

static bool are_same(const char *found, const char *calls)
{
    if (calls[0] != '+')
        return strcmp(found, calls) == 0;
    for (const char *word = found + 1; *word; word += strcspn(word, " ") + 1) {
        char one[32];
        (void)snprintf(one, sizeof one, "%.*s ", (int)strcspn(word, " "), word);
        if (!strstr(calls, one))
            return false;
    }
    return strlen(found) == strlen(calls);
}

/* A scenario without an expectation fails. */
static bool is_expected(const struct scenario *scenario)
{
    static int number;
    const struct expectation *expected = find(scenario->name);
    const char *calls = expected ? calls_of(expected) : "a row in calls.c";
    const char *found = found_calls(scenario, calls);
    bool is_right = expected && are_same(found, calls);
    if (!is_right)
        fprintf(stderr, "# %s should make: %s but makes: %s\n", scenario->name, calls, found);
    printf("%s %d - %s: %s\n", is_right ? "ok" : "not ok", ++number, scenario->name, calls);
    return is_right;
}

static int count_unexpected(const struct scenario *list, int count)
{
    int failures = 0;
    for (int i = 0; i < count; i++)
        failures += !is_expected(&list[i]);
    return failures;
}

/* The walks depend on the open descriptors. */
static void close_inherited(void)
{
    for (int fd = 3; fd < 1024; fd++)
        (void)close(fd);
}

int main(void)
{
    int failures = 0;
    close_inherited();
    if (!mkdtemp(base) || chdir(base) < 0)
        return 2;
    printf("1..%d\n", creator_count + scenario_count);
    failures += count_unexpected(creators, creator_count);
    failures += count_unexpected(scenarios, scenario_count);
    if (creator_count + scenario_count != EXPECTATIONS)
        failures += fprintf(stderr, "# a row of calls.c has no scenario\n");
    if (chdir("/") < 0)
        return 2;
    (void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failures != 0;
}
