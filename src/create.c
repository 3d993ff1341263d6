/* SPDX-License-Identifier: MIT
 * Descriptors that are born non-inheritable. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

#include <fcntl.h>
#include <string.h>

enum { STDIO_COUNT = 3 };

/* ---- files --------------------------------------------------------------------------------- */

/* Flags that can never be right together: FD_CLOEXEC is O_WRONLY by value, so that a caller who
 * took the one for the other is found out when it meets O_RDWR. */
static bool is_open_misuse(fdi_target target, int oflags, unsigned mode)
{
    bool both_ways = (oflags & O_WRONLY) && (oflags & O_RDWR);
    return both_ways || (mode & ~(unsigned)FDI__PERMISSION_BITS) ||
           (!target.path && (oflags & O_CREAT));
}

static unsigned nofollow(int oflags)
{
#if defined(O_NOFOLLOW)
    return oflags & O_NOFOLLOW ? FDI_NOFOLLOW : 0;
#elif defined(FDI_O_NOFOLLOW)
    return oflags & FDI_O_NOFOLLOW ? FDI_NOFOLLOW : 0;
#else
    (void)oflags;
    return 0;
#endif
}

int fdi_open(fdi_target target, int oflags, unsigned mode)
{
    if (fdi__check(FDI_FN_OPEN, target, nofollow(oflags)) < 0)
        return -1;
    if (is_open_misuse(target, oflags, mode))
        return fdi__fail(EINVAL);
    return fdi__os_open(target, oflags, mode);
}

/* ---- streams ------------------------------------------------------------------------------- */

#ifndef O_BINARY
#define O_BINARY 0
#define O_TEXT   0
#endif

/* The mode of a stream: how its file is opened, and what the C library is told of it. */
struct stream_mode {
    int oflags;
    char text[4];
};

static int first_letter(char letter)
{
    switch (letter) {
    case 'r':
        return O_RDONLY;
    case 'w':
        return O_WRONLY | O_CREAT | O_TRUNC;
    case 'a':
        return O_WRONLY | O_CREAT | O_APPEND;
    default:
        return -1;
    }
}

/* Whether `letter` is in `modifiers`, and there only once. */
static bool has_letter(const char *modifiers, char letter)
{
    return strchr(modifiers, letter) != NULL;
}

static bool are_modifiers(const char *modifiers)
{
    for (const char *letter = modifiers; *letter; letter++)
        if (!has_letter("+bex", *letter) || has_letter(letter + 1, *letter))
            return false;
    return true;
}

static bool parse_stream_mode(const char *mode, struct stream_mode *parsed)
{
    int oflags = mode ? first_letter(mode[0]) : -1;
    if (oflags < 0 || !are_modifiers(mode + 1))
        return false;
    bool is_exclusive = has_letter(mode + 1, 'x');
    bool is_binary = has_letter(mode + 1, 'b');
    bool is_both_ways = has_letter(mode + 1, '+');
    if (is_exclusive && !(oflags & O_CREAT))
        return false;
    if (is_both_ways)
        oflags = (oflags & ~O_WRONLY) | O_RDWR;
    parsed->oflags = oflags | (is_exclusive ? O_EXCL : 0) | (is_binary ? O_BINARY : O_TEXT);
    size_t length = 0;
    parsed->text[length++] = mode[0];
    if (is_both_ways)
        parsed->text[length++] = '+';
    if (is_binary)
        parsed->text[length++] = 'b';
    parsed->text[length] = '\0';
    return true;
}

/* An fd needs no making, and cannot be made anew. */
static int fit_to_target(fdi_target target, struct stream_mode *mode)
{
    if (target.path)
        return 0;
    if (mode->oflags & O_EXCL)
        return fdi__fail(EINVAL);
    mode->oflags &= ~O_CREAT;
    return 0;
}

static int prepare_stream(fdi_target target, const char *mode, struct stream_mode *parsed)
{
    if (fdi__check(FDI_FN_OPEN, target, 0) < 0)
        return -1;
    if (!parse_stream_mode(mode, parsed))
        return fdi__fail(EINVAL);
    return fit_to_target(target, parsed);
}

FILE *fdi_fopen(fdi_target target, const char *mode)
{
    struct stream_mode parsed;
    if (prepare_stream(target, mode, &parsed) < 0)
        return NULL;
    return fdi__os_fopen(target, parsed.oflags, parsed.text);
}

/* The file was made for this, and a later step failed. */
static void remove_made(fdi_target target)
{
    int saved_errno = errno;
    (void)fdi__os_unlink(target);
    errno = saved_errno;
}

FILE *fdi_fopen_above_stdio(fdi_target target, const char *mode)
{
    struct stream_mode parsed;
    if (prepare_stream(target, mode, &parsed) < 0)
        return NULL;
    int opened = fdi__os_open(target, parsed.oflags, 0666);
    int fd = fdi_above_stdio(opened);
    FILE *stream = fd < 0 ? NULL : fdi__os_fdopen(fd, parsed.text);
    if (fd >= 0 && !stream)
        fdi__os_discard(fd);
    if (opened >= 0 && !stream && (parsed.oflags & O_EXCL))
        remove_made(target);
    return stream;
}

/* ---- duplicates, pipes, terminals and the like ---------------------------------------------- */

int fdi_dup(int fd)
{
    return fdi__os_dup(fd, 0);
}

int fdi_dup2(int fd, int fd2, bool inheritable)
{
    return fdi__os_dup2(fd, fd2, inheritable);
}

int fdi_pipe(int fds[2])
{
    return fds ? fdi__os_pipe(fds) : fdi__fail(EINVAL);
}

int fdi_mkstemp(char *path_template)
{
    static const char blank[] = "XXXXXX";
    const size_t count = sizeof blank - 1;
    size_t length = path_template ? strlen(path_template) : 0;
    if (length < count || strcmp(path_template + length - count, blank) != 0)
        return fdi__fail(EINVAL);
    int saved_errno = errno;
    int fd;
    do {
        fd = fdi__os_mkstemp(path_template);
        if (fd < 0)
            memcpy(path_template + length - count, blank, count);
    } while (fd < 0 && errno == EINTR);
    return fdi__recovered(saved_errno, fd);
}

int fdi_openpty(int *primary, int *secondary)
{
    return primary && secondary ? fdi__os_openpty(primary, secondary) : fdi__fail(EINVAL);
}

int fdi_memfd_create(const char *name, unsigned memfd_flags)
{
    return name ? fdi__os_memfd_create(name, memfd_flags) : fdi__fail(EINVAL);
}

int fdi_eventfd(unsigned count, int eventfd_flags)
{
    return fdi__os_eventfd(count, eventfd_flags);
}

int fdi_epoll_create(void)
{
    return fdi__os_epoll_create();
}

int fdi_kqueue(void)
{
    return fdi__os_kqueue();
}

/* ---- away from stdio ------------------------------------------------------------------------ */

int fdi_above_stdio(int fd)
{
    if (fd < 0 || fd >= STDIO_COUNT)
        return fd;
    int moved = fdi__os_dup(fd, STDIO_COUNT);
    fdi__os_discard(fd);
    return moved;
}

int fdi_above_stdio_many(int result, int *fds, size_t count)
{
    if (result < 0)
        return result;
    if (!fds && count > 0)
        return fdi__fail(EINVAL);
    for (size_t i = 0; i < count; i++) {
        fds[i] = fdi_above_stdio(fds[i]);
        if (fds[i] >= 0)
            continue;
        for (size_t j = 0; j < count; j++)
            if (fds[j] >= 0)
                fdi__os_discard(fds[j]);
        return -1;
    }
    return result;
}
