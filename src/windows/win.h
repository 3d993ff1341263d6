/* SPDX-License-Identifier: MIT
 * Shared by the files of this folder: errors, handles of descriptors, and text in UTF-16. */
#ifndef FDI__WIN_H
#define FDI__WIN_H

#include "../backend.h"
#include "nt.h"

#include <errno.h>
#include <stdlib.h>

/* The oldest supported headers lack this code. */
#ifndef ERROR_REPARSE_POINT_ENCOUNTERED
#define ERROR_REPARSE_POINT_ENCOUNTERED 4395L
#endif

/* Windows 10 introduced this attribute; the headers declare it for newer targets only. */
#ifndef PROC_THREAD_ATTRIBUTE_JOB_LIST
#define PROC_THREAD_ATTRIBUTE_JOB_LIST 0x0002000D
#endif

/* ---- error_windows.c: the only translation of Windows codes to errno ------------------------ */

/* Returns the errno for a Win32 or Winsock code, or for an NTSTATUS; EIO for unknown codes. */
int fdi__win_errno(DWORD code);
int fdi__nt_errno(NTSTATUS status);

/* Each sets errno from such a code and returns -1; fdi__last_fail takes that of GetLastError. */
int fdi__win_fail(DWORD code);
int fdi__nt_fail(NTSTATUS status);
int fdi__last_fail(void);

/* The UCRT's descriptor table has 8192 entries and that of msvcrt.dll 2048. Neither can grow:
 * _setmaxstdio only moves a limit below that size. */
enum { FDI__PAST_LAST_FD = 8192 };

/* ---- handle_windows.c ---------------------------------------------------------------------- */

/* Returns the handle of an fd; the fd keeps owning it. Returns INVALID_HANDLE_VALUE with EBADF if
 * the fd is closed or is a standard stream without a handle. Never calls the CRT's
 * invalid-parameter handler, which would end the process. Success leaves errno unchanged. */
HANDLE fdi__handle(int fd);

/* Between these two calls, a bad argument makes a CRT function of this thread return an error. The
 * invalid-parameter handler of the program, which may end the process, is not called. */
_invalid_parameter_handler fdi__crt_guard_enter(void);
void fdi__crt_guard_leave(_invalid_parameter_handler previous);

/* Closes the handle and returns `result`. Leaves errno unchanged. */
int fdi__closed(HANDLE handle, int result);

/* Each returns a new private fd that owns `handle`, which must not be inheritable. If no number is
 * free, fdi__adopt closes `handle`. */
int fdi__give_number(HANDLE handle, int run_time_flags);
int fdi__adopt(HANDLE handle, int run_time_flags);

/* Returns a non-inheritable duplicate, or NULL with errno set. */
HANDLE fdi__duplicate(HANDLE handle);

/* Returns false for 0 and for pseudo handles, which stand for the current process, the current
 * thread and their tokens. Windows would accept INVALID_HANDLE_VALUE as the current process. */
bool fdi__is_handle(HANDLE handle);

/* ---- text_windows.c ------------------------------------------------------------------------ */

/* A terminated text in UTF-16. Paths of ordinary length need no allocation. */
struct fdi__wide {
    WCHAR *text;
    size_t length; /* without the terminator */
    WCHAR buffer[264];
};

/* Converts from UTF-8. Errors: EILSEQ for invalid UTF-8, which includes overlong forms and encoded
 * surrogates; ENAMETOOLONG beyond 32,767 units, the longest path of Windows; ENOMEM. After success
 * the caller must call fdi__wide_close. */
int fdi__wide_open(struct fdi__wide *wide, const char *utf8);
void fdi__wide_close(struct fdi__wide *wide);

/* Converts to UTF-8 without a terminator. Returns the bytes that the whole text needs; stores them
 * only if `size` suffices. A lone surrogate, which file names may contain, is EILSEQ. */
int64_t fdi__utf8(char *out, size_t size, const WCHAR *text, size_t length);

/* ---- arguments_windows.c: the caller frees each result; NULL is a failure with errno set ----- */

/* Quotes the arguments for the parser of the CRT. Errors: EINVAL for a quote in argv[0], which no
 * quoting can express; E2BIG beyond 32,767 units, the limit of Windows; EILSEQ. */
WCHAR *fdi__command_line(char *const *argv);

/* Builds the environment block, sorted as CreateProcess requires. Errors: EINVAL for an empty
 * string, EILSEQ, E2BIG. */
WCHAR *fdi__environment(char *const *envp);

/* Returns true if CreateProcess would run this file by cmd.exe. */
bool fdi__is_batch(const WCHAR *path);

/* ---- program_windows.c: full paths ----------------------------------------------------------- */

/* Returns the path of a child's directory, which the caller frees. NULL is a failure with errno set.
 * Errors: ENOTDIR if the target is no directory. ENAMETOOLONG beyond MAX_PATH. */
WCHAR *fdi__directory_path(fdi_target directory);

/* The program of a child. `pin` keeps a program that is given by an fd or below one at its path;
 * else it is NULL. */
struct fdi__program {
    WCHAR *path;
    HANDLE pin;
};

/* Finds the program. A relative path starts at `directory`, or at this process's current directory
 * if that is NULL. ENOEXEC for a batch file. The caller calls fdi__program_close even after a
 * failure. */
int fdi__program_open(struct fdi__program *program, const fdi_spawn_options *options,
                      const WCHAR *directory);
void fdi__program_close(const struct fdi__program *program);

/* ---- socket_windows.c -------------------------------------------------------------------------- */

/* Returns true for a SOCKET. Its program has called WSAStartup, else it has none. Leaves errno
 * unchanged. */
bool fdi__is_open_socket(HANDLE handle);

/* ---- attribute_list_windows.c: attributes of a new process ------------------------------------- */

/* Opens a list with room for `most` attributes. *list is NULL after a failure. The caller must call
 * fdi__attributes_close, which takes NULL too and leaves errno unchanged. */
int fdi__attributes_open(LPPROC_THREAD_ATTRIBUTE_LIST *list, DWORD most);
/* `value` must live until the list is closed. */
int fdi__attributes_add(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD_PTR name, void *value,
                        size_t size);
void fdi__attributes_close(LPPROC_THREAD_ATTRIBUTE_LIST list);

/* ---- proxy_parent_windows.c: handles for one child, which no other child can inherit --------- */

struct fdi__proxy_parent {
    HANDLE job;         /* ends the proxy if this process ends first */
    HANDLE process;     /* the child inherits from this one; NULL without descriptors */
    HANDLE null_device; /* NULL unless the child needs it */
    fdi_fd_map *map;    /* all descriptors of the child */
    size_t wanted;      /* the number of entries of `map` */
    HANDLE *handles;    /* one inheritable duplicate in `process` for each of the first entries */
    size_t count;
    BYTE *block; /* lpReserved2: the fds and handles for the child's CRT */
    size_t block_size;
};

/* Creates the proxy parent process of a child that will run `program`, with a handle for each of
 * the child's descriptors. No handle of this process becomes inheritable. After success the caller
 * must call fdi__proxy_parent_destroy, which leaves errno unchanged. */
int fdi__proxy_parent_create(struct fdi__proxy_parent *proxy, const WCHAR *program,
                             const fdi_spawn_options *options);
void fdi__proxy_parent_destroy(struct fdi__proxy_parent *proxy);

#endif
