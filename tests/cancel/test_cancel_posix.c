/* SPDX-License-Identifier: MIT
 * Thread cancellation. fdi_open, fdi_wait, fdi_accept and fdi_recv_fds act on it before they
 * change anything. No other function acts on it. */
#include "../../src/platform.h"
#include "../../src/posix/sanitizer.h"
#include "../support/fixture.h"
#include "../support/open_fds_posix.h"
#include "acts.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { UNTOUCHED = 4711, TIME_LIMIT = 100, FIRST_SAVED = 950, NUMBERS = 1000 };

/* ---- one act in a thread ------------------------------------------------------------------- */

/* The moment of the cancellation: never, before the call, before the call with cancellation
 * disabled, or while the call waits. */
enum moment { NEVER, BEFORE, BEFORE_DISABLED, MEANWHILE };

/* An act and its outcome. */
struct trial {
    int64_t (*run)(void);
    enum moment moment;
    int64_t result;
    int error;           /* errno after the call */
    bool returned;       /* the call returned */
    bool canceled;       /* the thread ended by cancellation */
    bool restored_mask;  /* the call left the signal mask unchanged */
    bool restored_state; /* the call left the cancellation state unchanged */
};

static struct trial *current;

void call_begin(void)
{
    int state;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    if (current->moment == BEFORE_DISABLED)
        (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    if (current->moment == BEFORE || current->moment == BEFORE_DISABLED)
        (void)pthread_cancel(pthread_self());
    errno = UNTOUCHED;
}

void call_end(void)
{
    int state;
    current->error = errno;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    current->restored_state =
        (state == PTHREAD_CANCEL_DISABLE) == (current->moment == BEFORE_DISABLED);
    current->returned = true;
    errno = current->error;
}

/* Compares the signals of POSIX only. The C library may cancel the thread in a handler for its
 * own signal, which is then blocked. */
static bool is_mask(const sigset_t *expected)
{
    enum { SIGNALS = 31 };
    sigset_t mask;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int signal = 1; signal <= SIGNALS; signal++)
        if (sigismember(&mask, signal) != sigismember(expected, signal))
            return false;
    return true;
}

/* Runs when the thread ends in any way. AddressSanitizer's marks around the variables of
 * cancelled functions remain below `before`. */
static void check_mask(void *before)
{
    enum { BELOW = 16384 };
    ASAN_UNPOISON_MEMORY_REGION((char *)before - BELOW, BELOW);
    current->restored_mask = is_mask(before);
}

/* The cancellation must stay pending after a call that did not act on it. */
static void *run_trial(void *ignored)
{
    int state;
    sigset_t before;
    (void)ignored;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    (void)sigemptyset(&before);
    (void)sigaddset(&before, SIGUSR1);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_cleanup_push(check_mask, &before);
    current->result = current->run();
    (void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    pthread_testcancel();
    pthread_cleanup_pop(1);
    return NULL;
}

static void pause_for_a_moment(void)
{
    const struct timespec moment = {0, 100000000};
    (void)nanosleep(&moment, NULL);
}

static void try_act(struct trial *trial)
{
    pthread_t thread;
    void *end = NULL;
    current = trial;
    assert_int_equal(pthread_create(&thread, NULL, run_trial, NULL), 0);
    if (trial->moment == MEANWHILE) {
        pause_for_a_moment();
        assert_int_equal(pthread_cancel(thread), 0);
    }
    assert_int_equal(pthread_join(thread, &end), 0);
    trial->canceled = end == PTHREAD_CANCELED;
}

/* ---- without stdio ------------------------------------------------------------------------- */

static void close_stdio(int *saved)
{
    (void)fflush(NULL);
    for (int fd = 0; fd < 3; fd++) {
        saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_SAVED);
        (void)close(fd);
    }
}

static void restore_stdio(const int *saved)
{
    for (int fd = 0; fd < 3; fd++) {
        (void)dup2(saved[fd], fd);
        (void)close(saved[fd]);
    }
}

static struct trial try_once(const struct act *act, enum moment moment)
{
    struct trial trial = {.run = act->run, .moment = moment};
    int saved[3];
    acting = act->operation;
    if (act->without_stdio)
        close_stdio(saved);
    try_act(&trial);
    (void)!fchdir(place.here); /* after a cancelled fdi_chdir */
    if (act->without_stdio)
        restore_stdio(saved);
    return trial;
}

/* ---- places -------------------------------------------------------------------------------- */

/* Each trial has a directory of its own with the same contents. */
static void enter_place(const struct act *act)
{
    char name[] = "place.XXXXXX";
    assert_non_null(mkdtemp(name));
    assert_int_equal(chdir(name), 0);
    place_build();
    if (act && act->prepare)
        act->prepare();
}

static void leave_place(void)
{
    place_clear();
    assert_int_equal(chdir(".."), 0);
}

/* Runs an act without cancellation, for comparison. */
static struct trial try_plainly(const struct act *act, char **after)
{
    enter_place(act);
    struct trial trial = try_once(act, NEVER);
    *after = place_describe();
    leave_place();
    assert_true(trial.returned && !trial.canceled && trial.restored_mask && trial.restored_state);
    if (trial.result >= 0)
        assert_int_equal(trial.error, UNTOUCHED);
    else if (!act->operation)
        assert_int_equal(trial.error, ENOTSUP);
    else
        assert_true(trial.error > 0 && trial.error != UNTOUCHED && trial.error != EINTR);
    return trial;
}

static void assert_same(const struct trial *trial, const struct trial *plain)
{
    assert_true(trial->returned);
    assert_true(trial->restored_mask);
    assert_true(trial->restored_state);
    assert_int_equal(trial->result, plain->result);
    assert_int_equal(trial->error, plain->error);
}

static void assert_and_free(char *text, char *expected)
{
    assert_string_equal(text, expected);
    free(text);
    free(expected);
}

/* ---- pending cancellation ------------------------------------------------------------------ */

static void assert_ignores(const struct act *act, enum moment moment)
{
    char *expected;
    struct trial plain = try_plainly(act, &expected);
    enter_place(act);
    struct trial trial = try_once(act, moment);
    char *after = place_describe();
    leave_place();
    assert_same(&trial, &plain);
    assert_true(trial.canceled);
    assert_and_free(after, expected);
}

static void ignores(void **state)
{
    assert_ignores(*state, BEFORE);
}

static void ignores_disabled(void **state)
{
    assert_ignores(*state, BEFORE_DISABLED);
}

/* The cancelled call changes nothing: the same call then works on the same objects. */
static void acts_first(void **state)
{
    const struct act *act = *state;
    char *expected;
    struct trial plain = try_plainly(act, &expected);
    enter_place(act);
    char *before = place_describe();
    struct trial trial = try_once(act, BEFORE);
    char *after = place_describe();
    struct trial again = trial.returned ? trial : try_once(act, NEVER);
    char *end = place_describe();
    leave_place();
    assert_true(trial.canceled && !trial.returned && trial.restored_mask);
    assert_same(&again, &plain);
    assert_and_free(after, before);
    assert_and_free(end, expected);
}

/* ---- cancellation during the wait ---------------------------------------------------------- */

static int count_fds(void)
{
    static bool is_open[NUMBERS];
    int count = 0;
    ask_open_fds(is_open, NUMBERS);
    for (int fd = 0; fd < NUMBERS; fd++)
        count += is_open[fd];
    return count;
}

/* A library with a fork lock takes it for a fork. Creating and closing a pipe takes it too. */
static void assert_locks_are_free(void)
{
    int fds[2];
    assert_works(fdi_pipe(fds, 0));
    assert_works(fdi_dup2(fds[0], fds[1], 0));
    assert_int_equal(close(fds[0]), 0);
    assert_int_equal(close(fds[1]), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void assert_ends(int64_t (*run)(void))
{
    struct trial trial = {.run = run, .moment = MEANWHILE};
    int before = count_fds();
    try_act(&trial);
    assert_true(trial.canceled);
    assert_false(trial.returned);
    assert_true(trial.restored_mask);
    assert_int_equal(count_fds(), before);
    assert_locks_are_free();
}

FOR_FD(open_fifo, fdi_open(fdi_path("fifo"), O_RDONLY, 0))
FOR_FD(open_fifo_at, fdi_open(fdi_path_at(place.here, "fifo"), O_WRONLY, 0))
FOR_FD(accept_waits, fdi_accept(place.listener, NULL, NULL, 0))
FOR_NUMBER(wait_forever, fdi_wait(&place.child, NULL, -1, 0))
FOR_NUMBER(wait_limited, fdi_wait(&place.child, NULL, 60000, 0))
FOR_NUMBER(wait_forever_keep, fdi_wait(&place.child, NULL, -1, FDI_WAIT_KEEP))
FOR_NUMBER(wait_limited_keep, fdi_wait(&place.child, NULL, 60000, FDI_WAIT_KEEP))

static int64_t receive_waits(void)
{
    char data[8];
    int fds[4];
    size_t count = 4;
    call_begin();
    int64_t length = fdi_recv_fds(place.pair[1], data, sizeof data, fds, &count, 0);
    call_end();
    for (size_t i = 0; length >= 0 && i < count; i++)
        (void)close(fds[i]);
    return length;
}

static void blocked_open_of_a_fifo_is_cancelled(void **state)
{
    (void)state;
    enter_place(NULL);
    assert_ends(open_fifo);
    assert_ends(open_fifo_at);
    leave_place();
}

static struct trial try_now(int64_t (*run)(void))
{
    struct trial trial = {.run = run, .moment = NEVER};
    try_act(&trial);
    return trial;
}

static void blocked_accept_is_cancelled_and_the_next_one_works(void **state)
{
    (void)state;
    enter_place(NULL);
    assert_true(try_now(accept_waits).result >= 0);
    assert_ends(accept_waits);
    int client = place_connect();
    assert_true(try_now(accept_waits).result >= 0);
    assert_int_equal(close(client), 0);
    leave_place();
}

static void blocked_receive_is_cancelled_and_the_next_one_works(void **state)
{
    (void)state;
    enter_place(NULL);
    assert_int_equal(try_now(receive_waits).result, 5);
    assert_ends(receive_waits);
    place_send();
    assert_int_equal(try_now(receive_waits).result, 5);
    leave_place();
}

static void assert_wait_ends(int64_t (*run)(void))
{
    int64_t status = 0;
    enter_place(NULL);
    place_start_child();
    assert_ends(run);
    assert_true(place.child > 0);
    assert_int_equal(fdi_wait(&place.child, &status, 0, 0), 0);
    assert_int_equal(kill((pid_t)place.child, SIGKILL), 0);
    assert_int_equal(fdi_wait(&place.child, &status, -1, 0), 1);
    assert_int_equal(status, -SIGKILL);
    leave_place();
}

static void blocked_wait_is_cancelled_and_the_child_can_be_reaped(void **state)
{
    (void)state;
    assert_wait_ends(wait_forever);
    assert_wait_ends(wait_forever_keep);
}

static void blocked_wait_with_a_timeout_is_cancelled_and_the_child_can_be_reaped(void **state)
{
    (void)state;
    assert_wait_ends(wait_limited);
    assert_wait_ends(wait_limited_keep);
}

/* ---- all cases ----------------------------------------------------------------------------- */

enum { CASES = 700, NAME = 96 };

static struct CMUnitTest cases[CASES];
static char names[CASES][NAME];
static size_t case_count;

static int set_up(void **state)
{
    void *directory;
    (void)state;
    return fixture_setup(&directory);
}

static void add_case(const struct act *act, const char *promise, CMUnitTestFunction run)
{
    if (case_count == CASES)
        abort();
    size_t length = strlen(act->name); /* drops the trailing underscore of "dup_" */
    length -= act->name[length - 1] == '_';
    (void)snprintf(names[case_count], NAME, "%.*s_%s", (int)length, act->name, promise);
    cases[case_count] = (struct CMUnitTest){names[case_count], run, set_up, fixture_teardown,
                                            (void *)(uintptr_t)act};
    case_count++;
}

static void add_ignoring(const struct act *acts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_case(&acts[i], "ignores_a_pending_cancellation", ignores);
        add_case(&acts[i], "leaves_cancellation_disabled", ignores_disabled);
    }
}

static void add_acting(const struct act *acts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_case(&acts[i], "acts_on_a_pending_cancellation_first", acts_first);
        add_case(&acts[i], "is_not_cancelled_while_cancellation_is_disabled", ignores_disabled);
    }
}

int main(void)
{
    size_t contract_count;
    const struct act *of_contract = contract_acts(&contract_count);
    const struct CMUnitTest waiting[] = {
        CASE(blocked_open_of_a_fifo_is_cancelled),
        CASE(blocked_accept_is_cancelled_and_the_next_one_works),
        CASE(blocked_receive_is_cancelled_and_the_next_one_works),
        CASE(blocked_wait_is_cancelled_and_the_child_can_be_reaped),
        CASE(blocked_wait_with_a_timeout_is_cancelled_and_the_child_can_be_reaped),
    };
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)alarm(TIME_LIMIT); /* a lock that stays locked would block the program forever */
    add_ignoring(operations, operation_count);
    add_ignoring(others, other_count);
    for (size_t i = 0; i < contract_count; i++)
        add_case(&of_contract[i], "ignores_a_pending_cancellation", ignores);
    add_acting(cancellable, cancellable_count);
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++)
        cases[case_count++] = waiting[i];
    return _cmocka_run_group_tests("cancel_posix", cases, case_count, NULL, NULL);
}
