/* SPDX-License-Identifier: MIT
 * Makes each system call of each public function fail in turn with each error. The function must
 * then fail and change nothing, or succeed by a fallback and leave no trace of the failure. */
#define _GNU_SOURCE 1
#include "effect.h"
#include "errors.h"
#include "expect.h"
#include "injector.h"
#include "scenarios.h"
#include "state.h"
#include "../support/seccomp_linux.h"

#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { UNTOUCHED = 4711, TEXT = 1 << 16, SECONDS_AT_MOST = 20 };

/* The state that a scenario left behind, in memory that the harness shares with the process that ran it. */
struct outcome {
    int64_t result;
    int error; /* UNTOUCHED if the call left errno alone */
    char before[TEXT];
    char after[TEXT];
    char effect[TEXT];
};

static struct outcome *outcome;
static struct outcome first;       /* undisturbed, on the first system */
static struct outcome undisturbed; /* on the present system */

/* A directory in memory is five times as fast. /tmp is the alternative. */
static char memory[] = "/dev/shm/fdinherit-faults.XXXXXX";
static char disk[] = "/tmp/fdinherit-faults.XXXXXX";
static long injections;
static long failures;
static long known; /* wrong outcomes that expect.c lists */

/* True for the library build with the fork_lock. Its calls of rt_sigprocmask restore the signal
 * mask and cannot fail in practice, so no error is injected into them. */
static bool has_fork_lock;

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

static void complain(const struct injection *injection, const char *what, const char *wanted)
{
    const char *seen = outcome->result >= 0          ? "success"
                       : outcome->error == UNTOUCHED ? "no errno"
                                                     : strerrorname_np(outcome->error);
    if (injection->error == 0)
        fprintf(stderr, "# %s, on %s, undisturbed: %s (%s instead of %s)\n",
                injection->scenario->name, injection->system->name, what, seen, wanted);
    else
        fprintf(stderr, "# %s, on %s, with %s (call %d) failing with %s%s: %s (%s instead of %s)\n",
                injection->scenario->name, injection->system->name, name_of_call(injection->number),
                injection->index, strerrorname_np(injection->error),
                injection->later ? " from then on" : "", what, seen, wanted);
}

static void show_difference(const char *before, const char *after)
{
    size_t same = 0;
    while (before[same] && before[same] == after[same])
        same++;
    while (same > 0 && before[same - 1] != '\n')
        same--;
    before += same;
    after += same;
    fprintf(stderr, "#  wanted %.*s\n#  found  %.*s\n", (int)strcspn(before, "\n"), before,
            (int)strcspn(after, "\n"), after);
}

/* Returns false after a complaint. */
static bool is_as_expected(const struct injection *injection, int wanted)
{
    const char *name = wanted ? strerrorname_np(wanted) : "success";
    if (wanted != 0 && (outcome->result >= 0 || outcome->error != wanted)) {
        complain(injection, "wrong outcome", name);
        return false;
    }
    if (wanted == 0 && (outcome->result < 0 || outcome->error != UNTOUCHED)) {
        complain(injection, outcome->result < 0 ? "wrong outcome" : "success changed errno", name);
        return false;
    }
    return true;
}

static bool is_undisturbed(const struct injection *injection, const char *wanted, const char *found)
{
    if (strcmp(wanted, found) == 0)
        return true;
    complain(injection, outcome->result < 0 ? "a failed call changed something" : "wrong effect",
             "as expected");
    show_difference(wanted, found);
    return false;
}

/* Counts the lines of `wanted` that `found` lacks or replaces; -1 if it has lines of its own. */
static int missing_lines(const char *wanted, const char *found)
{
    int missing = 0;
    while (*wanted) {
        size_t length = strcspn(wanted, "\n") + 1;
        if (strncmp(wanted, found, length) == 0)
            found += length;
        else
            missing++;
        wanted += length;
    }
    return *found ? -1 : missing;
}

static int different_lines(const char *wanted, const char *found)
{
    int different = 0;
    while (*wanted && *found) {
        size_t length = strcspn(wanted, "\n") + 1;
        different += strncmp(wanted, found, length) != 0;
        wanted += length;
        found += strcspn(found, "\n") + 1;
    }
    return *found || *wanted ? -1 : different;
}

static bool has_effect(const struct injection *injection, int expected)
{
    const char *wanted = undisturbed.effect;
    const char *found = outcome->effect;
    if (expected == SAME)
        return is_undisturbed(injection, wanted, found);
    int missing = missing_lines(wanted, found);
    int different = missing < 0 ? different_lines(wanted, found) : missing;
    if (expected == ENDS_EARLY    ? missing >= 0
        : expected == ONE_AT_MOST ? different == 0 || different == 1
                                  : different == LINES - expected)
        return true;
    fprintf(stderr, "#  %d lines differ\n", different);
    complain(injection, "wrong lines are missing", "fewer");
    show_difference(wanted, found);
    return false;
}

/* After a failure nothing has changed. After a success the effect is that of an undisturbed call,
 * and the state of the process has not changed. */
static bool judge(const struct injection *injection, int expected)
{
    if (!is_as_expected(injection, expected > 0 ? expected : 0))
        return false;
    if (expected > 0)
        return is_undisturbed(injection, outcome->before, outcome->after);
    outcome->before[strlen(outcome->after)] = '\0'; /* the beginning describes the process */
    return is_undisturbed(injection, outcome->before, outcome->after) &&
           has_effect(injection, expected);
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

static void note_effect(int64_t result)
{
    outcome->result = result;
    effect_note("result %ld\n", (long)result);
    answers_note();
    effect_note_descriptors();
    effect_note_tree();
    strcpy(outcome->effect, effect_text());
}

/* Runs in a child process, in a new tree. */
static int perform(void *context)
{
    const struct injection *injection = context;
    char tree[] = "tree.XXXXXX";
    sigset_t some;
    alarm(SECONDS_AT_MOST);
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    if (!mkdtemp(tree) || chdir(tree) < 0 || (injection->system->no_proc && !lose_proc()) ||
        sigprocmask(SIG_BLOCK, &some, NULL) < 0)
        abort();
    surroundings_build();
    effect_begin();
    (void)state_describe(); /* allocates its own memory before the comparison */
    strcpy(outcome->before, state_describe());
    errno = UNTOUCHED;
    int64_t result = injection->scenario->act();
    outcome->error = errno;
    strcpy(outcome->after, result < 0 ? state_describe() : state_of_process());
    note_effect(result);
    if (fchdir(around.here) == 0 && chdir("..") == 0)
        remove_tree(tree);
    return 0;
}

static void prepare(struct injector_run *run, const struct system *system)
{
    run->call_to_fail = -1;
    run->refused = system->refusal ? newer_calls : NULL;
    run->refusal = system->refusal;
}

static void run_injection(struct injection *injection, struct injector_run *run, int index)
{
    memset(outcome->effect, 0, 1);
    run->call_to_fail = index;
    run->and_all_later = injection->later;
    run->error = injection->error;
    outcome->result = -1;
    injector_run(run, perform, injection);
}

/* Fallbacks of other systems differ in number and order, so each outcome is one of a few. The
 * effect is exact there too. */
static int expected_elsewhere(const struct injection *injection)
{
    if (outcome->result < 0)
        return is_possible_elsewhere(injection, outcome->error) ? outcome->error
                                                                : injection->natural;
    if (injection->natural == 0 && injection->number == SYS_fcntl && injection->error == EBADF)
        return ONE_AT_MOST; /* another thread closed the descriptor */
    return injection->natural;
}

static void inject(struct injection *injection, struct injector_run *run, bool later)
{
    injection->later = later;
    int expected = expectation_of(injection);
    if (expected == NOT_TRIED)
        return;
    run_injection(injection, run, injection->index);
    injections++;
    if (injection->system != systems)
        expected = expected_elsewhere(injection);
    if (run->exit_status != 0)
        complain(injection, "the program died", "an end");
    if (run->exit_status == 0 && judge(injection, expected))
        return;
    bool is_error = run->exit_status == 0 && outcome->result < 0;
    const char *reason = known_fault(injection, is_error ? outcome->error : 0);
    if (reason)
        fprintf(stderr, "#  known: %s\n", reason);
    known += reason != NULL;
    failures += reason == NULL;
}

/* Injects each error once, and on this system again into every later call. Two cases lack that
 * second round: an EINTR would repeat for ever, and a function that restores flags could not
 * restore them. */
static void inject_all(struct injection *injection)
{
    static struct injector_run run;
    prepare(&run, injection->system);
    const int *errors = errors_of(injection->number);
    if (injection->scenario->puts_back && injection->number == SYS_wait4)
        return; /* only wait4 can reap a child that failed */
    if (!errors) {
        fprintf(stderr, "# %s makes call %ld, which has no row in errors.c\n",
                injection->scenario->name, injection->number);
        failures++;
        return;
    }
    for (; *errors; errors++) {
        injection->error = *errors;
        inject(injection, &run, false);
        if (*errors != EINTR && !injection->scenario->puts_back && !has_fork_lock &&
            injection->system == systems)
            inject(injection, &run, true);
    }
}

/* Returns true if an earlier system had the same calls and the same errno. */
static bool is_known(const struct injector_run *runs, const int *naturals, int number)
{
    const struct injector_run *run = &runs[number];
    for (int i = 0; i < number; i++)
        if (runs[i].calls == run->calls && naturals[i] == naturals[number] &&
            memcmp(runs[i].numbers, run->numbers, (size_t)run->calls * sizeof run->numbers[0]) == 0)
            return true;
    return false;
}

/* A scan queries many numbers one by one. Only its first calls and its last call fail. */
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

/* The fork lock replaces the atomic calls. A child marks its own descriptors itself. */
static bool may_be_inheritable(const struct injection *injection, long number)
{
    const char *name = injection->scenario->name;
    bool is_asked = strstr(name, "inheritable") || strcmp(name, "dup_above") == 0;
    bool is_child = strncmp(name, "spawn", 5) == 0;
    return (has_fork_lock && number != SYS_openat) || (is_child && number == SYS_dup2) ||
           strcmp(name, "spawn_with_closed_stdio") == 0 ||
           (is_asked && (number == SYS_fcntl || number == SYS_dup2 || number == SYS_dup3));
}

/* A fallback has the same effect as the newest call of this system. Returns the errno, or 0. */
static int run_undisturbed(struct injection *injection, struct injector_run *run)
{
    int expected = undisturbed_expectation(injection->scenario, injection->system);
    prepare(run, injection->system);
    run_injection(injection, run, -1);
    if (injection->system == systems)
        first = *outcome;
    undisturbed = first;
    if (run->exit_status != 0)
        complain(injection, "the program died", "an end");
    if (run->exit_status != 0 || !judge(injection, expected) || strstr(outcome->effect, "wrong"))
        failures++;
    if (run->unmarked >= 0 && !may_be_inheritable(injection, run->numbers[run->unmarked])) {
        complain(injection, name_of_call(run->numbers[run->unmarked]), "a private descriptor");
        failures++;
    }
    undisturbed = *outcome;
    return outcome->result < 0 ? outcome->error : 0;
}

/* Counts the earlier calls of the same name. */
static int earlier_calls(const struct injector_run *plain, int index)
{
    int count = 0;
    for (int i = 0; i < index; i++)
        count += plain->numbers[i] == plain->numbers[index] &&
                 plain->subjects[i] == plain->subjects[index];
    return count;
}

static bool only_cleanup_follows(const struct injector_run *plain, int index)
{
    while (++index < plain->calls)
        if (plain->numbers[index] != SYS_close && plain->numbers[index] != SYS_rt_sigprocmask &&
            plain->numbers[index] != SYS_munmap)
            return false;
    return true;
}

static void disturb(struct injection *injection, const struct injector_run *plain)
{
    int count = plain->calls < CALLS_AT_MOST ? plain->calls : CALLS_AT_MOST;
    for (int index = 0; index < count; index++) {
        injection->number = plain->numbers[index];
        injection->index = index;
        injection->subject = plain->subjects[index];
        injection->nth = earlier_calls(plain, index);
        injection->answer = plain->answers[index];
        injection->is_last = only_cleanup_follows(plain, index);
        if (!is_amid_row(plain, index))
            inject_all(injection);
    }
}

static void run_scenario(const struct scenario *scenario, int number)
{
    static struct injector_run runs[SYSTEMS];
    int naturals[SYSTEMS];
    long before = injections;
    long failed_before = failures;
    int ways = 0;
    for (int i = 0; i < system_count; i++) {
        struct injection injection = {.scenario = scenario,
                                      .system = &systems[i],
                                      .is_locked = has_fork_lock,
                                      .is_elsewhere = i > 0};
        naturals[i] = injection.natural = run_undisturbed(&injection, &runs[i]);
        if (is_known(runs, naturals, i))
            continue;
        ways++;
        disturb(&injection, &runs[i]);
    }
    printf("%s %d - %s # %d calls, %d ways, %ld injections\n",
           failures == failed_before ? "ok" : "not ok", number, scenario->name, runs[0].calls, ways,
           injections - before);
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
    if (argc > 2 && strcmp(argv[1], "--report") == 0)
        return child_report(argv[2]);
    without_thread_cache(argv);
    outcome =
        mmap(NULL, sizeof *outcome, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (outcome == MAP_FAILED)
        return 2;
    const char *base = mkdtemp(memory) ? memory : mkdtemp(disk);
    if (!base || chdir(base) < 0)
        return 2;
    children_begin(base);
    bool is_counted = argc > 1 && argv[1][0] > '0' && argv[1][0] <= '0' + SYSTEMS;
    system_count = is_counted ? argv[1][0] - '0' : 1;
    const char *name = argv[1 + is_counted];
    has_fork_lock = name && strcmp(name, "fork_lock") == 0;
    int count = run_named(has_fork_lock ? "creators" : name);
    if (!name && system_count == 1)
        failures += unused_expectations();
    if (chdir("/") == 0)
        remove_tree(base);
    printf("# %ld injections, %ld of them with a wrong outcome, %ld known\n1..%d\n", injections,
           failures, known, count);
    return failures != 0 || injections == 0;
}
