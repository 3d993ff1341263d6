/* SPDX-License-Identifier: MIT
 * Streams, pipes and temporary files, on descriptors that neither CreateProcess nor the run-time's
 * _spawn hands on. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <fcntl.h>
#include <io.h>
#include <string.h>

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

int fdi__os_pipe(int *fds)
{
    enum { BUFFER_BYTES = 65536 }; /* as Linux has it */
    int made[2];
    int saved_errno = errno;
    if (_pipe(made, BUFFER_BYTES, _O_BINARY | _O_NOINHERIT) < 0)
        return -1;
    fds[0] = made[0];
    fds[1] = made[1];
    return fdi__kept(saved_errno, 0);
}

/* ---- temporary files ----------------------------------------------------------------------- */

enum { BLANK_LETTERS = 6, MOST_TRIES = 1000 };

/* Names are the same in both cases here. rand_s is the system's generator for keys. */
static int fill_in(char *blank)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345"; /* 32: none is likelier */
    unsigned number;
    if (rand_s(&number) != 0)
        return fdi__fail(EIO);
    for (int i = 0; i < BLANK_LETTERS; i++, number >>= 5)
        blank[i] = letters[number & 31];
    return 0;
}

int fdi__os_mkstemp(char *path_template)
{
    const fdi_target target = {path_template, FDI_NO_FD, FDI_AT_FDCWD};
    const int oflags = O_RDWR | O_CREAT | O_EXCL | O_BINARY;
    char *blank = path_template + strlen(path_template) - BLANK_LETTERS;
    int saved_errno = errno;
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        if (fill_in(blank) < 0)
            return -1;
        int fd = fdi__os_open(target, oflags, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fdi__recovered(saved_errno, fd);
    }
    return fdi__fail(EEXIST);
}
