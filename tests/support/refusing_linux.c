/* SPDX-License-Identifier: MIT
 * refusing NUMBER... -- COMMAND...: runs a command that is refused these system calls (ENOSYS). */
#include "../../src/platform.h"
#include "refuse_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int at = 1;
    for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
        struct refusal refusal = {atol(argv[at]), 0, 0, 0, ENOSYS};
        if (!refuse(&refusal, 1))
            return 125;
    }
    if (at + 1 < argc)
        (void)execv(argv[at + 1], argv + at + 1);
    return 125;
}
