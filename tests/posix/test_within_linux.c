/* SPDX-License-Identifier: MIT
 * Confined targets have the answers of openat2 and of the plain call on its descriptor.
 *
 * Two processes make the same random tree and the same random calls: one by openat2, the other by
 * the library, also where a filter refuses openat2. Their answers and their trees are compared. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "fdinherit.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPENAT2 = 437, CALLS_IN_A_TREE = 60, TREES = 12, LONGEST = 128 };

/* ---- random paths and trees ---------------------------------------------------------------- */

static uint64_t next_number;

static unsigned below(unsigned end)
{
    next_number = next_number * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(next_number >> 33) % end;
}

static const char *const names[] = {"a",  "b",  "c",  "l0", "l1", "l2", "l3", "l4",
                                    "l5", "l6", "f0", "f1", "..", ".",  "",   "new"};

static void random_path(char *path, unsigned most)
{
    unsigned count = 1 + below(most);
    size_t length = 0;
    if (below(8) == 0)
        path[length++] = '/';
    for (unsigned i = 0; i < count; i++)
        length += (size_t)snprintf(path + length, LONGEST - length, "%s%s", i > 0 ? "/" : "",
                                   names[below(sizeof names / sizeof names[0])]);
    if (below(5) == 0)
        path[length++] = '/';
    path[length] = '\0';
}

static void link_text(char *text)
{
    static const char *const special[] = {"../outside", "/outside", "l0", "../../outside/secret",
                                          "a/",         "/",        "..", "new"};
    if (below(3) == 0)
        snprintf(text, LONGEST, "%s", special[below(8)]);
    else
        random_path(text, 3);
    if (!text[0])
        snprintf(text, LONGEST, ".");
}

static void make_entry(int directory, const char *name, unsigned size)
{
    char text[LONGEST];
    if (name[0] == 'l') {
        link_text(text);
        assert_int_equal(symlinkat(text, directory, name), 0);
        return;
    }
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0 && ftruncate(fd, size) == 0 && close(fd) == 0);
}

/* The size of a file and the mode of a directory identify it. */
static void make_tree(int directory, int depth, unsigned *serial)
{
    for (int i = 3; i < 12; i++)
        if (below(2))
            make_entry(directory, names[i], ++*serial);
    for (int i = 0; depth > 0 && i < 3; i++) {
        if (below(3) == 0)
            continue;
        assert_int_equal(mkdirat(directory, names[i], 0700), 0);
        assert_int_equal(fchmodat(directory, names[i], 0700 | (++*serial & 077), 0), 0);
        int inner = openat(directory, names[i], O_RDONLY | O_DIRECTORY);
        make_tree(inner, depth - 1, serial);
        assert_int_equal(close(inner), 0);
    }
}

/* ---- what a tree has become ---------------------------------------------------------------- */

static uint64_t mix(uint64_t digest, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ byte[i]) * UINT64_C(1099511628211);
    return digest;
}

static uint64_t digest_of(int directory);

static uint64_t digest_of_entry(int directory, const char *name)
{
    struct stat status;
    char text[PATH_MAX] = "";
    assert_int_equal(fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW), 0);
    uint64_t facts[] = {status.st_mode, S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0,
                        S_ISREG(status.st_mode) ? status.st_nlink : 0};
    uint64_t digest = mix(mix(1, name, strlen(name)), facts, sizeof facts);
    if (S_ISLNK(status.st_mode)) {
        assert_true(readlinkat(directory, name, text, sizeof text) > 0);
        digest = mix(digest, text, strlen(text));
    }
    if (S_ISDIR(status.st_mode)) {
        int inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        uint64_t content = digest_of(inner);
        digest = mix(digest, &content, sizeof content);
    }
    return digest;
}

/* The sum does not depend on the order of the entries. */
static uint64_t digest_of(int directory)
{
    uint64_t sum = 0;
    DIR *dir = fdopendir(directory);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            sum += digest_of_entry(dirfd(dir), entry->d_name);
    assert_int_equal(closedir(dir), 0);
    return sum;
}

/* ---- the calls ----------------------------------------------------------------------------- */

struct call {
    unsigned act;
    unsigned flags; /* FDI_NOFOLLOW or 0 */
    bool in_root;
    unsigned limits;
    int oflags;
    char path[LONGEST];
    char to[LONGEST];
};

struct answer {
    int error;
    uint64_t facts[3];
};

enum act {
    STAT,
    OPEN,
    READLINK,
    ACCESS,
    CHMOD,
    TRUNCATE,
    UTIME,
    CHOWN,
    OPENDIR,
    STATVFS,
    CHDIR,
    LINK,
    MKDIR,
    MKNOD,
    SYMLINK,
    UNLINK,
    RMDIR,
    RENAME,
    ACTS
};

static int with_nofollow(const struct call *call)
{
    return call->oflags | (call->flags ? O_NOFOLLOW : 0);
}

static void keep_status(int fd, struct answer *answer)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    answer->facts[0] = status.st_mode;
    answer->facts[1] = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
}

/* `file` is the target as the act takes it: confined, or open already. */
static int64_t act_on_file(const struct call *call, fdi_target file, unsigned flags,
                           struct answer *answer)
{
    static const struct fdi_time times[2] = {{1, 2}, {3, 4}};
    struct fdi_stat status;
    struct fdi_statvfs filesystem;
    char text[LONGEST];
    fdi_dir *dir;
    int64_t result = -1;
    switch (call->act) {
    case STAT:
        result = fdi_stat(file, &status, flags);
        if (result == 0) {
            answer->facts[0] = status.mode;
            answer->facts[1] = S_ISREG(status.mode) ? (uint64_t)status.size : 0;
        }
        return result;
    case READLINK:
        result = fdi_readlink(file, text, sizeof text);
        answer->facts[0] = result > 0 ? mix(1, text, (size_t)result) : 0;
        return result;
    case ACCESS:
        return fdi_access(file, 4, flags);
    case CHMOD:
        return fdi_chmod(file, 0700 | (unsigned)strlen(call->path), flags);
    case TRUNCATE:
        return fdi_truncate(file, (int64_t)strlen(call->path));
    case UTIME:
        return fdi_utime(file, times, flags);
    case CHOWN:
        return fdi_chown(file, UINT32_MAX, UINT32_MAX, flags);
    case OPENDIR:
        dir = fdi_opendir(file);
        return dir ? fdi_closedir(dir) : -1;
    case STATVFS:
        return fdi_statvfs(file, &filesystem);
    default:
        return fdi_chdir(file);
    }
}

static int64_t act_on_name(const struct call *call, fdi_target name)
{
    switch (call->act) {
    case MKDIR:
        return fdi_mkdir(name, 0750);
    case MKNOD:
        return fdi_mknod(name, S_IFREG | 0640, 0);
    case SYMLINK:
        return fdi_symlink(call->to[0] ? call->to : "x", name, 0);
    case UNLINK:
        return fdi_unlink(name);
    default:
        return fdi_rmdir(name);
    }
}

static int64_t by_library(const struct call *call, int directory, struct answer *answer)
{
    fdi_target (*confine)(int, const char *, unsigned) =
        call->in_root ? fdi_path_in_root : fdi_path_beneath;
    fdi_target path = confine(directory, call->path, call->limits);
    fdi_target to = confine(directory, call->to, call->limits);
    if (call->act == LINK)
        return fdi_link(path, to, call->flags);
    if (call->act == RENAME)
        return fdi_rename(path, to, 0);
    if (call->act > LINK)
        return act_on_name(call, path);
    if (call->act != OPEN)
        return act_on_file(call, path, call->flags, answer);
    int fd = fdi_open(path, with_nofollow(call), 0640);
    if (fd < 0)
        return -1;
    keep_status(fd, answer);
    return close(fd);
}

/* ---- the same by openat2 ------------------------------------------------------------------- */

static int open_by_kernel(const struct call *call, int directory, const char *path, int oflags)
{
    uint64_t how[3] = {(unsigned)oflags | O_CLOEXEC, oflags & O_CREAT ? 0640 : 0,
                       (call->in_root ? 0x10U : 0x08U) | (call->limits ? 0x04U : 0)};
    long fd;
    do
        fd = syscall(OPENAT2, directory, path, how, sizeof how);
    while (fd < 0 && errno == EAGAIN);
    return (int)fd;
}

/* The parent is open as the directory of the name. */
static fdi_target name_by_kernel(const struct call *call, int directory, const char *path,
                                 int *parent)
{
    char text[LONGEST];
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    snprintf(text, sizeof text, "%.*s", (int)length, path);
    if (length == 0 && path[0] == '/') /* only slashes */
        *parent = open_by_kernel(call, directory, path, O_PATH | O_DIRECTORY);
    else
        *parent = open_by_kernel(call, directory, length > 0 ? text : ".", O_PATH | O_DIRECTORY);
    return fdi_path_at(*parent, path + length);
}

static int64_t names_by_kernel(const struct call *call, int directory)
{
    int from_parent, to_parent;
    fdi_target from = name_by_kernel(call, directory, call->path, &from_parent);
    if (from_parent < 0)
        return -1;
    if (call->act != RENAME)
        return act_on_name(call, from);
    fdi_target to = name_by_kernel(call, directory, call->to, &to_parent);
    return to_parent < 0 ? -1 : fdi_rename(from, to, 0);
}

static int64_t by_kernel(const struct call *call, int directory, struct answer *answer)
{
    int parent;
    if (call->act > LINK)
        return names_by_kernel(call, directory);
    bool opens = call->act == OPEN;
    bool itself = call->flags || call->act == READLINK;
    int oflags = opens ? with_nofollow(call) : O_PATH | (itself ? O_NOFOLLOW : 0);
    int fd = open_by_kernel(call, directory, call->path, oflags);
    if (fd < 0)
        return -1;
    if (opens) {
        keep_status(fd, answer);
        return 0;
    }
    if (call->act != LINK)
        return act_on_file(call, fdi_fd(fd), 0, answer);
    fdi_target to = name_by_kernel(call, directory, call->to, &parent);
    return parent < 0 ? -1 : fdi_link(fdi_fd(fd), to, 0);
}

/* ---- both ---------------------------------------------------------------------------------- */

static struct call random_call(void)
{
    static const int oflags[] = {O_RDONLY | O_NONBLOCK,  O_PATH,
                                 O_RDWR | O_CREAT,       O_WRONLY | O_CREAT | O_EXCL,
                                 O_RDONLY | O_DIRECTORY, O_RDWR | O_TRUNC};
    struct call call = {.act = below(ACTS)};
    bool takes_flags = call.act != READLINK && call.act != TRUNCATE && call.act < MKDIR &&
                       (call.act < OPENDIR || call.act == LINK);
    call.flags = takes_flags && below(3) == 0 ? FDI_NOFOLLOW : 0;
    call.in_root = below(2);
    call.limits = below(4) == 0 ? FDI_NO_SYMLINKS : 0;
    call.oflags = oflags[below(6)];
    random_path(call.path, 5);
    random_path(call.to, 4);
    return call;
}

typedef int64_t answering(const struct call *call, int directory, struct answer *answer);

static void close_extra(int from)
{
    for (int fd = from; fd < from + 8; fd++)
        (void)close(fd);
}

/* Makes the calls of one tree and writes the answers to `out`. */
static void run_tree(unsigned seed, const char *place, answering *by, int out)
{
    unsigned serial = 0;
    next_number = seed;
    assert_int_equal(mkdir(place, 0755), 0);
    int base = open(place, O_RDONLY | O_DIRECTORY);
    assert_int_equal(mkdirat(base, "outside", 0700), 0);
    assert_int_equal(mkdirat(base, "limit", 0700), 0);
    int outside = openat(base, "outside", O_RDONLY | O_DIRECTORY);
    make_entry(outside, "secret", 999);
    int directory = openat(base, "limit", O_RDONLY | O_DIRECTORY);
    make_tree(directory, 3, &serial);
    int here = open(".", O_PATH | O_DIRECTORY);
    for (int i = 0; i < CALLS_IN_A_TREE; i++) {
        struct call call = random_call();
        struct answer answer = {0, {0, 0, 0}};
        errno = 0;
        answer.error = by(&call, directory, &answer) < 0 ? errno : 0;
        close_extra(here + 1);
        assert_int_equal(fchdir(here), 0);
        answer.facts[2] = digest_of(openat(base, ".", O_RDONLY | O_DIRECTORY));
        assert_int_equal(write(out, &answer, sizeof answer), sizeof answer);
    }
    close_extra(base);
}

/* Returns the pipe from which the answers are read. */
static int start(unsigned seed, const char *place, answering *by, int refused)
{
    const struct seccomp_rule rule = {OPENAT2, 0, 0, 0, refused};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        if (refused && !seccomp_refuse(&rule, 1))
            _exit(2);
        run_tree(seed, place, by, ends[1]);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(close(ends[1]), 0);
    return ends[0];
}

static void read_answers(int fd, struct answer *answers)
{
    size_t size = CALLS_IN_A_TREE * sizeof *answers, got = 0;
    for (ssize_t length; got < size; got += (size_t)length) {
        length = read(fd, (char *)answers + got, size - got);
        assert_true(length > 0);
    }
    assert_int_equal(close(fd), 0);
    assert_true(waitpid(-1, NULL, 0) > 0);
}

/* Makes the numbers up to the call again, to name it. */
static void explain(unsigned seed, int number, const struct answer *kernel,
                    const struct answer *library)
{
    char place[64];
    struct call call = {0};
    unsigned serial = 0;
    snprintf(place, sizeof place, "explained-%u", seed);
    next_number = seed;
    assert_int_equal(mkdir(place, 0755), 0);
    int directory = open(place, O_RDONLY | O_DIRECTORY);
    make_tree(directory, 3, &serial);
    for (int i = 0; i <= number; i++)
        call = random_call();
    fail_msg("seed %u, call %d: act %u of '%s' to '%s', flags %#x, %s, limits %#x, oflags %#x: the "
             "kernel %d (%llo %llu), the library %d (%llo %llu), trees %s",
             seed, number, call.act, call.path, call.to, call.flags,
             call.in_root ? "in root" : "beneath", call.limits, (unsigned)call.oflags,
             kernel->error, (unsigned long long)kernel->facts[0],
             (unsigned long long)kernel->facts[1], library->error,
             (unsigned long long)library->facts[0], (unsigned long long)library->facts[1],
             kernel->facts[2] == library->facts[2] ? "equal" : "differ");
}

/* The padding of the members is not compared. */
static bool are_equal(const struct answer *one, const struct answer *other)
{
    return one->error == other->error && memcmp(one->facts, other->facts, sizeof one->facts) == 0;
}

static void compare_trees(int refused)
{
    static struct answer kernel[CALLS_IN_A_TREE], library[CALLS_IN_A_TREE];
    char *given = getenv("FDI_WITHIN_TREES");
    unsigned trees = given ? (unsigned)atoi(given) : TREES;
    for (unsigned seed = 1; seed <= trees; seed++) {
        char one[32], other[32];
        snprintf(one, sizeof one, "kernel-%d-%u", refused, seed);
        snprintf(other, sizeof other, "library-%d-%u", refused, seed);
        read_answers(start(seed, one, by_kernel, 0), kernel);
        read_answers(start(seed, other, by_library, refused), library);
        for (int i = 0; i < CALLS_IN_A_TREE; i++)
            if (!are_equal(&kernel[i], &library[i]))
                explain(seed, i, &kernel[i], &library[i]);
    }
}

static void answers_are_those_of_openat2(void **state)
{
    (void)state;
    compare_trees(0);
}

static void answers_are_the_same_on_a_kernel_without_openat2(void **state)
{
    (void)state;
    compare_trees(ENOSYS);
}

static void answers_are_the_same_in_a_sandbox_without_openat2(void **state)
{
    (void)state;
    compare_trees(EPERM);
    compare_trees(EAGAIN);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(answers_are_those_of_openat2),
        CASE(answers_are_the_same_on_a_kernel_without_openat2),
        CASE(answers_are_the_same_in_a_sandbox_without_openat2),
    };
    return cmocka_run_group_tests_name("within_linux", cases, NULL, NULL);
}
