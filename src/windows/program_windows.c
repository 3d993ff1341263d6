/* SPDX-License-Identifier: MIT
 * Finds the program and the directory of a child, as full paths for CreateProcess. Each target is
 * opened, and its handle gives the path. So the path has no trailing dot, trailing space or short
 * name that Win32 would interpret. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <string.h>

/* ---- The path of a handle -------------------------------------------------------------------- */

/* Returns true if Win32 takes the path unchanged: it is short enough and has nothing to resolve. */
static bool is_taken_literally(const WCHAR *path)
{
    WCHAR full[MAX_PATH];
    DWORD length = GetFullPathNameW(path, MAX_PATH, full, NULL);
    return length > 0 && length < MAX_PATH && wcscmp(path, full) == 0;
}

/* Removes \\?\ where possible: many programs fail if their own path has that prefix. */
static const WCHAR *plainest(WCHAR *path)
{
    WCHAR before = path[6];
    WCHAR *plain = fdi__without_prefix(path);
    if (is_taken_literally(plain))
        return plain;
    path[6] = before;
    return path;
}

static WCHAR *path_of(HANDLE handle)
{
    struct fdi__wide wide;
    if (fdi__final_path(&wide, handle) < 0)
        return NULL;
    const WCHAR *path = plainest(wide.text);
    size_t size = (wcslen(path) + 1) * sizeof *path;
    WCHAR *copy = malloc(size);
    if (copy)
        memcpy(copy, path, size);
    else
        (void)fdi__fail(ENOMEM);
    fdi__wide_close(&wide);
    return copy;
}

/* Fails with ENOTDIR or EACCES unless the handle's file is a directory exactly if `directory`. */
static WCHAR *path_of_kind(HANDLE handle, bool directory)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    if (fdi__kind(handle, &kind) < 0)
        return NULL;
    if (directory == fdi__is_directory(&kind))
        return path_of(handle);
    (void)fdi__fail(directory ? ENOTDIR : EACCES);
    return NULL;
}

static WCHAR *path_of_target(fdi_target target, bool directory)
{
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES, 0) < 0)
        return NULL;
    WCHAR *path = path_of_kind(opened.handle, directory);
    (void)fdi__target_handle_close(&opened, 0);
    return path;
}

WCHAR *fdi__directory_path(fdi_target directory)
{
    return path_of_target(directory, true);
}

/* ---- Paths relative to the child's directory ------------------------------------------------- */

/* The caller frees each result. NULL is a failure with errno set. */
static char *text_of(const WCHAR *wide)
{
    int64_t size = fdi__utf8(NULL, 0, wide, wcslen(wide));
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    if (text && size > 0)
        (void)fdi__utf8(text, (size_t)size, wide, wcslen(wide));
    if (text)
        text[size] = '\0';
    else if (size >= 0)
        (void)fdi__fail(ENOMEM);
    return text;
}

static char *joined(const char *first, const char *between, const char *name, const char *ending)
{
    size_t size = strlen(first) + strlen(between) + strlen(name) + strlen(ending) + 1;
    char *text = malloc(size);
    if (!text) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    strcpy(text, first);
    strcat(text, between);
    strcat(text, name);
    return strcat(text, ending);
}

static bool is_relative(const char *path)
{
    return *path && !strchr("/\\", *path) && path[1] != ':';
}

/* `base` is the child's directory; NULL is the current directory of this process. */
static WCHAR *path_from(const char *base, const char *path)
{
    if (!base || !is_relative(path))
        return path_of_target((fdi_target){path, FDI_AT_FDCWD, FDI_FORM_PATH}, false);
    char *whole = joined(base, "\\", path, "");
    WCHAR *result = whole ? path_from(NULL, whole) : NULL;
    free(whole);
    return result;
}

/* ---- Looking a program up -------------------------------------------------------------------- */

/* Quotes around a directory of PATH allow a semicolon in its name. */
static size_t entry_length(const char *entry)
{
    size_t length = 0;
    for (bool quoted = false; entry[length] && (quoted || entry[length] != ';'); length++)
        quoted ^= entry[length] == '"';
    return length;
}

static void strip_quotes(char *text)
{
    char *kept = text;
    for (; *text; text++)
        if (*text != '"')
            *kept++ = *text;
    *kept = '\0';
}

static WCHAR *try_name(const char *base, const char *folder, const char *name, const char *ending)
{
    char *whole = joined(folder, "\\", name, ending);
    WCHAR *found = whole ? path_from(base, whole) : NULL;
    free(whole);
    return found;
}

/* Tries the name itself only if it has a dot, then the name with ".exe". */
static WCHAR *look_in(const char *base, const char *folder, const char *name)
{
    WCHAR *found = strchr(name, '.') ? try_name(base, folder, name, "") : NULL;
    return found ? found : try_name(base, folder, name, ".exe");
}

/* Skips empty entries: the current directory is searched only if PATH names it. Modifies
 * `directories`. */
static WCHAR *look_along(char *directories, const char *name, const char *base)
{
    int error = ENOENT;
    for (bool more = true; more;) {
        size_t length = entry_length(directories);
        more = directories[length] != '\0';
        directories[length] = '\0';
        strip_quotes(directories);
        WCHAR *found = *directories ? look_in(base, directories, name) : NULL;
        if (found)
            return found;
        if (*directories && errno == EACCES)
            error = EACCES;
        directories += length + more;
    }
    (void)fdi__fail(error);
    return NULL;
}

/* A Win32 call that stores a text. It returns the length of the text, or the room that it needs. */
typedef DWORD text_call(WCHAR *out, DWORD room);

static DWORD call_system_directory(WCHAR *out, DWORD room)
{
    return GetSystemDirectoryW(out, room);
}

/* Falls back to the system directory if PATH is missing, but not if it is empty. */
static DWORD call_own_path(WCHAR *out, DWORD room)
{
    SetLastError(NO_ERROR);
    DWORD length = GetEnvironmentVariableW(L"PATH", out, room);
    bool is_missing = length == 0 && GetLastError() == ERROR_ENVVAR_NOT_FOUND;
    return is_missing ? call_system_directory(out, room) : length;
}

static char *text_stored_by(text_call *call)
{
    enum { LONGEST_VARIABLE = 32767 };
    WCHAR *wide = malloc((LONGEST_VARIABLE + 1) * sizeof *wide);
    if (!wide) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    DWORD length = call(wide, LONGEST_VARIABLE + 1);
    wide[length <= LONGEST_VARIABLE ? length : 0] = 0;
    char *text = text_of(wide);
    free(wide);
    return text;
}

/* Returns the value of PATH or NULL. Windows ignores the case of the name. */
static const char *path_of_environment(char *const *envp)
{
    for (; *envp; envp++)
        if (_strnicmp(*envp, "PATH=", 5) == 0)
            return *envp + 5;
    return NULL;
}

/* Returns the child's PATH, or the system directory if the child has no PATH. */
static char *search_path(char *const *envp)
{
    const char *given = envp ? path_of_environment(envp) : NULL;
    if (given)
        return joined(given, "", "", "");
    return text_stored_by(envp ? call_system_directory : call_own_path);
}

static WCHAR *search(const char *name, char *const *envp, const char *base)
{
    char *directories = search_path(envp);
    WCHAR *found = NULL;
    if (directories && *name)
        found = look_along(directories, name, base);
    else if (directories)
        (void)fdi__fail(ENOENT);
    free(directories);
    return found;
}

static WCHAR *find(const fdi_spawn_options *options, const char *base)
{
    fdi_target program = options->program;
    if ((options->flags & FDI_SPAWN_SEARCH) && !strpbrk(program.path, "/\\:"))
        return search(program.path, options->envp, base);
    if (!program.path || program.fd != FDI_AT_FDCWD)
        return path_of_target(program, false);
    return path_from(base, program.path);
}

WCHAR *fdi__program_path(const fdi_spawn_options *options, const WCHAR *directory)
{
    char *base = directory ? text_of(directory) : NULL;
    WCHAR *path = base || !directory ? find(options, base) : NULL;
    free(base);
    if (path && fdi__is_batch(path)) {
        (void)fdi__fail(ENOEXEC);
        free(path);
        return NULL;
    }
    return path;
}
