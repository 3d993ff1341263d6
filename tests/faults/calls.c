/* SPDX-License-Identifier: MIT
 * Each creator and operation makes exactly one system call wherever the kernel has one for it.
 *
 * glibc's fdopen reads the flags of the fd. The kernel has no call for a directory change, a length,
 * a limit or a file system relative to a dir_fd. It has none for a new file in a directory that is
 * given by path. An O_PATH fd needs a second call where only the failure of the first reveals it. A
 * procfs path needs a statfs call first, which shows that a procfs is there. */
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

static char base[] = "/tmp/fdinherit-calls.XXXXXX";

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

static const char *calls_of(const struct scenario *scenario)
{
    bool is_old = scenario->newest && !kernel_has(scenario->newest);
    return is_old ? scenario->older : scenario->calls;
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
    const char *calls = scenario->calls ? calls_of(scenario) : "the calls of its row";
    const char *found = found_calls(scenario, calls);
    bool is_right = scenario->calls && are_same(found, calls);
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
    if (chdir("/") < 0)
        return 2;
    (void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failures != 0;
}
