/* SPDX-License-Identifier: MIT
 * The child of the argument tests: writes each of its arguments as the run-time gave it, ended by
 * a zero byte, to standard output; or, with the variable FDI_PRINT_ENVIRONMENT, its environment. */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    char **texts = getenv("FDI_PRINT_ENVIRONMENT") ? _environ : argv;
    (void)argc;
    _setmode(1, _O_BINARY);
    for (; *texts; texts++)
        fwrite(*texts, 1, strlen(*texts) + 1, stdout);
    return 0;
}
