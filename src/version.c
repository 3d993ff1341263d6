/* SPDX-License-Identifier: MIT
 * The version that a program runs with. */
#include "platform.h"
#include "../include/fdinherit.h"

int fdi_version(void)
{
    return FDI_VERSION;
}
