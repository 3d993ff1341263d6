/* SPDX-License-Identifier: MIT
 * Mistakes that compile without a warning. Each call fails at once with its errno and changes
 * nothing. Meson compiles these files with every warning as an error. */
#include "../../src/platform.h"
#include "../support/child_report.h"
#include "../support/operations.h"
#include "arguments.h"
#include "misuse.h"
#include "state.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#if !defined(_WIN32)
#include <sys/wait.h>
#endif

enum { UNTOUCHED = 4711, STATUS = 7 };

static fdi_spawn_options exit_options(void)
{
    static char *const argv[] = {"exit_with", "7", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(EXIT_WITH);
    options.argv = argv;
    return options;
}

static fdi_process start(void)
{
    fdi_process process = UNTOUCHED;
    fdi_spawn_options options = exit_options();
    assert_works(fdi_spawn(&process, &options));
    return process;
}

static void assert_ends(fdi_process *process)
{
    int64_t status = UNTOUCHED;
    assert_int_equal(fdi_wait(process, &status, -1, 0), 1);
    assert_int_equal(status, STATUS);
    assert_int_equal(*process, FDI_NO_PROCESS);
}

/* Asserts that no child is left, if the kernel can be queried. */
static void assert_no_child(void)
{
#if !defined(_WIN32)
    assert_fails(ECHILD, waitpid(-1, NULL, WNOHANG));
#endif
}

static void assert_not_started(int error, const fdi_spawn_options *options)
{
    fdi_process process = UNTOUCHED;
    assert_fails(error, fdi_spawn(&process, options));
    assert_int_equal(process, UNTOUCHED);
    assert_no_child();
}

/* ---- the map of descriptors ---------------------------------------------------------------- */

static void map_without_a_count_is_einval(void **state)
{
    (void)state;
    const fdi_fd_map map[] = {{0, 5}};
    fdi_spawn_options options = exit_options();
    options.fds = map;
    assert_not_started(EINVAL, &options);
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_not_started(EINVAL, &options);
}

static void count_without_a_map_is_einval(void **state)
{
    (void)state;
    fdi_spawn_options options = exit_options();
    options.fd_count = 1;
    assert_not_started(EINVAL, &options);
    options.fd_count = SIZE_MAX;
    assert_not_started(EINVAL, &options);
}

/* -9 is the result of libraries that return -errno, here -EBADF on Linux. */
static void failed_descriptor_in_a_map_is_ebadf(void **state)
{
    (void)state;
    const int failed[] = {-1, -9, -EMFILE, FDI_AT_FDCWD, INT_MIN, fdi_open(fdi_path("none"), 0, 0)};
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++) {
        const fdi_fd_map map[] = {{0, 6}, {failed[i], 5}};
        fdi_spawn_options options = exit_options();
        options.fds = map;
        options.fd_count = 2;
        assert_not_started(EBADF, &options);
        options.flags = FDI_SPAWN_NO_STDIO;
        assert_not_started(EBADF, &options);
    }
}

static void failed_descriptor_as_a_child_number_is_einval(void **state)
{
    (void)state;
    const int failed[] = {-1, -9, INT_MIN};
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++) {
        const fdi_fd_map map[] = {{0, failed[i]}};
        fdi_spawn_options options = exit_options();
        options.fds = map;
        options.fd_count = 1;
        assert_not_started(EINVAL, &options);
    }
}

/* ---- options ------------------------------------------------------------------------------- */

static void assert_report(const fdi_spawn_options *options, int count)
{
    static struct child_report report;
    assert_int_equal(spawn_report(options, &report), 0);
    assert_int_equal(report.status, 0);
    assert_int_equal(report.count, count);
    for (int fd = 0; fd < 3; fd++)
        assert_int_equal(report.fds[fd].fd, fd);
}

static void options_can_be_copied_and_used_again(void **state)
{
    (void)state;
    int fd = open_null(false);
    const fdi_fd_map map[] = {{fd, 7}, {0, 5}, {fd, 6}};
    fdi_fd_map map_before[3];
    fdi_spawn_options options = report_options();
    options.fds = map;
    options.fd_count = 3;
    const fdi_spawn_options copy = options;
    memcpy(map_before, map, sizeof map);
    assert_report(&options, 6);
    assert_report(&options, 6);
    assert_report(&copy, 6);
    assert_memory_equal(&options, &copy, sizeof copy);
    assert_memory_equal(map, map_before, sizeof map);
    assert_int_equal(close(fd), 0);
}

static void zeroed_options_equal_the_defaults(void **state)
{
    (void)state;
    const fdi_spawn_options defaults = report_options();
    fdi_spawn_options zeros;
    memset(&zeros, 0, sizeof zeros);
    zeros.program = defaults.program;
    zeros.argv = defaults.argv;
    assert_report(&defaults, 3);
    assert_report(&zeros, 3);
    assert_ptr_equal(defaults.envp, zeros.envp);
    assert_ptr_equal(defaults.fds, zeros.fds);
    assert_int_equal(defaults.fd_count, zeros.fd_count);
    assert_int_equal(defaults.directory.form, zeros.directory.form);
    assert_int_equal(defaults.flags, zeros.flags);
    assert_memory_equal(defaults.reserved, zeros.reserved, sizeof zeros.reserved);
}

static void options_without_a_program_are_einval(void **state)
{
    (void)state;
    const fdi_spawn_options zeros = {0};
    fdi_spawn_options options = exit_options();
    assert_not_started(EINVAL, &zeros);
    options.program = zeros.program;
    assert_not_started(EINVAL, &options);
    options.flags = FDI_SPAWN_SEARCH;
    assert_not_started(EINVAL, &options);
}

static void options_without_arguments_are_einval(void **state)
{
    (void)state;
    static char *const nothing[] = {NULL};
    fdi_spawn_options options = exit_options();
    options.argv = NULL;
    assert_not_started(EINVAL, &options);
    options.argv = nothing;
    assert_not_started(EINVAL, &options);
}

/* A directory set to a NULL path does not count as an unset directory. */
static void directory_without_a_path_is_einval(void **state)
{
    (void)state;
    fdi_spawn_options options = exit_options();
    options.directory = fdi_path(NULL);
    assert_not_started(EINVAL, &options);
    options.directory = fdi_path_at(0, NULL);
    assert_not_started(EINVAL, &options);
    options.directory = fdi_fd(-1);
    assert_not_started(EBADF, &options);
}

/* ---- the child ----------------------------------------------------------------------------- */

static void assert_gone(fdi_process *process)
{
    int64_t status = UNTOUCHED;
    assert_int_equal(*process, FDI_NO_PROCESS);
    assert_fails(EINVAL, fdi_wait(process, &status, -1, 0));
    assert_fails(EINVAL, fdi_wait(process, &status, 0, 0));
    assert_fails(EINVAL, fdi_wait(process, &status, -1, FDI_WAIT_KEEP));
    assert_fails(EINVAL, fdi_process_id(*process));
    assert_int_equal(status, UNTOUCHED);
    assert_int_equal(*process, FDI_NO_PROCESS);
}

/* waitpid(0) would reap any child of the process group. */
static void second_wait_is_einval_and_reaps_no_other_child(void **state)
{
    (void)state;
    fdi_process process = start();
    fdi_process other = start();
    assert_ends(&process);
    assert_gone(&process);
    assert_ends(&other);
    assert_no_child();
}

static void wait_resets_the_process(void **state)
{
    (void)state;
    fdi_process process = start();
    assert_ends(&process);
    assert_works(fdi_release(&process));
    assert_gone(&process);
    assert_works(fdi_release(&process));
}

static void invalid_wait_leaves_the_process_unchanged(void **state)
{
    (void)state;
    fdi_process process = start();
    int64_t status = UNTOUCHED;
    assert_fails(EINVAL, fdi_wait(&process, &status, -2, 0));
    assert_fails(EINVAL, fdi_wait(&process, &status, INT_MIN, 0));
    assert_int_equal(status, UNTOUCHED);
    assert_ends(&process);
}

/* On POSIX, waitpid still reports the status of a released child. */
static void reap_released(fdi_process released)
{
#if defined(_WIN32)
    (void)released;
#else
    int status;
    assert_int_equal(waitpid((pid_t)released, &status, 0), released);
    assert_int_equal(WEXITSTATUS(status), STATUS);
#endif
}

static void second_release_does_nothing(void **state)
{
    (void)state;
    fdi_process process = start();
    fdi_process released = process;
    fdi_process other = start();
    assert_works(fdi_release(&process));
    assert_gone(&process);
    assert_works(fdi_release(&process));
    assert_gone(&process);
    reap_released(released);
    assert_ends(&other);
    assert_no_child();
}

static void failed_process_is_einval(void **state)
{
    (void)state;
    const fdi_process failed[] = {-1, -9, INTPTR_MIN};
    for (size_t i = 0; i < sizeof failed / sizeof failed[0]; i++) {
        fdi_process process = failed[i];
        int64_t status = UNTOUCHED;
        assert_fails(EINVAL, fdi_wait(&process, &status, 0, 0));
        assert_fails(EINVAL, fdi_release(&process));
        assert_fails(EINVAL, fdi_process_id(process));
        assert_int_equal(process, failed[i]);
        assert_int_equal(status, UNTOUCHED);
    }
}

/* ---- targets and pointers ------------------------------------------------------------------ */

/* Returns the header's name for a parameter that is a target, or NULL. */
static const char *target_name(enum parameter parameter)
{
    switch (parameter) {
    case TAKES_TARGET:
        return "target";
    case TAKES_FROM:
        return "from";
    case TAKES_TO:
        return "to";
    case TAKES_LINK:
        return "link";
    case TAKES_DIRECTORY:
        return "directory";
    case TAKES_PROGRAM:
        return "program";
    default:
        return NULL;
    }
}

struct target_call {
    const struct operation *operation;
    enum parameter parameter;
};

/* Runs `body` for each target of each operation, until it returns true. */
static bool any_target(bool (*body)(struct target_call call, void *context), void *context)
{
    for (int i = 0; i < contract_size; i++)
        for (int j = 0; j < PARAMETERS; j++) {
            struct target_call call = {&contract[i], contract[i].parameters[j]};
            if (target_name(call.parameter) && body(call, context))
                return true;
        }
    return false;
}

static int64_t call_target(struct target_call call, fdi_target target)
{
    fdi_function function = call.operation->function;
    if (call.parameter == TAKES_TO)
        return call_between(function, fdi_path("file"), target, 0);
    return call_any(function, target, 0);
}

static void assert_target_fails(struct target_call call, const char *form, fdi_target target,
                                int error)
{
    static struct state before, after;
    const char *name = call.operation->name;
    read_state(&before);
    errno = 0;
    int64_t result = call_target(call, target);
    int found = errno;
    read_state(&after);
    if (result != -1 || found != error)
        fail_msg("%s.%s as %s: %lld, errno %d", name, target_name(call.parameter), form,
                 (long long)result, found);
    assert_same_state(name, &before, &after);
}

static bool reject_no_path(struct target_call call, void *context)
{
    const fdi_target zeros = {0};
    (void)context;
    assert_target_fails(call, "fdi_path(NULL)", fdi_path(NULL), EINVAL);
    assert_target_fails(call, "fdi_path_at(3, NULL)", fdi_path_at(3, NULL), EINVAL);
    assert_target_fails(call, "fdi_path_at(-1, NULL)", fdi_path_at(-1, NULL), EINVAL);
    assert_target_fails(call, "zeros", zeros, EINVAL);
    return false;
}

static void target_without_a_path_is_einval(void **state)
{
    (void)state;
    struct objects objects;
    objects_open(&objects);
    any_target(reject_no_path, NULL);
    objects_close(&objects);
}

static bool reject_failed_fd(struct target_call call, void *context)
{
    const struct objects *objects = context;
    bool takes_fd = call.operation->targets == BY_NAME_OR_FD && call.parameter != TAKES_TO;
    int error = takes_fd ? EBADF : EINVAL;
    assert_target_fails(call, "fdi_fd(-1)", fdi_fd(-1), error);
    assert_target_fails(call, "fdi_fd(-9)", fdi_fd(-9), error);
    assert_target_fails(call, "fdi_fd(FDI_AT_FDCWD)", fdi_fd(FDI_AT_FDCWD), error);
    if (!takes_fd)
        assert_target_fails(call, "fdi_fd", fdi_fd(objects->fd), error);
    return false;
}

static void target_of_a_failed_fd_is_ebadf(void **state)
{
    (void)state;
    struct objects objects;
    objects_open(&objects);
    any_target(reject_failed_fd, &objects);
    objects_close(&objects);
}

static void assert_null_call(const struct null_call *call)
{
    static struct state before, after;
    static struct outputs outputs;
    static struct objects objects;
    objects_open(&objects);
    memcpy(&outputs, &objects.out, sizeof outputs);
    read_state(&before);
    errno = 0;
    int64_t result = call->call(&objects);
    int error = errno;
    read_state(&after);
    if (call->error ? result != -1 || error != call->error : result < 0)
        fail_msg("%s as NULL: %lld, errno %d", call->pointer, (long long)result, error);
    if (call->error && memcmp(&outputs, &objects.out, sizeof outputs) != 0)
        fail_msg("%s as NULL changed an output", call->pointer);
    if (call->error)
        assert_same_state(call->pointer, &before, &after);
    objects_close(&objects);
}

static void null_is_einval_or_allowed_for_each_pointer(void **state)
{
    (void)state;
    for (const struct null_call *call = null_calls; call->pointer; call++)
        assert_null_call(call);
}

static bool is_null_call(const char *pointer)
{
    for (const struct null_call *call = null_calls; call->pointer; call++)
        if (strcmp(call->pointer, pointer) == 0)
            return true;
    return false;
}

/* The program is in the options of fdi_spawn. */
static bool has_name(struct target_call call, void *name)
{
    char found[64];
    const char *options = call.parameter == TAKES_PROGRAM ? "_options" : "";
    (void)snprintf(found, sizeof found, "fdi_%s%s.%s", call.operation->name, options,
                   target_name(call.parameter));
    return strcmp(found, name) == 0;
}

static void each_argument_of_the_header_is_tried(void **state)
{
    (void)state;
    for (size_t i = 0; pointers[i]; i++)
        if (!is_null_call(pointers[i]))
            fail_msg("nulls.c does not try %s", pointers[i]);
    for (size_t i = 0; targets[i]; i++)
        if (!any_target(has_name, (void *)(uintptr_t)targets[i]))
            fail_msg("operations.c does not have %s", targets[i]);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(map_without_a_count_is_einval),
        CASE(count_without_a_map_is_einval),
        CASE(failed_descriptor_in_a_map_is_ebadf),
        CASE(failed_descriptor_as_a_child_number_is_einval),
        CASE(options_can_be_copied_and_used_again),
        CASE(zeroed_options_equal_the_defaults),
        CASE(options_without_a_program_are_einval),
        CASE(options_without_arguments_are_einval),
        CASE(directory_without_a_path_is_einval),
        CASE(second_wait_is_einval_and_reaps_no_other_child),
        CASE(wait_resets_the_process),
        CASE(invalid_wait_leaves_the_process_unchanged),
        CASE(second_release_does_nothing),
        CASE(failed_process_is_einval),
        CASE(target_without_a_path_is_einval),
        CASE(target_of_a_failed_fd_is_ebadf),
        CASE(null_is_einval_or_allowed_for_each_pointer),
        CASE(each_argument_of_the_header_is_tried),
    };
    return cmocka_run_group_tests_name("misuse", cases, NULL, NULL);
}
