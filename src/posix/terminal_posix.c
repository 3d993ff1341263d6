/* SPDX-License-Identifier: MIT
 * Pseudo-terminals. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "cloexec.h"
#include "posix.h"

#if !FDI__HAS_PTMGET

#include <stdlib.h>
#include <sys/ioctl.h>

static const int terminal_flags = O_RDWR | O_NOCTTY | O_CLOEXEC;

static int open_by_name(const char *name)
{
    return fdi__openat(AT_FDCWD, name, terminal_flags, 0);
}

#if FDI__HAS_LINUX_PTY

/* The C libraries disagree about the type of a request, and so about which constants fit it. */
static int request(int fd, unsigned long number, void *argument)
{
    return (int)syscall(SYS_ioctl, fd, number, argument);
}

static int unlock(int primary)
{
    int locked = 0;
    return request(primary, TIOCSPTLCK, &locked);
}

static int open_numbered(int primary)
{
    unsigned number;
    char name[32];
    if (request(primary, TIOCGPTN, &number) < 0)
        return -1;
    (void)snprintf(name, sizeof name, "/dev/pts/%u", number);
    return open_by_name(name);
}

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* Opens the secondary through the primary's descriptor, because its name may be another device
 * in another mount namespace. If that fails, as before Linux 4.13 or in a sandbox, the name is
 * used. */
static int open_secondary(int primary)
{
    int fd = ioctl(primary, TIOCGPTPEER, terminal_flags);
    return fd >= 0 ? fd : open_numbered(primary);
}

#else

static int unlock(int primary)
{
    return grantpt(primary) < 0 ? -1 : unlockpt(primary);
}

static int open_secondary(int primary)
{
    char name[128];
    int error = ptsname_r(primary, name, sizeof name);
    if (error)
        return error > 0 ? fdi__fail(error) : -1;
    return open_by_name(name);
}

#endif

static int open_primary(void)
{
    int state = fdi__os_cancel_off();
    int fd;
    FDI__RETRY(fd, posix_openpt(terminal_flags));
    fdi__os_cancel_restore(state);
    return fd;
}

int fdi__os_openpty(int *primary, int *secondary)
{
    int saved_errno = errno;
    int first = open_primary();
    if (fdi__ensure_cloexec(first) < 0)
        return -1;
    int second = unlock(first) < 0 ? -1 : fdi__ensure_cloexec(open_secondary(first));
    if (second < 0)
        return fdi__close_keep_errno(first, -1);
    *primary = first;
    *secondary = second;
    return fdi__restore_errno(saved_errno, 0);
}

#endif
