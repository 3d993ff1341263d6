/* SPDX-License-Identifier: MIT
 * The child of the argument tests. It writes each argument from the CRT and a zero byte to standard
 * output. If FDI_PRINT_ENVIRONMENT is set, it writes its environment instead. */
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
