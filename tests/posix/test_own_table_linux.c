/* SPDX-License-Identifier: MIT
 * A thread with its own descriptor table, a thread that outlives the main thread, and a /proc that
 * is no procfs. No call acts on a file that another thread opened under the same number. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/seccomp_linux.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_FD = 200, REACHED_FD, DIRECTORY_FD, LOW_NUMBERS = 64 };

/* The operations that act on a file, most of which change it. */
static const fdi_function acts[] = {
    FDI_FN_ACCESS,    FDI_FN_CHMOD,       FDI_FN_CHOWN, FDI_FN_TRUNCATE, FDI_FN_SETXATTR,
    FDI_FN_LISTXATTR, FDI_FN_PATHCONF,    FDI_FN_STAT,  FDI_FN_STATVFS,  FDI_FN_OPEN,
    FDI_FN_FOPEN,     FDI_FN_REMOVEXATTR, FDI_FN_UTIME,
};

enum { ACTS = sizeof acts / sizeof acts[0] };

static bool open_as(const char *directory, int file, int reached, int folder)
{
    char path[32];
    (void)snprintf(path, sizeof path, "%s/file", directory);
    return dup3(open(path, O_RDWR | O_CLOEXEC), file, O_CLOEXEC) == file &&
           dup3(open(path, O_PATH | O_CLOEXEC), reached, O_CLOEXEC) == reached &&
           dup3(open(directory, O_RDONLY | O_CLOEXEC), folder, O_CLOEXEC) == folder;
}

/* Only an attribute that exists can be removed. */
static bool works(fdi_function function, fdi_target target, unsigned flags, const char *what)
{
    if (function == FDI_FN_REMOVEXATTR)
        (void)call_any(FDI_FN_SETXATTR, target, flags);
    bool right = call_any(function, target, flags) >= 0 || errno == ENOTSUP;
    if (!right)
        print_message("# %s of %s: errno %d\n", fdi_function_name(function), what, errno);
    return right;
}

static bool act_on_all_forms(void)
{
    fdi_target at = fdi_path_at(DIRECTORY_FD, "file");
    bool right = true;
    for (int i = 0; i < ACTS; i++) {
        fdi_function function = acts[i];
        right &= works(function, fdi_fd(FILE_FD), 0, "fd");
        right &= works(function, fdi_fd(REACHED_FD), 0, "O_PATH fd");
        right &= works(function, at, 0, "dir_fd");
        if (takes_flags(function) && fdi_supports(function, FDI_FORM_DIR_FD, FDI_NOFOLLOW))
            right &= works(function, at, FDI_NOFOLLOW, "link");
    }
    return right;
}

static bool names_file(int fd, uint64_t ino)
{
    struct fdi_stat status;
    return fdi_stat(fdi_fd(fd), &status, 0) == 0 && status.ino == ino;
}

static bool reopens(int number, uint64_t ino)
{
    int fd = fdi_open(fdi_fd(number), O_RDONLY, 0);
    bool right = fd < 0 ? errno == ENOTSUP : names_file(fd, ino);
    return right && (fd < 0 || close(fd) == 0);
}

static int count_open(void *count, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    ++*(int *)count;
    return 0;
}

struct meeting {
    sem_t apart;
    sem_t opened;
    uint64_t ino;
    bool right;
};

static void *use_own_table(void *argument)
{
    struct meeting *meeting = argument;
    int before = 0, after = 0;
    bool is_apart = unshare(CLONE_FILES) == 0 &&
                    open_as("mine", FILE_FD, REACHED_FD, DIRECTORY_FD) &&
                    fdi_foreach_open(count_open, &before) == 0;
    (void)sem_post(&meeting->apart);
    (void)sem_wait(&meeting->opened);
    meeting->right = is_apart && act_on_all_forms() && reopens(FILE_FD, meeting->ino) &&
                     reopens(REACHED_FD, meeting->ino) &&
                     fdi_link(fdi_fd(FILE_FD), fdi_path("linked"), 0) +
                             (fdi_supports(FDI_FN_LINK, FDI_FORM_FD, 0) ? 0 : 1) ==
                         0 &&
                     fdi_foreach_open(count_open, &after) == 0 && before == after;
    return NULL;
}

static bool is_untouched(const char *path, const struct fdi_stat *before)
{
    struct fdi_stat now = status_of(path);
    now.atime = before->atime;
    return memcmp(&now, before, sizeof now) == 0;
}

static bool leaves_the_main_threads_files(const void *unused)
{
    struct meeting meeting = {.ino = status_of("mine/file").ino};
    struct fdi_stat file = status_of("theirs/file");
    struct fdi_stat directory = status_of("theirs");
    pthread_t thread;
    (void)unused;
    if (sem_init(&meeting.apart, 0, 0) < 0 || sem_init(&meeting.opened, 0, 0) < 0 ||
        pthread_create(&thread, NULL, use_own_table, &meeting) != 0)
        return false;
    (void)sem_wait(&meeting.apart);
    bool right = open_as("theirs", FILE_FD, REACHED_FD, DIRECTORY_FD);
    while (dup(FILE_FD) < LOW_NUMBERS)
        ;
    (void)sem_post(&meeting.opened);
    return pthread_join(thread, NULL) == 0 && right && meeting.right &&
           is_untouched("theirs/file", &file) && is_untouched("theirs", &directory);
}

static void make_both(void)
{
    assert_int_equal(mkdir("mine", 0755), 0);
    assert_int_equal(mkdir("theirs", 0755), 0);
    make_file("mine/file", "0123456789abc");
    make_file("theirs/file", "0123456789abc");
}

static void thread_with_its_own_table_acts_on_its_own_files(void **state)
{
    (void)state;
    make_both();
    assert_true(apart(leaves_the_main_threads_files, NULL));
    assert_int_equal(status_of("mine/file").size, 10);
    assert_int_equal(status_of("mine/file").mtime.sec, 172800);
}

/* ---- the main thread has ended -------------------------------------------------------------- */

static pthread_t main_thread;

static void *outlive(void *unused)
{
    uint64_t ino = status_of("mine/file").ino;
    int count = 0;
    (void)pthread_join(main_thread, NULL);
    bool right =
        act_on_all_forms() && reopens(FILE_FD, ino) && reopens(REACHED_FD, ino) &&
        fdi_foreach_open(count_open, &count) == 0 && count >= 6 &&
        fdi_supports(FDI_FN_OPEN, FDI_FORM_FD, 0) == (access("/proc/thread-self", F_OK) == 0);
    _exit(right ? 0 : 1);
    return unused;
}

static bool outlives_the_main_thread(const void *unused)
{
    pthread_t thread;
    (void)unused;
    main_thread = pthread_self();
    if (!open_as("mine", FILE_FD, REACHED_FD, DIRECTORY_FD) ||
        pthread_create(&thread, NULL, outlive, NULL) != 0)
        return false;
    pthread_exit(NULL);
}

static void every_form_works_after_the_main_thread_has_ended(void **state)
{
    (void)state;
    make_both();
    assert_true(apart(outlives_the_main_thread, NULL));
}

/* ---- a /proc that is no procfs -------------------------------------------------------------- */

/* Symlinks stand where a procfs has its links to open files. */
static bool make_false_proc(const char *thread_name)
{
    char path[64], victim[512];
    if (!getcwd(victim, sizeof victim - 16))
        return false;
    strcat(victim, "/theirs/file");
    (void)snprintf(path, sizeof path, "/proc/%s", thread_name);
    bool made = mkdir(path, 0755) == 0;
    strcat(path, "/fd");
    made = made && mkdir(path, 0755) == 0;
    for (int fd = 3; made && fd <= DIRECTORY_FD; fd++) {
        (void)snprintf(path, sizeof path, "/proc/%s/fd/%d", thread_name, fd);
        made = symlink(victim, path) == 0;
    }
    return made;
}

static bool is_not_believed(const void *thread_name)
{
    struct fdi_stat before = status_of("theirs/file");
    int count = 0;
    return lose_proc() && make_false_proc(thread_name) &&
           open_as("mine", FILE_FD, REACHED_FD, DIRECTORY_FD) && act_on_all_forms() &&
           fdi_open(fdi_fd(FILE_FD), O_RDWR | O_TRUNC, 0) == -1 && errno == ENOTSUP &&
           !fdi_supports(FDI_FN_OPEN, FDI_FORM_FD, 0) &&
           names_file(FILE_FD, status_of("mine/file").ino) &&
           fdi_foreach_open(count_open, &count) == 0 && count < LOW_NUMBERS &&
           is_untouched("theirs/file", &before);
}

static void false_proc_is_not_believed(void **state)
{
    (void)state;
    make_both();
    assert_true(apart(is_not_believed, "thread-self"));
    assert_true(apart(is_not_believed, "self"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(thread_with_its_own_table_acts_on_its_own_files),
        CASE(every_form_works_after_the_main_thread_has_ended),
        CASE(false_proc_is_not_believed),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
