/* SPDX-License-Identifier: MIT
 * Every way to create a child, in odd surroundings: wrong options, preloaded wrappers, sandboxes
 * that kill, and processes of other threads that hold the library's pipe. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "../support/child_report.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers that older headers lack. */
enum { CLOSE_RANGE = 436, CLONE3 = 435 };

#if defined(SYS_dup2)
enum { DUP2 = SYS_dup2 };
#else
enum { DUP2 = SYS_dup3 };
#endif

/* The build for systems that only fork maps no stack for the child and does not read /proc. */
#if defined(FDI_ONLY_FORK) || defined(FDI_ONLY_CLOSEFROM)
enum { ONLY_FORKS = true };
#else
enum { ONLY_FORKS = false };
#endif

/* ---- ways ------------------------------------------------------------------------------------ */

enum { WAYS = 4 };

static bool restrict_to(int way)
{
    const struct seccomp_rule rules[WAYS - 1] = {
        {CLONE3, 0, 0, 0, ENOSYS},
        {SYS_clone, 0, CLONE_THREAD | CLONE_FILES, CLONE_FILES, EPERM},
        {SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_VM, EPERM},
    };
    return way == 0 || seccomp_refuse(rules, (size_t)way);
}

struct trial {
    int way;
    bool (*body)(void);
};

static bool run_trial(const void *context)
{
    const struct trial *trial = context;
    alarm(20);
    return restrict_to(trial->way) && trial->body();
}

static void assert_in_every_way(bool (*body)(void))
{
    for (int way = 0; way < WAYS; way++) {
        const struct trial trial = {way, body};
        if (!apart(run_trial, &trial))
            fail_msg("way %d", way);
    }
}

static bool fails_with(int error, const fdi_spawn_options *options)
{
    fdi_process process = -7;
    errno = 0;
    int result = fdi_spawn(&process, options);
    if (result != -1 || errno != error)
        printf("# %s expected, got %d and %s\n", strerror(error), result, strerror(errno));
    fflush(stdout);
    return result == -1 && errno == error && process == -7 && waitpid(-1, NULL, WNOHANG) == -1 &&
           errno == ECHILD;
}

static bool works(const fdi_spawn_options *options)
{
    static struct child_report report;
    return spawn_report(options, &report) == 0 && report.status == 0 && report.count == 3;
}

/* ---- wrong options --------------------------------------------------------------------------- */

enum { CLOSED = 70, ABOVE_LIMIT = 1 << 30 };

static const struct wrong {
    const char *program; /* NULL: a program that works */
    const char *directory;
    fdi_fd_map entry; /* {0, 0} does no harm */
    unsigned flags;
    int error;
} wrong[] = {
    {"/missing", NULL, {0, 0}, 0, ENOENT},
    {"", NULL, {0, 0}, 0, ENOENT},
    {"./plain", NULL, {0, 0}, 0, EACCES},
    {"./plain/program", NULL, {0, 0}, 0, ENOTDIR},
    {"./unknown", NULL, {0, 0}, 0, ENOEXEC},
    {"./script", NULL, {0, 0}, 0, ENOENT},
    {"./loop", NULL, {0, 0}, 0, ELOOP},
    {".", NULL, {0, 0}, 0, EACCES},
    {"missing", NULL, {0, 0}, FDI_SPAWN_SEARCH, ENOENT},
    {NULL, "/missing", {0, 0}, 0, ENOENT},
    {NULL, "plain", {0, 0}, 0, ENOTDIR},
    {NULL, "loop", {0, 0}, 0, ELOOP},
    {NULL, NULL, {CLOSED, 5}, 0, EBADF},
    {NULL, NULL, {CLOSED, CLOSED}, 0, EBADF},
    {NULL, NULL, {INT_MAX, 5}, 0, EBADF},
    {NULL, NULL, {0, ABOVE_LIMIT}, 0, EMFILE},
    {NULL, NULL, {0, INT_MAX}, 0, EMFILE},
    {NULL, NULL, {CLOSED, ABOVE_LIMIT}, 0, EBADF},
    {NULL, "/missing", {CLOSED, 5}, 0, ENOENT},
    {"/missing", NULL, {CLOSED, 5}, 0, EBADF},
    {"/missing", "plain", {CLOSED, 5}, 0, ENOTDIR},
    {"/missing", NULL, {0, 0}, FDI_SPAWN_NEW_SESSION, ENOENT},
    {"/missing", NULL, {0, 0}, FDI_SPAWN_NEW_GROUP, ENOENT},
    {NULL, NULL, {CLOSED, 5}, FDI_SPAWN_NEW_SESSION | FDI_SPAWN_NO_STDIO, EBADF},
};

static void make_file(const char *name, const char *text, mode_t mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void make_files(void)
{
    make_file("plain", "text", 0644);
    make_file("unknown", "text", 0755);
    make_file("script", "#!/missing/interpreter\n", 0755);
    assert_int_equal(symlink("loop", "loop"), 0);
}

static bool wrong_options_have_their_error(void)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        fdi_spawn_options options = report_options();
        if (wrong[i].program)
            options.program = fdi_path(wrong[i].program);
        if (wrong[i].directory)
            options.directory = fdi_path(wrong[i].directory);
        options.fds = &wrong[i].entry;
        options.fd_count = 1;
        options.flags = wrong[i].flags;
        if (!fails_with(wrong[i].error, &options)) {
            printf("# row %zu\n", i);
            return false;
        }
    }
    return true;
}

/* Tries every number from the first free one on, because the library's pipe takes some of them. */
static bool closed_numbers_are_ebadf(void)
{
    const fdi_spawn_options usual = report_options();
    int file = open("plain", O_RDONLY | O_CLOEXEC);
    for (int fd = file; fd < file + 10; fd++)
        (void)close(fd);
    for (int fd = file; fd < file + 8; fd++) {
        const fdi_fd_map entries[] = {{fd, fd}, {fd, fd + 1}};
        fdi_spawn_options options[6] = {usual, usual, usual, usual, usual, usual};
        options[0].program = fdi_fd(fd);
        options[1].program = fdi_path_at(fd, "program");
        options[2].directory = fdi_fd(fd);
        options[3].directory = fdi_path_at(fd, "directory");
        options[4].fds = &entries[0];
        options[5].fds = &entries[1];
        options[4].fd_count = options[5].fd_count = 1;
        for (int i = 0; i < 6; i++)
            if (!fails_with(EBADF, &options[i]))
                return false;
    }
    return true;
}

static bool descriptors_of_other_kinds_have_their_error(void)
{
    fdi_spawn_options options = report_options();
    int file = open("plain", O_RDONLY | O_CLOEXEC);
    int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    options.directory = fdi_fd(file);
    if (!fails_with(ENOTDIR, &options))
        return false;
    options = report_options();
    options.program = fdi_fd(file);
    if (!fails_with(EACCES, &options))
        return false;
    options.program = fdi_fd(directory);
    if (!fails_with(EACCES, &options))
        return false;
    options.program = fdi_path_at(file, "program");
    if (!fails_with(ENOTDIR, &options))
        return false;
    options.program = fdi_path_at(directory, "missing");
    return fails_with(ENOENT, &options);
}

static void every_way_gives_the_same_error(void **state)
{
    (void)state;
    make_files();
    assert_in_every_way(wrong_options_have_their_error);
    assert_in_every_way(closed_numbers_are_ebadf);
    if (!ONLY_FORKS) /* fexecve takes no path */
        assert_in_every_way(descriptors_of_other_kinds_have_their_error);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* The directory, the program and the entries are close to each other and to the library's pipe. */
static bool directory_and_program_keep_their_numbers(void)
{
    static struct child_report report;
    int program = open(report_options().program.path, O_RDONLY | O_CLOEXEC);
    int directory = open("/usr", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int number = 3; number < directory + 8; number++) {
        const fdi_fd_map maps[][2] = {
            {{0, number}, {1, number + 1}},
            {{program, number}, {directory, number + 1}},
            {{directory, number}, {program, number + 2}},
        };
        for (int i = 0; i < 3; i++) {
            fdi_spawn_options options = report_options();
            options.program = fdi_fd(program);
            options.directory = fdi_fd(directory);
            options.fds = maps[i];
            options.fd_count = 2;
            if (spawn_report(&options, &report) < 0 || report.count != 5 || report.status != 0 ||
                strcmp(report.cwd, "/usr") != 0)
                return false;
        }
    }
    return true;
}

static void every_way_keeps_the_directory_and_the_program(void **state)
{
    (void)state;
    assert_in_every_way(directory_and_program_keep_their_numbers);
}

static bool child_leads_its_session(void)
{
    static struct child_report report;
    fdi_spawn_options options = report_options();
    options.flags = FDI_SPAWN_NEW_SESSION;
    if (spawn_report(&options, &report) < 0 || report.session != report.pid)
        return false;
    options.flags = FDI_SPAWN_NEW_GROUP;
    return spawn_report(&options, &report) == 0 && report.group == report.pid &&
           report.session == (long)getsid(0);
}

static void every_way_starts_sessions_and_groups(void **state)
{
    (void)state;
    assert_in_every_way(child_leads_its_session);
}

/* ---- wrappers -------------------------------------------------------------------------------- */

/* Counts the calls of the wrapper below, also those of a child with memory of its own. */
static int *wrapped;
static size_t wrapper_stack = 16;

/* Stands before the C library's function, as a preloaded library does. Fills its stack from the
 * top. */
int execve(const char *path, char *const argv[], char *const envp[])
{
    if (wrapped)
        ++*wrapped;
    volatile char *work = __builtin_alloca(wrapper_stack);
    for (size_t i = wrapper_stack; i > 0; i--)
        work[i - 1] = 1;
    return (int)syscall(SYS_execve, path, argv, envp) + 0 * work[0];
}

static bool wrapper_of_execve_is_called(void)
{
    fdi_spawn_options options = report_options();
    wrapped =
        mmap(NULL, sizeof *wrapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    wrapper_stack = 128 * 1024;
    if (wrapped == MAP_FAILED || !works(&options) || *wrapped != 1)
        return false;
    options.program = fdi_path("/missing");
    return fails_with(ENOENT, &options) && *wrapped == 2;
}

static void *call_body(void *answer)
{
    *(bool *)answer = wrapper_of_execve_is_called();
    return NULL;
}

static bool thread_with_little_stack_may_start_a_child(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    bool answer = false;
    return pthread_attr_init(&attributes) == 0 &&
           pthread_attr_setstacksize(&attributes, 96 * 1024) == 0 &&
           pthread_create(&thread, &attributes, call_body, &answer) == 0 &&
           pthread_join(thread, NULL) == 0 && answer;
}

static bool wrapper_without_bounds_harms_only_the_child(void)
{
    fdi_spawn_options options = report_options();
    wrapper_stack = 1024 * 1024;
    if (!fails_with(ECHILD, &options))
        return false;
    wrapper_stack = 16;
    return works(&options);
}

static void wrapper_of_execve_may_use_128_kib_of_stack(void **state)
{
    (void)state;
    assert_in_every_way(wrapper_of_execve_is_called);
    if (ONLY_FORKS)
        return;
    assert_in_every_way(thread_with_little_stack_may_start_a_child);
    assert_in_every_way(wrapper_without_bounds_harms_only_the_child);
}

/* ---- deaths ---------------------------------------------------------------------------------- */

static const struct seccomp_rule deaths[] = {
    {SYS_execve, 0, 0, 0, 0}, {DUP2, 0, 0, 0, 0},       {SYS_rt_sigaction, 0, 0, 0, 0},
    {SYS_chdir, 0, 0, 0, 0},  {SYS_setsid, 0, 0, 0, 0}, {SYS_fcntl, 1, ~0U, F_SETFD, 0},
};

static struct seccomp_rule death;
static unsigned flags_of_death;

static fdi_spawn_options options_of_death(void)
{
    static const fdi_fd_map entry = {0, 9};
    fdi_spawn_options options = report_options();
    options.directory = fdi_path("/");
    options.fds = &entry;
    options.fd_count = 1;
    options.flags = flags_of_death;
    return options;
}

static bool death_is_an_error(void)
{
    fdi_spawn_options options = options_of_death();
    return seccomp_refuse(&death, 1) && fails_with(ECHILD, &options);
}

/* The build that only forks cannot see whether a child in another session has called execve. */
static bool is_visible(void)
{
    return !ONLY_FORKS || death.number != SYS_execve || flags_of_death == 0;
}

static void child_that_dies_before_its_program_is_echild(void **state)
{
    const int actions[] = {SECCOMP_KILLS, SECCOMP_TRAPS};
    const unsigned flags[] = {0, FDI_SPAWN_NEW_SESSION};
    (void)state;
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++)
        for (int action = 0; action < 2; action++)
            for (int session = deaths[i].number == SYS_setsid; session < 2; session++) {
                death = deaths[i];
                death.error = actions[action];
                flags_of_death = flags[session];
                if (is_visible())
                    assert_in_every_way(death_is_an_error);
            }
}

/* ---- refused calls --------------------------------------------------------------------------- */

static bool every_errno_of_clone3_leads_on(const void *unused)
{
    (void)unused;
    for (int error = 1; error < 134; error++) {
        const struct seccomp_rule rule = {CLONE3, 0, 0, 0, error};
        fdi_spawn_options options = report_options();
        if (!seccomp_refuse(&rule, 1) || !works(&options))
            return false;
    }
    return true;
}

static bool works_with_refusal(const void *rule)
{
    fdi_spawn_options options = report_options();
    if (!seccomp_refuse(rule, 1) || !works(&options))
        return false;
    options.flags = FDI_SPAWN_NEW_SESSION;
    if (!works(&options))
        return false;
    options.program = fdi_path("/missing");
    return fails_with(ENOENT, &options);
}

static bool works_with_refusal_in_a_copy(const void *rule)
{
    return restrict_to(WAYS - 1) && works_with_refusal(rule);
}

static bool works_with_refusal_without_proc(const void *rule)
{
    return lose_proc() && works_with_refusal(rule);
}

static void refused_optional_call_leads_to_the_next_way(void **state)
{
    static const int errors[] = {EPERM, EACCES, ENOSYS, EINVAL, EAGAIN, ENOMEM, EBUSY, ENOTSUP};
    struct seccomp_rule optional[] = {
        {CLONE3, 0, 0, 0, 0},
        {SYS_clone, 0, CLONE_THREAD | CLONE_FILES, CLONE_FILES, 0},
        {SYS_clone, 0, CLONE_THREAD | CLONE_VM, CLONE_VM, 0},
        {CLOSE_RANGE, 0, 0, 0, 0},
        {SYS_unshare, 0, 0, 0, 0},
        {SYS_setpgid, 0, 0, 0, 0},
        {SYS_statfs, 0, 0, 0, 0},
        {SYS_sched_yield, 0, 0, 0, 0},
    };
    (void)state;
    assert_true(apart(every_errno_of_clone3_leads_on, NULL));
    for (size_t i = 0; i < (ONLY_FORKS ? 3 : sizeof optional / sizeof optional[0]); i++)
        for (size_t k = 0; k < sizeof errors / sizeof errors[0]; k++) {
            optional[i].error = errors[k];
            if (!apart(works_with_refusal, &optional[i]) ||
                !apart(works_with_refusal_in_a_copy, &optional[i]) ||
                !apart(works_with_refusal_without_proc, &optional[i]))
                fail_msg("call %ld, %s", optional[i].number, strerror(errors[k]));
        }
}

/* ---- strangers ------------------------------------------------------------------------------- */

static bool makes_strangers;
static pid_t stranger;

/* Creates a process that holds every descriptor, as a fork in another thread does at this moment. */
static void make_stranger(void)
{
    if (!makes_strangers)
        return;
    stranger = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (stranger == 0) {
        sleep(5);
        _exit(0);
    }
}

/* Stands before the C library's function, which the library calls to copy the process. */
int clone(int (*body)(void *), void *stack, int flags, void *argument, ...)
{
    static int (*next)(int (*)(void *), void *, int, void *, ...);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "clone");
    make_stranger();
    return next(body, stack, flags, argument);
}

static bool ends_with(const fdi_spawn_options *options, int error)
{
    fdi_process process;
    makes_strangers = true;
    stranger = 0;
    errno = 0;
    int result = fdi_spawn(&process, options);
    int error_of_spawn = errno;
    makes_strangers = false;
    bool stranger_lives = stranger > 0 && waitpid(stranger, NULL, WNOHANG) == 0;
    if (stranger > 0) { /* 0 and -1 would name other processes */
        kill(stranger, SIGKILL);
        waitpid(stranger, NULL, 0);
    }
    if (result == 0)
        return error == 0 && stranger_lives && fdi_wait(&process, NULL, -1, 0) == 1;
    return error_of_spawn == error && stranger_lives;
}

static bool strangers_do_not_matter(const void *unused)
{
    const struct seccomp_rule kills = {SYS_execve, 0, 0, 0, SECCOMP_KILLS};
    fdi_spawn_options options = fdi_spawn_defaults();
    (void)unused;
    alarm(10);
    options.argv = (char *[]){"sleep", "0.2", NULL};
    options.program = fdi_path("/bin/sleep");
    if (!restrict_to(WAYS - 1) || !ends_with(&options, 0))
        return false;
    options.flags = ONLY_FORKS ? FDI_SPAWN_NEW_GROUP : FDI_SPAWN_NEW_SESSION;
    if (!ends_with(&options, 0))
        return false;
    options.program = fdi_path("/missing");
    if (!ends_with(&options, ENOENT))
        return false;
    options.program = fdi_path("/bin/sleep");
    return seccomp_refuse(&kills, 1) && ends_with(&options, ECHILD);
}

static void strangers_that_hold_the_pipe_do_not_delay_spawn(void **state)
{
    (void)state;
    assert_true(apart(strangers_do_not_matter, NULL));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_way_gives_the_same_error),
        CASE(every_way_keeps_the_directory_and_the_program),
        CASE(every_way_starts_sessions_and_groups),
        CASE(wrapper_of_execve_may_use_128_kib_of_stack),
        CASE(child_that_dies_before_its_program_is_echild),
        CASE(refused_optional_call_leads_to_the_next_way),
        CASE(strangers_that_hold_the_pipe_do_not_delay_spawn),
    };
    (void)pthread_atfork(ONLY_FORKS ? make_stranger : NULL, NULL, NULL);
    return cmocka_run_group_tests_name("spawn_ways", cases, NULL, NULL);
}
