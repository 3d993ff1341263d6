/* SPDX-License-Identifier: MIT
 * Streams, pipes and the names of temporary files. A child of CreateProcess or of the CRT's _spawn
 * inherits none of these descriptors. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <fcntl.h>
#include <io.h>

/* ---- streams ------------------------------------------------------------------------------- */

FILE *fdi__os_fdopen(int fd, const char *mode)
{
    int saved_errno = errno;
    _invalid_parameter_handler previous = fdi__crt_guard_enter();
    FILE *stream = _fdopen(fd, mode);
    fdi__crt_guard_leave(previous);
    if (stream)
        errno = saved_errno;
    return stream;
}

/* Removes the file after a later step failed, if O_EXCL proves that this call created it. */
static void undo_create(fdi_target target, int oflags)
{
    int saved_errno = errno;
    if (oflags & _O_EXCL)
        (void)fdi__os_unlink(target);
    errno = saved_errno;
}

FILE *fdi__os_fopen(fdi_target target, int oflags, const char *mode)
{
    int fd = fdi__os_open(target, oflags, 0666);
    FILE *stream = fd < 0 ? NULL : fdi__os_fdopen(fd, mode);
    if (fd >= 0 && !stream) {
        fdi__os_discard(fd);
        undo_create(target, oflags);
    }
    return stream;
}

/* ---- pipes --------------------------------------------------------------------------------- */

/* FDI_NONBLOCK is refused: the CRT would read an empty non-blocking pipe as its end. */
int fdi__os_pipe(int *fds, unsigned flags)
{
    enum { BUFFER_BYTES = 65536 }; /* as on Linux */
    int made[2];
    int saved_errno = errno;
    if (flags & FDI_NONBLOCK)
        return fdi__fail(ENOTSUP);
    if (_pipe(made, BUFFER_BYTES, _O_BINARY | _O_NOINHERIT) < 0)
        return -1;
    fds[0] = made[0];
    fds[1] = made[1];
    return fdi__restore_errno(saved_errno, 0);
}

/* ---- temporary files ----------------------------------------------------------------------- */

int fdi__os_check_mkstemp(int oflags)
{
    const int known = _O_APPEND | _O_BINARY | _O_TEXT | _O_NOINHERIT | _O_SEQUENTIAL | _O_RANDOM |
                      _O_SHORT_LIVED | _O_TEMPORARY;
    return oflags & ~known ? fdi__fail(EINVAL) : 0;
}

/* One case only, because Windows ignores the case of names. rand_s is a cryptographic generator. */
int fdi__os_random_letters(char *blank)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz012345"; /* 32 letters, so each is equally likely */
    enum { BLANK_LETTERS = 6 };
    unsigned number;
    if (rand_s(&number) != 0)
        return fdi__fail(EIO);
    for (int i = 0; i < BLANK_LETTERS; i++, number >>= 5)
        blank[i] = letters[number & 31];
    return 0;
}
