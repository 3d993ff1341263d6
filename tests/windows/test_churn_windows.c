/* SPDX-License-Identifier: MIT
 * No new descriptor is inheritable at any moment. Threads create and close descriptors while
 * children start, inherit every inheritable handle and count their handles. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/socket.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <windows.h>

enum { CHILDREN = 40, CHILDREN_AT_MOST = 400, ROUNDS_AT_LEAST = 10, NUMBERS_APART = 100 };

static volatile LONG stop;
static volatile LONG lost; /* descriptors that their thread could not close */

static void close_own(int fd)
{
    if (_close(fd) < 0)
        InterlockedIncrement(&lost);
}

/* ---- the creators, each with its own descriptor number -------------------------------------- */

static void create_file(int number)
{
    char name[] = "XXXXXX";
    (void)number;
    int fd = fdi_mkstemp(fdi_path("."), name, 0, 0);
    FILE *stream = fdi_fopen(fdi_fd(fd), "r", 0);
    if (stream)
        fclose(stream);
    close_own(fd);
}

static void create_duplicates(int number)
{
    int fd = open_null(false);
    int copy = fdi_dup(fd, 0);
    if (fdi_dup2(fd, number, 0) == number) /* another thread may have taken it */
        close_own(number);
    close_own(copy);
    close_own(fd);
}

static void create_pipe(int number)
{
    int fds[2];
    (void)number;
    if (fdi_pipe(fds, 0) < 0)
        return;
    close_own(fds[0]);
    close_own(fds[1]);
}

static void create_sockets(int number)
{
    fdi_socket pair[2];
    (void)number;
    if (fdi_socketpair(AF_INET, SOCK_STREAM, 0, pair, 0) < 0)
        return;
    closesocket(pair[0]);
    closesocket(pair[1]);
}

/* Uses the CRT's _dup, which leaks until the flag is cleared. */
static void create_leaking_duplicates(int number)
{
    (void)number;
    int fd = open_null(false);
    int copy = _dup(fd);
    fdi_set_inheritable(copy, false);
    close_own(copy);
    close_own(fd);
}

typedef void creator(int number);

struct worker {
    creator *create;
    int number;
    int rounds;
    HANDLE thread;
};

static DWORD WINAPI work(void *argument)
{
    struct worker *worker = argument;
    while (!stop) {
        worker->create(worker->number);
        worker->rounds++;
    }
    return 0;
}

static void start_workers(struct worker *workers, int count)
{
    stop = 0;
    for (int i = 0; i < count; i++) {
        workers[i].number = (i + 1) * NUMBERS_APART;
        workers[i].thread = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
        assert_non_null(workers[i].thread);
    }
}

static void stop_workers(struct worker *workers, int count)
{
    InterlockedExchange(&stop, 1);
    for (int i = 0; i < count; i++) {
        WaitForSingleObject(workers[i].thread, INFINITE);
        CloseHandle(workers[i].thread);
    }
}

/* ---- the cases ----------------------------------------------------------------------------- */

/* No thread loses a descriptor either: fdi_dup2 closes none that another thread opens meanwhile. */
static void no_child_receives_a_descriptor_being_created(void **state)
{
    struct worker workers[] = {
        {create_file, 0, 0, NULL},
        {create_duplicates, 0, 0, NULL},
        {create_pipe, 0, 0, NULL},
        {create_sockets, 0, 0, NULL},
    };
    enum { WORKERS = sizeof workers / sizeof workers[0] };
    int leaks = 0;
    (void)state;
    int before = count_in_child();
    assert_true(before >= 0);
    start_workers(workers, WORKERS);
    for (int i = 0; i < CHILDREN; i++)
        leaks += count_in_child() != before;
    stop_workers(workers, WORKERS);
    for (int i = 0; i < WORKERS; i++)
        assert_true(workers[i].rounds >= ROUNDS_AT_LEAST);
    assert_int_equal(leaks, 0);
    assert_int_equal(lost, 0);
}

/* Control: proves that the case above can fail. */
static void a_child_does_receive_a_descriptor_made_private_later(void **state)
{
    struct worker workers[] = {
        {create_leaking_duplicates, 0, 0, NULL},
        {create_leaking_duplicates, 0, 0, NULL},
    };
    int leaks = 0;
    (void)state;
    int before = count_in_child();
    start_workers(workers, 2);
    for (int i = 0; i < CHILDREN_AT_MOST && leaks == 0; i++)
        leaks += count_in_child() != before;
    stop_workers(workers, 2);
    assert_true(leaks > 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(no_child_receives_a_descriptor_being_created),
        CASE(a_child_does_receive_a_descriptor_made_private_later),
    };
    sockets_start();
    return cmocka_run_group_tests_name("churn_windows", cases, NULL, NULL);
}
