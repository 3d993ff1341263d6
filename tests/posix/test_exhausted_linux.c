/* SPDX-License-Identifier: MIT
 * Failures of a later step, when descriptors, names or memory run out. */
#define _GNU_SOURCE 1
#include "../../include/fdinherit.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- one free number for two descriptors -------------------------------------------------- */

/* Leaves 0, 1 and one number from 3 up free. The ends of a pair get 0 and 1, and only the first
 * can be moved. Returns the free number. */
static int leave_one_number(void)
{
    int last = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const struct rlimit limit = {(rlim_t)last + 1, (rlim_t)last + 1};
    while (fcntl(2, F_DUPFD_CLOEXEC, 3) >= 0 && last < 64)
        last++;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)close((int)limit.rlim_cur - 1);
    (void)close(0);
    (void)close(1);
    return (int)limit.rlim_cur - 1;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static bool pipe_is_closed(const void *unused)
{
    int fds[2] = {-7, -7};
    int number = leave_one_number();
    (void)unused;
    return fdi_pipe(fds, FDI_ABOVE_STDIO) == -1 && errno == EMFILE && fds[0] == -7 &&
           fds[1] == -7 && !is_open(0) && !is_open(1) && !is_open(number);
}

static bool socketpair_is_closed(const void *unused)
{
    int pair[2] = {-7, -7};
    int number = leave_one_number();
    (void)unused;
    return fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, FDI_ABOVE_STDIO) == -1 &&
           errno == EMFILE && pair[0] == -7 && pair[1] == -7 && !is_open(0) && !is_open(1) &&
           !is_open(number);
}

static void pair_is_closed_if_its_second_end_cannot_be_moved(void **state)
{
    (void)state;
    assert_true(apart(pipe_is_closed, NULL));
    assert_true(apart(socketpair_is_closed, NULL));
}

/* ---- no free name ------------------------------------------------------------------------- */

static bool gives_up(const void *unused)
{
    static const struct seccomp_rule taken = {SYS_openat, 2, O_EXCL, O_EXCL, EEXIST};
    char name[] = "a-XXXXXX.b";
    int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    (void)unused;
    return seccomp_refuse(&taken, 1) && fdi_mkstemp(fdi_fd(directory), name, 2, 0) == -1 &&
           errno == EEXIST && strcmp(name, "a-XXXXXX.b") == 0;
}

static void mkstemp_without_a_free_name_fails_and_keeps_the_template(void **state)
{
    (void)state;
    assert_true(apart(gives_up, NULL));
}

/* ---- no memory ---------------------------------------------------------------------------- */

/* glibc lets a program replace calloc alone; sanitizers use their own allocator. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__GLIBC__) && !defined(SANITIZED) && !defined(__SANITIZE_ADDRESS__) &&                 \
    !defined(__SANITIZE_THREAD__)

static bool out_of_memory;

void *__libc_calloc(size_t count, size_t size);
void *calloc(size_t count, size_t size)
{
    if (out_of_memory) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

static void opendir_without_memory_closes_the_directory(void **state)
{
    (void)state;
    out_of_memory = true;
    fdi_dir *dir = fdi_opendir(fdi_path("."));
    int error = errno;
    out_of_memory = false;
    assert_null(dir);
    assert_int_equal(error, ENOMEM);
}

#define MEMORY_CASE CASE(opendir_without_memory_closes_the_directory),
#else
#define MEMORY_CASE
#endif

int main(void)
{
    const struct CMUnitTest cases[] = {
        MEMORY_CASE CASE(pair_is_closed_if_its_second_end_cannot_be_moved),
        CASE(mkstemp_without_a_free_name_fails_and_keeps_the_template),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
