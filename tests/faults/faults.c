/* SPDX-License-Identifier: MIT
 * Every system call of every public function fails in turn with every error: the function then
 * says so and has changed nothing, or it has found another way and left no trace of the failure. */
#define _GNU_SOURCE 1
#include "errors.h"
#include "injector.h"
#include "scenarios.h"
#include "state.h"

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UNTOUCHED = 4711, GOOD = 0, BAD = 1 };

static char base[] = "/tmp/fdinherit-faults.XXXXXX";
static long injections;
static long failures;

/* The library with the shield: it blocks signals and must let them through again, by calls that
 * cannot fail and so are not made to. */
static bool is_shielded;

struct trial {
    const struct scenario *scenario;
    int error;   /* that is injected; 0: none */
    long number; /* into this call */
    bool later;  /* and into all that follow */
    int natural; /* the error without injection */
};

static void complain(const struct trial *trial, const char *what, int64_t result, int error)
{
    fprintf(stderr, "# %s, with %s failing by %s%s: %s (result %lld, errno %s)\n",
            trial->scenario->name, name_of_call(trial->number), strerrorname_np(trial->error),
            trial->later ? " from then on" : "", what, (long long)result,
            error == UNTOUCHED ? "untouched" : strerrorname_np(error));
}

/* A refusal may come out as ENOTSUP: "this system cannot". The kernel's ENOENT for an open file that
 * is no symlink is EINVAL. */
static bool is_documented(const struct trial *trial, int error)
{
    if (trial->number == SYS_readlinkat && trial->error == ENOENT && error == EINVAL)
        return true;
    if (trial->number == SYS_dup2 && trial->error == EBADF && error == EMFILE)
        return true; /* a child's number above the limit */
    return error == trial->error || error == trial->natural || error == ENOTSUP;
}

static void show_difference(const char *before, const char *after)
{
    while (*before && *before == *after)
        before++, after++;
    fprintf(stderr, "#  was ...%.150s\n#  is  ...%.150s\n", before, after);
}

static int judge(const struct trial *trial, int64_t result, int error, const char *before)
{
    const char *after = result < 0 ? state_describe() : state_of_process();
    if (result >= 0 && error != UNTOUCHED) {
        complain(trial, "success changed errno", result, error);
        return BAD;
    }
    if (result < 0 && !is_documented(trial, error)) {
        complain(trial, "undocumented error", result, error);
        return BAD;
    }
    if (strncmp(after, before, strlen(after)) != 0 || (result < 0 && strcmp(after, before) != 0)) {
        complain(trial, "something was changed", result, error);
        show_difference(before, after);
        return BAD;
    }
    return GOOD;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* In the child, in a tree of its own. Where nothing is injected, the exit status is the error that
 * the scenario has by nature. */
static int perform(void *context)
{
    static char before[1 << 16];
    const struct trial *trial = context;
    char tree[] = "tree.XXXXXX";
    if (!mkdtemp(tree) || chdir(tree) < 0)
        abort();
    surroundings_build();
    (void)state_describe(); /* what it allocates for itself it then has */
    strcpy(before, state_describe());
    errno = UNTOUCHED;
    int64_t result = trial->scenario->act();
    int error = errno;
    int verdict =
        trial->error == 0 ? (result < 0 ? error : 0) : judge(trial, result, error, before);
    if (fchdir(around.here) == 0 && chdir("..") == 0)
        remove_tree(tree);
    return verdict;
}

static void inject(struct trial *trial, struct injector_run *run, int index, bool later)
{
    run->call_to_fail = index;
    run->and_all_later = trial->later = later;
    run->error = trial->error;
    injector_run(run, perform, trial);
    injections++;
    if (run->exit_status != GOOD) {
        failures++;
        if (run->exit_status != BAD)
            complain(trial, "the program died", run->exit_status, UNTOUCHED);
    }
}

/* Each error once, and once more with every later call failing the same way. Not so an EINTR, which
 * would be repeated for ever, nor where flags were changed that then could not be put back. */
static void inject_all(struct trial *trial, int index)
{
    static struct injector_run run;
    const int *errors = errors_of(trial->number);
    if (is_shielded && trial->number == SYS_rt_sigprocmask)
        return;
    if (trial->scenario->puts_back && trial->number == SYS_wait4)
        return; /* for a child that failed: there is no other way to be rid of it */
    if (!errors) {
        fprintf(stderr, "# %s makes call %ld, which errors.c does not have\n",
                trial->scenario->name, trial->number);
        failures++;
        return;
    }
    for (; *errors; errors++) {
        trial->error = *errors;
        inject(trial, &run, index, false);
        if (*errors != EINTR && !trial->scenario->puts_back && !is_shielded)
            inject(trial, &run, index, true);
    }
}

static void run_scenario(const struct scenario *scenario, int number)
{
    static struct injector_run plain;
    struct trial trial = {.scenario = scenario};
    long before = injections;
    long failed_before = failures;
    plain.call_to_fail = -1;
    injector_run(&plain, perform, &trial);
    trial.natural = plain.exit_status;
    for (int index = 0; index < plain.calls && index < CALLS_AT_MOST; index++) {
        trial.number = plain.numbers[index];
        inject_all(&trial, index);
    }
    printf("%s %d - %s # %d calls, %ld injections%s\n", failures == failed_before ? "ok" : "not ok",
           number, scenario->name, plain.calls, injections - before,
           plain.exit_status ? ", fails by nature" : "");
}

/* glibc keeps small freed pieces aside and counts them as used; so not here. */
static void without_thread_cache(char **argv)
{
    if (getenv("GLIBC_TUNABLES"))
        return;
    setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
    execv("/proc/self/exe", argv);
    abort();
}

static int run_all(const struct scenario *first, int count, const char *name, int number)
{
    for (int i = 0; i < count; i++)
        if (!name || strstr(first[i].name, name))
            run_scenario(&first[i], ++number);
    return number;
}

/* An argument names the scenarios to run; "shielded" stands for the creators with the shield. */
int main(int argc, char **argv)
{
    int count = 0;
    (void)argc;
    without_thread_cache(argv);
    if (!mkdtemp(base) || chdir(base) < 0)
        return 2;
    const char *name = argv[1];
    is_shielded = name && strcmp(name, "shielded") == 0;
    if (!is_shielded) {
        count = run_all(scenarios, scenario_count, name, count);
        count = run_all(children, children_count, name, count);
    }
    count = run_all(creators, creator_count, is_shielded ? NULL : name, count);
    if (chdir("/") == 0)
        remove_tree(base);
    printf("# %ld injections, %ld of them with a wrong outcome\n1..%d\n", injections, failures,
           count);
    return failures != 0 || injections == 0;
}
