/* SPDX-License-Identifier: MIT
 * Waiting for connections and messages while signals arrive, another process accepts first, or the
 * process forks. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "fdinherit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- timeouts ------------------------------------------------------------------------------ */

static void nothing(int signal)
{
    (void)signal;
}

static long milliseconds_now(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void limit_to(int socket, int milliseconds)
{
    struct timeval limit = {0, milliseconds * 1000};
    assert_int_equal(setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
}

/* Sends SIGALRM every 30 ms. */
static void interrupt_often(bool on)
{
    struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, on ? 30000 : 0}, {0, on ? 30000 : 0}};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static int listen_on_loopback(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int listener = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)address, size), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)address, &size), 0);
    return listener;
}

static void signals_do_not_extend_the_timeout_of_accept(void **state)
{
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    (void)state;
    limit_to(listener, 200);
    interrupt_often(true);
    long start = milliseconds_now();
    assert_fails(EAGAIN, fdi_accept(listener, NULL, NULL, 0));
    long waited = milliseconds_now() - start;
    interrupt_often(false);
    assert_in_range(waited, 190, 5000);
    assert_int_equal(close(listener), 0);
}

static void signals_do_not_extend_the_timeout_of_a_message(void **state)
{
    char byte;
    size_t count = 0;
    int pair[2];
    (void)state;
    assert_works(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, pair, 0));
    limit_to(pair[0], 200);
    interrupt_often(true);
    long start = milliseconds_now();
    assert_fails(EAGAIN, fdi_recv_fds(pair[0], &byte, 1, NULL, &count, 0));
    long waited = milliseconds_now() - start;
    interrupt_often(false);
    assert_in_range(waited, 190, 5000);
    close(pair[0]);
    close(pair[1]);
}

/* ---- another process accepts first ---------------------------------------------------------- */

enum { WORKERS = 8, FORKS = 40 };

static void *accept_until_shut(void *listener)
{
    int fd;
    while ((fd = fdi_accept(*(int *)listener, NULL, NULL, 0)) >= 0)
        close(fd);
    return NULL;
}

static void serve(int listener)
{
    int fd;
    while ((fd = fdi_accept(listener, NULL, NULL, 0)) >= 0)
        close(fd);
    _exit(0);
}

/* Each connection wakes every worker and the thread. Most of them lose the race and wait on. */
static void forks_go_on_while_other_processes_accept_first(void **state)
{
    struct sockaddr_in address;
    pid_t workers[WORKERS];
    pthread_t thread;
    int listener = listen_on_loopback(&address);
    (void)state;
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            serve(listener);
        assert_true(workers[i] > 0);
    }
    assert_int_equal(pthread_create(&thread, NULL, accept_until_shut, &listener), 0);
    for (int i = 0; i < FORKS; i++) {
        int client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
        assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
        long start = milliseconds_now();
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        assert_in_range(milliseconds_now() - start, 0, 1000);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(client);
    }
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(kill(workers[i], SIGKILL), 0);
        assert_int_equal(waitpid(workers[i], NULL, 0), workers[i]);
    }
    assert_int_equal(shutdown(listener, SHUT_RDWR), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(close(listener), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(signals_do_not_extend_the_timeout_of_accept),
        CASE(signals_do_not_extend_the_timeout_of_a_message),
        CASE(forks_go_on_while_other_processes_accept_first),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
