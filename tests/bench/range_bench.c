/* SPDX-License-Identifier: MIT
 * Measures marking and listing many descriptors by their number and density. It compares the
 * library with the bare call and with the usual loops.
 *
 *   range_bench [ROUNDS] */
#include "../../src/platform.h"
#include "../support/seccomp_linux.h"
#include "measure.h"
#include "fdinherit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 3, LIMIT = 20000, CLOSE_RANGE = 436, CLOEXEC = 4 };

/* ---- the methods --------------------------------------------------------------------------- */

static int set_bare(int fd, bool inheritable)
{
    return ioctl(fd, inheritable ? FIONCLEX : FIOCLEX);
}

static int read_flag(int fd, bool inheritable)
{
    (void)inheritable;
    return fcntl(fd, F_GETFD);
}

/* The usual loop over /proc/self/fd. */
static void walk_procfs(int (*act)(int fd, bool inheritable), bool inheritable)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        int fd = atoi(entry->d_name);
        if (fd >= FIRST && fd != dirfd(directory))
            bench_must(act(fd, inheritable));
    }
    bench_must(directory ? closedir(directory) : -1);
}

static void bare_call(void)
{
    bench_must((int)syscall(CLOSE_RANGE, FIRST, ~0U, CLOEXEC));
}

static void ours_off(void)
{
    bench_must(fdi_set_inheritable_range(FIRST, FDI_LAST_FD, false));
}

static void ours_on(void)
{
    bench_must(fdi_set_inheritable_range(FIRST, FDI_LAST_FD, true));
}

static void procfs_off(void)
{
    walk_procfs(set_bare, false);
}

static void procfs_on(void)
{
    walk_procfs(set_bare, true);
}

static void limit_off(void)
{
    for (int fd = FIRST; fd < LIMIT; fd++)
        (void)set_bare(fd, false);
}

static int count_one(void *count, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    ++*(int *)count;
    return 0;
}

static void list_ours(void)
{
    int count = 0;
    bench_must(fdi_foreach_open(count_one, &count));
}

static void list_procfs(void)
{
    walk_procfs(read_flag, false);
}

/* Queries every number up to the size of the kernel's table: the highest open one is unknown. */
static int highest;
static void list_scan(void)
{
    int size = 64;
    while (size <= highest)
        size = size < 256 ? 256 : 2 * size;
    for (int fd = 0; fd < size; fd++)
        (void)fcntl(fd, F_GETFD);
}

/* ---- measuring ----------------------------------------------------------------------------- */

typedef void act(void);

struct comparison {
    act *const *ways;
    int calls;   /* per round */
    bool before; /* the flags before each round */
};

static double time_way(const void *context, int way)
{
    const struct comparison *comparison = context;
    for (int fd = FIRST; fd <= highest; fd++)
        (void)set_bare(fd, comparison->before);
    double start = bench_now();
    for (int i = 0; i < comparison->calls; i++)
        comparison->ways[way]();
    return (bench_now() - start) / comparison->calls / 1e3;
}

static int rounds = 300;

static void compare(act *const *ways, int count, int calls, bool before, double *microseconds)
{
    const struct comparison comparison = {ways, calls, before};
    bench_compare(time_way, &comparison, count, rounds, 50, microseconds);
}

static void mark(int open_ones)
{
    static act *const fast[] = {bare_call, bare_call, ours_off};
    static act *const loops[] = {procfs_off, limit_off};
    double one[3], many[2];
    compare(fast, 3, 200, false, one);
    compare(loops, 2, 1, true, many);
    printf("| %d | %.2f | %.3f | %.2f | %.3f | %.0f | %.0f |\n", open_ones, one[0], one[1] / one[0],
           one[2], one[2] / one[0], many[0] / one[0], many[1] / one[0]);
}

static void mark_by_listing(int open_ones)
{
    static act *const off[] = {procfs_off, procfs_off, ours_off};
    static act *const on[] = {procfs_on, ours_on};
    const struct seccomp_rule refusal = {CLOSE_RANGE, 0, 0, 0, ENOSYS};
    double off_times[3], on_times[2], right_times[2];
    bench_must(seccomp_refuse(&refusal, 1) ? 0 : -1);
    compare(off, 3, 1, true, off_times);
    compare(on, 2, 1, false, on_times);
    compare(on, 2, 1, true, right_times);
    printf("| %d in %d | %.1f | %.3f | %.1f | %.3f | %.1f | %.3f | %.1f | %.3f |\n", open_ones,
           highest + 1, off_times[0], off_times[1] / off_times[0], off_times[2],
           off_times[2] / off_times[0], on_times[1], on_times[1] / on_times[0], right_times[1],
           right_times[1] / right_times[0]);
}

static void list(int open_ones)
{
    static act *const ways[] = {list_procfs, list_procfs, list_scan, list_ours};
    double times[4];
    compare(ways, 4, 1, false, times);
    double better = times[0] < times[2] ? times[0] : times[2];
    printf("| %d in %d | %.1f | %.3f | %.1f | %.1f | %.3f |\n", open_ones, highest + 1, times[0],
           times[1] / times[0], times[2], times[3], times[3] / better);
}

/* ---- numbers and densities of descriptors --------------------------------------------------- */

static void open_with_gaps(int open_ones, int step)
{
    int null = bench_must(open("/dev/null", O_RDONLY));
    for (int i = 0; i < open_ones - FIRST; i++) {
        highest = FIRST + 1 + i * step;
        bench_must(highest == null ? 0 : dup2(null, highest));
    }
    if (highest != null)
        bench_must(close(null));
}

/* Runs in its own process, because a descriptor table never shrinks. */
static void in_child(void (*measure)(int), int open_ones, int step)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        open_with_gaps(open_ones, step);
        measure(open_ones);
        exit(0);
    }
    if (waitpid(pid, &status, 0) != pid || status != 0)
        exit(1);
}

static void mark_all(void)
{
    static const int counts[] = {10, 30, 100, 300, 1000, 3000, 10000, 19900};
    printf("| open | `close_range` | twin | ours | ratio | procfs loop | loop to the limit |\n"
           "|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        in_child(mark, counts[i], 1);
}

struct density {
    int open_ones;
    int step;
};

static const struct density densities[] = {{10, 1},    {10, 100}, {100, 1},  {100, 4},
                                           {100, 100}, {1000, 1}, {1000, 3}, {1000, 4},
                                           {1000, 16}, {5000, 3}, {19900, 1}};

static void at_all_densities(void (*measure)(int))
{
    for (size_t i = 0; i < sizeof densities / sizeof *densities; i++)
        in_child(measure, densities[i].open_ones, densities[i].step);
}

int main(int argc, char **argv)
{
    const struct rlimit limit = {LIMIT, LIMIT};
    if (argc > 1)
        rounds = atoi(argv[1]);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = FIRST; fd < 64; fd++)
        (void)close(fd);
    printf("Marking in µs, and the loops as multiples of it:\n\n");
    mark_all();
    printf(
        "\nWithout `close_range`, and the other way round, in us:\n\n"
        "| open | procfs loop | twin | ours off | ratio | ours on | ratio | ours, right before | "
        "ratio |\n|---|---|---|---|---|---|---|---|---|\n");
    at_all_densities(mark_by_listing);
    printf("\nListing in µs:\n\n| open | procfs | twin | scan | ours | ratio to the better one |\n"
           "|---|---|---|---|---|---|\n");
    at_all_densities(list);
    return 0;
}
