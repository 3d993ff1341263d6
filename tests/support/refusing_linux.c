/* SPDX-License-Identifier: MIT
 * refusing NUMBER... -- COMMAND...: runs a command that is refused these system calls (ENOSYS);
 * "ptrace", whose number differs, by name. */
#include "../../src/platform.h"
#include "refuse_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int at = 1;
    for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
        long number = strcmp(argv[at], "ptrace") == 0 ? SYS_ptrace : atol(argv[at]);
        struct refusal refusal = {number, 0, 0, 0, ENOSYS};
        if (!refuse(&refusal, 1))
            return 125;
    }
    if (at + 1 < argc)
        (void)execv(argv[at + 1], argv + at + 1);
    return 125;
}
