/* SPDX-License-Identifier: MIT
 * Times several methods in turn. */
#include "../../src/platform.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double bench_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int bench_must(int result)
{
    if (result < 0) {
        perror("benchmark");
        exit(1);
    }
    return result;
}

static void shuffle(int *order, int count)
{
    for (int i = 0; i < count; i++) {
        int j = rand() % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
}

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

void bench_compare(double (*time_way)(const void *context, int way), const void *context, int ways,
                   int rounds, int percent, double *times)
{
    double *samples[WAYS_AT_MOST];
    for (int way = 0; way < ways; way++)
        samples[way] = malloc((size_t)rounds * sizeof(double));
    for (int round = 0; round < rounds; round++) {
        int order[WAYS_AT_MOST];
        shuffle(order, ways);
        for (int i = 0; i < ways; i++)
            samples[order[i]][round] = time_way(context, order[i]);
    }
    for (int way = 0; way < ways; way++) {
        qsort(samples[way], (size_t)rounds, sizeof(double), compare);
        times[way] = samples[way][rounds * percent / 100];
        free(samples[way]);
    }
}
