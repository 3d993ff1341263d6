/* SPDX-License-Identifier: MIT
 * Access checks, the read-only attribute, file length and file times. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

/* ---- access ---------------------------------------------------------------------------------- */

static ACCESS_MASK rights_of(int mode)
{
    enum { EXECUTE = 1, WRITE = 2, READ = 4 };
    return (mode & READ ? FILE_READ_DATA : 0U) | (mode & WRITE ? FILE_WRITE_DATA : 0U) |
           (mode & EXECUTE ? FILE_EXECUTE : 0U);
}

static int ask_rights(HANDLE handle, ACCESS_MASK *rights)
{
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtQueryInformationFile(handle, &io, rights, sizeof *rights, NT_FILE_ACCESS);
    return NT_SUCCESS(status) ? 0 : fdi__nt_fail(status);
}

static bool has_rights(HANDLE handle, ACCESS_MASK rights)
{
    ACCESS_MASK had = 0;
    int saved_errno = errno;
    bool has = ask_rights(handle, &had) == 0 && (had & rights) == rights;
    errno = saved_errno;
    return has;
}

/* Opening the file checks the access. If a file cannot be reopened, the fd's own rights decide. */
int fdi__os_access(fdi_target target, int mode, unsigned flags)
{
    int saved_errno = errno;
    const struct fdi__manner manner = {
        .access = rights_of(mode),
        .options = flags & FDI_NOFOLLOW ? FILE_OPEN_REPARSE_POINT : 0,
    };
    HANDLE handle;
    if (flags & FDI_EFFECTIVE_IDS)
        return fdi__fail(ENOTSUP);
    if (fdi__open_target(&handle, target, manner) >= 0) {
        (void)CloseHandle(handle);
        return 0;
    }
    bool is_in_use = errno == EBUSY; /* Windows checks share modes after the rights */
    struct fdi_stat unused;
    if (mode == 0 && errno == EACCES && fdi__os_stat(target, &unused, flags) == 0)
        return fdi__restore_errno(saved_errno, 0); /* the file is there */
    bool has = !target.path && errno != EBADF && has_rights(fdi__handle(target.fd), manner.access);
    if (is_in_use || has)
        return fdi__restore_errno(saved_errno, 0);
    return errno == ENOTSUP ? fdi__fail(EACCES) : -1;
}

/* ---- chmod ----------------------------------------------------------------------------------- */

static int set_basic(HANDLE handle, FILE_BASIC_INFO basic)
{
    if (SetFileInformationByHandle(handle, FileBasicInfo, &basic, sizeof basic))
        return 0;
    return fdi__last_fail();
}

/* Windows leaves times and attributes that are 0 unchanged. */
int fdi__set_read_only(HANDLE handle, bool read_only)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    if (fdi__kind(handle, &kind) < 0)
        return -1;
    DWORD others = kind.FileAttributes & ~(DWORD)FILE_ATTRIBUTE_READONLY;
    FILE_BASIC_INFO basic = {.FileAttributes =
                                 read_only ? others | FILE_ATTRIBUTE_READONLY : others};
    if (basic.FileAttributes == 0)
        basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    return set_basic(handle, basic);
}

int fdi__os_chmod(fdi_target target, unsigned mode, unsigned flags)
{
    enum { WRITE_FOR_ANYBODY = 0222 };
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES,
                                flags) < 0)
        return -1;
    return fdi__target_handle_close(&opened,
                                    fdi__set_read_only(opened.handle, !(mode & WRITE_FOR_ANYBODY)));
}

/* ---- truncate -------------------------------------------------------------------------------- */

int fdi__set_length(HANDLE handle, int64_t length)
{
    FILE_END_OF_FILE_INFO end = {{.QuadPart = length}};
    if (SetFileInformationByHandle(handle, FileEndOfFileInfo, &end, sizeof end))
        return 0;
    return fdi__last_fail();
}

/* The handle of an append-only fd lacks the right to set the length, so reopen the file for
 * this. */
static int truncate_appending(HANDLE handle, int64_t length)
{
    HANDLE writer;
    if (fdi__open_again(&writer, handle, (struct fdi__manner){.access = FILE_WRITE_DATA}) < 0)
        return -1;
    return fdi__closed(writer, fdi__set_length(writer, length));
}

static int truncate_open(HANDLE handle, int64_t length)
{
    ACCESS_MASK rights = 0;
    if (ask_rights(handle, &rights) < 0)
        return -1;
    if (rights & FILE_WRITE_DATA)
        return fdi__set_length(handle, length);
    return rights & FILE_APPEND_DATA ? truncate_appending(handle, length) : fdi__fail(EINVAL);
}

int fdi__os_truncate(fdi_target target, int64_t length)
{
    FILE_ATTRIBUTE_TAG_INFO kind;
    struct fdi__target_handle opened;
    ACCESS_MASK access = target.path ? FILE_WRITE_DATA : FILE_READ_ATTRIBUTES;
    if (fdi__target_handle_open(&opened, target, access, 0) < 0)
        return -1;
    int result = fdi__kind(opened.handle, &kind);
    if (result == 0 && (kind.FileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        result = fdi__fail(target.path ? EISDIR : EINVAL);
    if (result == 0)
        result = truncate_open(opened.handle, length);
    return fdi__target_handle_close(&opened, result);
}

/* ---- utime ----------------------------------------------------------------------------------- */

static int times_of(const struct fdi_time *times, FILE_BASIC_INFO *basic)
{
    FILETIME now;
    if (times)
        return fdi__units_of(times[0], &basic->LastAccessTime.QuadPart) < 0
                   ? -1
                   : fdi__units_of(times[1], &basic->LastWriteTime.QuadPart);
    GetSystemTimePreciseAsFileTime(&now);
    basic->LastAccessTime.QuadPart = (int64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    basic->LastWriteTime = basic->LastAccessTime;
    return 0;
}

int fdi__os_utime(fdi_target target, const struct fdi_time *times, unsigned flags)
{
    struct fdi__target_handle opened;
    FILE_BASIC_INFO basic = {.FileAttributes = 0};
    if (times_of(times, &basic) < 0)
        return -1;
    if (fdi__target_handle_open(&opened, target, FILE_WRITE_ATTRIBUTES, flags) < 0)
        return -1;
    return fdi__target_handle_close(&opened, set_basic(opened.handle, basic));
}
