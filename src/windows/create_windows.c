/* SPDX-License-Identifier: MIT
 * Streams, pipes and the names of temporary files. Neither CreateProcess nor the CRT's _spawn passes
 * these descriptors on. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <fcntl.h>
#include <io.h>

/* ---- streams ------------------------------------------------------------------------------- */

FILE *fdi__os_fdopen(int fd, const char *mode)
{
    int saved_errno = errno;
    _invalid_parameter_handler previous = fdi__quiet_begin();
    FILE *stream = _fdopen(fd, mode);
    fdi__quiet_end(previous);
    if (stream)
        (void)fdi__kept(saved_errno, 0);
    return stream;
}

/* A later step failed: a file that was certainly made for this goes again. */
static void unmake(fdi_target target, int oflags)
{
    int saved_errno = errno;
    if (oflags & O_EXCL)
        (void)fdi__os_unlink(target);
    errno = saved_errno;
}

FILE *fdi__os_fopen(fdi_target target, int oflags, const char *mode)
{
    int fd = fdi__os_open(target, oflags, 0666);
    FILE *stream = fd < 0 ? NULL : fdi__os_fdopen(fd, mode);
    if (fd >= 0 && !stream) {
        fdi__os_discard(fd);
        unmake(target, oflags);
    }
    return stream;
}

/* ---- pipes --------------------------------------------------------------------------------- */

/* The CRT takes an empty pipe that does not block for its end. */
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
    return fdi__kept(saved_errno, 0);
}

/* ---- temporary files ----------------------------------------------------------------------- */

int fdi__os_check_mkstemp(int oflags)
{
    const int known = O_APPEND | O_BINARY | O_TEXT | _O_NOINHERIT | _O_SEQUENTIAL | _O_RANDOM |
                      _O_SHORT_LIVED | _O_TEMPORARY;
    return oflags & ~known ? fdi__fail(EINVAL) : 0;
}

/* Windows ignores the case of names. rand_s takes its numbers from the kernel. */
int fdi__os_random_letters(char *blank)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32: none is likelier */
    enum { BLANK_LETTERS = 6 };
    unsigned number;
    if (rand_s(&number) != 0)
        return fdi__fail(EIO);
    for (int i = 0; i < BLANK_LETTERS; i++, number >>= 5)
        blank[i] = letters[number & 31];
    return 0;
}
