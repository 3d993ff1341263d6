/* SPDX-License-Identifier: MIT
 * Converts between the UTF-8 of the interface and the UTF-16 of Windows. Both directions are
 * strict: invalid text is an error and is never replaced. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_PATH = 32767, BUFFER_UNITS = sizeof((struct fdi__wide *)0)->buffer / sizeof(WCHAR) };

static int convert_large(struct fdi__wide *wide, const char *utf8)
{
    int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, NULL, 0);
    if (size <= 0)
        return fdi__last_fail();
    if (size > LONGEST_PATH + 1)
        return fdi__fail(ENAMETOOLONG);
    WCHAR *text = malloc((size_t)size * sizeof *text);
    if (!text)
        return fdi__fail(ENOMEM);
    wide->text = text;
    wide->length = (size_t)size - 1;
    (void)MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, text, size);
    return 0;
}

int fdi__wide_open(struct fdi__wide *wide, const char *utf8)
{
    int saved_errno = errno;
    int size =
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8, -1, wide->buffer, BUFFER_UNITS);
    if (size > 0) {
        wide->text = wide->buffer;
        wide->length = (size_t)size - 1;
        return 0;
    }
    if (GetLastError() != ERROR_INSUFFICIENT_BUFFER)
        return fdi__last_fail();
    return fdi__restore_errno_on_success(saved_errno, convert_large(wide, utf8));
}

void fdi__wide_close(struct fdi__wide *wide)
{
    if (wide->text != wide->buffer)
        free(wide->text);
    wide->text = wide->buffer; /* makes a second close harmless */
}

int64_t fdi__utf8(char *out, size_t size, const WCHAR *text, size_t length)
{
    if (length == 0)
        return 0;
    if (length > LONGEST_PATH)
        return fdi__fail(ENAMETOOLONG);
    int room = size > INT_MAX ? INT_MAX : (int)size;
    int units = (int)length;
    int need = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, units, NULL, 0, NULL, NULL);
    if (need <= 0)
        return fdi__last_fail();
    if (need <= room)
        (void)WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, units, out, room, NULL,
                                  NULL);
    return need;
}
