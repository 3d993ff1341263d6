/* SPDX-License-Identifier: MIT
 * refusing NUMBER... -- COMMAND...: runs a command under a filter that refuses these system calls
 * with ENOSYS. Calls whose numbers differ between architectures are given by name. */
#include "../../src/platform.h"
#include "refuse_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    long number;
} calls[] = {
    {"ptrace", SYS_ptrace},
    {"clone", SYS_clone},
    {"pipe2", SYS_pipe2},
    {"pselect6", SYS_pselect6},
    {"getdents64", SYS_getdents64},
#if defined(SYS_fork)
    {"fork", SYS_fork},
#endif
#if defined(SYS_select)
    {"select", SYS_select},
#endif
#if defined(SYS__newselect)
    {"_newselect", SYS__newselect},
#endif
};

/* A name may cover several calls, because C libraries make different ones. */
static bool refuse_call(const char *name)
{
    struct refusal refusals[4];
    size_t count = 0;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strstr(calls[i].name, name))
            refusals[count++] = (struct refusal){calls[i].number, 0, 0, 0, ENOSYS};
    if (count == 0)
        refusals[count++] = (struct refusal){atol(name), 0, 0, 0, ENOSYS};
    return refuse(refusals, count);
}

int main(int argc, char **argv)
{
    int at = 1;
    for (; at < argc && strcmp(argv[at], "--") != 0; at++)
        if (!refuse_call(argv[at]))
            return 125;
    if (at + 1 < argc)
        (void)execvp(argv[at + 1], argv + at + 1);
    return 125;
}
