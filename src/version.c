/* SPDX-License-Identifier: MIT
 * The version of the library that the program runs with. */
#include "platform.h"
#include "../include/fdinherit.h"

int fdi_version(void)
{
    return FDI_VERSION;
}
