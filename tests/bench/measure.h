/* SPDX-License-Identifier: MIT
 * Timing for all benchmarks. The methods for one task take turns in random order within one
 * process, for many rounds, so that other load affects all of them equally. */
#ifndef FDI_BENCH_MEASURE_H
#define FDI_BENCH_MEASURE_H

enum { WAYS_AT_MOST = 16 };

/* Returns nanoseconds since an arbitrary moment. */
double bench_now(void);

/* Calls `time_way(context, way)` for each method once per round. Stores in `times` a percentile of
 * each method's rounds: 50 is the median. */
void bench_compare(double (*time_way)(const void *context, int way), const void *context, int ways,
                   int rounds, int percent, double *times);

/* Exits with a message if `result` is negative. */
int bench_must(int result);

#endif
