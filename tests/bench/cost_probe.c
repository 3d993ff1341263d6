/* SPDX-License-Identifier: MIT
 * Makes each call of forms.h once, in a function of its own. costs.py counts the instructions of
 * these functions and the system calls between the marks around them. */
#include "../../src/platform.h"
#include "forms.h"
#include "measure.h"

#include <stdio.h>
#include <sys/ioctl.h>

#define PROBE(name, call)                                                                          \
    int name(void);                                                                                \
    __attribute__((noinline)) int name(void)                                                       \
    {                                                                                              \
        return (call) < 0 ? -1 : 0;                                                                \
    }
#define PROBES(operation, form, ours, bare, python)                                                \
    PROBE(ours_##operation##_at_##form, ours) PROBE(bare_##operation##_at_##form, bare)
FORMS(PROBES)

static const struct probe {
    const char *name;
    int (*call)(void);
} probes[] = {
#define ROWS(operation, form, ours, bare, python)                                                  \
    {"ours_" #operation "_at_" #form, ours_##operation##_at_##form},                               \
        {"bare_" #operation "_at_" #form, bare_##operation##_at_##form},
    FORMS(ROWS)};

int main(void)
{
    char mark[80];
    int bad = 0;
    forms_prepare();
    for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
        snprintf(mark, sizeof mark, "/mark/%s", probes[i].name);
        (void)rmdir(mark);
        int result = probes[i].call();
        (void)rmdir("/mark/end");
        if (result < 0) {
            perror(probes[i].name);
            bad = 1;
        }
    }
    bench_must(chdir("/"));
    forms_remove();
    return bad;
}
