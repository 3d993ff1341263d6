/* SPDX-License-Identifier: MIT
 * Measures starting a child by every method, in random order within one run. Prints the lower
 * decile, which other load affects least, as a ratio to the floor. Also counts the descriptors that leak.
 *
 *   spawn_bench PROGRAM COUNTER PYTHON-SCRIPT [ROUNDS] */
#include "../../src/platform.h"
#include "measure.h"
#include "spawn_ways.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GIVEN = 4, LOADS = 7, PYTHON_WAYS = 2 };

static const struct load {
    int open_ones;
    int megabytes;
} loads[LOADS] = {{10, 10}, {100, 10}, {1000, 10}, {5000, 10}, {19900, 10}, {10, 100}, {10, 1000}};

/* The results of a process with one load; CPython comes last. */
struct result {
    double times[WAYS_AT_MOST];
    int leaked[WAYS_AT_MOST];
};

static struct way ways[WAYS_AT_MOST];
static int way_count;
static int rounds = 200;

static void add_ways(const struct way *more)
{
    for (; more->name; more++)
        ways[way_count++] = *more;
}

static double time_way(const void *program, int way)
{
    double start = bench_now();
    int status = ways[way].run((char *)(uintptr_t)program);
    if (status != 0) {
        fprintf(stderr, "%s: %d\n", ways[way].name, status);
        exit(1);
    }
    return (bench_now() - start) / 1e3;
}

/* The pass_fds values for CPython, which runs in its own process with the same load. */
static const int python_keeps[PYTHON_WAYS] = {5, 3};

static double time_python(char **arguments, struct load load, int kept, int *status)
{
    char command[2048];
    double microseconds = 0;
    snprintf(command, sizeof command, "exec python3 %s %s %s %d %d %d %d", arguments[3],
             arguments[1], arguments[2], load.open_ones, load.megabytes, rounds / 4, kept);
    for (int fd = 3; fd < load.open_ones + 3; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    FILE *answer = popen(command, "re");
    if (!answer || fscanf(answer, "%lf %d", &microseconds, status) != 2 || pclose(answer) != 0)
        exit(1);
    return microseconds;
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

static void compare_all(char **arguments, struct load load, struct result *result)
{
    fill_memory(load.megabytes);
    while (open("/dev/null", O_RDONLY) < load.open_ones + 2)
        ;
    bench_compare(time_way, arguments[1], way_count, rounds, 10, result->times);
    for (int i = 0; i < way_count; i++)
        result->leaked[i] = ways[i].run(arguments[2]) - GIVEN;
    for (int i = 0; i < PYTHON_WAYS; i++) {
        int way = way_count + i, status = 0;
        result->times[way] = time_python(arguments, load, python_keeps[i], &status);
        result->leaked[way] = status - GIVEN;
    }
}

/* Runs in its own process, because some libraries leave descriptors open. */
static void compare_in(char **arguments, struct load load, struct result *result)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        compare_all(arguments, load, result);
        exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

static void show(const char *program, const struct result *results)
{
    const char *name = strrchr(program, '/');
    printf("%d rounds of `%s`; the floor in µs, the others as multiples of it.\n\n| way |", rounds,
           name ? name + 1 : program);
    for (int i = 0; i < LOADS; i++)
        printf(" %d fds, %d MB |", loads[i].open_ones, loads[i].megabytes);
    printf(" leaked of 10 |\n|---|");
    for (int i = 0; i <= LOADS; i++)
        printf("---|");
    printf("\n| %s |", ways[0].name);
    for (int i = 0; i < LOADS; i++)
        printf(" %.1f |", results[i].times[0]);
    printf(" %d |\n", results[0].leaked[0]);
    for (int way = 1; way < way_count + PYTHON_WAYS; way++) {
        if (way < way_count)
            printf("| %s |", ways[way].name);
        else
            printf("| CPython `Popen(pass_fds=(%d,))` |", python_keeps[way - way_count]);
        for (int i = 0; i < LOADS; i++)
            printf(" %.2f |", results[i].times[way] / results[i].times[0]);
        printf(" %d |\n", results[0].leaked[way]);
    }
}

int main(int argc, char **argv)
{
    const struct rlimit limit = {20000, 20000};
    if (argc < 4)
        return 2;
    if (argc > 4)
        rounds = atoi(argv[4]);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    add_ways(own_ways);
    add_ways(peer_ways);
    struct result *results = mmap(NULL, LOADS * sizeof *results, PROT_READ | PROT_WRITE,
                                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED)
        return 1;
    for (int i = 0; i < LOADS; i++)
        compare_in(argv, loads[i], &results[i]);
    show(argv[1], results);
    return 0;
}
