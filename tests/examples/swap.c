/* SPDX-License-Identifier: MIT
 * The attacker: exchanges the names of each pair as fast as it can, until SIGTERM ends it. Then it
 * prints the number of successful exchanges.
 *
 *   swap A B [A B]... */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXCHANGE = 2 }; /* RENAME_EXCHANGE */

static volatile sig_atomic_t ended;

static void end(int number)
{
    (void)number;
    ended = 1;
}

int main(int argc, char **argv)
{
    unsigned long count = 0;
    (void)signal(SIGTERM, end);
    while (!ended)
        for (int i = 1; i + 1 < argc; i += 2)
            count +=
                syscall(SYS_renameat2, AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], EXCHANGE) == 0;
    printf("%lu\n", count);
    return 0;
}
