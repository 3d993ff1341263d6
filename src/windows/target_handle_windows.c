/* SPDX-License-Identifier: MIT
 * Opens the handle of a target. A path relative to a directory handle is never joined to that
 * directory's path: NT resolves it from the handle, even if the directory was moved. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <string.h>
#include <wchar.h>

enum { MOVES_AT_MOST = 16 };

/* ---- opening --------------------------------------------------------------------------------- */

static NTSTATUS create_file(HANDLE *handle, HANDLE root, UNICODE_STRING name,
                            struct fdi__manner manner, int *outcome)
{
    OBJECT_ATTRIBUTES object = {
        sizeof object, root, &name, NT_CASE_INSENSITIVE, NULL, NULL,
    };
    IO_STATUS_BLOCK io;
    NTSTATUS status =
        NtCreateFile(handle, manner.access | SYNCHRONIZE | FILE_READ_ATTRIBUTES, &object, &io, NULL,
                     manner.attributes ? manner.attributes : FILE_ATTRIBUTE_NORMAL,
                     (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE) & ~manner.withheld,
                     manner.disposition ? manner.disposition : FILE_OPEN,
                     manner.options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
    *outcome = NT_SUCCESS(status) ? (int)io.Information : -1;
    return status;
}

/* Returns false for a drive: its name without a slash opens the device, which has no attributes. */
static bool is_file(HANDLE root, UNICODE_STRING name)
{
    const struct fdi__manner look = {.options = FILE_NON_DIRECTORY_FILE};
    FILE_ATTRIBUTE_TAG_INFO kind;
    HANDLE handle;
    int outcome;
    if (!NT_SUCCESS(create_file(&handle, root, name, look, &outcome)))
        return false;
    bool has_attributes = fdi__kind(handle, &kind) == 0;
    (void)CloseHandle(handle);
    return has_attributes && !(kind.FileAttributes & FILE_ATTRIBUTE_DIRECTORY);
}

/* NT has one status for a missing parent directory and for a parent that is a file. */
static bool passes_through_file(const struct fdi__place *place)
{
    UNICODE_STRING way = place->name;
    while (way.Length > 0) {
        do
            way.Length = (USHORT)(way.Length - sizeof(WCHAR));
        while (way.Length > 0 && way.Buffer[way.Length / sizeof(WCHAR)] != L'\\');
        if (way.Length > 0 && is_file(place->root, way))
            return true;
    }
    return false;
}

static bool has_long_name(UNICODE_STRING path)
{
    enum { LONGEST_NAME_UNITS = 255 };
    size_t length = 0;
    for (size_t i = 0; i < path.Length / sizeof(WCHAR) && length <= LONGEST_NAME_UNITS; i++)
        length = path.Buffer[i] == L'\\' ? 0 : length + 1;
    return length > LONGEST_NAME_UNITS;
}

/* Distinguishes errors that POSIX separates and NT does not. */
int fdi__place_fail(const struct fdi__place *place, NTSTATUS status)
{
    if (place->root && place->name.Length > 0 && fdi__check_directory(place->root) < 0)
        return fdi__fail(ENOTDIR);
    if (status == NT_OBJECT_PATH_NOT_FOUND && passes_through_file(place))
        return fdi__fail(ENOTDIR);
    if (has_long_name(place->name))
        return fdi__fail(ENAMETOOLONG);
    return fdi__nt_fail(status);
}

int fdi__open_place(HANDLE *handle, const struct fdi__place *place, struct fdi__manner manner)
{
    int saved_errno = errno;
    int outcome;
    if (place->names_directory) {
        manner.options &= ~(ULONG)(FILE_OPEN_REPARSE_POINT | FILE_NON_DIRECTORY_FILE);
        manner.options |= FILE_DIRECTORY_FILE;
    }
    NTSTATUS status = create_file(handle, place->root, place->name, manner, &outcome);
    if (NT_SUCCESS(status))
        return fdi__restore_errno(saved_errno, outcome);
    if (status == NT_DELETE_PENDING && manner.disposition > FILE_OPEN)
        return fdi__fail(EBUSY); /* the name is in use until the last handle is closed */
    return fdi__place_fail(place, status);
}

/* Refuses a pipe, because reopening it would connect another client. A device ignores that it is
 * opened as a directory. */
int fdi__open_again(HANDLE *handle, HANDLE file, struct fdi__manner manner)
{
    const UNICODE_STRING itself = {0, 0, NULL};
    int outcome;
    DWORD type = GetFileType(file);
    if (type != FILE_TYPE_DISK && (manner.options & FILE_DIRECTORY_FILE))
        return fdi__fail(ENOTDIR);
    if (type == FILE_TYPE_PIPE)
        return fdi__fail(ENOTSUP);
    NTSTATUS status = create_file(handle, file, itself, manner, &outcome);
    return NT_SUCCESS(status) ? outcome : fdi__nt_fail(status);
}

/* ---- "..", which NT paths do not support ----------------------------------------------------- */

static int open_full(HANDLE *handle, const WCHAR *path, ULONG options)
{
    const struct fdi__manner look = {.options = options};
    struct fdi__place place = {0};
    if (fdi__native_name(&place.native, path) < 0)
        return -1;
    place.name = place.native.name;
    int result = fdi__open_place(handle, &place, look);
    fdi__wide_close(&place.native.wide);
    return result;
}

/* Opens the path without its last name. Then checks that the last name still leads to `directory`
 * from there, which proves that the opened directory was its parent at that moment. */
static int open_parent_at(HANDLE *parent, HANDLE directory, WCHAR *path, size_t name_at)
{
    WCHAR first = path[name_at];
    path[name_at] = 0;
    int result = open_full(parent, path, FILE_DIRECTORY_FILE);
    path[name_at] = first;
    if (result < 0)
        return -1;
    HANDLE child;
    struct fdi__place place = {.root = *parent};
    place.name.Buffer = path + name_at;
    place.name.Length = (USHORT)(wcslen(path + name_at) * sizeof *path);
    result = fdi__open_place(&child, &place, (struct fdi__manner){.options = FILE_DIRECTORY_FILE});
    if (result >= 0) {
        result = fdi__same_file(child, directory) ? 0 : fdi__fail(EBUSY);
        (void)CloseHandle(child);
    }
    if (result < 0)
        (void)CloseHandle(*parent);
    return result;
}

/* NT has no call for the parent of an open directory, so its current path is used. A move between
 * the query and the opening is detected and causes a retry. The parent of a root is the root. */
static int open_parent(HANDLE *parent, HANDLE directory)
{
    int saved_errno = errno;
    int result = -1;
    for (int tries = 0; tries < MOVES_AT_MOST && result < 0; tries++) {
        struct fdi__wide path;
        if (fdi__final_path(&path, directory) < 0)
            return -1;
        size_t root_length = fdi__root_length(path.text);
        size_t name_at = path.length;
        while (name_at > root_length && path.text[name_at - 1] != L'\\')
            name_at--;
        if (path.length <= root_length)
            result = fdi__open_again(parent, directory, (struct fdi__manner){0});
        else
            result = open_parent_at(parent, directory, path.text, name_at);
        fdi__wide_close(&path);
    }
    return fdi__restore_errno_on_success(saved_errno, result);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void take_root(struct fdi__place *place, HANDLE root)
{
    if (place->own)
        (void)CloseHandle(place->own);
    place->root = place->own = root;
}

/* Replaces `root` by the directory at the first `units` of the name. */
static int go_down(struct fdi__place *place, size_t units)
{
    struct fdi__place below = {.root = place->root, .name = place->name};
    HANDLE directory;
    below.name.Length = (USHORT)(units * sizeof(WCHAR));
    if (units == 0)
        return 0;
    if (fdi__open_place(&directory, &below, (struct fdi__manner){.options = FILE_DIRECTORY_FILE}) <
        0)
        return -1;
    take_root(place, directory);
    return 0;
}

static int go_up(struct fdi__place *place)
{
    HANDLE parent;
    if (fdi__check_directory(place->root) < 0 || open_parent(&parent, place->root) < 0)
        return -1;
    take_root(place, parent);
    return 0;
}

/* Returns the first ".." of a normalized path, or the path's end. */
static const WCHAR *find_up(const WCHAR *path)
{
    while (*path) {
        size_t length = wcscspn(path, L"\\");
        if (length == 2 && path[0] == L'.' && path[1] == L'.')
            return path;
        path += length;
        path += *path == L'\\';
    }
    return path;
}

static void name_rest(struct fdi__place *place, WCHAR *text)
{
    place->name.Buffer = text;
    place->name.Length = place->name.MaximumLength = (USHORT)(wcslen(text) * sizeof *text);
}

/* As in POSIX, ".." is the parent of the directory that the names before it resolve to. */
static int walk_up_and_down(struct fdi__place *place)
{
    WCHAR *text = place->path.text;
    for (;;) {
        size_t before = (size_t)(find_up(text) - text);
        name_rest(place, text);
        if (text[before] == 0)
            return 0;
        if (go_down(place, before > 0 ? before - 1 : 0) < 0 || go_up(place) < 0)
            return -1;
        text += before + 2;
        text += *text == L'\\';
    }
}

static int settle_relative(struct fdi__place *place, int dir_fd)
{
    place->root = fdi__handle(dir_fd);
    if (place->root == INVALID_HANDLE_VALUE || fdi__make_plain(&place->path) < 0)
        return -1;
    if (GetFileType(place->root) != FILE_TYPE_DISK) /* a device ignores the name below it */
        return fdi__fail(ENOTDIR);
    return walk_up_and_down(place);
}

static int settle_full(struct fdi__place *place)
{
    if (fdi__native_name(&place->native, place->path.text) < 0)
        return -1;
    place->name = place->native.name;
    return 0;
}

int fdi__place_open(struct fdi__place *place, fdi_target target)
{
    place->root = place->own = NULL;
    place->native.wide.text = place->native.wide.buffer;
    if (fdi__wide_open(&place->path, target.path) < 0)
        return -1;
    place->names_directory = fdi__names_directory(&place->path);
    bool relative = target.fd != FDI_AT_FDCWD && !fdi__is_absolute(place->path.text);
    int result = place->path.length == 0 ? fdi__fail(ENOENT)
                 : relative              ? settle_relative(place, target.fd)
                                         : settle_full(place);
    return result < 0 ? fdi__place_close(place, -1) : 0;
}

int fdi__place_close(struct fdi__place *place, int result)
{
    int saved_errno = errno;
    if (place->own)
        (void)CloseHandle(place->own);
    fdi__wide_close(&place->native.wide);
    fdi__wide_close(&place->path);
    return fdi__restore_errno(saved_errno, result);
}

/* ---- targets --------------------------------------------------------------------------------- */

/* Every fd suffices for FILE_READ_ATTRIBUTES. If a file cannot be reopened (a pipe, or a removed
 * file), the fd's own handle is used, which may have the rights. */
static int open_fd_target(struct fdi__target_handle *opened, int fd, ACCESS_MASK access)
{
    int saved_errno = errno;
    opened->own = NULL;
    opened->handle = fdi__handle(fd);
    if (opened->handle == INVALID_HANDLE_VALUE)
        return -1;
    if (access == FILE_READ_ATTRIBUTES)
        return 0;
    if (fdi__open_again(&opened->own, opened->handle, (struct fdi__manner){.access = access}) < 0)
        return opened->own = NULL, fdi__restore_errno(saved_errno, 0);
    opened->handle = opened->own;
    return 0;
}

/* Opens a file whose reparse tag no driver follows: an AF_UNIX socket or an alias of an app. Such a
 * file is no link, so it is its own target. */
static int open_unhandled(HANDLE *handle, const struct fdi__place *place, struct fdi__manner manner)
{
    const ACCESS_MASK data = FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_EXECUTE;
    FILE_ATTRIBUTE_TAG_INFO kind;
    if ((manner.access & data) || place->names_directory ||
        (manner.options & FILE_OPEN_REPARSE_POINT))
        return fdi__fail(EACCES);
    manner.options |= FILE_OPEN_REPARSE_POINT;
    int outcome = fdi__open_place(handle, place, manner);
    if (outcome < 0)
        return fdi__fail(EACCES);
    if (fdi__kind(*handle, &kind) == 0 && kind.ReparseTag && !fdi__is_link(&kind) &&
        !(kind.ReparseTag & NT_TAG_SURROGATE))
        return outcome;
    (void)CloseHandle(*handle);
    return fdi__fail(EACCES);
}

static int open_place_or_itself(HANDLE *handle, const struct fdi__place *place,
                                struct fdi__manner manner)
{
    int saved_errno = errno;
    int outcome = fdi__open_place(handle, place, manner);
    if (outcome < 0 && errno == EACCES)
        outcome = open_unhandled(handle, place, manner);
    return fdi__restore_errno_on_success(saved_errno, outcome);
}

int fdi__open_target(HANDLE *handle, fdi_target target, struct fdi__manner manner)
{
    struct fdi__place place;
    if (!target.path) {
        HANDLE file = fdi__handle(target.fd);
        return file == INVALID_HANDLE_VALUE ? -1 : fdi__open_again(handle, file, manner);
    }
    if (fdi__place_open(&place, target) < 0)
        return -1;
    return fdi__place_close(&place, open_place_or_itself(handle, &place, manner));
}

int fdi__target_handle_open(struct fdi__target_handle *opened, fdi_target target,
                            ACCESS_MASK access, unsigned flags)
{
    struct fdi__manner manner = {.access = access};
    if (!target.path)
        return open_fd_target(opened, target.fd, access);
    if (flags & FDI_NOFOLLOW)
        manner.options |= FILE_OPEN_REPARSE_POINT;
    if (fdi__open_target(&opened->own, target, manner) < 0)
        return -1;
    opened->handle = opened->own;
    return 0;
}

int fdi__target_handle_close(const struct fdi__target_handle *opened, int result)
{
    return opened->own ? fdi__closed(opened->own, result) : result;
}

/* ---- properties of a handle ------------------------------------------------------------------ */

/* FAT lacks this query and has no reparse points. */
static int simple_kind(HANDLE handle, FILE_ATTRIBUTE_TAG_INFO *kind)
{
    FILE_BASIC_INFO basic;
    if (!GetFileInformationByHandleEx(handle, FileBasicInfo, &basic, sizeof basic))
        return fdi__last_fail();
    kind->FileAttributes = basic.FileAttributes;
    kind->ReparseTag = 0;
    return basic.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ? fdi__fail(ENOTSUP) : 0;
}

int fdi__kind(HANDLE handle, FILE_ATTRIBUTE_TAG_INFO *kind)
{
    if (!GetFileInformationByHandleEx(handle, FileAttributeTagInfo, kind, sizeof *kind))
        return simple_kind(handle, kind);
    if (!(kind->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
        kind->ReparseTag = 0;
    return 0;
}

int fdi__check_directory(HANDLE handle)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    if (GetFileType(handle) != FILE_TYPE_DISK)
        return fdi__fail(ENOTDIR);
    if (fdi__kind(handle, &kind) < 0)
        return -1;
    return kind.FileAttributes & FILE_ATTRIBUTE_DIRECTORY ? 0 : fdi__fail(ENOTDIR);
}

bool fdi__is_link(const FILE_ATTRIBUTE_TAG_INFO *kind)
{
    return kind->ReparseTag == (DWORD)IO_REPARSE_TAG_SYMLINK ||
           kind->ReparseTag == (DWORD)IO_REPARSE_TAG_MOUNT_POINT;
}

bool fdi__is_directory(const FILE_ATTRIBUTE_TAG_INFO *kind)
{
    return (kind->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) && !fdi__is_link(kind);
}

bool fdi__is_socket(const FILE_ATTRIBUTE_TAG_INFO *kind)
{
    return kind->ReparseTag == NT_TAG_AF_UNIX;
}

/* Older file systems have 64-bit ids only. */
static int identify_short(HANDLE handle, struct fdi__identity *identity)
{
    BY_HANDLE_FILE_INFORMATION info;
    if (!GetFileInformationByHandle(handle, &info))
        return fdi__last_fail();
    identity->volume = info.dwVolumeSerialNumber;
    identity->low = (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
    identity->high = 0;
    identity->has_high = false;
    return 0;
}

int fdi__identify(HANDLE handle, struct fdi__identity *identity)
{
    FILE_ID_INFO info;
    if (!GetFileInformationByHandleEx(handle, FileIdInfo, &info, sizeof info))
        return identify_short(handle, identity);
    identity->volume = info.VolumeSerialNumber;
    memcpy(&identity->low, &info.FileId, sizeof identity->low);
    memcpy(&identity->high, (const char *)&info.FileId + sizeof identity->low,
           sizeof identity->high);
    identity->has_high = true;
    return 0;
}

bool fdi__same_file(HANDLE one, HANDLE other)
{
    struct fdi__identity left = {0}, right = {0};
    return fdi__identify(one, &left) == 0 && fdi__identify(other, &right) == 0 &&
           left.volume == right.volume && left.low == right.low && left.high == right.high;
}
