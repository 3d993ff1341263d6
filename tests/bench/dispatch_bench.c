/* SPDX-License-Identifier: MIT
 * Measures each operation in each form: the library, the bare call twice, and CPython's function.
 *
 *   dispatch_bench [ROUNDS [WORD-IN-OPERATION]] */
#include "../../src/platform.h"
#include "forms.h"
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { CALLS = 100, OURS = 0, BARE, AGAIN, PYTHON };

static volatile int failed;

#define LOOP(name, call)                                                                           \
    static void name(void)                                                                         \
    {                                                                                              \
        int bad = 0;                                                                               \
        for (int i = 0; i < CALLS; i++)                                                            \
            bad |= (call) < 0;                                                                     \
        failed |= bad;                                                                             \
    }
#define LOOPS(operation, form, ours, bare, python)                                                 \
    LOOP(operation##_##form##_ours, ours) LOOP(operation##_##form##_bare, bare)
FORMS(LOOPS)

static const struct row {
    const char *operation;
    const char *form;
    void (*ours)(void);
    void (*bare)(void);
    const char *python;
} rows[] = {
#define ROW(operation, form, ours, bare, python)                                                   \
    {#operation, #form, operation##_##form##_ours, operation##_##form##_bare, python},
    FORMS(ROW)};

/* ---- CPython ------------------------------------------------------------------------------- */

#ifdef HAVE_PYTHON
#include "python_call.h"

static struct python_call *python_of(const char *call)
{
    char names[80];
    snprintf(names, sizeof names, "fd, dir_fd, tree = %d, %d, '%s'", fd, dir_fd, TREE);
    python_do(names);
    return python_prepare(call);
}
#else
struct python_call;
static void python_run(const struct python_call *call, int times)
{
    (void)call, (void)times;
}
static struct python_call *python_of(const char *call)
{
    (void)call;
    return NULL;
}
#endif

/* ---- measuring ----------------------------------------------------------------------------- */

struct comparison {
    const struct row *row;
    const struct python_call *python;
};

static double time_way(const void *context, int way)
{
    const struct comparison *comparison = context;
    double start = bench_now();
    if (way == PYTHON)
        python_run(comparison->python, CALLS);
    else if (way == OURS)
        comparison->row->ours();
    else
        comparison->row->bare();
    return (bench_now() - start) / (double)CALLS;
}

/* The time of the same operation on a path, if that is the previous row. */
static double path_time;

static void measure(const struct row *row, int rounds)
{
    double times[4];
    struct comparison comparison = {row, row->python ? python_of(row->python) : NULL};
    bench_compare(time_way, &comparison, comparison.python ? 4 : 3, rounds, 25, times);
    printf("| %s | %s | %.0f ns | %.0f ns | %.3f | %.3f | ", row->operation, row->form, times[OURS],
           times[BARE], times[OURS] / times[BARE], times[AGAIN] / times[BARE]);
    if (comparison.python)
        printf("%.2f | ", times[PYTHON] / times[BARE]);
    else
        printf("– | ");
    if (strcmp(row->form, "path") == 0)
        path_time = times[OURS];
    if (strcmp(row->form, "fd") == 0 && path_time > 0)
        printf("%.2f |\n", times[OURS] / path_time);
    else
        printf("|\n");
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 500;
    forms_prepare();
    printf("| operation | form | ours | bare | ratio | twin | CPython's | fd to path |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (argc < 3 || strstr(rows[i].operation, argv[2]))
            measure(&rows[i], rounds);
    bench_must(chdir("/"));
    forms_remove();
    return failed;
}
