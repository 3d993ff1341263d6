/* SPDX-License-Identifier: MIT
 * Measures reading and setting the flag of one descriptor, beside bare calls and other libraries.
 * Each method alternately sets and clears the flag, because some do nothing if it is already right.
 *
 *   inherit_bench [ROUNDS] */
#include "../../src/platform.h"
#include "measure.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

enum { CALLS = 400 };

struct way {
    const char *name;
    void (*run)(void); /* CALLS times */
};

static int fd;
static volatile int failed;

#define WAY(name, call)                                                                            \
    static void name(void)                                                                         \
    {                                                                                              \
        int bad = 0;                                                                               \
        for (int i = 0; i < CALLS; i++) {                                                          \
            const bool inheritable = i % 2;                                                        \
            bad |= (call) < 0;                                                                     \
            (void)inheritable;                                                                     \
        }                                                                                          \
        failed |= bad;                                                                             \
    }

WAY(set_bare, ioctl(fd, inheritable ? FIONCLEX : FIOCLEX))
WAY(set_ours, fdi_set_inheritable(fd, inheritable))
WAY(set_blind, fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC))
WAY(set_read_first,
    fcntl(fd, F_SETFD,
          inheritable ? fcntl(fd, F_GETFD) & ~FD_CLOEXEC : fcntl(fd, F_GETFD) | FD_CLOEXEC))
WAY(get_bare, fcntl(fd, F_GETFD))
WAY(get_ours, fdi_get_inheritable(fd))

/* ---- other libraries ----------------------------------------------------------------------- */

#ifdef HAVE_APR
#include <apr_file_io.h>
#include <apr_general.h>

static apr_file_t *apr_file;
WAY(set_apr, inheritable ? -apr_file_inherit_set(apr_file) : -apr_file_inherit_unset(apr_file))

static void start_apr(void)
{
    apr_pool_t *pool;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    bench_must(-apr_file_open(&apr_file, "/dev/null", APR_READ, APR_OS_DEFAULT, pool));
}
#endif

#ifdef HAVE_NSPR
#include <prio.h>
#include <private/pprio.h>

static PRFileDesc *nspr_file;
WAY(set_nspr, PR_SetFDInheritable(nspr_file, inheritable) == PR_SUCCESS ? 0 : -1)
#endif

#ifdef HAVE_PYTHON
#include "python_call.h"

static struct python_call *python_on, *python_off, *python_get;

static void set_python(void)
{
    for (int i = 0; i < CALLS; i++)
        python_run(i % 2 ? python_on : python_off, 1);
}

static void get_python(void)
{
    python_run(python_get, CALLS);
}

static void start_python(void)
{
    char call[80];
    snprintf(call, sizeof call, "os.set_inheritable, (%d, True), ()", fd);
    python_on = python_prepare(call);
    snprintf(call, sizeof call, "os.set_inheritable, (%d, False), ()", fd);
    python_off = python_prepare(call);
    snprintf(call, sizeof call, "os.get_inheritable, (%d,), ()", fd);
    python_get = python_prepare(call);
}
#endif

static void start_peers(void)
{
#ifdef HAVE_APR
    start_apr();
#endif
#ifdef HAVE_NSPR
    nspr_file = PR_ImportFile(fd);
#endif
#ifdef HAVE_PYTHON
    start_python();
#endif
}

/* ---- measuring ----------------------------------------------------------------------------- */

static const struct way set_ways[] = {
    {"`ioctl(FIOCLEX)`, `ioctl(FIONCLEX)`", set_bare},
    {"the same again", set_bare},
    {"`fdi_set_inheritable`", set_ours},
    {"`fcntl(F_SETFD)`, blind", set_blind},
    {"`F_GETFD`, then `F_SETFD`", set_read_first},
#ifdef HAVE_APR
    {"APR `apr_file_inherit_set`, `_unset`", set_apr},
#endif
#ifdef HAVE_NSPR
    {"NSPR `PR_SetFDInheritable`", set_nspr},
#endif
#ifdef HAVE_PYTHON
    {"CPython `os.set_inheritable`", set_python},
#endif
};

static const struct way get_ways[] = {
    {"`fcntl(F_GETFD)`", get_bare},
    {"the same again", get_bare},
    {"`fdi_get_inheritable`", get_ours},
#ifdef HAVE_PYTHON
    {"CPython `os.get_inheritable`", get_python},
#endif
};

static double time_way(const void *ways, int way)
{
    double start = bench_now();
    ((const struct way *)ways)[way].run();
    return (bench_now() - start) / (double)CALLS;
}

static void measure(const char *title, const struct way *ways, int count, int rounds)
{
    double times[WAYS_AT_MOST];
    bench_compare(time_way, ways, count, rounds, 50, times);
    printf("| %s | time | ratio |\n|---|---|---|\n", title);
    for (int way = 0; way < count; way++)
        printf("| %s | %.0f ns | %.3f |\n", ways[way].name, times[way], times[way] / times[0]);
    printf("\n");
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 2000;
    fd = bench_must(open("/dev/null", O_RDONLY | O_CLOEXEC));
    start_peers();
    measure("set", set_ways, (int)(sizeof set_ways / sizeof *set_ways), rounds);
    measure("get", get_ways, (int)(sizeof get_ways / sizeof *get_ways), rounds);
    return failed;
}
