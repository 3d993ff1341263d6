/* SPDX-License-Identifier: MIT
 * The child of the inheritance tests. Writes the numbers of its descriptors above stdio to the
 * descriptor in its argument, and leaves that one out. It shares no code with the library. */
#include "../../src/platform.h"
#include "open_fds_posix.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NUMBERS = 8192 };

static bool is_open[NUMBERS];

int main(int argc, char **argv)
{
    int output = argc > 1 ? atoi(argv[1]) : 1;
    reveal_and_ask_open_fds(is_open, NUMBERS);
    FILE *answer = fdopen(output, "w");
    for (int fd = 3; fd < NUMBERS; fd++)
        if (fd != output && is_open[fd])
            fprintf(answer, "%d\n", fd);
    return fclose(answer) == 0 ? 0 : 1;
}
