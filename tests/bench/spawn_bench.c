/* SPDX-License-Identifier: MIT
 * What starting a child costs, by every way in one run, in random order: the lower decile, which
 * other work on the machine disturbs least, as a ratio to the floor's; and how many descriptors the
 * child has that it was not given.
 *
 *   spawn_bench PROGRAM COUNTER PYTHON-SCRIPT [ROUNDS] */
#include "../../src/platform.h"
#include "spawn_ways.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WAYS = 16, GIVEN = 4 };

static struct way ways[WAYS];
static double *times[WAYS];
static int way_count;
static int rounds = 200;

static void add_ways(const struct way *more)
{
    for (; more->name; more++)
        ways[way_count++] = *more;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double lower_decile(double *values)
{
    qsort(values, (size_t)rounds, sizeof *values, compare);
    return values[rounds / 10];
}

static void measure(char *program)
{
    for (int round = 0; round < rounds; round++) {
        int order[WAYS];
        for (int i = 0; i < way_count; i++) {
            int j = rand() % (i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (int i = 0; i < way_count; i++) {
            double start = now();
            int status = ways[order[i]].run(program);
            if (status != 0) {
                fprintf(stderr, "%s: %d\n", ways[order[i]].name, status);
                exit(1);
            }
            times[order[i]][round] = now() - start;
        }
    }
}

static void show(const char *name, double microseconds, double floor, int status)
{
    int leaked = status - GIVEN;
    printf("  %-26s %9.1f us %7.2f   ", name, microseconds, microseconds / floor);
    printf(status < 0 ? "?\n" : leaked > 200 ? "all\n" : "%d\n", leaked);
}

static void show_python(char *program, char *counter, const char *script, int open_ones,
                        int megabytes, double floor)
{
    char command[2048];
    double microseconds;
    int status;
    snprintf(command, sizeof command, "exec python3 %s %s %s %d %d %d", script, program, counter,
             open_ones, megabytes, rounds / 4);
    for (int fd = 3; fd < open_ones + 3; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    FILE *answer = popen(command, "re");
    if (answer && fscanf(answer, "%lf %d", &microseconds, &status) == 2)
        show("CPython subprocess", microseconds, floor, status);
    if (answer)
        pclose(answer);
}

static void fill_memory(int megabytes)
{
    size_t size = (size_t)megabytes << 20;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        abort();
    (void)madvise(memory, size, MADV_NOHUGEPAGE);
    memset(memory, 1, size);
}

static void compare_all(char **arguments, int open_ones, int megabytes)
{
    fill_memory(megabytes);
    while (open("/dev/null", O_RDONLY) < open_ones + 2)
        ;
    measure(arguments[1]);
    double floor = lower_decile(times[0]);
    printf("%d descriptors, %d MB of memory\n", open_ones, megabytes);
    printf("  %-26s %12s %7s   %s\n", "way", "start + wait", "ratio", "descriptors leaked");
    for (int i = 0; i < way_count; i++)
        show(ways[i].name, lower_decile(times[i]), floor, ways[i].run(arguments[2]));
    show_python(arguments[1], arguments[2], arguments[3], open_ones, megabytes, floor);
}

/* In a process of its own: some libraries keep descriptors open. */
static void compare_in(char **arguments, int open_ones, int megabytes)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        compare_all(arguments, open_ones, megabytes);
        exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

int main(int argc, char **argv)
{
    struct rlimit limit = {20000, 20000};
    if (argc < 4)
        return 2;
    if (argc > 4)
        rounds = atoi(argv[4]);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    add_ways(own_ways);
    add_ways(peer_ways);
    for (int i = 0; i < way_count; i++)
        times[i] = malloc((size_t)rounds * sizeof(double));
    printf("program: %s, %d rounds\n", argv[1], rounds);
    compare_in(argv, 10, 10);
    compare_in(argv, 1000, 10);
    compare_in(argv, 19900, 10);
    compare_in(argv, 10, 1000);
    return 0;
}
