/* SPDX-License-Identifier: MIT
 * What the files of this folder share: errors, descriptors and text between the two worlds. */
#ifndef FDI__WIN_H
#define FDI__WIN_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#include <winternl.h>

#include "../backend.h"

#include <errno.h>
#include <stdlib.h>

/* Newer than the oldest headers that compile this. */
#ifndef ERROR_REPARSE_POINT_ENCOUNTERED
#define ERROR_REPARSE_POINT_ENCOUNTERED 4395L
#endif

/* ---- error_windows.c: the only place where a code of the system becomes an errno ----------- */

/* The errno for a code of GetLastError, of Winsock, or for an NTSTATUS. EIO for unknown ones. */
int fdi__win_errno(DWORD code);
int fdi__nt_errno(NTSTATUS status);

/* -1, with errno set from such a code; from GetLastError. */
int fdi__win_fail(DWORD code);
int fdi__nt_fail(NTSTATUS status);
int fdi__last_fail(void);

/* The universal run-time's table of descriptors ends there, msvcrt.dll's at 2048, and neither can be
 * made larger (_setmaxstdio moves a limit below it). */
enum { FDI__PAST_LAST_FD = 8192 };

/* ---- handle_windows.c ---------------------------------------------------------------------- */

/* The handle of an fd, which stays the fd's. INVALID_HANDLE_VALUE with EBADF if it is not open, or
 * is a standard stream without anything behind it; the run-time's invalid-parameter handler, which
 * would end the process, is not called. errno is as it was on success. */
HANDLE fdi__handle(int fd);

/* Between the two calls the run-time answers a bad argument with an error in this thread, instead of
 * calling the handler that would end the process. */
_invalid_parameter_handler fdi__quiet_begin(void);
void fdi__quiet_end(_invalid_parameter_handler previous);

/* Closes it; the answer and errno are those from before. */
int fdi__closed(HANDLE handle, int result);

/* A descriptor for `handle`, which belongs to it from then on. `handle` is not inheritable; so is the
 * fd. fdi__adopt closes it if there is no number left. */
int fdi__give_number(HANDLE handle, int run_time_flags);
int fdi__adopt(HANDLE handle, int run_time_flags);

/* A second, not inheritable handle of the same; NULL with errno set. */
HANDLE fdi__duplicate(HANDLE handle);

/* Whether `handle` can be a handle at all. The pseudo handles stand for "this process", "this
 * thread" and their tokens: INVALID_HANDLE_VALUE is one of them, and would be accepted. */
bool fdi__is_handle(HANDLE handle);

/* ---- text_windows.c ------------------------------------------------------------------------ */

/* A text in the system's encoding, terminated. Paths of ordinary length need no allocation. */
struct fdi__wide {
    WCHAR *text;
    size_t length; /* without the terminator */
    WCHAR small[264];
};

/* Converts from UTF-8. EILSEQ: not UTF-8 (an overlong form and an encoded surrogate included);
 * ENAMETOOLONG: longer than the system's longest path, 32,767 units; ENOMEM. After success
 * fdi__wide_close is due; after a failure nothing is. */
int fdi__wide_open(struct fdi__wide *wide, const char *utf8);
void fdi__wide_close(struct fdi__wide *wide);

/* Converts to UTF-8, at most `size` bytes, not terminated. Returns how many the whole text needs.
 * A lone surrogate, which file names may hold, is EILSEQ. */
int64_t fdi__utf8(char *out, size_t size, const WCHAR *text, size_t length);

/* ---- arguments_windows.c: each to be freed, or NULL with errno set ---------------------------- */

/* The arguments, quoted as the C run-time reads them. EINVAL: a quote in argv[0], which cannot be
 * said; E2BIG: longer than the system's 32,767 units; EILSEQ. */
WCHAR *fdi__command_line(char *const *argv);

/* The environment block, sorted as the system wants it. EILSEQ, E2BIG. */
WCHAR *fdi__environment(char *const *envp);

/* Whether the system would hand this file to its command interpreter. */
bool fdi__is_batch(const WCHAR *path);

/* ---- program_windows.c: full paths, to be freed, or NULL with errno set ------------------------- */

/* The directory of a child. ENOTDIR: it is none. */
WCHAR *fdi__directory_path(fdi_target directory);

/* The program of a child whose directory is `directory`, NULL for this process's own: from there a
 * relative path is seen. ENOEXEC: a batch file. */
WCHAR *fdi__program_path(const fdi_spawn_options *options, const WCHAR *directory);

/* ---- lend_windows.c: handles for a child, which no other child can inherit ----------------------- */

struct fdi__loan {
    HANDLE lender;      /* the process that the child inherits from */
    HANDLE null_device; /* NULL unless the child needs it */
    fdi_fd_map *map;    /* all descriptors of the child */
    size_t wanted;      /* the number of entries of `map` */
    HANDLE *handles;    /* of the first entries; inheritable there, and each a different one */
    size_t count;
    BYTE *block; /* tells the child's CRT which handle is behind which fd */
    size_t block_size;
};

/* Prepares the handles of a child that will run `program`: its `fds`, and 0 to 2 unless they are not
 * added. Nothing of this process becomes inheritable. After success fdi__take_back is due; after a
 * failure nothing is. */
int fdi__lend(struct fdi__loan *loan, const WCHAR *program, const fdi_spawn_options *options);
void fdi__take_back(struct fdi__loan *loan);

#endif
