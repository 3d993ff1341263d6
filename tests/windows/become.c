/* SPDX-License-Identifier: MIT
 * A program for the tests: waits for the end of its input; or, with arguments, becomes the program
 * that they name. */
#include "../../src/platform.h"
#include "fdinherit.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc < 2)
        while (getchar() != EOF)
            ;
    else
        (void)fdi_execve(fdi_path(argv[1]), argv + 1, NULL);
    return argc < 2 ? 0 : 1;
}
