/* SPDX-License-Identifier: MIT
 * Finds the program and the directory of a child, as full paths for CreateProcess. Each target is
 * opened, and its path must lead to the opened file. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <string.h>

/* ---- The path of a target --------------------------------------------------------------------- */

/* Fails with ENOTDIR or EACCES unless the handle's file is a directory exactly if `directory`. */
static int check_file_kind(HANDLE handle, bool directory)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    if (GetFileType(handle) != FILE_TYPE_DISK)
        return fdi__fail(directory ? ENOTDIR : EACCES);
    if (fdi__kind(handle, &kind) < 0)
        return -1;
    return directory == fdi__is_directory(&kind) ? 0 : fdi__fail(directory ? ENOTDIR : EACCES);
}

/* A plain path stays as it is given, as far as Win32 allows: CreateProcess would take it too. */
static WCHAR *path_of_open_target(fdi_target target, HANDLE handle, bool directory)
{
    bool is_plain = target.path && target.fd == FDI_AT_FDCWD;
    WCHAR *path = is_plain ? fdi__path_as_given(target.path, handle) : NULL;
    return path ? path : fdi__literal_path(handle, directory);
}

static WCHAR *path_of_target(fdi_target target, bool directory)
{
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES, 0) < 0)
        return NULL;
    WCHAR *path = check_file_kind(opened.handle, directory) < 0
                      ? NULL
                      : path_of_open_target(target, opened.handle, directory);
    (void)fdi__target_handle_close(&opened, 0);
    return path;
}

/* Returns true for an alias of an app, which CreateProcess starts by its path. */
static bool is_app_alias(HANDLE handle)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    return fdi__kind(handle, &kind) == 0 && kind.ReparseTag == NT_TAG_APP_ALIAS;
}

static WCHAR *path_of_alias(fdi_target target)
{
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES, 0) < 0)
        return NULL;
    WCHAR *path = is_app_alias(opened.handle) ? fdi__literal_path(opened.handle, false) : NULL;
    if (!path)
        (void)fdi__fail(EACCES);
    (void)fdi__target_handle_close(&opened, 0);
    return path;
}

/* Fails for a pipe or a device, which may not be opened again. */
static int check_disk_file(int fd)
{
    HANDLE file = fdi__handle(fd);
    if (file == INVALID_HANDLE_VALUE)
        return -1;
    return GetFileType(file) == FILE_TYPE_DISK ? 0 : fdi__fail(EACCES);
}

/* While *pin is open, others cannot write to the file, move it or remove it. So the path cannot lead
 * to another program before CreateProcess opens it. */
static WCHAR *path_of_pinned(fdi_target target, HANDLE *pin)
{
    const struct fdi__manner manner = {
        .access = FILE_EXECUTE,
        .withheld = FILE_SHARE_WRITE | FILE_SHARE_DELETE,
    };
    if (!target.path && check_disk_file(target.fd) < 0)
        return NULL;
    if (fdi__open_target(pin, target, manner) < 0) {
        *pin = NULL;
        return errno == EACCES && target.path ? path_of_alias(target) : NULL;
    }
    return check_file_kind(*pin, false) < 0 ? NULL : fdi__literal_path(*pin, false);
}

/* CreateProcess takes no longer directory, with the separator that it adds. */
WCHAR *fdi__directory_path(fdi_target directory)
{
    WCHAR *path = path_of_target(directory, true);
    if (!path || wcslen(path) <= MAX_PATH - 2)
        return path;
    free(path);
    (void)fdi__fail(ENAMETOOLONG);
    return NULL;
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

static WCHAR *find(const fdi_spawn_options *options, const char *base, HANDLE *pin)
{
    fdi_target program = options->program;
    if ((options->flags & FDI_SPAWN_SEARCH) && !strpbrk(program.path, "/\\:"))
        return search(program.path, options->envp, base);
    if (!program.path || program.fd != FDI_AT_FDCWD)
        return path_of_pinned(program, pin);
    return path_from(base, program.path);
}

int fdi__program_open(struct fdi__program *program, const fdi_spawn_options *options,
                      const WCHAR *directory)
{
    char *base = directory ? text_of(directory) : NULL;
    *program = (struct fdi__program){NULL, NULL};
    if (base || !directory)
        program->path = find(options, base, &program->pin);
    free(base);
    if (!program->path)
        return -1;
    return fdi__is_batch(program->path) ? fdi__fail(ENOEXEC) : 0;
}

void fdi__program_close(const struct fdi__program *program)
{
    if (program->pin)
        (void)CloseHandle(program->pin);
    free(program->path);
}
