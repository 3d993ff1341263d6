/* SPDX-License-Identifier: MIT
 * Creates, renames, links and removes names of files. Each change acts on a handle; a symlink is
 * opened itself. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <string.h>

static NTSTATUS set_information(HANDLE handle, void *information, size_t size, int class)
{
    IO_STATUS_BLOCK io;
    return NtSetInformationFile(handle, &io, information, (ULONG)size, class);
}

/* Returns true if Windows or the file system lacks the call, so that the caller tries an older
 * one. */
static bool lacks_call(NTSTATUS status)
{
    switch (status) {
    case NT_NOT_IMPLEMENTED:
    case NT_INVALID_INFO_CLASS:
    case NT_INVALID_PARAMETER:
    case NT_INVALID_DEVICE_REQUEST:
    case NT_NOT_SUPPORTED:
        return true;
    default:
        return false;
    }
}

/* ---- mkdir ----------------------------------------------------------------------------------- */

/* Opens the place of a new name. A place that is an existing directory itself is EEXIST. */
static int open_new_place(struct fdi__place *place, fdi_target target)
{
    if (fdi__place_open(place, target) < 0)
        return -1;
    if (place->root && place->name.Length == 0)
        return fdi__place_close(place, fdi__fail(EEXIST));
    return 0;
}

int fdi__os_mkdir(fdi_target target, unsigned mode)
{
    const struct fdi__manner manner = {
        .access = FILE_READ_ATTRIBUTES,
        .options = FILE_DIRECTORY_FILE | FILE_OPEN_REPARSE_POINT,
        .disposition = FILE_CREATE,
    };
    struct fdi__place place;
    HANDLE handle;
    (void)mode;
    if (open_new_place(&place, target) < 0)
        return -1;
    place.names_directory = false;
    int outcome = fdi__open_place(&handle, &place, manner);
    if (outcome >= 0)
        (void)CloseHandle(handle);
    return fdi__place_close(&place, outcome < 0 ? -1 : 0);
}

/* ---- rmdir, unlink --------------------------------------------------------------------------- */

/* Clears the read-only attribute. Returns a handle that can set it again, or NULL. */
static HANDLE make_writable(HANDLE handle)
{
    HANDLE writer;
    if (fdi__open_again(&writer, handle, (struct fdi__manner){.access = FILE_WRITE_ATTRIBUTES}) < 0)
        return NULL;
    if (fdi__set_read_only(writer, false) == 0)
        return writer;
    (void)fdi__closed(writer, -1);
    return NULL;
}

/* The older call removes the name when the last handle is closed, and refuses a read-only file. */
static int remove_later(HANDLE handle, bool is_read_only)
{
    BOOLEAN remove = TRUE;
    HANDLE writer = is_read_only ? make_writable(handle) : NULL;
    if (is_read_only && !writer)
        return -1;
    NTSTATUS status = set_information(handle, &remove, sizeof remove, NT_FILE_DISPOSITION);
    if (writer) {
        int saved_errno = errno;
        (void)fdi__set_read_only(writer, true); /* the file may have other names */
        (void)CloseHandle(writer);
        errno = saved_errno;
    }
    return NT_SUCCESS(status) ? 0 : fdi__nt_fail(status);
}

int fdi__remove(HANDLE handle, bool is_read_only)
{
    int saved_errno = errno;
    ULONG how = NT_DELETE | NT_DELETE_AT_ONCE | NT_DELETE_READ_ONLY;
    NTSTATUS status = set_information(handle, &how, sizeof how, NT_FILE_DISPOSITION_EX);
    if (NT_SUCCESS(status))
        return 0;
    if (!lacks_call(status))
        return fdi__nt_fail(status);
    return fdi__restore_errno_on_success(saved_errno, remove_later(handle, is_read_only));
}

static int check_removal(const FILE_ATTRIBUTE_TAG_INFO *kind, bool directory, bool names_directory)
{
    if (directory)
        return fdi__is_directory(kind) ? 0 : fdi__fail(ENOTDIR);
    if (fdi__is_directory(kind))
        return fdi__fail(EISDIR);
    return names_directory ? fdi__fail(ENOTDIR) : 0;
}

/* Opens the last name itself: a separator at the end must not make NT follow a symlink. */
static int open_to_change(HANDLE *handle, struct fdi__place *place, FILE_ATTRIBUTE_TAG_INFO *kind)
{
    const struct fdi__manner manner = {.access = DELETE, .options = FILE_OPEN_REPARSE_POINT};
    struct fdi__place itself = *place;
    itself.names_directory = false;
    if (fdi__open_place(handle, &itself, manner) < 0)
        return -1;
    if (fdi__kind(*handle, kind) == 0)
        return 0;
    (void)CloseHandle(*handle);
    return -1;
}

static int remove_name(struct fdi__place *place, bool directory)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    HANDLE handle;
    if (open_to_change(&handle, place, &kind) < 0)
        return -1;
    int result = check_removal(&kind, directory, place->names_directory);
    if (result == 0)
        result = fdi__remove(handle, kind.FileAttributes & FILE_ATTRIBUTE_READONLY);
    return fdi__closed(handle, result);
}

static int remove_target(fdi_target target, bool directory)
{
    struct fdi__place place;
    if (fdi__place_open(&place, target) < 0)
        return -1;
    bool is_dot = place.root && place.name.Length == 0;
    int result = is_dot ? fdi__fail(directory ? EINVAL : EISDIR) : remove_name(&place, directory);
    return fdi__place_close(&place, result);
}

int fdi__os_rmdir(fdi_target target)
{
    return remove_target(target, true);
}

int fdi__os_unlink(fdi_target target)
{
    return remove_target(target, false);
}

/* ---- rename, link ---------------------------------------------------------------------------- */

static int give_name(HANDLE handle, const struct fdi__place *to, ULONG flags, int class,
                     NTSTATUS *status)
{
    size_t size = sizeof(struct fdi__new_name) + to->name.Length;
    struct fdi__new_name *name = malloc(size);
    *status = 0;
    if (!name)
        return fdi__fail(ENOMEM);
    name->flags = flags;
    name->root = to->root;
    name->length = to->name.Length;
    memcpy(name->name, to->name.Buffer, to->name.Length);
    *status = set_information(handle, name, size, class);
    free(name);
    return NT_SUCCESS(*status) ? 0 : fdi__place_fail(to, *status);
}

/* Leaves errno unchanged. */
static bool leads_to_directory(const struct fdi__place *place)
{
    const struct fdi__manner look = {.options = FILE_OPEN_REPARSE_POINT};
    FILE_ATTRIBUTE_TAG_INFO kind;
    HANDLE handle;
    int saved_errno = errno;
    bool answer = false;
    if (fdi__open_place(&handle, place, look) >= 0) {
        answer = fdi__kind(handle, &kind) == 0 && fdi__is_directory(&kind);
        (void)CloseHandle(handle);
    }
    errno = saved_errno;
    return answer;
}

/* Replaces atomically, even a file that is open in another process. The older call, the fallback,
 * cannot replace an open file. */
static int replace_name(HANDLE handle, const FILE_ATTRIBUTE_TAG_INFO *kind,
                        const struct fdi__place *to)
{
    const ULONG flags = NT_REPLACE | NT_REPLACE_AT_ONCE | NT_REPLACE_READ_ONLY;
    int saved_errno = errno;
    NTSTATUS status;
    int result = give_name(handle, to, flags, NT_FILE_RENAME_EX, &status);
    if (result < 0 && lacks_call(status))
        result = give_name(handle, to, NT_REPLACE, NT_FILE_RENAME, &status);
    if (result < 0 && status == NT_ACCESS_DENIED && !fdi__is_directory(kind) &&
        leads_to_directory(to))
        return fdi__fail(EISDIR);
    return fdi__restore_errno_on_success(saved_errno, result);
}

/* Refuses to replace a file by a directory, which Windows would do. */
static int check_replaced(const FILE_ATTRIBUTE_TAG_INFO *kind, const struct fdi__place *to)
{
    const struct fdi__manner look = {.options = FILE_OPEN_REPARSE_POINT};
    int saved_errno = errno;
    HANDLE handle;
    if (!fdi__is_directory(kind) || leads_to_directory(to))
        return 0;
    if (fdi__open_place(&handle, to, look) < 0)
        return fdi__restore_errno(saved_errno, 0);
    (void)CloseHandle(handle);
    return fdi__fail(ENOTDIR);
}

static int check_move(const FILE_ATTRIBUTE_TAG_INFO *kind, const struct fdi__place *from,
                      const struct fdi__place *to)
{
    bool directory_named = from->names_directory || to->names_directory;
    return directory_named && !fdi__is_directory(kind) ? fdi__fail(ENOTDIR) : 0;
}

static int move_name(struct fdi__place *from, struct fdi__place *to)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    HANDLE handle;
    if (open_to_change(&handle, from, &kind) < 0)
        return -1;
    int result = check_move(&kind, from, to);
    to->names_directory = false;
    if (result == 0)
        result = check_replaced(&kind, to);
    if (result == 0)
        result = replace_name(handle, &kind, to);
    return fdi__closed(handle, result);
}

static bool is_itself(const struct fdi__place *place)
{
    return place->root && place->name.Length == 0;
}

int fdi__os_rename(fdi_target from_target, fdi_target to_target)
{
    struct fdi__place from, to;
    if (fdi__place_open(&from, from_target) < 0)
        return -1;
    if (fdi__place_open(&to, to_target) < 0)
        return fdi__place_close(&from, -1);
    int result = is_itself(&from) || is_itself(&to) ? fdi__fail(EBUSY) : move_name(&from, &to);
    return fdi__place_close(&from, fdi__place_close(&to, result));
}

static int link_handle(HANDLE handle, fdi_target target)
{
    struct fdi__place to;
    NTSTATUS status = 0;
    if (open_new_place(&to, target) < 0)
        return -1;
    int result =
        to.names_directory ? fdi__fail(ENOENT) : give_name(handle, &to, 0, NT_FILE_LINK, &status);
    if (result < 0 && status == NT_FILE_IS_A_DIRECTORY)
        result = fdi__fail(EPERM);
    if (result < 0 && status != NT_INVALID_PARAMETER && lacks_call(status))
        result = fdi__fail(ENOTSUP); /* FAT has no links */
    return fdi__place_close(&to, result);
}

int fdi__os_link(fdi_target from, fdi_target to, unsigned flags)
{
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, from, FILE_WRITE_ATTRIBUTES, flags) < 0)
        return -1;
    return fdi__target_handle_close(&opened, link_handle(opened.handle, to));
}
