/* SPDX-License-Identifier: MIT
 * dup and dup2. The CRT's _dup and _dup2 create inheritable descriptors, so a private one is
 * created from a duplicate of the handle. The CRT assigns the lowest free number: to get a certain
 * number, the free numbers below it are filled for a moment. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <fcntl.h>
#include <io.h>
#include <string.h>

void fdi__os_discard(int fd)
{
    int saved_errno = errno;
    _invalid_parameter_handler previous = fdi__crt_guard_enter();
    (void)_close(fd);
    fdi__crt_guard_leave(previous);
    errno = saved_errno;
}

/* The handle to duplicate and its mode in the CRT, _O_TEXT or _O_BINARY for instance. */
struct original {
    HANDLE handle;
    int translation;
};

/* The CRT reveals a mode only when another one is set. */
static int ask_translation(int fd)
{
    _invalid_parameter_handler previous = fdi__crt_guard_enter();
    int translation = _setmode(fd, _O_BINARY);
    if (translation != -1 && translation != _O_BINARY)
        (void)_setmode(fd, translation);
    fdi__crt_guard_leave(previous);
    return translation;
}

static int find_original(int fd, struct original *original)
{
    original->handle = fdi__handle(fd);
    if (original->handle == INVALID_HANDLE_VALUE)
        return -1;
    original->translation = ask_translation(fd);
    return original->translation == -1 ? fdi__fail(EBADF) : 0;
}

static int adopt_copy(const struct original *original, HANDLE copy)
{
    int fd = fdi__adopt(copy, 0);
    if (fd >= 0 && original->translation != _O_BINARY)
        (void)_setmode(fd, original->translation);
    return fd;
}

/* ---- dup ----------------------------------------------------------------------------------- */

static int duplicate_private(int fd)
{
    struct original original;
    if (find_original(fd, &original) < 0)
        return -1;
    HANDLE copy = fdi__duplicate(original.handle);
    return copy ? adopt_copy(&original, copy) : -1;
}

/* Fails with EBADF if other code closed the handle of `fd`. */
static int check_handle(int fd)
{
    HANDLE handle = fdi__handle(fd);
    HANDLE trial = handle == INVALID_HANDLE_VALUE ? NULL : fdi__duplicate(handle);
    if (!trial)
        return -1;
    (void)CloseHandle(trial);
    return 0;
}

/* The CRT's duplicate is inheritable by its handle and by the CRT's own flag. Wine reports EBADF if
 * no number is free. */
static int duplicate_inheritable(int fd)
{
    if (check_handle(fd) < 0)
        return -1;
    _invalid_parameter_handler previous = fdi__crt_guard_enter();
    int copy = _dup(fd);
    fdi__crt_guard_leave(previous);
    return copy < 0 && errno == EBADF ? fdi__fail(EMFILE) : copy;
}

/* Keeps numbers below `lowest` in use until the duplicate exists. */
static int duplicate_from(int fd, int lowest, bool inheritable)
{
    int copy = inheritable ? duplicate_inheritable(fd) : duplicate_private(fd);
    if (copy < 0 || copy >= lowest)
        return copy;
    int next = duplicate_from(fd, lowest, inheritable);
    fdi__os_discard(copy);
    return next;
}

int fdi__os_dup(int fd, int lowest, bool inheritable)
{
    int saved_errno = errno;
    return fdi__restore_errno_on_success(saved_errno, duplicate_from(fd, lowest, inheritable));
}

/* ---- dup2 ---------------------------------------------------------------------------------- */

/* A bit for each number that fill_up_to filled. */
struct filled {
    unsigned char bits[FDI__PAST_LAST_FD / 8];
};

static void note_filled(struct filled *filled, int fd)
{
    filled->bits[fd / 8] |= (unsigned char)(1U << fd % 8);
}

static void empty(const struct filled *filled, int end)
{
    for (int fd = 0; fd < end; fd++)
        if (filled->bits[fd / 8] >> fd % 8 & 1)
            fdi__os_discard(fd);
}

/* Closes `fd2` and opens the duplicate in its place; every number below is in use. The only failure
 * after the close is that another thread takes the number. */
static int replace_open(const struct original *original, int fd2)
{
    HANDLE copy = fdi__duplicate(original->handle);
    if (!copy)
        return -1;
    fdi__os_discard(fd2);
    int fd = adopt_copy(original, copy);
    if (fd == fd2)
        return fd;
    if (fd >= 0)
        fdi__os_discard(fd);
    return fdi__fail(EBUSY);
}

/* Another thread has `fd2`, because every number below is in use. It keeps it. If no number is free
 * at all, `fd2` may be past the last one. */
static int refuse_taken(int fd2, bool are_all_taken)
{
    if (are_all_taken && fdi__handle(fd2) == INVALID_HANDLE_VALUE)
        return -1;
    return fdi__fail(EBUSY);
}

/* Takes every free number below `fd2`, and `fd2` if it is free. */
static int fill_up_to(const struct original *original, int fd2, struct filled *filled)
{
    bool was_open = fdi__handle(fd2) != INVALID_HANDLE_VALUE;
    for (;;) {
        HANDLE copy = fdi__duplicate(original->handle);
        if (!copy)
            return -1;
        int fd = adopt_copy(original, copy);
        if (fd == fd2 || (fd < 0 && errno == ENOMEM))
            return fd;
        if (fd > fd2)
            fdi__os_discard(fd);
        if (fd < 0 || fd > fd2)
            return was_open ? replace_open(original, fd2) : refuse_taken(fd2, fd < 0);
        note_filled(filled, fd);
    }
}

static int replace_private(int fd, int fd2)
{
    struct original original;
    struct filled filled;
    if (find_original(fd, &original) < 0)
        return -1;
    memset(&filled, 0, sizeof filled);
    int result = fill_up_to(&original, fd2, &filled);
    empty(&filled, fd2);
    return result;
}

/* _dup2 replaces in one step. check_handle comes first: _dup2 closes `fd2` before it fails. */
static int replace_inheritable(int fd, int fd2)
{
    if (check_handle(fd) < 0)
        return -1;
    _invalid_parameter_handler previous = fdi__crt_guard_enter();
    int result = _dup2(fd, fd2);
    fdi__crt_guard_leave(previous);
    return result < 0 ? -1 : fd2;
}

static int set_itself(int fd, bool inheritable)
{
    return fdi__os_set_inheritable(fd, inheritable) < 0 ? -1 : fd;
}

int fdi__os_dup2(int fd, int fd2, bool inheritable)
{
    int saved_errno = errno;
    if (fd == fd2)
        return set_itself(fd, inheritable);
    if (fd2 < 0 || fd2 >= FDI__PAST_LAST_FD)
        return fdi__fail(EBADF);
    int result = inheritable ? replace_inheritable(fd, fd2) : replace_private(fd, fd2);
    return fdi__restore_errno_on_success(saved_errno, result);
}
