/* SPDX-License-Identifier: MIT
 * Converts between CRT descriptors and handles. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>

/* Microsoft's compilers use the UCRT only, and do not define _UCRT. */
#if defined(_UCRT) || defined(_MSC_VER)

/* For a bad fd the UCRT calls the invalid-parameter handler, which ends the process by default. The
 * handler of one thread does not affect other threads. Older headers of mingw-w64 lack the
 * declaration. */
#if defined(__MINGW64_VERSION_MAJOR)
_CRTIMP _invalid_parameter_handler __cdecl _set_thread_local_invalid_parameter_handler(
    _invalid_parameter_handler handler);
#endif

static void __cdecl ignore_invalid(const wchar_t *expression, const wchar_t *function,
                                   const wchar_t *file, unsigned line, uintptr_t reserved)
{
    (void)expression;
    (void)function;
    (void)file;
    (void)line;
    (void)reserved;
}

/* The debug CRT reports a bad fd in a dialog before it calls the handler. The hook answers such a
 * report for a thread between the two calls; another thread's report goes on. */
#if defined(_DEBUG) && defined(_MSC_VER) && !defined(__MINGW64_VERSION_MAJOR)
#include <crtdbg.h>

static __declspec(thread) int guards;

static int __cdecl answer_report(int kind, wchar_t *message, int *breaks)
{
    (void)message;
    if (kind != _CRT_ASSERT || guards == 0)
        return FALSE;
    *breaks = 0;
    return TRUE;
}

static void hush_reports(void)
{
    guards++;
    (void)_CrtSetReportHookW2(_CRT_RPTHOOK_INSTALL, answer_report);
}

static void resume_reports(void)
{
    (void)_CrtSetReportHookW2(_CRT_RPTHOOK_REMOVE, answer_report);
    guards--;
}
#else
static void hush_reports(void)
{
}

static void resume_reports(void)
{
}
#endif

_invalid_parameter_handler fdi__crt_guard_enter(void)
{
    hush_reports();
    return _set_thread_local_invalid_parameter_handler(ignore_invalid);
}

void fdi__crt_guard_leave(_invalid_parameter_handler previous)
{
    (void)_set_thread_local_invalid_parameter_handler(previous);
    resume_reports();
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
