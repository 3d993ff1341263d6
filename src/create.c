/* SPDX-License-Identifier: MIT
 * Creates descriptors that are non-inheritable. */
#include "platform.h"
#include "backend.h"
#include "result.h"
#include "target.h"

#include <fcntl.h>
#include <string.h>

/* ---- files --------------------------------------------------------------------------------- */

/* Reports whether the arguments are invalid. FD_CLOEXEC equals O_WRONLY, so FD_CLOEXEC|O_RDWR is
 * caught here. */
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
#elif defined(_WIN32)
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

/* The parsed mode of a stream: the open flags and the mode text for fdopen. */
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

/* The file of an fd target already exists, so O_CREAT is dropped and "x" is an error. */
static int fit_to_target(fdi_target target, struct stream_mode *mode)
{
    if (target.path)
        return 0;
    if (mode->oflags & O_EXCL)
        return fdi__fail(EINVAL);
    mode->oflags &= ~O_CREAT;
    return 0;
}

static int prepare_stream(fdi_target target, const char *mode, unsigned flags,
                          struct stream_mode *parsed)
{
    if (fdi__check(FDI_FN_FOPEN, target, flags) < 0)
        return -1;
    if (!parse_stream_mode(mode, parsed))
        return fdi__fail(EINVAL);
    return fit_to_target(target, parsed);
}

/* Removes the file that was created for a stream, after a later step failed. */
static void undo_create_file(fdi_target target)
{
    int saved_errno = errno;
    (void)fdi__os_unlink(target);
    errno = saved_errno;
}

static FILE *open_and_move(fdi_target target, const struct stream_mode *mode)
{
    int opened = fdi__os_open(target, mode->oflags, 0666);
    int fd = fdi_above_stdio(opened);
    FILE *stream = fd < 0 ? NULL : fdi__os_fdopen(fd, mode->text);
    if (fd >= 0 && !stream)
        fdi__os_discard(fd);
    if (opened >= 0 && !stream && (mode->oflags & O_EXCL))
        undo_create_file(target);
    return stream;
}

static FILE *open_above_stdio(fdi_target target, const struct stream_mode *mode)
{
    int state = fdi__os_cancel_off();
    FILE *stream = open_and_move(target, mode);
    fdi__os_cancel_restore(state);
    return stream;
}

FILE *fdi_fopen(fdi_target target, const char *mode, unsigned flags)
{
    struct stream_mode parsed;
    if (prepare_stream(target, mode, flags, &parsed) < 0)
        return NULL;
    if (flags & FDI_ABOVE_STDIO)
        return open_above_stdio(target, &parsed);
    return fdi__os_fopen(target, parsed.oflags, parsed.text);
}

/* ---- duplicates, pipes, terminals and kernel objects --------------------------------------- */

int fdi_dup(int fd, unsigned flags)
{
    if (flags & ~(unsigned)(FDI_INHERITABLE | FDI_ABOVE_STDIO))
        return fdi__fail(EINVAL);
    int lowest = flags & FDI_ABOVE_STDIO ? FDI__STDIO : 0;
    return fdi__os_dup(fd, lowest, (flags & FDI_INHERITABLE) != 0);
}

int fdi_dup2(int fd, int fd2, unsigned flags)
{
    if (flags & ~(unsigned)FDI_INHERITABLE)
        return fdi__fail(EINVAL);
    return fdi__os_dup2(fd, fd2, (flags & FDI_INHERITABLE) != 0);
}

/* Moves both descriptors out of 0-2. Closes both on failure. */
static int move_pair_above_stdio(int *made)
{
    made[0] = fdi_above_stdio(made[0]);
    if (made[0] < 0) {
        fdi__os_discard(made[1]);
        return -1;
    }
    made[1] = fdi_above_stdio(made[1]);
    if (made[1] < 0) {
        fdi__os_discard(made[0]);
        return -1;
    }
    return 0;
}

int fdi_pipe(int fds[2], unsigned flags)
{
    int made[2];
    if (!fds || (flags & ~(unsigned)(FDI_NONBLOCK | FDI_ABOVE_STDIO)))
        return fdi__fail(EINVAL);
    if (fdi__os_pipe(made, flags & FDI_NONBLOCK) < 0 ||
        ((flags & FDI_ABOVE_STDIO) && move_pair_above_stdio(made) < 0))
        return -1;
    fds[0] = made[0];
    fds[1] = made[1];
    return 0;
}

int fdi_openpty(int *primary, int *secondary, unsigned flags)
{
    int made[2];
    if (!primary || !secondary || (flags & ~(unsigned)FDI_ABOVE_STDIO))
        return fdi__fail(EINVAL);
    if (fdi__os_openpty(&made[0], &made[1]) < 0 ||
        ((flags & FDI_ABOVE_STDIO) && move_pair_above_stdio(made) < 0))
        return -1;
    *primary = made[0];
    *secondary = made[1];
    return 0;
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

/* ---- temporary files ----------------------------------------------------------------------- */

static const char unfilled[] = "XXXXXX";

enum { BLANK_LENGTH = sizeof unfilled - 1, MOST_TRIES = 1000 };

/* Returns the six letters to replace, or NULL if the template is invalid. */
static char *find_blank(char *name_template, size_t suffix_length)
{
    size_t length = name_template ? strlen(name_template) : 0;
    if (length < BLANK_LENGTH || suffix_length > length - BLANK_LENGTH)
        return NULL;
    char *letters = name_template + length - suffix_length - BLANK_LENGTH;
    bool is_template = memcmp(letters, unfilled, BLANK_LENGTH) == 0 && !strchr(name_template, '/');
    return is_template ? letters : NULL;
}

static int try_names(fdi_target directory, char *name_template, char *letters, int oflags)
{
    int fd = -1;
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        if (fdi__os_random_letters(letters) < 0)
            return -1;
        fd = fdi__os_create_in(directory, name_template, oflags);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    return fd;
}

int fdi_mkstemp(fdi_target directory, char *name_template, size_t suffix_length, int oflags)
{
    if (fdi__check(FDI_FN_MKSTEMP, directory, 0) < 0)
        return -1;
    char *letters = find_blank(name_template, suffix_length);
    if (!letters)
        return fdi__fail(EINVAL);
    if (fdi__os_check_mkstemp(oflags) < 0)
        return -1;
    int saved_errno = errno;
    int fd = try_names(directory, name_template, letters, oflags);
    if (fd < 0)
        memcpy(letters, unfilled, BLANK_LENGTH);
    return fdi__restore_errno_on_success(saved_errno, fd);
}

/* ---- fdi_above_stdio ----------------------------------------------------------------------- */

int fdi_above_stdio(int fd)
{
    if (fd < 0 || fd >= FDI__STDIO)
        return fd;
    int moved = fdi__os_dup(fd, FDI__STDIO, false);
    fdi__os_discard(fd);
    return moved;
}
