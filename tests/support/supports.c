/* SPDX-License-Identifier: MIT
 * Prints the name of each function and the results of fdi_supports: 0 or 1 for a path, an fd, a
 * dir_fd, no-follow and effective ids. */
#include "fdinherit.h"

#include <stdio.h>

int main(void)
{
    for (int row = 0; fdi_function_name((fdi_function)row); row++) {
        fdi_function function = (fdi_function)row;
        printf("%s %d %d %d %d %d\n", fdi_function_name(function),
               fdi_supports(function, FDI_FORM_PATH, 0), fdi_supports(function, FDI_FORM_FD, 0),
               fdi_supports(function, FDI_FORM_DIR_FD, 0),
               fdi_supports(function, FDI_FORM_PATH, FDI_NOFOLLOW),
               fdi_supports(function, FDI_FORM_PATH, FDI_EFFECTIVE_IDS));
    }
    return 0;
}
