/* SPDX-License-Identifier: MIT
 * Counts by ptrace the system calls that it takes to start a child and wait for it, with many or
 * few open descriptors. The calls of the child before its exec count too. */
#include "../../src/platform.h"
#include "../faults/injector.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>

struct trial {
    const char *name;
    fdi_fd_map map[4];
    size_t count;
    unsigned flags;
    int open; /* descriptors above stdio */
    int calls_at_most;
};

/* 62 calls reset the signals. Two calls repeat if the parent runs before the kernel has noted that
 * the child executes its program. */
static const struct trial trials[] = {
    {"stdio: start", {{0, 0}, {1, 1}, {2, 2}}, 3, 0, 10, 76},
    {"stdio and one more: start and wait", {{0, 0}, {1, 1}, {2, 2}, {3, 3}}, 4, 0, 10, 77},
    {"the same with 900 open", {{0, 0}, {1, 1}, {2, 2}, {3, 3}}, 4, 0, 900, 77},
    {"stdio and one to another number", {{0, 0}, {1, 1}, {2, 2}, {3, 9}}, 4, 0, 900, 78},
    {"stdio and one with a gap to be closed", {{0, 0}, {1, 1}, {2, 2}, {9, 9}}, 4, 0, 900, 78},
    {"one, ignored signals kept", {{5, 0}}, 1, FDI_SPAWN_KEEP_IGNORED, 900, 13},
    {"nothing, ignored signals kept", {{0, 0}}, 0, FDI_SPAWN_KEEP_IGNORED, 900, 11},
};

static int start_and_wait(void *context)
{
    const struct trial *trial = context;
    char *arguments[] = {"true", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process = 0;
    int64_t status = -1;
    for (int i = 0; i < trial->open; i++)
        (void)open("/dev/null", O_RDONLY);
    options.program = fdi_path("/bin/true");
    options.argv = arguments;
    options.fds = trial->count ? trial->map : NULL;
    options.fd_count = trial->count;
    options.flags = trial->flags | FDI_SPAWN_NO_STDIO;
    injector_begin();
    bool right = fdi_spawn(&process, &options) == 0 && fdi_wait(&process, &status, -1, 0) == 1;
    injector_end();
    return right && status == 0 ? 0 : 1;
}

int main(void)
{
    int bad = 0;
    const int count = sizeof trials / sizeof trials[0];
    struct rlimit limit = {1024, 1024};
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        static struct injector_run run;
        struct trial trial = trials[i];
        run.call_to_fail = -1;
        injector_run(&run, start_and_wait, &trial);
        bool right = run.exit_status == 0 && run.calls > 0 && run.calls <= trial.calls_at_most;
        bad += !right;
        printf("# %d calls, %d at most\n%sok %d - %s\n", run.calls, trial.calls_at_most,
               right ? "" : "not ", i + 1, trial.name);
    }
    return bad ? 1 : 0;
}
