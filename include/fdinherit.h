/* SPDX-License-Identifier: MIT
 *
 * libfdinherit: descriptors that do not leak into child processes.
 *
 * HOW TO READ THIS FILE
 *
 * It is the whole interface and its manual: what is not here is not promised. Each function says,
 * where it applies: what it does; its arguments with unit, range and ownership; what it returns;
 * the errors special to it; where it is ENOTSUP; whether it is thread- and signal-safe; where
 * the meaning comes from.
 *
 * RULES FOR EVERY FUNCTION
 *
 * - Success is 0, a non-negative value or a valid descriptor. Failure is -1 (or NULL) with errno
 *   set. On success errno is left as it was.
 * - A call that fails has changed nothing: no new descriptor is open, no flag is changed.
 * - Misuse (an argument that can never be right, an unknown flag bit) is EINVAL and is found
 *   before anything else happens.
 * - Every function can be linked on every system. What a system cannot do is ENOTSUP; it is never
 *   replaced by something similar.
 * - There is nothing to initialise, nothing is remembered between calls, nothing is printed.
 * - EINTR from a call that is safe to repeat is retried.
 * - Unless its comment says otherwise, a function may be called from any thread at any time.
 *   "Async-signal-safe" means that it may also be called from a signal handler, and between fork
 *   and exec of a program with threads.
 *
 * WORDS
 *
 * "fd" is a file descriptor; on Windows, one of the C run-time. "handle" is a Windows HANDLE. A
 * descriptor is "inheritable" when a program started by this process receives it: on POSIX, when
 * its close-on-exec flag (FD_CLOEXEC) is clear; on Windows, when its handle has
 * HANDLE_FLAG_INHERIT.
 */
#ifndef FDINHERIT_H
#define FDINHERIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* FDI_API marks what a shared library exports. On Windows a .def file does that, so that one
 * header serves users of the static library and of the DLL alike. */
#if defined(__GNUC__) && !defined(_WIN32)
#    define FDI_API __attribute__((visibility("default")))
#else
#    define FDI_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Version ---------------------------------------------------------------------------- */

#define FDI_VERSION_MAJOR 0
#define FDI_VERSION_MINOR 9
#define FDI_VERSION_PATCH 0

/* The version of this header as one number that can be compared: 0xMMmmpp. */
#define FDI_VERSION       ((FDI_VERSION_MAJOR << 16) | (FDI_VERSION_MINOR << 8) | FDI_VERSION_PATCH)

/* The FDI_VERSION of the library that the program runs with. Cannot fail; async-signal-safe. */
FDI_API int fdi_version(void);

/* ---- 1. Inheritance --------------------------------------------------------------------- */

/* A Windows HANDLE. */
typedef void *fdi_handle;

/* "To the last open descriptor", for the last argument of fdi_set_inheritable_range. */
#define FDI_LAST_FD INT32_MAX

/* Tells whether `fd` is inheritable.
 *
 * Returns 1 if it is, 0 if it is not. EBADF: `fd` is not open. One system call. WASI has no
 * processes: there the answer for an open fd is 0.
 * Async-signal-safe. Source: PEP 446; fcntl(2) F_GETFD; GetHandleInformation. */
FDI_API int fdi_get_inheritable(int fd);

/* Makes `fd` inheritable or not.
 *
 * Only the close-on-exec bit is touched, by one single-bit operation where the system has one, so
 * that other descriptor flags survive and two threads do not undo each other's change. Where that
 * operation is refused (an O_PATH descriptor, a sandbox, a system that declares it without having
 * it) the flags are read and written instead, and the error is that of the reading or writing. On
 * Windows the handle's flag is set; the C run-time has no call to change its own mark, which
 * decides what _spawn and _exec pass on, but not what CreateProcess does.
 *
 * EBADF: `fd` is not open. ENOTSUP: making an fd inheritable on WASI. One system call where the
 * single-bit operation is accepted, three where it is refused.
 * Async-signal-safe. Source: PEP 446; ioctl FIOCLEX and FIONCLEX; SetHandleInformation. */
FDI_API int fdi_set_inheritable(int fd, bool inheritable);

/* Tells whether the Windows handle `handle` is inheritable: 1 or 0.
 *
 * EBADF: not an open handle; the pseudo handles (-1, the current process, and -2, the current
 * thread) and NULL included. ENOTSUP: everywhere but on Windows. Source: GetHandleInformation. */
FDI_API int fdi_get_handle_inheritable(fdi_handle handle);

/* Makes the Windows handle `handle` inheritable or not. Errors as fdi_get_handle_inheritable.
 * Source: SetHandleInformation. */
FDI_API int fdi_set_handle_inheritable(fdi_handle handle, bool inheritable);

/* Makes every open descriptor from `first` to `last`, both included, inheritable or not.
 *
 * `first` is 0 or more and `last` is not below it, else EINVAL; FDI_LAST_FD (INT_MAX) stands for
 * the last open descriptor, wherever that is. Numbers that are not open are skipped.
 *
 * Marking as not inheritable is one system call where the kernel has it (Linux 5.11, whatever the
 * number of descriptors). Otherwise the open descriptors are listed as fdi_foreach_open does it;
 * if they cannot be listed completely, that is an error, and the flags that were changed are put
 * back. Descriptors that other threads open meanwhile may be missed.
 *
 * ENOTSUP: the system cannot tell which descriptors are open. Async-signal-safe.
 * Source: close_range(2) with CLOSE_RANGE_CLOEXEC. */
FDI_API int fdi_set_inheritable_range(int first, int last, bool inheritable);

/* Makes each of the `count` descriptors at `fds` inheritable or not: all of them, or none.
 *
 * `fds` is only read; it may be NULL when `count` is 0. When one of them fails, those before it
 * are put back as they were, and the error is that of the one that failed.
 *
 * EINVAL: `fds` is NULL and `count` is not 0. EBADF: one of them is not open. Uses about 600 bytes
 * of stack for each 4,096 descriptors. Async-signal-safe. */
FDI_API int fdi_set_inheritable_many(const int *fds, size_t count, bool inheritable);

/* What fdi_foreach_open calls for each open descriptor. `context` is passed on as it was given.
 * The answer 0 goes on; any other stops the walk and is returned by it. */
typedef int fdi_visit(void *context, int fd, bool inheritable);

/* Calls `visit` for each open descriptor of this process, in ascending order.
 *
 * Works without procfs, above a lowered descriptor limit and where a sandbox denies newer calls,
 * and takes a time that depends on the descriptors that are or were open, never on the limit. A
 * descriptor that the listing itself has open is not shown. `visit` may open, mark and close
 * descriptors; those it opens may or may not be visited.
 *
 * Returns 0, or the first answer of `visit` that was not 0. EINVAL: `visit` is NULL. ENOTSUP: the
 * system cannot tell which descriptors are open. Async-signal-safe if `visit` is; no allocation. */
FDI_API int fdi_foreach_open(fdi_visit *visit, void *context);

#ifdef __cplusplus
}
#endif

#endif
