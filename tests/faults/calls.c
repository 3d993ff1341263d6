/* SPDX-License-Identifier: MIT
 * Which system calls the creators make: one, wherever the kernel has one. */
#define _GNU_SOURCE 1
#include "errors.h"
#include "injector.h"
#include "scenarios.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* fdopen of glibc asks for the flags of an fd. Memory and randomness are the C library's affair. */
static const struct expectation {
    const char *name;
    const char *calls;
} expectations[] = {
    {"open_path", "openat "},
    {"open_at", "openat "},
    {"open_fd", "openat "},
    {"dup_", "fcntl "},
    {"memfd", "memfd_create "},
    {"event", "eventfd2 "},
    {"epoll", "epoll_create1 "},
    {"queue", ""},
    {"socket_unix", "socket "},
    {"accept_", "accept4 "},
    {"accept_address", "accept4 "},
    {"mkstemp_", "openat "},
    {"fopen_path", "openat "},
    {"fopen_exclusive", "openat "},
    {"fopen_at", "openat fcntl "},
    {"fopen_fd", "openat fcntl "},
    {"fopen_above", "openat fcntl "},
    {"pipe_", "pipe2 "},
    {"openpty_", "openat ioctl ioctl "},
    {"socketpair_", "socketpair "},
    {"dup2_private", "dup3 "},
    {"dup2_inheritable", "dup2 "},
    {"dup2_itself", "ioctl "},
    {"recv_fds", "recvmsg "},
    {"above_stdio", "epoll_create1 fcntl close "},
};

static char base[] = "/tmp/fdinherit-calls.XXXXXX";

static const struct scenario *find(const char *name)
{
    for (int i = 0; i < creator_count; i++)
        if (strcmp(creators[i].name, name) == 0)
            return &creators[i];
    for (int i = 0; i < scenario_count; i++)
        if (strcmp(scenarios[i].name, name) == 0)
            return &scenarios[i];
    abort();
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

static bool makes(const struct expectation *expected)
{
    static struct injector_run run;
    char found[256] = "";
    struct scenario scenario = *find(expected->name);
    run.call_to_fail = -1;
    injector_run(&run, perform, &scenario);
    for (int i = 0; i < run.calls && strlen(found) < 200; i++)
        if (!is_memory(name_of_call(run.numbers[i])))
            strcat(strcat(found, name_of_call(run.numbers[i])), " ");
    if (strcmp(found, expected->calls) == 0)
        return true;
    fprintf(stderr, "# %s is to make: %s but makes: %s\n", expected->name, expected->calls, found);
    return false;
}

int main(void)
{
    const int count = sizeof expectations / sizeof expectations[0];
    int failures = 0;
    if (!mkdtemp(base) || chdir(base) < 0)
        return 2;
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        bool is_right = makes(&expectations[i]);
        failures += !is_right;
        printf("%s %d - %s: %s\n", is_right ? "ok" : "not ok", i + 1, expectations[i].name,
               expectations[i].calls);
    }
    if (chdir("/") < 0)
        return 2;
    (void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failures != 0;
}
