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

/* ---- The descriptors that the child has -------------------------------------------------------- */

enum { NULL_DEVICE = -1, STDIO_COUNT = 3 }; /* the first stands for an fd of the map */

static HANDLE source_of(const struct fdi__loan *loan, int fd)
{
    return fd == NULL_DEVICE ? loan->null_device : fdi__handle(fd);
}

static int open_null_device(struct fdi__loan *loan)
{
    HANDLE opened = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (opened == INVALID_HANDLE_VALUE)
        return fdi__last_fail();
    loan->null_device = opened;
    return 0;
}

/* Adds this process's own `number`, or the null device if that is closed here. */
static int add_stdio(struct fdi__loan *loan, int number)
{
    bool is_open = fdi__handle(number) != INVALID_HANDLE_VALUE;
    if (!is_open && !loan->null_device && open_null_device(loan) < 0)
        return -1;
    loan->map[loan->wanted++] = (fdi_fd_map){is_open ? number : NULL_DEVICE, number};
    return 0;
}

static int complete_map(struct fdi__loan *loan, const fdi_spawn_options *options)
{
    size_t most = options->fd_count + STDIO_COUNT;
    int saved_errno = errno;
    loan->map = calloc(most, sizeof *loan->map);
    loan->handles = calloc(most, sizeof *loan->handles);
    if (!loan->map || !loan->handles)
        return fdi__fail(ENOMEM);
    for (size_t i = 0; i < options->fd_count; i++)
        loan->map[loan->wanted++] = options->fds[i];
    for (int number = 0; number < STDIO_COUNT; number++)
        if (fdi__adds_stdio(options, number) && add_stdio(loan, number) < 0)
            return -1;
    return fdi__kept(saved_errno, 0);
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

/* Every CRT has its standard streams in text mode at first. */
static BYTE marks_of(const struct fdi__loan *loan, fdi_fd_map entry)
{
    BYTE text = entry.child_fd <= 2 ? IS_TEXT : 0;
    switch (GetFileType(source_of(loan, entry.fd))) {
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

static int make_block(struct fdi__loan *loan)
{
    int fds = highest(loan->map, loan->count) + 1;
    size_t width = handle_width(loan->lender);
    size_t start = sizeof fds + (size_t)fds;
    loan->block_size = start + (size_t)fds * width;
    loan->block = calloc(1, loan->block_size);
    if (!loan->block)
        return fdi__fail(ENOMEM);
    memcpy(loan->block, &fds, sizeof fds);
    memset(loan->block + start, 0xff, (size_t)fds * width);
    for (size_t i = 0; i < loan->count; i++) {
        size_t number = (size_t)loan->map[i].child_fd;
        loan->block[sizeof fds + number] = marks_of(loan, loan->map[i]);
        put_handle(loan->block + start + number * width, loan->handles[i], width);
    }
    return 0;
}

/* ---- Together -------------------------------------------------------------------------------- */

static int lend_one(struct fdi__loan *loan, int fd)
{
    HANDLE handle = source_of(loan, fd);
    HANDLE *lent = &loan->handles[loan->count];
    if (handle == INVALID_HANDLE_VALUE)
        return -1;
    if (!DuplicateHandle(GetCurrentProcess(), handle, loan->lender, lent, 0, TRUE,
                         DUPLICATE_SAME_ACCESS))
        return fdi__last_fail();
    loan->count++;
    return 0;
}

static int lend_all(struct fdi__loan *loan, const WCHAR *program)
{
    if (loan->wanted == 0)
        return 0;
    loan->lender = make_lender(program);
    if (!loan->lender)
        return -1;
    while (loan->count < loan->wanted)
        if (lend_one(loan, loan->map[loan->count].fd) < 0)
            return -1;
    return make_block(loan);
}

static int check_map(const fdi_fd_map *map, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fdi__handle(map[i].fd) == INVALID_HANDLE_VALUE)
            return -1;
    return highest(map, count) < MOST_FDS ? 0 : fdi__fail(EMFILE);
}

int fdi__lend(struct fdi__loan *loan, const WCHAR *program, const fdi_spawn_options *options)
{
    memset(loan, 0, sizeof *loan);
    if (check_map(options->fds, options->fd_count) < 0)
        return -1;
    if (complete_map(loan, options) == 0 && lend_all(loan, program) == 0)
        return 0;
    fdi__take_back(loan);
    return -1;
}

void fdi__take_back(struct fdi__loan *loan)
{
    int saved_errno = errno;
    if (loan->lender)
        end_lender(loan->lender);
    if (loan->null_device)
        (void)CloseHandle(loan->null_device);
    free(loan->block);
    free(loan->handles);
    free(loan->map);
    errno = saved_errno;
}
