/* SPDX-License-Identifier: MIT
 * Makes each system call of each public function fail in turn with each error. The function must
 * then fail and change nothing, or succeed by a fallback and leave no trace of the failure. */
#define _GNU_SOURCE 1
#include "errors.h"
#include "injector.h"
#include "scenarios.h"
#include "state.h"
#include "../support/seccomp_linux.h"

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UNTOUCHED = 4711, GOOD = 0, BAD = 1 };

/* A directory in memory is five times as fast. /tmp is the alternative. */
static char memory[] = "/dev/shm/fdinherit-faults.XXXXXX";
static char disk[] = "/tmp/fdinherit-faults.XXXXXX";
static long injections;
static long failures;

/* True for the library build with the fork_lock. Its calls of rt_sigprocmask restore the signal
 * mask and cannot fail in practice, so no error is injected into them. */
static bool has_fork_lock;

/* Each kernel or sandbox lacks some calls, so the library's fallbacks fail in turn as well. */
struct system {
    const char *name;
    int refusal; /* errno of newer calls; 0 if all exist */
    bool no_proc;
};

static const struct system systems[] = {
    {"this system", 0, false},
    {"an older kernel", ENOSYS, false},
    {"without /proc", 0, true},
    {"a sandbox", EPERM, false},
    {"older, without /proc", ENOSYS, true},
    {"a sandbox without /proc", EPERM, true},
};
enum { SYSTEMS = sizeof systems / sizeof systems[0] };

static int system_count = 1;

struct trial {
    const struct scenario *scenario;
    const struct system *system;
    int error;   /* the injected errno; 0 for none */
    long number; /* the call that fails */
    bool later;  /* all later calls fail too */
    int natural; /* the errno without injection */
};

static void complain(const struct trial *trial, const char *what, int64_t result, int error)
{
    fprintf(stderr, "# %s, on %s, with %s failing with %s%s: %s (result %lld, errno %s)\n",
            trial->scenario->name, trial->system->name, name_of_call(trial->number),
            strerrorname_np(trial->error), trial->later ? " from then on" : "", what,
            (long long)result, error == UNTOUCHED ? "untouched" : strerrorname_np(error));
}

/* The library may report a refused call as ENOTSUP. It reports EINVAL where readlinkat fails with
 * ENOENT because the fd is not a symlink. */
static bool is_documented(const struct trial *trial, int error)
{
    if (trial->number == SYS_readlinkat && trial->error == ENOENT && error == EINVAL)
        return true;
    if (trial->number == SYS_dup2 && trial->error == EBADF && error == EMFILE)
        return true; /* the child's number exceeds the limit */
    if (error == trial->system->refusal && error == EPERM)
        return true; /* the fallback found that a sandbox refuses the call */
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
        complain(trial, "a failed call changed the process or the tree", result, error);
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

/* Runs in a child process, in a new tree. Without injection the exit status is the errno of the
 * scenario itself, or 0. */
static int perform(void *context)
{
    static char before[1 << 16];
    const struct trial *trial = context;
    char tree[] = "tree.XXXXXX";
    if (!mkdtemp(tree) || chdir(tree) < 0 || (trial->system->no_proc && !lose_proc()))
        abort();
    surroundings_build();
    (void)state_describe(); /* allocates its own memory before the comparison */
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

static void prepare(struct injector_run *run, const struct system *system)
{
    run->call_to_fail = -1;
    run->refused = system->refusal ? newer_calls : NULL;
    run->refusal = system->refusal;
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

/* Injects each error once, and on this system again into every later call. Two cases lack that
 * second round: an EINTR would repeat for ever, and a function that restores flags could not
 * restore them. */
static void inject_all(struct trial *trial, int index)
{
    static struct injector_run run;
    prepare(&run, trial->system);
    const int *errors = errors_of(trial->number);
    if ((has_fork_lock || trial->system->refusal) && trial->number == SYS_rt_sigprocmask)
        return;
    if (trial->scenario->puts_back && trial->number == SYS_wait4)
        return; /* only wait4 can reap a child that failed */
    if (!errors) {
        fprintf(stderr, "# %s makes call %ld, which has no row in errors.c\n",
                trial->scenario->name, trial->number);
        failures++;
        return;
    }
    for (; *errors; errors++) {
        trial->error = *errors;
        inject(trial, &run, index, false);
        if (*errors != EINTR && !trial->scenario->puts_back && !has_fork_lock &&
            trial->system == systems)
            inject(trial, &run, index, true);
    }
}

/* Returns true if an earlier system had the same calls and the same exit status. */
static bool is_known(const struct injector_run *runs, int number)
{
    const struct injector_run *run = &runs[number];
    for (int i = 0; i < number; i++)
        if (runs[i].calls == run->calls && runs[i].exit_status == run->exit_status &&
            memcmp(runs[i].numbers, run->numbers, (size_t)run->calls * sizeof run->numbers[0]) == 0)
            return true;
    return false;
}

/* A fallback queries a thousand numbers one by one. Only its first calls and its last call fail. */
static bool is_amid_row(const struct injector_run *run, int index)
{
    enum { ENDS = 24 };
    if (index < ENDS || index >= run->calls - 1)
        return false;
    for (int i = index - ENDS; i <= index + 1; i++)
        if (run->numbers[i] != run->numbers[index])
            return false;
    return true;
}

/* Returns true if the system's calls differ from those of all earlier systems. */
static bool run_on(const struct scenario *scenario, struct injector_run *runs, int number)
{
    struct injector_run *plain = &runs[number];
    struct trial trial = {.scenario = scenario, .system = &systems[number]};
    prepare(plain, &systems[number]);
    injector_run(plain, perform, &trial);
    if (is_known(runs, number))
        return false;
    trial.natural = plain->exit_status;
    for (int index = 0; index < plain->calls && index < CALLS_AT_MOST; index++) {
        trial.number = plain->numbers[index];
        if (number == 0 || !is_amid_row(plain, index))
            inject_all(&trial, index);
    }
    return true;
}

static void run_scenario(const struct scenario *scenario, int number)
{
    static struct injector_run runs[SYSTEMS];
    long before = injections;
    long failed_before = failures;
    int ways = 0;
    for (int i = 0; i < system_count; i++)
        ways += run_on(scenario, runs, i);
    printf("%s %d - %s # %d calls, %d ways, %ld injections%s\n",
           failures == failed_before ? "ok" : "not ok", number, scenario->name, runs[0].calls, ways,
           injections - before, runs[0].exit_status ? ", fails without injection" : "");
}

/* Disables glibc's thread cache, because it counts small freed blocks as used. */
static void without_thread_cache(char **argv)
{
    if (getenv("GLIBC_TUNABLES"))
        return;
    setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
    execv("/proc/self/exe", argv);
    abort();
}

static const struct group {
    const char *name;
    const struct scenario *first;
    const int *count;
} groups[] = {
    {"operations", scenarios, &scenario_count},
    {"absolute", absolutes, &absolute_count},
    {"children", children, &children_count},
    {"creators", creators, &creator_count},
};

/* Runs the scenarios of a group, or those whose name contains `name`. */
static int run_named(const char *name)
{
    int number = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        for (int j = 0; j < *groups[i].count; j++) {
            const struct scenario *scenario = &groups[i].first[j];
            if (!name || strcmp(name, groups[i].name) == 0 || strstr(scenario->name, name))
                run_scenario(scenario, ++number);
        }
    return number;
}

/* faults [SYSTEMS] [NAME]: runs all scenarios, or those of a group or with NAME in their name. The
 * name "fork_lock" selects the creators, for the build with the fork_lock. SYSTEMS is the number of
 * rows of `systems` to try. */
int main(int argc, char **argv)
{
    without_thread_cache(argv);
    const char *base = mkdtemp(memory) ? memory : mkdtemp(disk);
    if (!base || chdir(base) < 0)
        return 2;
    bool is_counted = argc > 1 && argv[1][0] > '0' && argv[1][0] <= '0' + SYSTEMS;
    system_count = is_counted ? argv[1][0] - '0' : 1;
    const char *name = argv[1 + is_counted];
    has_fork_lock = name && strcmp(name, "fork_lock") == 0;
    int count = run_named(has_fork_lock ? "creators" : name);
    if (chdir("/") == 0)
        remove_tree(base);
    printf("# %ld injections, %ld of them with a wrong outcome\n1..%d\n", injections, failures,
           count);
    return failures != 0 || injections == 0;
}
