/* SPDX-License-Identifier: MIT
 * What all benchmarks measure with: the ways of doing one thing take turns in random order within one
 * process, for many rounds, so that whatever else the machine does meets all of them alike. */
#ifndef FDI_BENCH_MEASURE_H
#define FDI_BENCH_MEASURE_H

enum { WAYS_AT_MOST = 16 };

/* Nanoseconds since some moment. */
double bench_now(void);

/* Lets `time_way(context, way)` time each way once a round. `times` receives for each way the time
 * that so many per cent of its rounds kept below: 50 is the median. */
void bench_compare(double (*time_way)(const void *context, int way), const void *context, int ways,
                   int rounds, int percent, double *times);

/* Ends the program with a message if `result` is negative. */
int bench_must(int result);

#endif
