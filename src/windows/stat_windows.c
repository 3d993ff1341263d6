/* SPDX-License-Identifier: MIT
 * Implements fdi_stat and fdi_statvfs. */
#include "../platform.h"
#include "../result.h"
#include "target_handle.h"

#include <wchar.h>

enum {
    KIND_FIFO = 0010000,
    KIND_CHARACTER_DEVICE = 0020000,
    KIND_DIRECTORY = 0040000,
    KIND_FILE = 0100000,
    KIND_SYMLINK = 0120000,
    KIND_SOCKET = 0140000,
    BLOCK = 512,
    PAGE = 4096
};

/* Windows counts times in units of 100 ns since 1601. */
#define UNITS_PER_SECOND 10000000
#define UNITS_TO_1970    (INT64_C(11644473600) * UNITS_PER_SECOND)

/* Windows reports 0 units if the file system lacks this time, as FAT lacks the change time. */
static struct fdi_time time_of(int64_t units)
{
    if (units == 0)
        return (struct fdi_time){0, 0};
    int64_t since_1970 = units - UNITS_TO_1970;
    int64_t rest = since_1970 % UNITS_PER_SECOND;
    if (rest < 0)
        rest += UNITS_PER_SECOND;
    return (struct fdi_time){(since_1970 - rest) / UNITS_PER_SECOND, rest * 100};
}

/* Windows gives 0 and negative units other meanings, so such times fail with EOVERFLOW. */
int fdi__units_of(struct fdi_time time, int64_t *units)
{
    const int64_t first = -UNITS_TO_1970 / UNITS_PER_SECOND;
    const int64_t last = (INT64_MAX - UNITS_TO_1970) / UNITS_PER_SECOND - 1;
    if (time.sec < first || time.sec > last)
        return fdi__fail(EOVERFLOW);
    *units = time.sec * UNITS_PER_SECOND + time.nsec / 100 + UNITS_TO_1970;
    return *units > 0 ? 0 : fdi__fail(EOVERFLOW);
}

/* ---- a file ---------------------------------------------------------------------------------- */

/* A junction counts as a symlink. */
static uint32_t mode_of(const FILE_ATTRIBUTE_TAG_INFO *kind)
{
    uint32_t forbidden = kind->FileAttributes & FILE_ATTRIBUTE_READONLY ? 0222 : 0;
    if (fdi__is_link(kind))
        return KIND_SYMLINK | 0777;
    if (fdi__is_socket(kind))
        return KIND_SOCKET | (0666 & ~forbidden);
    if (fdi__is_directory(kind))
        return KIND_DIRECTORY | (0777 & ~forbidden);
    return KIND_FILE | (0666 & ~forbidden);
}

static void fill_basic(struct fdi_stat *out, const FILE_BASIC_INFO *basic)
{
    out->atime = time_of(basic->LastAccessTime.QuadPart);
    out->mtime = time_of(basic->LastWriteTime.QuadPart);
    out->ctime = time_of(basic->ChangeTime.QuadPart);
    out->birthtime = time_of(basic->CreationTime.QuadPart);
    out->present |= FDI_STAT_BIRTHTIME;
}

static void fill_standard(struct fdi_stat *out, const FILE_STANDARD_INFO *standard)
{
    out->size = standard->EndOfFile.QuadPart;
    out->nlink = standard->NumberOfLinks;
    out->blocks = (uint64_t)standard->AllocationSize.QuadPart / BLOCK;
    out->blksize = PAGE;
    out->present |= FDI_STAT_BLOCKS;
}

static void fill_kind(struct fdi_stat *out, const FILE_ATTRIBUTE_TAG_INFO *kind)
{
    out->mode = mode_of(kind);
    out->file_attributes = kind->FileAttributes;
    out->reparse_tag = kind->ReparseTag;
    out->present |= FDI_STAT_FILE_ATTRIBUTES;
}

static void fill_identity(struct fdi_stat *out, const struct fdi__identity *identity)
{
    out->dev = identity->volume;
    out->ino = identity->low;
    out->ino_high = identity->high;
    if (identity->has_high)
        out->present |= FDI_STAT_INO_HIGH;
}

static int stat_file(HANDLE handle, const FILE_BASIC_INFO *basic, struct fdi_stat *out)
{
    FILE_STANDARD_INFO standard;
    FILE_ATTRIBUTE_TAG_INFO kind;
    struct fdi__identity identity;
    if (!GetFileInformationByHandleEx(handle, FileStandardInfo, &standard, sizeof standard))
        return fdi__last_fail();
    if (fdi__kind(handle, &kind) < 0 || fdi__identify(handle, &identity) < 0)
        return -1;
    *out = (struct fdi_stat){0};
    fill_basic(out, basic);
    fill_standard(out, &standard);
    fill_kind(out, &kind);
    fill_identity(out, &identity);
    return 0;
}

/* Consoles, pipes and sockets have only a type. */
static int stat_other(uint32_t kind, struct fdi_stat *out)
{
    *out = (struct fdi_stat){.mode = kind | 0666, .nlink = 1};
    return 0;
}

/* Reads the times first: under Wine, GetFileType reads from the file. */
static int stat_handle(HANDLE handle, struct fdi_stat *out)
{
    FILE_BASIC_INFO basic = {.FileAttributes = 0};
    SetLastError(NO_ERROR);
    BOOL has_times = GetFileInformationByHandleEx(handle, FileBasicInfo, &basic, sizeof basic);
    switch (GetFileType(handle)) {
    case FILE_TYPE_CHAR:
        return stat_other(KIND_CHARACTER_DEVICE, out);
    case FILE_TYPE_PIPE:
        return stat_other(KIND_FIFO, out);
    case FILE_TYPE_DISK:
        return has_times ? stat_file(handle, &basic, out) : fdi__last_fail();
    default:
        return fdi__last_fail();
    }
}

/* ---- a file that cannot be opened ------------------------------------------------------------ *
 *
 * Windows keeps some files open for itself, such as pagefile.sys, and access lists may refuse even
 * FILE_READ_ATTRIBUTES. The entry in the file's directory has most of the same information. */

/* An entry of a directory. Both classes that read it start with the members of
 * FILE_FULL_DIR_INFO. */
union listed {
    FILE_FULL_DIR_INFO common;
    FILE_ID_BOTH_DIR_INFO with_id;
    uint64_t room[128];
};

/* Returns false if the directory cannot be read or lacks the name. */
static bool find_listed(HANDLE directory, UNICODE_STRING *name, union listed *entry, bool *has_id)
{
    IO_STATUS_BLOCK io;
    NTSTATUS status = NtQueryDirectoryFile(directory, NULL, NULL, NULL, &io, entry, sizeof *entry,
                                           NT_FILE_ID_BOTH_DIRECTORY, TRUE, name, TRUE);
    *has_id = NT_SUCCESS(status);
    if (!*has_id)
        status = NtQueryDirectoryFile(directory, NULL, NULL, NULL, &io, entry, sizeof *entry,
                                      NT_FILE_FULL_DIRECTORY, TRUE, name, TRUE);
    return NT_SUCCESS(status);
}

static void fill_listed(struct fdi_stat *out, const union listed *entry, bool has_id)
{
    const FILE_FULL_DIR_INFO *info = &entry->common;
    const FILE_ATTRIBUTE_TAG_INFO kind = {
        info->FileAttributes,
        info->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ? info->EaSize : 0,
    };
    const FILE_BASIC_INFO basic = {
        .CreationTime = info->CreationTime,
        .LastAccessTime = info->LastAccessTime,
        .LastWriteTime = info->LastWriteTime,
        .ChangeTime = info->ChangeTime,
    };
    const FILE_STANDARD_INFO standard = {
        .AllocationSize = info->AllocationSize,
        .EndOfFile = info->EndOfFile,
        .NumberOfLinks = 1, /* the entry lacks the number of links */
    };
    *out = (struct fdi_stat){0};
    fill_basic(out, &basic);
    fill_standard(out, &standard);
    fill_kind(out, &kind);
    if (has_id)
        out->ino = (uint64_t)entry->with_id.FileId.QuadPart;
}

/* Splits the last name off a place, which leaves its directory. Returns false for a root, and for a
 * name with a character that NtQueryDirectoryFile takes for a wildcard. */
static bool split_place(struct fdi__place *directory, UNICODE_STRING *name)
{
    const WCHAR *text = directory->name.Buffer;
    size_t units = directory->name.Length / sizeof *text, start = units;
    size_t least = directory->root ? 0 : fdi__root_length(text);
    while (start > least && text[start - 1] != L'\\')
        start--;
    *name = directory->name;
    name->Buffer += start;
    name->Length = name->MaximumLength = (USHORT)((units - start) * sizeof *text);
    for (size_t i = start; i < units; i++)
        if (wcschr(L"*?<>\"", text[i]))
            return false;
    size_t kept = start > least ? start - 1 : start; /* a root keeps its separator */
    directory->name.Length = (USHORT)(kept * sizeof *text);
    return name->Length > 0;
}

/* Rejects the entry of a link if the caller wants the file that the link leads to. */
static bool is_wanted_entry(const struct fdi_stat *found, bool names_directory, unsigned flags)
{
    const FILE_ATTRIBUTE_TAG_INFO kind = {found->file_attributes, found->reparse_tag};
    bool follows = names_directory || !(flags & FDI_NOFOLLOW);
    bool is_other = fdi__is_link(&kind) || (kind.ReparseTag & NT_TAG_SURROGATE);
    return !(follows && is_other) && (!names_directory || fdi__is_directory(&kind));
}

static bool stat_at_place(const struct fdi__place *place, struct fdi_stat *out, unsigned flags)
{
    const struct fdi__manner manner = {.access = FILE_LIST_DIRECTORY,
                                       .options = FILE_DIRECTORY_FILE};
    struct fdi__place parent = *place;
    struct fdi__identity identity;
    UNICODE_STRING name;
    HANDLE directory;
    union listed entry;
    bool has_id;
    parent.names_directory = false;
    if (!split_place(&parent, &name) || fdi__open_place(&directory, &parent, manner) < 0)
        return false;
    bool found =
        find_listed(directory, &name, &entry, &has_id) && fdi__identify(directory, &identity) == 0;
    (void)CloseHandle(directory);
    if (!found)
        return false;
    struct fdi_stat filled;
    fill_listed(&filled, &entry, has_id);
    filled.dev = identity.volume;
    if (!is_wanted_entry(&filled, place->names_directory, flags))
        return false;
    *out = filled;
    return true;
}

/* Reads the file's entry in its directory after the open has failed. Keeps the errno of the open if
 * the entry does not help. */
static int stat_listed(fdi_target target, struct fdi_stat *out, unsigned flags, int saved_errno)
{
    struct fdi__place place;
    int error = errno;
    if ((error != EBUSY && error != EACCES) || !target.path)
        return -1;
    if (fdi__place_open(&place, target) < 0)
        return fdi__fail(error);
    bool found = stat_at_place(&place, out, flags);
    (void)fdi__place_close(&place, 0);
    return found ? fdi__restore_errno(saved_errno, 0) : fdi__fail(error);
}

int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    struct fdi__target_handle opened;
    int saved_errno = errno;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES, flags) < 0)
        return stat_listed(target, out, flags, saved_errno);
    return fdi__target_handle_close(&opened, stat_handle(opened.handle, out));
}

/* ---- a file system --------------------------------------------------------------------------- */

static int stat_volume(HANDLE handle, struct fdi_statvfs *out)
{
    /* READ_ONLY is ST_RDONLY. A UTF-16 unit takes up to three bytes in UTF-8. */
    enum { READ_ONLY = 1, BYTES_PER_UNIT = 3 };
    DWORD serial, longest, properties;
    FILE_FS_FULL_SIZE_INFORMATION size;
    IO_STATUS_BLOCK io;
    NTSTATUS status =
        NtQueryVolumeInformationFile(handle, &io, &size, sizeof size, NT_FS_FULL_SIZE);
    if (!NT_SUCCESS(status))
        return fdi__nt_fail(status);
    if (!GetVolumeInformationByHandleW(handle, NULL, 0, &serial, &longest, &properties, NULL, 0))
        return fdi__last_fail();
    *out = (struct fdi_statvfs){0};
    out->frsize = (uint64_t)size.SectorsPerAllocationUnit * size.BytesPerSector;
    out->bsize = out->frsize;
    out->blocks = (uint64_t)size.TotalAllocationUnits.QuadPart;
    out->bfree = (uint64_t)size.ActualAvailableAllocationUnits.QuadPart;
    out->bavail = (uint64_t)size.CallerAvailableAllocationUnits.QuadPart;
    out->fsid = serial;
    out->flag = properties & FILE_READ_ONLY_VOLUME ? READ_ONLY : 0;
    out->namemax = (uint64_t)longest * BYTES_PER_UNIT;
    return 0;
}

int fdi__os_statvfs(fdi_target target, struct fdi_statvfs *out)
{
    struct fdi__target_handle opened;
    if (fdi__target_handle_open(&opened, target, FILE_READ_ATTRIBUTES, 0) < 0)
        return -1;
    return fdi__target_handle_close(&opened, stat_volume(opened.handle, out));
}
