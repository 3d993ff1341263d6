/* SPDX-License-Identifier: MIT
 * Prints what the library says of each function: its name, and 0 or 1 for an fd, a dir_fd, no-follow
 * and effective ids. */
#include "fdinherit.h"

#include <stdio.h>

int main(void)
{
    for (int row = 0; row < FDI_FUNCTION_COUNT; row++) {
        fdi_function function = (fdi_function)row;
        printf("%s %d %d %d %d\n", fdi_function_name(function), fdi_supports_fd(function),
               fdi_supports_dir_fd(function), fdi_supports_follow_symlinks(function),
               fdi_supports_effective_ids(function));
    }
    return 0;
}
