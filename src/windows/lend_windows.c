/* SPDX-License-Identifier: MIT
 * Handles for a child, which no other child can inherit.
 *
 * What a child inherits must be inheritable in the process it inherits from. Were that this one,
 * another thread's CreateProcess could pass it on. So it is another process: the program itself,
 * made but never run. It inherits nothing, is lent copies of the wanted handles, serves as the
 * parent whom the child inherits them from, and ends. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <limits.h>
#include <string.h>

/* ---- The lender ------------------------------------------------------------------------------ */

static HANDLE make_lender(const WCHAR *program)
{
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION made;
    if (!CreateProcessW(program, NULL, NULL, NULL, FALSE, CREATE_SUSPENDED, NULL, NULL, &startup,
                        &made)) {
        (void)fdi__last_fail();
        return NULL;
    }
    (void)CloseHandle(made.hThread);
    return made.hProcess;
}

static void end_lender(HANDLE lender)
{
    (void)TerminateProcess(lender, 0);
    (void)CloseHandle(lender);
}

static int lend_one(struct fdi__loan *loan, int fd)
{
    HANDLE handle = fdi__handle(fd);
    HANDLE *lent = &loan->handles[loan->count];
    if (handle == INVALID_HANDLE_VALUE)
        return -1;
    if (!DuplicateHandle(GetCurrentProcess(), handle, loan->lender, lent, 0, TRUE,
                         DUPLICATE_SAME_ACCESS))
        return fdi__last_fail();
    loan->count++;
    return 0;
}

/* ---- The block of the C run-time -------------------------------------------------------------- *
 *
 * How many fds there are, as an int; a byte of marks for each; a handle for each, as wide as one
 * is in the child. Universal and older run-times read it alike, and msvcrt.dll has no more fds. */

enum { MOST_FDS = 2048, IS_OPEN = 0x01, IS_PIPE = 0x08, IS_DEVICE = 0x40, IS_TEXT = 0x80 };

static bool is_32_bit_guest(HANDLE process)
{
    BOOL guest = FALSE;
    return IsWow64Process(process, &guest) && guest;
}

static size_t handle_width(HANDLE child)
{
    if (is_32_bit_guest(child))
        return 4;
    return is_32_bit_guest(GetCurrentProcess()) ? 8 : sizeof(HANDLE);
}

static int highest(const fdi_fd_map *map, size_t count)
{
    int number = -1;
    for (size_t i = 0; i < count; i++)
        if (map[i].child_fd > number)
            number = map[i].child_fd;
    return number;
}

/* Every run-time has its standard streams in text mode at first. */
static BYTE marks_of(fdi_fd_map entry)
{
    BYTE text = entry.child_fd <= 2 ? IS_TEXT : 0;
    switch (GetFileType(fdi__handle(entry.fd))) {
    case FILE_TYPE_PIPE:
        return (BYTE)(IS_OPEN | IS_PIPE | text);
    case FILE_TYPE_CHAR:
        return (BYTE)(IS_OPEN | IS_DEVICE | text);
    default:
        return (BYTE)(IS_OPEN | text);
    }
}

static void put_handle(BYTE *at, HANDLE handle, size_t width)
{
    int64_t value = (int64_t)(intptr_t)handle;
    memcpy(at, &value, width); /* every Windows has the low bytes first */
}

static int make_block(struct fdi__loan *loan, const fdi_fd_map *map)
{
    int fds = highest(map, loan->count) + 1;
    size_t width = handle_width(loan->lender);
    size_t start = sizeof fds + (size_t)fds;
    loan->block_size = start + (size_t)fds * width;
    loan->block = calloc(1, loan->block_size);
    if (!loan->block)
        return fdi__fail(ENOMEM);
    memcpy(loan->block, &fds, sizeof fds);
    memset(loan->block + start, 0xff, (size_t)fds * width);
    for (size_t i = 0; i < loan->count; i++) {
        size_t number = (size_t)map[i].child_fd;
        loan->block[sizeof fds + number] = marks_of(map[i]);
        put_handle(loan->block + start + number * width, loan->handles[i], width);
    }
    return 0;
}

/* ---- Together -------------------------------------------------------------------------------- */

static int lend_all(struct fdi__loan *loan, const fdi_fd_map *map, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (lend_one(loan, map[i].fd) < 0)
            return -1;
    return make_block(loan, map);
}

static int check_map(const fdi_fd_map *map, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fdi__handle(map[i].fd) == INVALID_HANDLE_VALUE)
            return -1;
    return highest(map, count) < MOST_FDS ? 0 : fdi__fail(EMFILE);
}

int fdi__lend(struct fdi__loan *loan, const WCHAR *program, const fdi_fd_map *map, size_t count)
{
    memset(loan, 0, sizeof *loan);
    if (count == 0)
        return 0;
    if (check_map(map, count) < 0)
        return -1;
    loan->handles = calloc(count, sizeof *loan->handles);
    if (!loan->handles)
        return fdi__fail(ENOMEM);
    loan->lender = make_lender(program);
    if (loan->lender && lend_all(loan, map, count) == 0)
        return 0;
    fdi__take_back(loan);
    return -1;
}

void fdi__take_back(struct fdi__loan *loan)
{
    int saved_errno = errno;
    if (loan->lender)
        end_lender(loan->lender);
    free(loan->block);
    free(loan->handles);
    errno = saved_errno;
}
