/* SPDX-License-Identifier: MIT
 * The child of the inheritance tests: writes the numbers of the descriptors that it has, past
 * stdio, to the descriptor its argument names, which it leaves out. It asks the system for each
 * number and shares no code with the library. */
#include "../../src/platform.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int output = argc > 1 ? atoi(argv[1]) : 1;
    for (int fd = 3; fd < 65536; fd++)
        if (fd != output && fcntl(fd, F_GETFD) >= 0)
            dprintf(output, "%d\n", fd);
    return 0;
}
