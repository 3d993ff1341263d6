/* SPDX-License-Identifier: MIT
 * The inheritable flag of POSIX descriptors of every kind. The tests also set it in a signal
 * handler and between fork and exec of a multithreaded program, where few calls are safe. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_posix.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- kinds ---- */

static void assert_flag_reaches_the_child(int fd)
{
    assert_true(fd >= 0);
    assert_works(fdi_set_inheritable(fd, true));
    assert_int_equal(fdi_get_inheritable(fd), 1);
    assert_true(child_has(fd));
    assert_works(fdi_set_inheritable(fd, false));
    assert_int_equal(fdi_get_inheritable(fd), 0);
    assert_false(child_has(fd));
    assert_works(fdi_set_inheritable_many(&fd, 1, true));
    assert_true(child_has(fd));
    assert_works(fdi_set_inheritable_range(fd, fd, false));
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
}

static void every_kind_of_descriptor_can_be_marked(void **state)
{
    int pipe_ends[2];
    int sockets[2];
    (void)state;
    assert_int_equal(pipe(pipe_ends), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_flag_reaches_the_child(open("file", O_CREAT | O_RDWR, 0600));
    assert_flag_reaches_the_child(open("file", O_RDONLY));
    assert_flag_reaches_the_child(open(".", O_RDONLY));
    assert_flag_reaches_the_child(open("fifo", O_RDONLY | O_NONBLOCK));
    assert_flag_reaches_the_child(pipe_ends[0]);
    assert_flag_reaches_the_child(pipe_ends[1]);
    assert_flag_reaches_the_child(sockets[0]);
    assert_flag_reaches_the_child(sockets[1]);
}

#if defined(O_PATH)
/* Such a descriptor refuses the ioctl. A symlink can be opened in no other way. */
static void o_path_descriptors_can_be_marked(void **state)
{
    (void)state;
    assert_int_equal(symlink("nowhere", "link"), 0);
    assert_flag_reaches_the_child(open(".", O_PATH));
    assert_flag_reaches_the_child(open("/dev/null", O_PATH));
    assert_flag_reaches_the_child(open("link", O_PATH | O_NOFOLLOW));
}
#endif

/* The shell can duplicate the descriptor only if it inherited it. */
static bool shell_has_stdin(void)
{
    return system("(exec 9<&0) 2>/dev/null") == 0;
}

static void descriptor_zero_can_be_marked(void **state)
{
    (void)state;
    assert_true(shell_has_stdin());
    assert_works(fdi_set_inheritable(0, false));
    assert_int_equal(fdi_get_inheritable(0), 0);
    assert_false(shell_has_stdin());
    assert_works(fdi_set_inheritable_many((int[]){0}, 1, true));
    assert_true(shell_has_stdin());
    assert_works(fdi_set_inheritable_range(0, 0, false));
    assert_false(shell_has_stdin());
    assert_works(fdi_set_inheritable_range(0, 0, true));
    assert_true(shell_has_stdin());
}

static void handles_exist_on_windows_only(void **state)
{
    int something;
    (void)state;
    assert_fails(ENOTSUP, fdi_get_handle_inheritable(NULL));
    assert_fails(ENOTSUP, fdi_get_handle_inheritable(&something));
    assert_fails(ENOTSUP, fdi_set_handle_inheritable(NULL, true));
    assert_fails(ENOTSUP, fdi_set_handle_inheritable(&something, false));
}

/* ---- signal handlers and fork ---- */

enum { FDS = 6, TIMES = 100, THREADS = 3 };

static int fds[FDS];
static pthread_t main_thread;
static atomic_bool is_over; /* written by one thread, read by others */
static volatile sig_atomic_t calls_made;
static volatile sig_atomic_t calls_wrong;

static int count_inheritable(void *count, int fd, bool inheritable)
{
    *(int *)count += fd >= fds[0] && fd <= fds[FDS - 1] && inheritable;
    return 0;
}

static bool count_is(int right)
{
    int count = 0;
    return fdi_foreach_open(count_inheritable, &count) == 0 && count == right;
}

/* Calls every function. Leaves the first two descriptors inheritable and the other four private. */
static bool call_them_all(void)
{
    const int last_and_closed[] = {fds[FDS - 1], -1};
    int saved_errno = errno;
    errno = 4711;
    bool right = fdi_set_inheritable_range(fds[0], fds[FDS - 1], true) == 0 && count_is(FDS) &&
                 fdi_set_inheritable_range(fds[1], FDI_LAST_FD, false) == 0 && count_is(1) &&
                 fdi_set_inheritable_many(fds, FDS, true) == 0 && count_is(FDS) &&
                 fdi_set_inheritable_many(fds, FDS, false) == 0 && count_is(0) &&
                 fdi_set_inheritable(fds[0], true) == 0 && fdi_get_inheritable(fds[0]) == 1 &&
                 fdi_set_inheritable(fds[1], true) == 0 && count_is(2) && errno == 4711;
    right = right && fdi_set_inheritable_many(last_and_closed, 2, true) == -1 && errno == EBADF &&
            fdi_get_inheritable(fds[FDS - 1]) == 0;
    errno = saved_errno;
    return right;
}

static void on_signal(int signal)
{
    (void)signal;
    calls_wrong = calls_wrong + !call_them_all();
    calls_made = calls_made + 1;
}

/* Holds the locks of the C library most of the time. */
static void use_memory_and_streams(void)
{
    void *pieces[64];
    for (int i = 0; i < 64; i++)
        pieces[i] = malloc((size_t)i * 999 + 1);
    for (int i = 0; i < 64; i++)
        free(pieces[i]);
    (void)fflush(NULL);
}

static void *be_busy(void *unused)
{
    while (!is_over) {
        use_memory_and_streams();
        (void)sched_yield();
    }
    return unused;
}

static void *send_signals(void *unused)
{
    while (!is_over) {
        (void)pthread_kill(main_thread, SIGUSR1);
        (void)usleep(500);
    }
    return unused;
}

static void open_fds(void)
{
    for (int i = 0; i < FDS; i++)
        fds[i] = open_null(false);
}

static void close_fds(void)
{
    for (int i = 0; i < FDS; i++)
        assert_int_equal(close(fds[i]), 0);
}

static void start_threads(pthread_t *threads, void *(*of_the_first)(void *))
{
    is_over = false;
    main_thread = pthread_self();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i == 0 ? of_the_first : be_busy, NULL),
                         0);
}

static void end_threads(pthread_t *threads)
{
    is_over = true;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* A child received the first of the six descriptors and no other. */
static void assert_six(const int *in_child, int count, int received)
{
    for (int i = 0; i < FDS; i++) {
        bool found = false;
        for (int j = 0; j < count; j++)
            found = found || in_child[j] == fds[i];
        assert_int_equal(found, i < received);
    }
}

static void every_function_works_in_a_signal_handler(void **state)
{
    static int in_child[8192];
    pthread_t threads[THREADS];
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, before;
    (void)state;
    open_fds();
    calls_made = calls_wrong = 0;
    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    start_threads(threads, send_signals);
    while (calls_made < TIMES)
        use_memory_and_streams();
    end_threads(threads);
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    assert_int_equal(calls_wrong, 0);
    assert_six(in_child, child_fds(in_child, 8192), 2);
    close_fds();
}

static void every_function_works_between_fork_and_exec_of_a_threaded_program(void **state)
{
    static int in_child[8192];
    pthread_t threads[THREADS];
    (void)state;
    open_fds();
    start_threads(threads, be_busy);
    for (int i = 0; i < TIMES / 10; i++)
        assert_six(in_child, prepared_child_fds(call_them_all, in_child, 8192), 2);
    end_threads(threads);
    assert_six(in_child, child_fds(in_child, 8192), 0);
    close_fds();
}

/* ---- threads ---- */

static void *mark_open_and_close(void *fd)
{
    for (int i = 0; !is_over; i++) {
        if (fdi_set_inheritable(*(int *)fd, i % 2) < 0 || close(dup(*(int *)fd)) < 0)
            return fd;
        (void)sched_yield();
    }
    return NULL;
}

/* The walk skips a descriptor that another thread closes after the listing. */
static void threads_do_not_interfere_with_each_other(void **state)
{
    pthread_t thread;
    void *failed = NULL;
    (void)state;
    open_fds();
    is_over = false;
    assert_int_equal(pthread_create(&thread, NULL, mark_open_and_close, &fds[1]), 0);
    for (int i = 0; i < 10 * TIMES; i++) {
        assert_works(fdi_set_inheritable_many((int[]){fds[0], fds[2]}, 2, i % 2));
        assert_int_equal(fdi_get_inheritable(fds[0]), i % 2);
        assert_works(fdi_set_inheritable_range(fds[2], FDI_LAST_FD, !(i % 2)));
        assert_int_equal(fdi_get_inheritable(fds[2]), !(i % 2));
    }
    is_over = true;
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    close_fds();
}

/* ---- cancellation --------------------------------------------------------------------------- */

static int end_thread(void *unused, int fd, bool inheritable)
{
    (void)unused, (void)fd, (void)inheritable;
    (void)pthread_cancel(pthread_self());
    pthread_testcancel();
    return 1;
}

static void *visit_and_end(void *unused)
{
    (void)fdi_foreach_open(end_thread, NULL);
    return unused;
}

/* The fixture finds a descriptor that stays open. Gaps make the listing read a directory. */
static void cancelled_visit_leaks_nothing(void **state)
{
    enum { HIGH = 900 };
    pthread_t thread;
    void *result;
    struct rlimit limit;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    int number = limit.rlim_cur > HIGH ? HIGH : (int)limit.rlim_cur - 1;
    int high = fcntl(0, F_DUPFD_CLOEXEC, number);
    assert_int_equal(high, number);
    assert_int_equal(pthread_create(&thread, NULL, visit_and_end, NULL), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_equal(result, PTHREAD_CANCELED);
    assert_int_equal(close(high), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_kind_of_descriptor_can_be_marked),
#if defined(O_PATH)
        CASE(o_path_descriptors_can_be_marked),
#endif
        CASE(descriptor_zero_can_be_marked),
        CASE(handles_exist_on_windows_only),
        CASE(every_function_works_in_a_signal_handler),
        CASE(every_function_works_between_fork_and_exec_of_a_threaded_program),
        CASE(threads_do_not_interfere_with_each_other),
        CASE(cancelled_visit_leaks_nothing),
    };
    return cmocka_run_group_tests_name("inherit_posix", cases, NULL, NULL);
}
