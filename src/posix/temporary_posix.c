/* SPDX-License-Identifier: MIT
 * Temporary files. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#include <stdlib.h>
#include <time.h>

/* ---- random names -------------------------------------------------------------------------- */

#if FDI__HAS_GETRANDOM

static bool ask_kernel(uint64_t *number)
{
    enum { DO_NOT_WAIT = 1 }; /* GRND_NONBLOCK */
    return syscall(SYS_getrandom, number, sizeof *number, DO_NOT_WAIT) == (long)sizeof *number;
}

#elif FDI__HAS_ARC4RANDOM

static bool ask_kernel(uint64_t *number)
{
    arc4random_buf(number, sizeof *number);
    return true;
}

#else

static bool ask_kernel(uint64_t *number)
{
    (void)number;
    return false;
}

#endif

/* O_EXCL makes any name safe, so the clock is enough without random numbers. */
static uint64_t number_from_clock(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    uint64_t number = ((uint64_t)now.tv_nsec << 32) ^ (uint64_t)now.tv_sec ^ (uintptr_t)&now;
    return number * UINT64_C(6364136223846793005) + (uint64_t)getpid();
}

int fdi__os_random_letters(char *blank)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    const uint64_t count = sizeof letters - 1;
    int saved_errno = errno;
    uint64_t number;
    if (!ask_kernel(&number))
        number = number_from_clock();
    for (int i = 0; i < 6; i++, number /= count)
        blank[i] = letters[number % count];
    return fdi__restore_errno(saved_errno, 0);
}

/* ---- the file ------------------------------------------------------------------------------ */

enum {
    ADDED_OFLAGS = O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_ASYNC | O_DIRECT | O_NOATIME |
                   O_NOCTTY | O_LARGEFILE | O_CLOEXEC,
    OTHER_OFLAGS = O_RSYNC /* another name of O_SYNC on most systems */
};

int fdi__os_check_mkstemp(int oflags)
{
    return oflags & ~(ADDED_OFLAGS | OTHER_OFLAGS) ? fdi__fail(EINVAL) : 0;
}

static int create_in(int directory, const char *name, int oflags)
{
    const int create = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = fdi__openat(directory, name, oflags | create, 0600);
    if (fd >= 0 && fdi__ensure_cloexec(fd) < 0) {
        int error = errno;
        (void)unlinkat(directory, name, 0);
        return fdi__fail(error);
    }
    return fd;
}

int fdi__os_create_in(fdi_target directory, const char *name, int oflags)
{
    if (!directory.path)
        return create_in(directory.fd, name, oflags);
    int opened = fdi__openat(directory.fd, directory.path, FDI__O_ONLY_DIRECTORY, 0);
    return opened < 0 ? -1 : fdi__close_keep_errno(opened, create_in(opened, name, oflags));
}
