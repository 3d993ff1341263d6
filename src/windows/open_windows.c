/* SPDX-License-Identifier: MIT
 * fdi_open: translates the CRT's O_ flags to arguments of NtCreateFile. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

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

/* O_TRUNC needs write access, which a read-only fd must not have. */
static bool can_be_right(int oflags)
{
    bool makes_directory = (oflags & _O_CREAT) && (oflags & FDI_O_DIRECTORY);
    bool cuts_unwritten = (oflags & _O_TRUNC) && !is_for_writing(oflags);
    return !(oflags & ~KNOWN_FLAGS) && !makes_directory && !cuts_unwritten;
}

/* Without FILE_WRITE_DATA the kernel appends each write atomically, even if other processes
 * write. */
static ACCESS_MASK open_access(int oflags)
{
    ACCESS_MASK access = oflags & _O_WRONLY ? 0 : FILE_GENERIC_READ;
    if (is_for_writing(oflags))
        access |= FILE_GENERIC_WRITE;
    if ((oflags & _O_APPEND) && !(oflags & _O_TRUNC))
        access &= ~(ACCESS_MASK)FILE_WRITE_DATA;
    return oflags & _O_TEMPORARY ? access | DELETE : access;
}

/* Without writing or creating flags, a directory may be opened. With O_NOFOLLOW, or O_CREAT and
 * O_EXCL, a symlink is opened itself so that it can be refused. */
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
    struct fdi__manner manner = {
        .access = open_access(oflags),
        .options = open_options(oflags),
        .disposition = open_disposition(oflags),
    };
    if (!(mode & WRITE_BITS))
        manner.attributes |= FILE_ATTRIBUTE_READONLY;
    if (oflags & _O_SHORT_LIVED)
        manner.attributes |= FILE_ATTRIBUTE_TEMPORARY;
    return manner;
}

/* ---- checks of an open file ----------------------------------------------------------------- */

/* Refuses symlinks with ELOOP. Other reparse points (cloud files, for instance) are ENOTSUP: opened
 * this way, they would show the placeholder's data instead of the file's. */
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

/* Truncates an existing file last, because that cannot be undone. FILE_OVERWRITE would truncate
 * while opening, but would also replace the attributes. */
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

static void undo_create_by_handle(HANDLE made)
{
    HANDLE again;
    if (fdi__open_again(&again, made, (struct fdi__manner){.access = DELETE}) >= 0) {
        (void)fdi__remove(again, true);
        (void)CloseHandle(again);
    }
}

/* Removes the new file if no descriptor number is free. */
static int adopt_made(HANDLE handle, int oflags)
{
    int fd = fdi__give_number(handle, oflags & RUN_TIME_FLAGS);
    if (fd >= 0)
        return fd;
    int saved_errno = errno;
    undo_create_by_handle(handle);
    errno = saved_errno;
    return fdi__closed(handle, -1);
}

/* The right to append is another one for pipes, which always append. */
static struct fdi__manner open_manner_at(const struct fdi__place *place, int oflags, unsigned mode)
{
    struct fdi__manner manner = open_manner(oflags, mode);
    if ((oflags & _O_APPEND) && is_for_writing(oflags) && !place->root &&
        fdi__names_pipe(&place->name))
        manner.access |= FILE_WRITE_DATA;
    return manner;
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
                      : fdi__open_place(handle, &place, open_manner_at(&place, *oflags, mode));
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

/* ---- a new file in a directory --------------------------------------------------------------- */

/* NT takes the name literally. */
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
    return fdi__restore_errno(saved_errno, outcome);
}

int fdi__os_create_in(fdi_target directory, const char *name, int oflags)
{
    struct fdi__target_handle opened;
    HANDLE handle;
    oflags |= _O_RDWR | _O_CREAT | _O_EXCL;
    if (strpbrk(name, "\\:"))
        return fdi__fail(EINVAL);
    if (fdi__target_handle_open(&opened, directory, FILE_READ_ATTRIBUTES, 0) < 0)
        return -1;
    int outcome = create_at(&handle, opened.handle, name, oflags);
    if (fdi__target_handle_close(&opened, outcome) < 0)
        return -1;
    return adopt_made(handle, oflags);
}
