/* SPDX-License-Identifier: MIT
 * Converts between CRT descriptors and handles. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

#if defined(_UCRT)

/* For a bad fd the UCRT calls the invalid-parameter handler, which ends the process by default. The
 * handler of one thread does not affect other threads. Older headers lack the declaration. */
_CRTIMP _invalid_parameter_handler __cdecl _set_thread_local_invalid_parameter_handler(
    _invalid_parameter_handler handler);

static void __cdecl ignore_invalid(const wchar_t *expression, const wchar_t *function,
                                   const wchar_t *file, unsigned line, uintptr_t reserved)
{
    (void)expression;
    (void)function;
    (void)file;
    (void)line;
    (void)reserved;
}

_invalid_parameter_handler fdi__crt_guard_enter(void)
{
    return _set_thread_local_invalid_parameter_handler(ignore_invalid);
}

void fdi__crt_guard_leave(_invalid_parameter_handler previous)
{
    (void)_set_thread_local_invalid_parameter_handler(previous);
}

#else

/* msvcrt.dll has no handler by default and sets EBADF. */
_invalid_parameter_handler fdi__crt_guard_enter(void)
{
    return NULL;
}

void fdi__crt_guard_leave(_invalid_parameter_handler previous)
{
    (void)previous;
}

#endif

static intptr_t ask_handle(int fd)
{
    _invalid_parameter_handler previous = fdi__crt_guard_enter();
    intptr_t handle = _get_osfhandle(fd);
    fdi__crt_guard_leave(previous);
    return handle;
}

HANDLE fdi__handle(int fd)
{
    enum { NOTHING_BEHIND = -2 }; /* fds 0-2 of a program without a console */
    int saved_errno = errno;
    intptr_t handle = fd < 0 ? -1 : ask_handle(fd);
    errno = saved_errno;
    if (handle == -1 || handle == NOTHING_BEHIND) {
        (void)fdi__fail(EBADF);
        return INVALID_HANDLE_VALUE;
    }
    return (HANDLE)handle;
}

bool fdi__is_handle(HANDLE handle)
{
    enum { LOWEST_PSEUDO_HANDLE = -6 };
    intptr_t number = (intptr_t)handle;
    return number > 0 || number < LOWEST_PSEUDO_HANDLE;
}

HANDLE fdi__duplicate(HANDLE handle)
{
    HANDLE self = GetCurrentProcess();
    HANDLE copy;
    if (!DuplicateHandle(self, handle, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
        (void)fdi__last_fail();
        return NULL;
    }
    return copy;
}

int fdi__closed(HANDLE handle, int result)
{
    int saved_errno = errno;
    (void)CloseHandle(handle);
    return fdi__restore_errno(saved_errno, result);
}

int fdi__give_number(HANDLE handle, int run_time_flags)
{
    int saved_errno = errno;
    int fd = _open_osfhandle((intptr_t)handle, run_time_flags | _O_NOINHERIT);
    return fdi__restore_errno_on_success(saved_errno, fd);
}

int fdi__adopt(HANDLE handle, int run_time_flags)
{
    int fd = fdi__give_number(handle, run_time_flags);
    return fd >= 0 ? fd : fdi__closed(handle, -1);
}
