/* SPDX-License-Identifier: MIT
 * Converts the text of paths between Win32 and NT. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <string.h>
#include <wchar.h>

enum {
    LONGEST_NATIVE = 32767,
    FRONT = 8,
    PREFIX = 4 /* \\?\ or \??\ */
};

static bool is_slash(WCHAR unit)
{
    return unit == L'/' || unit == L'\\';
}

static bool is_drive(const WCHAR *path)
{
    WCHAR letter = path[0] | 0x20;
    return letter >= L'a' && letter <= L'z' && path[1] == L':';
}

bool fdi__is_absolute(const WCHAR *path)
{
    return is_slash(path[0]) || (is_drive(path) && is_slash(path[2]));
}

bool fdi__is_full(const WCHAR *path)
{
    return is_drive(path) || (is_slash(path[0]) && is_slash(path[1]));
}

bool fdi__names_directory(const struct fdi__wide *path)
{
    size_t end = path->length;
    for (int dots = 0; dots < 2 && end > 0 && path->text[end - 1] == L'.'; dots++)
        end--;
    return end == 0 || is_slash(path->text[end - 1]);
}

/* ---- roots ----------------------------------------------------------------------------------- */

/* `name` ends in a separator. Windows ignores the case of both names. */
static bool starts_below(const WCHAR *path, const WCHAR *name)
{
    return _wcsnicmp(path + PREFIX, name, wcslen(name)) == 0;
}

WCHAR *fdi__without_prefix(WCHAR *final_path)
{
    if (starts_below(final_path, L"UNC\\")) {
        final_path[6] = L'\\';
        return final_path + 6;
    }
    return final_path[PREFIX + 1] == L':' ? final_path + PREFIX : final_path;
}

static size_t skip_name(const WCHAR *path, size_t at)
{
    size_t end = at + wcscspn(path + at, L"\\");
    return path[end] ? end + 1 : end;
}

size_t fdi__root_length(const WCHAR *final_path)
{
    bool has_three =
        starts_below(final_path, L"UNC\\") || starts_below(final_path, L"GLOBALROOT\\");
    size_t first = skip_name(final_path, PREFIX);
    return has_three ? skip_name(final_path, skip_name(final_path, first)) : first;
}

/* ---- full names ----------------------------------------------------------------------------- */

/* A Win32 call that stores a path. It returns the length of the path, the room needed if `room` is
 * too small, or 0 on failure. */
typedef DWORD path_call(const void *of, WCHAR *out, DWORD room);

/* Stores the path of `call` after FRONT units. The loop handles a path that grows between calls. */
static int fill_path(struct fdi__wide *path, path_call *call, const void *of)
{
    DWORD room = sizeof path->buffer / sizeof *path->buffer - FRONT;
    path->text = path->buffer;
    for (;;) {
        DWORD length = call(of, path->text + FRONT, room);
        path->length = length;
        if (length > 0 && length < room)
            return 0;
        DWORD error = length == 0 ? GetLastError() : 0;
        fdi__wide_close(path);
        if (length == 0)
            return fdi__win_fail(error ? error : ERROR_INVALID_NAME);
        room = length + 1;
        path->text = malloc((FRONT + room) * sizeof *path->text);
        if (!path->text)
            return fdi__fail(ENOMEM);
    }
}

static DWORD call_full_path(const void *of, WCHAR *out, DWORD room)
{
    return GetFullPathNameW(of, room, out, NULL);
}

/* Win32 also takes a path with the prefix \\?\ or \??\ literally. */
static bool is_literal(const WCHAR *path)
{
    return wcsncmp(path, L"\\\\?\\", 4) == 0 || wcsncmp(path, L"\\??\\", 4) == 0;
}

/* C:\x becomes \??\C:\x, \\server\x becomes \??\UNC\server\x, \\.\x and \\?\x become \??\x. */
static WCHAR *add_prefix(WCHAR *full)
{
    bool is_device = wcsncmp(full, L"\\\\.\\", 4) == 0 || is_literal(full);
    bool is_share = !is_device && full[0] == L'\\' && full[1] == L'\\';
    WCHAR *start = is_device ? full : is_share ? full + 1 - 7 : full - 4;
    memcpy(start, L"\\??\\UNC", (is_share ? 7 : 4) * sizeof(WCHAR));
    return start;
}

/* Removes separators at the end, but never that of a root: without it, the name is that of a device.
 * Any name below GLOBALROOT may be a device, so one separator stays there. */
static size_t cut_separators(const WCHAR *text, size_t length)
{
    size_t kept = length, root = fdi__root_length(text);
    while (kept > root && text[kept - 1] == L'\\')
        kept--;
    return kept < length && starts_below(text, L"GLOBALROOT\\") ? kept + 1 : kept;
}

static int set_name(UNICODE_STRING *name, WCHAR *text, size_t length)
{
    length = cut_separators(text, length);
    if (length > LONGEST_NATIVE)
        return fdi__fail(ENAMETOOLONG);
    name->Buffer = text;
    name->Length = name->MaximumLength = (USHORT)(length * sizeof *text);
    return 0;
}

static DWORD call_copy(const void *of, WCHAR *out, DWORD room)
{
    size_t length = wcslen(of);
    if (length < room)
        memcpy(out, of, (length + 1) * sizeof *out);
    return (DWORD)length;
}

int fdi__native_name(struct fdi__native *native, const WCHAR *path)
{
    struct fdi__wide *wide = &native->wide;
    if (fill_path(wide, is_literal(path) ? call_copy : call_full_path, path) < 0)
        return -1;
    WCHAR *start = add_prefix(wide->text + FRONT);
    size_t length = (size_t)(wide->text + FRONT - start) + wide->length;
    if (set_name(&native->name, start, length) == 0)
        return 0;
    fdi__wide_close(wide);
    return -1;
}

/* Stores the path of `call` at the start of the text. */
static int store_path(struct fdi__wide *path, path_call *call, const void *of)
{
    if (fill_path(path, call, of) < 0)
        return -1;
    memmove(path->text, path->text + FRONT, (path->length + 1) * sizeof *path->text);
    return 0;
}

int fdi__full_path(struct fdi__wide *full, const WCHAR *path)
{
    return store_path(full, call_full_path, path);
}

static DWORD call_dos_path(const void *of, WCHAR *out, DWORD room)
{
    return GetFinalPathNameByHandleW((HANDLE)of, out, room, VOLUME_NAME_DOS);
}

static DWORD call_guid_path(const void *of, WCHAR *out, DWORD room)
{
    return GetFinalPathNameByHandleW((HANDLE)of, out, room, VOLUME_NAME_GUID);
}

/* Win32 reaches the names of the kernel below \\?\GLOBALROOT. */
static DWORD call_device_path(const void *of, WCHAR *out, DWORD room)
{
    static const WCHAR top[] = L"\\\\?\\GLOBALROOT";
    enum { TOP_LENGTH = sizeof top / sizeof *top - 1 };
    DWORD length =
        GetFinalPathNameByHandleW((HANDLE)of, out + TOP_LENGTH, room - TOP_LENGTH, VOLUME_NAME_NT);
    memcpy(out, top, TOP_LENGTH * sizeof *out);
    return length ? length + TOP_LENGTH : 0;
}

int fdi__final_path(struct fdi__wide *path, HANDLE handle)
{
    int saved_errno = errno;
    if (store_path(path, call_dos_path, handle) == 0)
        return 0;
    int error = errno;
    if (store_path(path, call_guid_path, handle) == 0 ||
        store_path(path, call_device_path, handle) == 0)
        return fdi__restore_errno(saved_errno, 0);
    return fdi__fail(error);
}

/* \??\pipe\x, \??\UNC\server\pipe\x or \??\GLOBALROOT\Device\NamedPipe\x. */
bool fdi__names_pipe(const UNICODE_STRING *name)
{
    size_t server = skip_name(name->Buffer, PREFIX);
    if (starts_below(name->Buffer, L"UNC\\"))
        return starts_below(name->Buffer + skip_name(name->Buffer, server) - PREFIX, L"pipe\\");
    return starts_below(name->Buffer, L"pipe\\") ||
           starts_below(name->Buffer, L"GLOBALROOT\\Device\\NamedPipe\\");
}

/* ---- relative names -------------------------------------------------------------------------- */

static bool is_dot(const WCHAR *name, size_t length)
{
    return length == 1 && name[0] == L'.';
}

int fdi__make_plain(struct fdi__wide *path)
{
    const WCHAR *from = path->text;
    WCHAR *to = path->text;
    if (wcschr(from, L':'))
        return fdi__fail(ENOENT);
    while (*from) {
        size_t length = wcscspn(from, L"/\\");
        bool counts = length > 0 && !is_dot(from, length);
        if (counts && to > path->text)
            *to++ = L'\\';
        if (counts) {
            memmove(to, from, length * sizeof *to);
            to += length;
        }
        from += length;
        from += wcsspn(from, L"/\\");
    }
    *to = 0;
    path->length = (size_t)(to - path->text);
    return 0;
}
