/* SPDX-License-Identifier: MIT
 * An error of a call comes out, unless a row says otherwise. The first row that matches counts. */
#define _GNU_SOURCE 1
#include "expect.h"
#include "errors.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { ERRORS = 10 };

/* When a row applies: the call fails once, or all later calls fail too. */
enum { ONCE = 1, LATER = 2, ALWAYS = 3 };

/* The positions of a call among the calls of its name. */
#define EACH     0, INT_MAX
#define FROM(n)  (n), INT_MAX
#define UNTIL(n) 0, (n)-1

/* The first two are patterns of fnmatch. */
struct rule {
    const char *scenarios;
    const char *calls;
    int first;
    int last;
    int errors[ERRORS]; /* empty for all */
    int when;
    int expected;
    const char *reason;
};

#define LISTING "@(range_on|range_dense|foreach_*)"
#define FLAG    "@(set_inheritable|range|many|dup2_itself)*"
#define MAKING  "@(accept4|epoll_create1|eventfd2|memfd_create|pipe2|socket|socketpair)"
#define NEWER   "@(statx|faccessat2|fchmodat2|execveat|*xattrat)"
#define OF_FD   "*_@(fd|reached)"
#define ON_FD   "@(fchmod|fchown|f*xattr|ftruncate|utimensat)"
#define NAMING  "@(mkdirat|mknodat|linkat|renameat|renameat2|symlinkat|unlinkat)"

/* Errors of a directory that lacks the program. */
#define NOT_THERE                                                                                  \
    {                                                                                              \
        ENOENT, ENOTDIR, ENAMETOOLONG, EACCES                                                      \
    }

static const struct rule rules[] = {
    /* the list of descriptors: procfs, then a scan */
    {"foreach_*", "*fcntl", EACH, {EBADF}, LATER, NOT_TRIED, "all other numbers would be closed"},
    {"foreach_dense", "close", EACH, {EBADF}, LATER, NOT_TRIED, "all numbers would be closed"},
    {"*_dense", "fcntl", UNTIL(3), {0}, LATER, ENOTSUP, "no way lists them"},
    {"*_dense", "fcntl", UNTIL(3), {0}, ONCE, SAME, "a table of unknown size is not scanned"},
    {"range_*", "*fcntl", EACH, {EBADF}, ONCE, ONE_AT_MOST, "another thread closed it"},
    {"foreach_*", "*fcntl", EACH, {EBADF}, ONCE, ONE_LESS, "another thread closed it"},
    {LISTING, "@(procfs *|newfstatat|pselect6)", EACH, {0}, ONCE, SAME, "one way is enough"},
    {LISTING, "@(procfs *|newfstatat|pselect6)", EACH, {0}, LATER, ENOTSUP, "no way lists them"},
    {LISTING, "getdents64", UNTIL(1), {0}, ONCE, SAME, "a scan lists them"},
    {LISTING, "getdents64", UNTIL(1), {0}, LATER, ENOTSUP, "no way lists them"},
    {"list_*", "getdents64", EACH, {ENOENT}, ONCE, ENDS_EARLY, "a removed directory is empty"},
    /* the flag of a descriptor */
    {"range_off", "close_range", EACH, {0}, ALWAYS, SAME, "an older kernel lists them"},
    {FLAG, "ioctl", EACH, {0}, ALWAYS, SAME, "fcntl does it"},
    /* newer calls, and calls without an equal */
    {"supports_*", "*", EACH, {0}, LATER, NOT_TRIED, "each question has its own answer"},
    {"supports_*", MAKING, EACH, {ENOSYS}, ONCE, ONE_LESS, "the answer is no"},
    {"supports_*", "procfs statfs", EACH, {ENOENT, EINTR}, ONCE, SAME, "as below"},
    {"supports_*", "procfs statfs", EACH, {0}, ONCE, ONE_LESS, "the answer is no"},
    {"supports_*", "*", EACH, {0}, ONCE, SAME, "another error shows that the call exists"},
    {"@(stat_*|absolute_stat*)", "statx", EACH, {ENOSYS}, ONCE, ONE_LESS, "no time of creation"},
    {"*", NEWER, EACH, {ENOSYS}, ONCE, SAME, "older kernels lack the call"},
    {"dup2*", "dup3", EACH, {ENOSYS}, ALWAYS, COMES_OUT, "the header says so"},
    {"*", MAKING, EACH, {ENOSYS}, ALWAYS, ENOTSUP, "no other call makes and marks at once"},
    {"mkstemp*", "getrandom", EACH, {0}, ALWAYS, SAME, "the clock names the file"},
    {"mkstemp*", "openat", EACH, {EEXIST}, ALWAYS, SAME, "the next name is tried"},
    {"openpty*", "ioctl", FROM(1), {0}, ONCE, SAME, "the terminal is opened by its name"},
    {"*pathconf*", "*statfs", EACH, {ENOSYS}, ALWAYS, IGNORED, "the C library has a default"},
    /* descriptors that are open with O_PATH, and procfs */
    {OF_FD, ON_FD, UNTIL(1), {EBADF}, ONCE, SAME, "there is another way for O_PATH"},
    {"utime_reached", "utimensat", FROM(1), {ENOENT, EINVAL}, ONCE, SAME, "procfs is tried"},
    {"readlink_fd*", "readlinkat", EACH, {ENOENT}, ALWAYS, EINVAL, "the descriptor is no symlink"},
    {"@(pathconf|statvfs)_at", "openat", UNTIL(1), {ENOTDIR}, ONCE, SAME, "it is no directory"},
    {"list_fd", "openat", UNTIL(1), {EACCES, EPERM, EOPNOTSUPP}, ONCE, SAME, "a duplicate reads"},
    /* children */
    {"spawn_many", "@(mmap|sysinfo)", UNTIL(1), {0}, ALWAYS, SAME, "the allocator has another way"},
    {"spawn*", "@(clone*|close_range)", EACH, {0}, ALWAYS, SAME, "another way exists"},
    {"spawn_with_everything", "setpgid", UNTIL(1), {0}, ALWAYS, COMES_OUT, "the new group"},
    {"spawn*", "setpgid", EACH, {0}, ALWAYS, SAME, "there is another proof of the execve"},
    {"spawn*", "@(procfs *|read)", EACH, {0}, ALWAYS, SAME, "all signals are examined"},
    {"spawn_with_closed_stdio", "stdio fcntl", FROM(3), {0}, ALWAYS, SAME, "it counts as closed"},
    {"spawn*", "stdio fcntl", EACH, {EBADF}, ALWAYS, SAME, "it becomes the null device"},
    {"spawn*", "dup2", EACH, {EBADF}, ALWAYS, EMFILE, "the number is above the limit"},
    {"*_for_the_child", "execve", UNTIL(2), NOT_THERE, ALWAYS, SAME, "the next directory has it"},
    {"*_without_path", "execve", EACH, NOT_THERE, ALWAYS, SAME, "the next directory has it"},
    {"spawn_searched*", "execve", EACH, {ENOTDIR, ENAMETOOLONG}, ALWAYS, ENOENT, "none has it"},
    {"wait*",
     "@(pidfd_open|poll|clock_nanosleep)",
     EACH,
     {0},
     ONCE,
     SAME,
     "the wait asks again and again"},
    {"*", "procfs statfs", EACH, {ENOENT, EINTR}, ONCE, SAME, "older kernels lack thread-self"},
    {"*", "procfs statfs", EACH, {0}, ONCE, ENOTSUP, "there is no usable procfs"},
    /* cleaning up */
    {"list_*", "close", EACH, {0}, ALWAYS, COMES_OUT, "fdi_closedir reports it"},
    {"*", "@(close|munmap)", EACH, {0}, ALWAYS, IGNORED, "the resource is free nevertheless"},
    /* interrupted calls */
    {"*", NAMING, EACH, {EINTR}, ALWAYS, COMES_OUT, "the name may exist or be gone"},
    {"dup2*", "@(dup2|dup3)", EACH, {EINTR}, ALWAYS, COMES_OUT, "the number may be replaced"},
    {"*", "*", EACH, {EINTR}, ALWAYS, SAME, "the call is repeated"},
};

/* These rows come first for the library with the fork lock. */
static const struct rule lock_rules[] = {
    {"@(accept|recv)*",
     "@(accept|recvmsg)",
     EACH,
     {EAGAIN},
     ONCE,
     SAME,
     "another process was faster"},
    {"*",
     "@(accept|pipe|socket|socketpair|pipe2)",
     EACH,
     {ENOSYS},
     ONCE,
     COMES_OUT,
     "this call has no flag that kernels may lack"},
    {"openpty*", "ioctl", 1, 1, {0}, ONCE, COMES_OUT, "the terminal is locked"},
    {"*", "ioctl", EACH, {0}, ONCE, SAME, "fcntl does it"},
    {"dup2_@(private*|closed)", "fcntl", UNTIL(1), {0}, ONCE, SAME, "the number counts as closed"},
};

/* Promises that the library breaks, with the work that mends each. A row that is no longer needed
 * is removed. */
static const struct rule faults[] = {
    {"*", "@(execve|execveat)", EACH, {EINTR}, ALWAYS, EINTR, "an interrupted execve"},
    {"*", "procfs statfs", EACH, {0}, ONCE, ENOENT, "a check of /proc that fails only once"},
};

static bool is_used[COUNT(rules)];
static bool is_broken[COUNT(faults)];

const char *subject_name(const struct injection *injection)
{
    static char text[64];
    static const char *const words[] = {"", "procfs ", "stdio ", "probe "};
    (void)snprintf(text, sizeof text, "%s%s", words[injection->subject],
                   name_of_call(injection->number));
    return text;
}

static bool has_error(const struct rule *rule, int error)
{
    for (int i = 0; i < ERRORS && rule->errors[i]; i++)
        if (rule->errors[i] == error)
            return true;
    return rule->errors[0] == 0;
}

static bool matches(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, FNM_EXTMATCH) == 0;
}

static bool applies(const struct rule *rule, const struct injection *injection, int when)
{
    return (rule->when & when) && injection->nth >= rule->first && injection->nth <= rule->last &&
           has_error(rule, injection->error) && matches(rule->calls, subject_name(injection)) &&
           matches(rule->scenarios, injection->scenario->name);
}

static const struct rule *find(const struct injection *injection, int when)
{
    for (size_t i = 0; injection->is_locked && i < COUNT(lock_rules); i++)
        if (applies(&lock_rules[i], injection, when))
            return &lock_rules[i];
    for (size_t i = 0; i < COUNT(rules); i++)
        if (applies(&rules[i], injection, when)) {
            is_used[i] = true;
            return &rules[i];
        }
    return NULL;
}

/* If every later call fails too, every other way fails with the same error. */
static int expected_later(const struct injection *injection)
{
    const struct rule *later = find(injection, LATER);
    int expected = later ? later->expected : COMES_OUT;
    if (expected == SAME || (expected == IGNORED && !injection->is_last))
        return COMES_OUT;
    return expected;
}

/* A child closes descriptors by a list, which only it could change meanwhile. */
static bool is_tried_elsewhere(const struct injection *injection)
{
    bool is_closed = injection->number == SYS_fcntl && injection->error == EBADF;
    return strcmp(injection->scenario->name, "supports_everything") != 0 &&
           !(is_closed && matches("spawn*", injection->scenario->name));
}

int expectation_of(const struct injection *injection)
{
    if (injection->is_elsewhere && !is_tried_elsewhere(injection))
        return NOT_TRIED;
    if (!injection->later && injection->answer == -injection->error)
        return injection->natural; /* the error comes anyway */
    const struct rule *once = find(injection, ONCE);
    int expected = once ? once->expected : COMES_OUT;
    if (injection->later)
        expected = expected_later(injection);
    if (expected == SAME || expected == IGNORED)
        return injection->natural;
    return expected == COMES_OUT ? injection->error : expected;
}

bool is_possible_elsewhere(const struct injection *injection, int error)
{
    if (error == EPERM && injection->subject == NO_FILE)
        return true; /* the call seems to exist, so its refusal is an answer */
    if (injection->error == EINTR && expectation_of(injection) != EINTR)
        return error == injection->natural;
    return error == injection->error || error == injection->natural ||
           (error == EPERM && injection->system->refusal == EPERM) || error == ENOTSUP ||
           (error != 0 && error == expectation_of(injection));
}

const char *known_fault(const struct injection *injection, int error)
{
    for (size_t i = 0; i < COUNT(faults); i++)
        if (faults[i].expected == error &&
            applies(&faults[i], injection, injection->later ? LATER : ONCE)) {
            is_broken[i] = true;
            return faults[i].reason;
        }
    return NULL;
}

/* The calls that an older kernel or a sandbox lacks, with and without /proc. */
static const struct lack {
    const char *scenarios;
    bool refused;
    bool no_proc;
    int expected;
} lacks[] = {
    {"@(truncate|*xattr|open)_reached", false, true, ENOTSUP},
    {"@(open|fopen)_fd", false, true, ENOTSUP},
    {"@(access_@(fd|all|fd_effective|reached)|chmod_reached)", true, true, ENOTSUP},
    {"@(access|absolute_access|chmod|absolute_chmod)_@(nofollow|nofollow_at)", true, true, ENOTSUP},
    {"*xattr_@(at|nofollow_at)", true, true, ENOTSUP},
    {"@(setxattr|listxattr)_nofollow", true, true, ENOTSUP},
    {"@(execve_fd|spawn_with_everything)", true, true, ENOTSUP},
    {"@(stat_*|absolute_stat|absolute_stat_nofollow)", true, false, ONE_LESS},
    {"supports_everything", true, true, LINES - 10},
    {"supports_everything", false, true, LINES - 2},
};

int undisturbed_expectation(const struct scenario *scenario, const struct system *system)
{
    for (size_t i = 0; i < COUNT(lacks); i++)
        if (lacks[i].refused <= (system->refusal != 0) && lacks[i].no_proc <= system->no_proc &&
            matches(lacks[i].scenarios, scenario->name))
            return lacks[i].expected;
    return scenario->error;
}

int unused_expectations(void)
{
    int unused = 0;
    for (size_t i = 0; i < COUNT(rules); i++)
        if (!is_used[i]) {
            fprintf(stderr, "# no injection used the row %s, %s: %s\n", rules[i].scenarios,
                    rules[i].calls, rules[i].reason);
            unused++;
        }
    for (size_t i = 0; i < COUNT(faults); i++)
        if (!is_broken[i])
            fprintf(stderr, "# the library keeps this promise now: %s\n", faults[i].reason);
    return unused;
}
