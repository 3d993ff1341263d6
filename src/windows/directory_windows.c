/* SPDX-License-Identifier: MIT
 * Changing the current directory and reading directories. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

/* ---- chdir ----------------------------------------------------------------------------------- */

/* A path such as "C:file" is relative to the current directory of that drive. Like the CRT's
 * _chdir, this stores that directory in an environment variable such as "=C:". */
static void remember_for_drive(void)
{
    WCHAR path[MAX_PATH + 1];
    WCHAR name[] = L"=X:";
    DWORD length = GetCurrentDirectoryW(MAX_PATH + 1, path);
    if (length < 2 || length > MAX_PATH || path[1] != L':')
        return;
    name[1] = path[0] >= L'a' && path[0] <= L'z' ? (WCHAR)(path[0] - L'a' + L'A') : path[0];
    (void)SetEnvironmentVariableW(name, path);
}

static int enter(const WCHAR *path)
{
    if (!SetCurrentDirectoryW(path))
        return fdi__last_fail();
    remember_for_drive();
    return 0;
}

/* Windows changes the current directory only by path. A path that the directory no longer has is
 * refused, but a move between this check and the call goes unnoticed. */
static int enter_handle(HANDLE directory)
{
    WCHAR *path = fdi__check_directory(directory) < 0 ? NULL : fdi__literal_path(directory, true);
    if (!path)
        return -1;
    int result = enter(path);
    int error = errno;
    free(path);
    return result < 0 ? fdi__fail(error == ENOENT ? EBUSY : error) : 0;
}

static int enter_path(const char *path)
{
    struct fdi__wide wide;
    if (fdi__wide_open(&wide, path) < 0)
        return -1;
    int result = enter(wide.text);
    int saved_errno = errno;
    fdi__wide_close(&wide);
    return fdi__restore_errno(saved_errno, result);
}

int fdi__os_chdir(fdi_target target)
{
    struct fdi__target_handle opened;
    if (target.path && target.fd == FDI_AT_FDCWD)
        return enter_path(target.path);
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES, 0) < 0)
        return -1;
    return fdi__target_handle_close(&opened, enter_handle(opened.handle));
}

/* ---- reading --------------------------------------------------------------------------------- */

enum { LONGEST_NAME = 255 * 3 };

/* `next` is NULL when the buffer is used up. */
struct fdi_dir {
    HANDLE handle;
    FILE_INFO_BY_HANDLE_CLASS class;
    const char *next;
    fdi_dirent entry;
    char name[LONGEST_NAME + 1];
    uint64_t buffer[4096];
};

static int open_listing(HANDLE *handle, fdi_target target)
{
    const struct fdi__manner manner = {
        .access = FILE_LIST_DIRECTORY,
        .options = FILE_DIRECTORY_FILE,
    };
    return fdi__open_target(handle, target, manner);
}

fdi_dir *fdi__os_opendir(fdi_target target)
{
    HANDLE handle;
    if (open_listing(&handle, target) < 0)
        return NULL;
    fdi_dir *dir = malloc(sizeof *dir);
    if (!dir) {
        (void)CloseHandle(handle);
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    dir->handle = handle;
    dir->class = FileIdBothDirectoryInfo;
    dir->next = NULL;
    return dir;
}

/* An entry of either class. */
struct found {
    ULONG after; /* where the next one starts; 0: this is the last */
    DWORD attributes;
    DWORD ea_size; /* the tag of a reparse point */
    uint64_t id;   /* 0: the file system has none */
    const WCHAR *name;
    size_t length;
};

/* Returns true if the file system may lack the first class. */
static bool lacks_class(const fdi_dir *dir, DWORD error)
{
    switch (error) {
    case ERROR_INVALID_PARAMETER:
    case ERROR_INVALID_FUNCTION:
    case ERROR_NOT_SUPPORTED:
    case ERROR_CALL_NOT_IMPLEMENTED:
    case ERROR_INVALID_LEVEL:
        return dir->class == FileIdBothDirectoryInfo;
    default:
        return false;
    }
}

/* Returns 1, or 0 at the end. A directory without "." fails with ERROR_FILE_NOT_FOUND at once. Some
 * file systems have no ids and lack the first class. */
static int fill_buffer(fdi_dir *dir)
{
    for (;;) {
        if (GetFileInformationByHandleEx(dir->handle, dir->class, dir->buffer,
                                         sizeof dir->buffer)) {
            dir->next = (const char *)dir->buffer;
            return 1;
        }
        DWORD error = GetLastError();
        if (error == ERROR_NO_MORE_FILES || error == ERROR_FILE_NOT_FOUND)
            return 0;
        if (!lacks_class(dir, error))
            return fdi__win_fail(error);
        dir->class = FileFullDirectoryInfo;
    }
}

static struct found with_id(const void *at)
{
    const FILE_ID_BOTH_DIR_INFO *info = at;
    return (struct found){
        info->NextEntryOffset,           info->FileAttributes, info->EaSize,
        (uint64_t)info->FileId.QuadPart, info->FileName,       info->FileNameLength / sizeof(WCHAR),
    };
}

static struct found without_id(const void *at)
{
    const FILE_FULL_DIR_INFO *info = at;
    return (struct found){
        info->NextEntryOffset, info->FileAttributes,
        info->EaSize,          0,
        info->FileName,        info->FileNameLength / sizeof(WCHAR),
    };
}

static struct found take_next(fdi_dir *dir)
{
    struct found found =
        dir->class == FileIdBothDirectoryInfo ? with_id(dir->next) : without_id(dir->next);
    dir->next = found.after ? dir->next + found.after : NULL;
    return found;
}

static bool is_dot_or_two(const struct found *found)
{
    return found->name[0] == L'.' &&
           (found->length == 1 || (found->length == 2 && found->name[1] == L'.'));
}

static int type_of_entry(const struct found *found)
{
    FILE_ATTRIBUTE_TAG_INFO kind = {found->attributes, 0};
    if (found->attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        kind.ReparseTag = found->ea_size;
    if (fdi__is_link(&kind))
        return FDI_TYPE_SYMLINK;
    if (fdi__is_socket(&kind))
        return FDI_TYPE_SOCKET;
    return fdi__is_directory(&kind) ? FDI_TYPE_DIRECTORY : FDI_TYPE_FILE;
}

/* Stores one entry in `dir`. After a name that is not valid UTF-16, the next call continues. */
static int store_entry(fdi_dir *dir, const struct found *found)
{
    int64_t length = fdi__utf8(dir->name, LONGEST_NAME, found->name, found->length);
    if (length < 0)
        return -1;
    if (length > LONGEST_NAME)
        return fdi__fail(ENAMETOOLONG);
    dir->name[length] = 0;
    dir->entry = (fdi_dirent){dir->name, found->id, type_of_entry(found)};
    return 1;
}

/* Stores the next entry and returns 1, or returns 0 at the end. */
static int read_entry(fdi_dir *dir)
{
    for (;;) {
        int result = dir->next ? 1 : fill_buffer(dir);
        if (result <= 0)
            return result;
        struct found found = take_next(dir);
        if (!is_dot_or_two(&found))
            return store_entry(dir, &found);
    }
}

int fdi__os_readdir(fdi_dir *dir, const fdi_dirent **entry)
{
    int result = read_entry(dir);
    if (result > 0)
        *entry = &dir->entry;
    return result;
}

int fdi__os_closedir(fdi_dir *dir)
{
    int result = CloseHandle(dir->handle) ? 0 : fdi__last_fail();
    int saved_errno = errno;
    free(dir);
    return fdi__restore_errno(saved_errno, result);
}
