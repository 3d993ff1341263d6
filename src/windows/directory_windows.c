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

/* Fails with EBUSY if the path no longer leads to `directory`. */
static int leads_to(const WCHAR *path, HANDLE directory)
{
    HANDLE found = CreateFileW(path, FILE_READ_ATTRIBUTES,
                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                               OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (found == INVALID_HANDLE_VALUE)
        return fdi__last_fail() < 0 && errno == ENOENT ? fdi__fail(EBUSY) : -1;
    bool is_same = fdi__same_file(found, directory);
    (void)CloseHandle(found);
    return is_same ? 0 : fdi__fail(EBUSY);
}

/* Windows changes the current directory only by path. A path that the directory no longer has is
 * refused, but a move between this check and the call goes unnoticed. */
static int enter_handle(HANDLE directory)
{
    struct fdi__wide path;
    if (fdi__check_directory(directory) < 0 || fdi__final_path(&path, directory) < 0)
        return -1;
    int result = leads_to(path.text, directory);
    if (result == 0)
        result = enter(fdi__without_prefix(path.text));
    int saved_errno = errno;
    fdi__wide_close(&path);
    return fdi__restore_errno(saved_errno, result);
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
    const FILE_ID_BOTH_DIR_INFO *next;
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
    dir->next = NULL;
    return dir;
}

/* Returns 1, or 0 at the end. A directory without "." fails with ERROR_FILE_NOT_FOUND at once. */
static int fill_buffer(fdi_dir *dir)
{
    if (GetFileInformationByHandleEx(dir->handle, FileIdBothDirectoryInfo, dir->buffer,
                                     sizeof dir->buffer)) {
        dir->next = (const FILE_ID_BOTH_DIR_INFO *)(const void *)dir->buffer;
        return 1;
    }
    DWORD error = GetLastError();
    return error == ERROR_NO_MORE_FILES || error == ERROR_FILE_NOT_FOUND ? 0 : fdi__win_fail(error);
}

static const FILE_ID_BOTH_DIR_INFO *take_next(fdi_dir *dir)
{
    const FILE_ID_BOTH_DIR_INFO *taken = dir->next;
    const char *after = (const char *)taken + taken->NextEntryOffset;
    dir->next = taken->NextEntryOffset ? (const FILE_ID_BOTH_DIR_INFO *)(const void *)after : NULL;
    return taken;
}

static bool is_dot_or_two(const FILE_ID_BOTH_DIR_INFO *info)
{
    size_t length = info->FileNameLength / sizeof(WCHAR);
    return info->FileName[0] == L'.' && (length == 1 || (length == 2 && info->FileName[1] == L'.'));
}

/* A reparse point's EaSize is its tag. */
static int type_of_entry(const FILE_ID_BOTH_DIR_INFO *info)
{
    FILE_ATTRIBUTE_TAG_INFO kind = {info->FileAttributes, 0};
    if (info->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        kind.ReparseTag = info->EaSize;
    if (fdi__is_link(&kind))
        return FDI_TYPE_SYMLINK;
    return fdi__is_directory(&kind) ? FDI_TYPE_DIRECTORY : FDI_TYPE_FILE;
}

/* Stores one entry in `dir`. After a name that is not valid UTF-16, the next call continues. */
static int store_entry(fdi_dir *dir, const FILE_ID_BOTH_DIR_INFO *info)
{
    int64_t length =
        fdi__utf8(dir->name, LONGEST_NAME, info->FileName, info->FileNameLength / sizeof(WCHAR));
    if (length < 0)
        return -1;
    if (length > LONGEST_NAME)
        return fdi__fail(ENAMETOOLONG);
    dir->name[length] = 0;
    dir->entry = (fdi_dirent){dir->name, (uint64_t)info->FileId.QuadPart, type_of_entry(info)};
    return 1;
}

/* Stores the next entry and returns 1, or returns 0 at the end. */
static int read_entry(fdi_dir *dir)
{
    for (;;) {
        int result = dir->next ? 1 : fill_buffer(dir);
        if (result <= 0)
            return result;
        const FILE_ID_BOTH_DIR_INFO *info = take_next(dir);
        if (!is_dot_or_two(info))
            return store_entry(dir, info);
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
