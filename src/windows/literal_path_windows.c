/* SPDX-License-Identifier: MIT
 * Converts a handle to a path that Win32 takes literally, for calls that take no handle.
 *
 * Win32 rewrites paths: it removes dots and spaces at the end of a name and takes "nul" for a
 * device. So the path "x." would lead to the file "x". The prefix \\?\ prevents that for files, but
 * SetCurrentDirectory and CreateProcess rewrite the path of a directory despite the prefix. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <string.h>
#include <wchar.h>

static bool is_taken_literally(const WCHAR *path)
{
    struct fdi__wide full;
    if (fdi__full_path(&full, path) < 0)
        return false;
    bool same = wcscmp(full.text, path) == 0;
    fdi__wide_close(&full);
    return same;
}

/* Removes the prefix \\?\ if Win32 takes the path literally without it. Many programs fail if their
 * own path has that prefix. */
static const WCHAR *drop_prefix(WCHAR *path)
{
    WCHAR before = path[6]; /* fdi__without_prefix may overwrite it */
    WCHAR *plain = fdi__without_prefix(path);
    if (wcslen(plain) < MAX_PATH && is_taken_literally(plain))
        return plain;
    path[6] = before;
    return path;
}

/* Opens the path as the final call will, and reports whether its file is another one than the
 * handle's. Returns false if the path cannot be opened, because the final call then fails too. */
static bool leads_elsewhere(const WCHAR *path, HANDLE handle)
{
    HANDLE found = CreateFileW(path, FILE_READ_ATTRIBUTES,
                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                               OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (found == INVALID_HANDLE_VALUE)
        return false;
    bool is_other = !fdi__same_file(found, handle);
    (void)CloseHandle(found);
    return is_other;
}

static WCHAR *copy_of(const WCHAR *path)
{
    size_t size = (wcslen(path) + 1) * sizeof *path;
    WCHAR *copy = malloc(size);
    if (copy)
        memcpy(copy, path, size);
    else
        (void)fdi__fail(ENOMEM);
    return copy;
}

static int check_literal(const WCHAR *path, HANDLE handle, bool is_directory)
{
    if (is_directory && !is_taken_literally(path))
        return fdi__fail(ENOTSUP);
    return leads_elsewhere(path, handle) ? fdi__fail(EBUSY) : 0;
}

WCHAR *fdi__literal_path(HANDLE handle, bool is_directory)
{
    struct fdi__wide wide;
    int saved_errno = errno;
    if (fdi__final_path(&wide, handle) < 0)
        return NULL;
    const WCHAR *path = drop_prefix(wide.text);
    WCHAR *copy = check_literal(path, handle, is_directory) < 0 ? NULL : copy_of(path);
    fdi__wide_close(&wide);
    if (copy)
        errno = saved_errno;
    return copy;
}

WCHAR *fdi__path_as_given(const char *path, HANDLE handle)
{
    struct fdi__wide wide, full;
    WCHAR *copy = NULL;
    int saved_errno = errno;
    if (fdi__wide_open(&wide, path) == 0) {
        if (fdi__full_path(&full, wide.text) == 0) {
            if (full.length < MAX_PATH && !leads_elsewhere(full.text, handle))
                copy = copy_of(full.text);
            fdi__wide_close(&full);
        }
        fdi__wide_close(&wide);
    }
    errno = saved_errno;
    return copy;
}
