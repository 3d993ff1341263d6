/* SPDX-License-Identifier: MIT
 * A child that exits with the number in its first argument. */
#include <stdlib.h>

int main(int argc, char **argv)
{
    return argc > 1 ? atoi(argv[1]) : 0;
}
