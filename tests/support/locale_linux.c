/* SPDX-License-Identifier: MIT
 * A preloaded library that sets the locale from the environment, which C programs do not do by
 * default. It ends the program if the locale is missing or its decimal point differs from
 * FDI_DECIMAL_POINT. */
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
