/* SPDX-License-Identifier: MIT
 * open, close and fcntl without cancellation points. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <pthread.h>
#include <stdarg.h>

#if defined(PTHREAD_CANCEL_DISABLE)

int fdi__os_cancel_off(void)
{
    int state;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state;
}

void fdi__os_cancel_restore(int state)
{
    (void)pthread_setcancelstate(state, &state);
}

#else /* Android */

int fdi__os_cancel_off(void)
{
    return 0;
}

void fdi__os_cancel_restore(int state)
{
    (void)state;
}

#endif

/* ThreadSanitizer follows descriptors through the C library's functions only. */
#if FDI__OPENS_BY_NUMBER && !FDI__HAS_THREAD_SANITIZER

/* Direct system calls are not cancellation points; only the C library's functions are. */
static int open_once(int dir_fd, const char *path, int oflags, mode_t mode)
{
    return (int)syscall(SYS_openat, dir_fd, path, oflags | O_LARGEFILE, mode);
}

static void close_once(int fd)
{
    (void)syscall(SYS_close, fd);
}

#else

static int open_once(int dir_fd, const char *path, int oflags, mode_t mode)
{
    int state = fdi__os_cancel_off();
    int fd = openat(dir_fd, path, oflags, mode);
    fdi__os_cancel_restore(state);
    return fd;
}

static void close_once(int fd)
{
    int state = fdi__os_cancel_off();
    (void)close(fd);
    fdi__os_cancel_restore(state);
}

#endif

#if FDI__FCNTL_CANCELS

/* The library uses only commands that take an int or no argument. */
int fdi__fcntl(int fd, int command, ...)
{
    va_list arguments;
    va_start(arguments, command);
    int argument = va_arg(arguments, int);
    va_end(arguments);
    int state = fdi__os_cancel_off();
    int result = fcntl(fd, command, argument);
    fdi__os_cancel_restore(state);
    return result;
}

#endif

int fdi__openat(int dir_fd, const char *path, int oflags, mode_t mode)
{
    int fd;
    FDI__RETRY(fd, open_once(dir_fd, path, oflags, mode));
    return fd;
}

void fdi__close(int fd)
{
    int saved_errno = errno;
    close_once(fd);
    errno = saved_errno;
}
