/* SPDX-License-Identifier: MIT
 * Loaded before a program: it then runs in the locale of its environment, which C's start-up does not
 * do by itself. One that is not there, or whose numbers do not look as FDI_DECIMAL_POINT says, ends it. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

__attribute__((constructor)) static void take_locale(void)
{
    const char *point = getenv("FDI_DECIMAL_POINT");
    const char *found = setlocale(LC_ALL, "");
    if (!found || !point || strcmp(found, getenv("LC_ALL")) != 0 ||
        strcmp(localeconv()->decimal_point, point) != 0)
        abort();
}
