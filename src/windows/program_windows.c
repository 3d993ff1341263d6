/* SPDX-License-Identifier: MIT
 * Which program a child runs, and in which directory: targets as the full paths that the system
 * wants. They are reached first and then asked for their path, so that nothing that the system
 * would read into a name (a dot or a blank at the end, a short name) is left in it. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <string.h>

static WCHAR *copy_of(const WCHAR *text, size_t length)
{
    WCHAR *copy = malloc((length + 1) * sizeof *copy);
    if (!copy) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    memcpy(copy, text, length * sizeof *copy);
    copy[length] = 0;
    return copy;
}

/* ---- The path of a handle -------------------------------------------------------------------- */

/* Whether the system takes the path as it stands: short enough, and nothing in it is read in
 * another way than it is written. */
static bool is_taken_literally(const WCHAR *path)
{
    WCHAR full[MAX_PATH];
    DWORD length = GetFullPathNameW(path, MAX_PATH, full, NULL);
    return length > 0 && length < MAX_PATH && wcscmp(path, full) == 0;
}

static WCHAR *ask_path(HANDLE handle)
{
    DWORD size = GetFinalPathNameByHandleW(handle, NULL, 0, FILE_NAME_NORMALIZED);
    WCHAR *path = size ? malloc((size + 1) * sizeof *path) : NULL;
    DWORD length = path ? GetFinalPathNameByHandleW(handle, path, size + 1, 0) : 0;
    if (length > 0 && length <= size)
        return path;
    (void)(size && !path ? fdi__fail(ENOMEM) : fdi__last_fail());
    free(path);
    return NULL;
}

/* Many programs cannot cope with \\?\ in front of their own path. */
static WCHAR *path_of(HANDLE handle)
{
    WCHAR *path = ask_path(handle);
    if (!path)
        return NULL;
    bool remote = wcsncmp(path, L"\\\\?\\UNC\\", 8) == 0;
    WCHAR *plain = path + (remote ? 6 : 4);
    WCHAR before = *plain;
    if (remote)
        *plain = L'\\';
    if (is_taken_literally(plain))
        memmove(path, plain, (wcslen(plain) + 1) * sizeof *path);
    else
        *plain = before;
    return path;
}

/* ---- Reaching ----------------------------------------------------------------------------------- */

static bool is_separator(WCHAR unit)
{
    return unit == L'\\' || unit == L'/';
}

static bool is_relative(const WCHAR *path)
{
    return *path && !is_separator(*path) && path[1] != L':';
}

static WCHAR *joined(const WCHAR *directory, const WCHAR *name)
{
    size_t length = wcslen(directory);
    size_t name_length = wcslen(name);
    WCHAR *path = malloc((length + name_length + 2) * sizeof *path);
    if (!path) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    memcpy(path, directory, length * sizeof *path);
    if (length > 0 && !is_separator(path[length - 1]))
        path[length++] = L'\\';
    memcpy(path + length, name, (name_length + 1) * sizeof *path);
    return path;
}

static HANDLE open_to_ask(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, FILE_READ_ATTRIBUTES,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (file == INVALID_HANDLE_VALUE)
        (void)fdi__last_fail();
    return file;
}

static WCHAR *close_and_give(HANDLE file, WCHAR *path)
{
    int saved_errno = errno;
    (void)CloseHandle(file);
    errno = saved_errno;
    return path;
}

/* The path of what must be a directory, or must not be one. */
static WCHAR *path_of_kind(HANDLE handle, bool directory)
{
    BY_HANDLE_FILE_INFORMATION information = {0};
    if (handle == INVALID_HANDLE_VALUE)
        return NULL;
    (void)GetFileInformationByHandle(handle, &information);
    if (directory == ((information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0))
        return path_of(handle);
    (void)fdi__fail(directory ? ENOTDIR : EACCES);
    return NULL;
}

/* The full path of the file that `path` names; with `base`, seen from there. */
static WCHAR *path_from(const WCHAR *base, const WCHAR *path, bool directory)
{
    WCHAR *whole = base && is_relative(path) ? joined(base, path) : copy_of(path, wcslen(path));
    HANDLE file = whole ? open_to_ask(whole) : INVALID_HANDLE_VALUE;
    free(whole);
    return file == INVALID_HANDLE_VALUE ? NULL
                                        : close_and_give(file, path_of_kind(file, directory));
}

/* What a target is seen from: its dir_fd, or else `base`, which then is copied. */
static WCHAR *base_of(fdi_target target, const WCHAR *base)
{
    if (target.dir_fd != FDI_AT_FDCWD)
        return path_of_kind(fdi__handle(target.dir_fd), true);
    return copy_of(base, wcslen(base));
}

static WCHAR *resolve(fdi_target target, const WCHAR *path, const WCHAR *base, bool directory)
{
    bool is_whole = !is_relative(path) || (target.dir_fd == FDI_AT_FDCWD && !base);
    WCHAR *from = is_whole ? NULL : base_of(target, base);
    WCHAR *result = is_whole || from ? path_from(from, path, directory) : NULL;
    free(from);
    return result;
}

static WCHAR *resolve_target(fdi_target target, const WCHAR *base, bool directory)
{
    struct fdi__wide wide;
    if (!target.path)
        return path_of_kind(fdi__handle(target.fd), directory);
    if (fdi__wide_open(&wide, target.path) < 0)
        return NULL;
    WCHAR *result = resolve(target, wide.text, base, directory);
    fdi__wide_close(&wide);
    return result;
}

WCHAR *fdi__directory_path(fdi_target target)
{
    return resolve_target(target, NULL, true);
}

/* ---- Looking a program up ----------------------------------------------------------------------- */

/* A directory of PATH may stand in quotes, so that its name may have a semicolon. */
static size_t entry_length(const WCHAR *entry)
{
    size_t length = 0;
    for (bool quoted = false; entry[length] && (quoted || entry[length] != L';'); length++)
        quoted ^= entry[length] == L'"';
    return length;
}

static WCHAR *entry_name(const WCHAR *entry, size_t length)
{
    WCHAR *name = copy_of(entry, length);
    size_t kept = 0;
    for (size_t i = 0; name && i < length; i++)
        if (name[i] != L'"')
            name[kept++] = name[i];
    if (name)
        name[kept] = 0;
    return name;
}

static WCHAR *try_name(const WCHAR *folder, const WCHAR *name, const WCHAR *base)
{
    WCHAR *whole = joined(folder, name);
    WCHAR *found = whole ? path_from(base, whole, false) : NULL;
    free(whole);
    return found;
}

/* A name with a dot may be complete; none is without one. */
static WCHAR *look_in(const WCHAR *folder, const WCHAR *name, const WCHAR *base)
{
    WCHAR *found = wcschr(name, L'.') ? try_name(folder, name, base) : NULL;
    if (found)
        return found;
    size_t length = wcslen(name);
    WCHAR *longer = malloc((length + 5) * sizeof *longer);
    if (!longer) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    memcpy(longer, name, length * sizeof *longer);
    memcpy(longer + length, L".exe", 5 * sizeof *longer);
    found = try_name(folder, longer, base);
    free(longer);
    return found;
}

/* An empty entry names nothing: the current directory is never searched unless it is named. */
static WCHAR *look_along(const WCHAR *directories, const WCHAR *name, const WCHAR *base)
{
    int error = ENOENT;
    for (;;) {
        size_t length = entry_length(directories);
        WCHAR *folder = length ? entry_name(directories, length) : NULL;
        WCHAR *found = folder && *folder ? look_in(folder, name, base) : NULL;
        free(folder);
        if (found)
            return found;
        if (length && errno == EACCES)
            error = EACCES;
        if (!directories[length])
            break;
        directories += length + 1;
    }
    (void)fdi__fail(error);
    return NULL;
}

static WCHAR *search(const WCHAR *name, const WCHAR *base)
{
    enum { LONGEST_VARIABLE = 32767 };
    WCHAR *directories = malloc((LONGEST_VARIABLE + 1) * sizeof *directories);
    if (!directories) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    DWORD length = GetEnvironmentVariableW(L"PATH", directories, LONGEST_VARIABLE + 1);
    directories[length <= LONGEST_VARIABLE ? length : 0] = 0;
    WCHAR *found = look_along(directories, name, base);
    free(directories);
    return found;
}

static WCHAR *search_text(const char *path, const WCHAR *base)
{
    struct fdi__wide wide;
    if (fdi__wide_open(&wide, path) < 0)
        return NULL;
    WCHAR *found = NULL;
    if (*path)
        found = search(wide.text, base);
    else
        (void)fdi__fail(ENOENT);
    fdi__wide_close(&wide);
    return found;
}

WCHAR *fdi__program_path(const fdi_spawn_options *options, const WCHAR *directory)
{
    const char *name = options->program.path;
    bool is_searched = (options->flags & FDI_SPAWN_SEARCH) && !strpbrk(name, "/\\:");
    WCHAR *path = is_searched ? search_text(name, directory)
                              : resolve_target(options->program, directory, false);
    if (path && fdi__is_batch(path)) {
        (void)fdi__fail(ENOEXEC);
        free(path);
        return NULL;
    }
    return path;
}
