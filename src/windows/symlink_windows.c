/* SPDX-License-Identifier: MIT
 * Symlinks and junctions, which are reparse points that contain a target path. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <stddef.h>
#include <string.h>
#include <wchar.h>
#include <winioctl.h>

enum { IS_RELATIVE = 1, LARGEST = 16 * 1024 };

/* The REPARSE_DATA_BUFFER of the file system, with offsets and lengths in bytes. A junction has no
 * flags before its texts. */
struct reparse {
    ULONG tag;
    USHORT length; /* of the data after `reserved` */
    USHORT reserved;
    USHORT target_offset;
    USHORT target_length;
    USHORT shown_offset;
    USHORT shown_length;
    union {
        struct {
            ULONG flags;
            WCHAR text[(LARGEST - 20) / sizeof(WCHAR)];
        } symlink;
        WCHAR junction[(LARGEST - 16) / sizeof(WCHAR)];
    } of;
};

enum { HEADER = offsetof(struct reparse, target_offset) };

/* ---- symlink --------------------------------------------------------------------------------- */

/* Stores the path that NT follows, then the path that programs display. */
static int compose_symlink(struct reparse *out, const WCHAR *target, size_t target_units,
                           const struct fdi__wide *shown, bool is_relative)
{
    size_t units = target_units + shown->length;
    if (units > sizeof out->of.symlink.text / sizeof(WCHAR))
        return fdi__fail(ENAMETOOLONG);
    memcpy(out->of.symlink.text, target, target_units * sizeof(WCHAR));
    memcpy(out->of.symlink.text + target_units, shown->text, shown->length * sizeof(WCHAR));
    out->tag = (ULONG)IO_REPARSE_TAG_SYMLINK;
    out->reserved = 0;
    out->target_offset = 0;
    out->target_length = (USHORT)(target_units * sizeof(WCHAR));
    out->shown_offset = out->target_length;
    out->shown_length = (USHORT)(shown->length * sizeof(WCHAR));
    out->of.symlink.flags = is_relative ? IS_RELATIVE : 0;
    out->length =
        (USHORT)(offsetof(struct reparse, of.symlink.text) - HEADER + units * sizeof(WCHAR));
    return 0;
}

/* NT does not accept slashes in a symlink. */
static void use_backslashes(struct fdi__wide *text)
{
    for (WCHAR *slash = text->text; (slash = wcschr(slash, L'/')) != NULL;)
        *slash = L'\\';
}

static int compose_from_wide(struct reparse *out, struct fdi__wide *text)
{
    struct fdi__native full;
    if (text->length == 0)
        return fdi__fail(ENOENT);
    use_backslashes(text);
    if (!fdi__is_full(text->text))
        return compose_symlink(out, text->text, text->length, text, true);
    if (fdi__native_name(&full, text->text) < 0)
        return -1;
    int result =
        compose_symlink(out, full.name.Buffer, full.name.Length / sizeof(WCHAR), text, false);
    fdi__wide_close(&full.wide);
    return result;
}

static int compose_from_text(struct reparse *out, const char *text)
{
    struct fdi__wide wide;
    if (fdi__wide_open(&wide, text) < 0)
        return -1;
    int result = compose_from_wide(out, &wide);
    fdi__wide_close(&wide);
    return result;
}

/* Enables the privilege to create symlinks, which administrators hold but must enable, for this
 * thread only. A thread that impersonates keeps its token unchanged. Failures are ignored, because
 * Windows itself decides whether a link needs the privilege. */
static bool gain_right(void)
{
    TOKEN_PRIVILEGES right = {.PrivilegeCount = 1,
                              .Privileges = {{.Attributes = SE_PRIVILEGE_ENABLED}}};
    HANDLE token;
    if (OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token)) {
        (void)CloseHandle(token);
        return false;
    }
    if (!LookupPrivilegeValueW(NULL, L"SeCreateSymbolicLinkPrivilege", &right.Privileges[0].Luid) ||
        !ImpersonateSelf(SecurityImpersonation))
        return false;
    if (OpenThreadToken(GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES, TRUE, &token)) {
        (void)AdjustTokenPrivileges(token, FALSE, &right, 0, NULL, NULL);
        (void)CloseHandle(token);
    }
    return true;
}

static int set_reparse(HANDLE handle, struct reparse *data)
{
    IO_STATUS_BLOCK io;
    bool gained = gain_right();
    NTSTATUS status = NtFsControlFile(handle, NULL, NULL, NULL, &io, FSCTL_SET_REPARSE_POINT, data,
                                      (ULONG)(HEADER + data->length), NULL, 0);
    if (gained)
        (void)RevertToSelf();
    if (status == NT_INVALID_DEVICE_REQUEST)
        return fdi__fail(ENOTSUP);
    return NT_SUCCESS(status) ? 0 : fdi__nt_fail(status);
}

/* Creates an empty file or directory and turns it into a link. A failed link is removed again. */
static int make_link(const struct fdi__place *place, struct reparse *data, bool is_directory)
{
    const struct fdi__manner manner = {
        .access = FILE_WRITE_ATTRIBUTES | DELETE,
        .options = FILE_OPEN_REPARSE_POINT |
                   (is_directory ? FILE_DIRECTORY_FILE : FILE_NON_DIRECTORY_FILE),
        .disposition = FILE_CREATE,
    };
    HANDLE handle;
    if (fdi__open_place(&handle, place, manner) < 0)
        return -1;
    int result = set_reparse(handle, data);
    int saved_errno = errno;
    if (result < 0)
        (void)fdi__remove(handle, false);
    (void)CloseHandle(handle);
    return fdi__restore_errno(saved_errno, result);
}

int fdi__os_symlink(const char *text, fdi_target link, unsigned flags)
{
    struct fdi__place place;
    struct reparse data;
    if (fdi__place_open(&place, link) < 0)
        return -1;
    int result = place.root && place.name.Length == 0 ? fdi__fail(EEXIST)
                 : place.names_directory              ? fdi__fail(ENOENT)
                                                      : compose_from_text(&data, text);
    if (result == 0)
        result = make_link(&place, &data, flags & FDI_TARGET_IS_DIRECTORY);
    return fdi__place_close(&place, result);
}

/* ---- readlink -------------------------------------------------------------------------------- */

/* Converts an NT path to Win32: \??\C:\x becomes C:\x, and \??\UNC\server\x becomes \\server\x.
 * Other paths, such as a volume by its id, get the prefix \\?\. May modify `text`. */
static WCHAR *win32_path(WCHAR *text, size_t *units)
{
    size_t skipped = 0;
    if (*units < 4 || wcsncmp(text, L"\\??\\", 4) != 0)
        return text;
    if (*units >= 8 && _wcsnicmp(text + 4, L"UNC\\", 4) == 0)
        text[skipped = 6] = L'\\';
    else if (*units >= 6 && text[5] == L':')
        skipped = 4;
    else
        text[1] = L'\\';
    *units -= skipped;
    return text + skipped;
}

/* Truncates at a byte, like readlink(2). `whole` has room for the longest reparse point. */
static int64_t copy_text(const WCHAR *text, size_t units, char *buffer, size_t size)
{
    char whole[3 * sizeof(struct reparse) / sizeof(WCHAR)];
    int64_t need = fdi__utf8(whole, sizeof whole, text, units);
    if (need < 0)
        return -1;
    if ((size_t)need < size)
        size = (size_t)need;
    memcpy(buffer, whole, size);
    return (int64_t)size;
}

static int64_t report_target(struct reparse *data, size_t got, char *buffer, size_t size)
{
    bool is_symlink = data->tag == (ULONG)IO_REPARSE_TAG_SYMLINK;
    WCHAR *text = is_symlink ? data->of.symlink.text : data->of.junction;
    size_t before = (size_t)((char *)text - (char *)data);
    size_t units = data->target_length / sizeof(WCHAR);
    if (!is_symlink && data->tag != (ULONG)IO_REPARSE_TAG_MOUNT_POINT)
        return fdi__fail(EINVAL);
    if (before + data->target_offset + data->target_length > got)
        return fdi__fail(EIO);
    text = win32_path(text + data->target_offset / sizeof(WCHAR), &units);
    return copy_text(text, units, buffer, size);
}

static int64_t read_link(HANDLE handle, char *buffer, size_t size)
{
    struct reparse data;
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtFsControlFile(handle, NULL, NULL, NULL, &io, FSCTL_GET_REPARSE_POINT, NULL,
                                      0, &data, sizeof data);
    if (status == NT_INVALID_DEVICE_REQUEST) /* this file system has no links */
        return fdi__fail(EINVAL);
    return NT_SUCCESS(status) ? report_target(&data, io.Information, buffer, size)
                              : fdi__nt_fail(status);
}

int64_t fdi__os_readlink(fdi_target target, char *buffer, size_t size)
{
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES,
                                target.path ? FDI_NOFOLLOW : 0) < 0)
        return -1;
    int64_t length = read_link(opened.handle, buffer, size);
    (void)fdi__target_handle_close(&opened, 0);
    return length;
}
