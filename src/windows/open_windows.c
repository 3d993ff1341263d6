/* SPDX-License-Identifier: MIT
 * Opening: the flags of the C run-time said to the system. */
#include "../platform.h"
#include "../result.h"
#include "reach.h"

#include <fcntl.h>
#include <io.h>
#include <string.h>

enum {
    KNOWN_FLAGS = _O_WRONLY | _O_RDWR | _O_APPEND | _O_CREAT | _O_TRUNC | _O_EXCL | _O_TEXT |
                  _O_BINARY | _O_NOINHERIT | _O_TEMPORARY | _O_SHORT_LIVED | _O_SEQUENTIAL |
                  _O_RANDOM | FDI_O_DIRECTORY | FDI_O_NOFOLLOW,
    RUN_TIME_FLAGS = _O_APPEND | _O_TEXT,
    WRITE_BITS = 0222
};

static bool is_for_writing(int oflags)
{
    return oflags & (_O_WRONLY | _O_RDWR);
}

/* Cutting needs the right to write, and an fd for reading only would then have it. */
static bool can_be_right(int oflags)
{
    bool makes_directory = (oflags & _O_CREAT) && (oflags & FDI_O_DIRECTORY);
    bool cuts_unwritten = (oflags & _O_TRUNC) && !is_for_writing(oflags);
    return !(oflags & ~KNOWN_FLAGS) && !makes_directory && !cuts_unwritten;
}

/* Without the right to write elsewhere, each write goes to the end in one step, whoever else
 * writes. */
static ACCESS_MASK open_access(int oflags)
{
    ACCESS_MASK access = oflags & _O_WRONLY ? 0 : FILE_GENERIC_READ;
    if (is_for_writing(oflags))
        access |= FILE_GENERIC_WRITE;
    if ((oflags & _O_APPEND) && !(oflags & _O_TRUNC))
        access &= ~(ACCESS_MASK)FILE_WRITE_DATA;
    return oflags & _O_TEMPORARY ? access | DELETE : access;
}

/* A directory can be opened to read it, and be the place others are relative to. A link in place
 * of what is to be made, or must not be followed, is opened itself, to be seen. */
static ULONG open_options(int oflags)
{
    ULONG options = 0;
    if (oflags & FDI_O_DIRECTORY)
        options |= FILE_DIRECTORY_FILE;
    else if (is_for_writing(oflags) || (oflags & _O_CREAT))
        options |= FILE_NON_DIRECTORY_FILE;
    if ((oflags & FDI_O_NOFOLLOW) || (~oflags & (_O_CREAT | _O_EXCL)) == 0)
        options |= FILE_OPEN_REPARSE_POINT;
    if (oflags & _O_SEQUENTIAL)
        options |= FILE_SEQUENTIAL_ONLY;
    if (oflags & _O_RANDOM)
        options |= FILE_RANDOM_ACCESS;
    if (oflags & _O_TEMPORARY)
        options |= FILE_DELETE_ON_CLOSE;
    return options;
}

static ULONG open_disposition(int oflags)
{
    if (!(oflags & _O_CREAT))
        return FILE_OPEN;
    return oflags & _O_EXCL ? FILE_CREATE : FILE_OPEN_IF;
}

static struct fdi__manner open_manner(int oflags, unsigned mode)
{
    struct fdi__manner manner = {open_access(oflags), open_options(oflags),
                                 open_disposition(oflags), 0};
    if (!(mode & WRITE_BITS))
        manner.attributes |= FILE_ATTRIBUTE_READONLY;
    if (oflags & _O_SHORT_LIVED)
        manner.attributes |= FILE_ATTRIBUTE_TEMPORARY;
    return manner;
}

/* ---- after it is open ----------------------------------------------------------------------- */

/* A reparse point of another kind stands for the file itself, but opened this way it would show the
 * data that the file system keeps in its place. */
static int refuse_link(HANDLE handle)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    if (fdi__kind(handle, &kind) < 0)
        return -1;
    if (fdi__is_link(&kind))
        return fdi__fail(ELOOP);
    return kind.ReparseTag ? fdi__fail(ENOTSUP) : 0;
}

static int check_found(HANDLE handle, int oflags)
{
    if ((oflags & FDI_O_DIRECTORY) && is_for_writing(oflags))
        return fdi__fail(EISDIR);
    return oflags & FDI_O_NOFOLLOW ? refuse_link(handle) : 0;
}

/* What was there is cut when nothing else can fail, as that cannot be undone: the system's own way
 * to do it while opening would also replace the attributes. */
static int adopt_found(HANDLE handle, int oflags)
{
    bool is_file = GetFileType(handle) == FILE_TYPE_DISK;
    if (is_file && check_found(handle, oflags) < 0)
        return fdi__closed(handle, -1);
    int fd = fdi__adopt(handle, oflags & RUN_TIME_FLAGS);
    if (fd < 0 || !is_file || !(oflags & _O_TRUNC) || fdi__set_length(handle, 0) == 0)
        return fd;
    fdi__os_discard(fd);
    return -1;
}

static void take_away(HANDLE made)
{
    HANDLE again;
    if (fdi__open_again(&again, made, (struct fdi__manner){.access = DELETE}) >= 0) {
        (void)fdi__remove(again, true);
        (void)CloseHandle(again);
    }
}

/* For want of a number, what was made for it is not left either. */
static int adopt_made(HANDLE handle, int oflags)
{
    int fd = fdi__give_number(handle, oflags & RUN_TIME_FLAGS);
    if (fd >= 0)
        return fd;
    int saved_errno = errno;
    take_away(handle);
    errno = saved_errno;
    return fdi__closed(handle, -1);
}

static int open_path(HANDLE *handle, fdi_target target, int *oflags, unsigned mode)
{
    struct fdi__place place;
    if (fdi__place_open(&place, target) < 0)
        return -1;
    if (place.names_directory)
        *oflags |= FDI_O_DIRECTORY;
    int outcome = place.names_directory && (*oflags & _O_CREAT)
                      ? fdi__fail(EISDIR)
                      : fdi__open_place(handle, &place, open_manner(*oflags, mode));
    return fdi__place_close(&place, outcome);
}

static int open_fd(HANDLE *handle, int fd, int oflags)
{
    HANDLE file = fdi__handle(fd);
    return file == INVALID_HANDLE_VALUE ? -1
                                        : fdi__open_again(handle, file, open_manner(oflags, 0666));
}

int fdi__os_open(fdi_target target, int oflags, unsigned mode)
{
    HANDLE handle;
    if (!can_be_right(oflags))
        return fdi__fail(EINVAL);
    int outcome = target.path ? open_path(&handle, target, &oflags, mode)
                              : open_fd(&handle, target.fd, oflags);
    if (outcome < 0)
        return -1;
    return outcome == FILE_CREATED ? adopt_made(handle, oflags) : adopt_found(handle, oflags);
}

/* ---- a new file in a directory ---------------------------------------------------------------- */

/* The name is taken literally. */
static int create_at(HANDLE *handle, HANDLE directory, const char *name, int oflags)
{
    struct fdi__place place = {.root = directory};
    if (fdi__check_directory(directory) < 0 || fdi__wide_open(&place.path, name) < 0)
        return -1;
    place.name.Buffer = place.path.text;
    place.name.Length = (USHORT)(place.path.length * sizeof *place.path.text);
    int outcome = fdi__open_place(handle, &place, open_manner(oflags, 0600));
    int saved_errno = errno;
    fdi__wide_close(&place.path);
    return fdi__kept(saved_errno, outcome);
}

int fdi__os_create_in(fdi_target directory, const char *name, int oflags)
{
    struct fdi__reached reached;
    HANDLE handle;
    oflags |= _O_RDWR | _O_CREAT | _O_EXCL;
    if (strpbrk(name, "\\:"))
        return fdi__fail(EINVAL);
    if (fdi__reach(&reached, directory, FILE_READ_ATTRIBUTES, 0) < 0)
        return -1;
    int outcome = create_at(&handle, reached.handle, name, oflags);
    if (fdi__leave(&reached, outcome) < 0)
        return -1;
    return adopt_made(handle, oflags);
}
