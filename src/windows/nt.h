/* SPDX-License-Identifier: MIT
 * Declares the functions, structures, class numbers and STATUS codes of ntdll.dll.
 *
 * They follow Microsoft's documentation (winternl.h, ntifs.h, wdm.h, ntstatus.h), unless a comment
 * says otherwise. The library declares them itself, because winternl.h of the Windows SDK lacks
 * many of them and that of mingw-w64 declares a different set. Do not include winternl.h or
 * ntstatus.h beside this file. */
#ifndef FDI__NT_H
#define FDI__NT_H

#include <windows.h>

/* ---- STATUS codes ---------------------------------------------------------------------------- */

typedef LONG NTSTATUS;

#define NT_SUCCESS(status)         ((NTSTATUS)(status) >= 0)

#define NT_STOPPED_ON_SYMLINK      ((NTSTATUS)0x8000002D)
#define NT_NOT_IMPLEMENTED         ((NTSTATUS)0xC0000002)
#define NT_INVALID_INFO_CLASS      ((NTSTATUS)0xC0000003)
#define NT_INFO_LENGTH_MISMATCH    ((NTSTATUS)0xC0000004)
#define NT_INVALID_HANDLE          ((NTSTATUS)0xC0000008)
#define NT_INVALID_PARAMETER       ((NTSTATUS)0xC000000D)
#define NT_INVALID_DEVICE_REQUEST  ((NTSTATUS)0xC0000010)
#define NT_ACCESS_DENIED           ((NTSTATUS)0xC0000022)
#define NT_OBJECT_TYPE_MISMATCH    ((NTSTATUS)0xC0000024)
#define NT_OBJECT_NAME_INVALID     ((NTSTATUS)0xC0000033)
#define NT_OBJECT_NAME_COLLISION   ((NTSTATUS)0xC0000035)
#define NT_OBJECT_PATH_NOT_FOUND   ((NTSTATUS)0xC000003A)
#define NT_SHARING_VIOLATION       ((NTSTATUS)0xC0000043)
#define NT_DELETE_PENDING          ((NTSTATUS)0xC0000056)
#define NT_FILE_IS_A_DIRECTORY     ((NTSTATUS)0xC00000BA)
#define NT_NOT_SUPPORTED           ((NTSTATUS)0xC00000BB)
#define NT_NOT_A_DIRECTORY         ((NTSTATUS)0xC0000103)
#define NT_CANNOT_DELETE           ((NTSTATUS)0xC0000121)
#define NT_FILE_DELETED            ((NTSTATUS)0xC0000123)
#define NT_USER_MAPPED_FILE        ((NTSTATUS)0xC0000243)
#define NT_REPARSE_TAG_NOT_HANDLED ((NTSTATUS)0xC0000279)
#define NT_REPARSE_POINT_MET       ((NTSTATUS)0xC000050B)

/* ---- structures ------------------------------------------------------------------------------ */

/* Both lengths are in bytes. */
typedef struct fdi__unicode_string {
    USHORT Length;
    USHORT MaximumLength;
    WCHAR *Buffer;
} UNICODE_STRING;

typedef struct fdi__object_attributes {
    ULONG Length;
    HANDLE RootDirectory;
    UNICODE_STRING *ObjectName;
    ULONG Attributes;
    void *SecurityDescriptor;
    void *SecurityQualityOfService;
} OBJECT_ATTRIBUTES;

typedef struct fdi__io_status_block {
    union {
        NTSTATUS Status;
        void *Pointer;
    } of;
    ULONG_PTR Information;
} IO_STATUS_BLOCK;

typedef struct fdi__fs_full_size {
    LARGE_INTEGER TotalAllocationUnits;
    LARGE_INTEGER CallerAvailableAllocationUnits;
    LARGE_INTEGER ActualAvailableAllocationUnits;
    ULONG SectorsPerAllocationUnit;
    ULONG BytesPerSector;
} FILE_FS_FULL_SIZE_INFORMATION;

/* The input of every rename and link class. The older classes read `flags` as a boolean. */
struct fdi__new_name {
    ULONG flags;
    HANDLE root;
    ULONG length; /* of `name`, in bytes */
    WCHAR name[1];
};

/* An entry of the kernel's list of all handles. Microsoft does not document its layout. */
struct fdi__handle_entry {
    void *object;
    ULONG_PTR process;
    ULONG_PTR handle;
    ULONG access;
    USHORT trace;
    USHORT type;
    ULONG attributes; /* NT_INHERIT if the handle is inheritable */
    ULONG reserved;
};

struct fdi__handle_table {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct fdi__handle_entry entries[1];
};

/* These structures are PROCESS_BASIC_INFORMATION and the first members of PEB and
 * RTL_USER_PROCESS_PARAMETERS, which have not changed since Windows NT. */
struct fdi__process_basic {
    void *exit_status;
    void *block; /* the PEB */
    void *others[4];
};

struct fdi__process_block {
    void *others[4];
    void *parameters;
};

struct fdi__process_parameters {
    ULONG sizes[4];
    HANDLE console;
    ULONG_PTR console_flags;
    HANDLE streams[3];
};

/* ---- arguments of NtCreateFile --------------------------------------------------------------- */

enum { NT_CASE_INSENSITIVE = 0x40, NT_INHERIT = 0x02 };

#ifndef FILE_OPEN
#define FILE_OPEN 0x00000001
#endif
#ifndef FILE_CREATE
#define FILE_CREATE 0x00000002
#endif
#ifndef FILE_OPEN_IF
#define FILE_OPEN_IF 0x00000003
#endif

#ifndef FILE_OPENED
#define FILE_OPENED 0x00000001
#endif
#ifndef FILE_CREATED
#define FILE_CREATED 0x00000002
#endif

#ifndef FILE_OPEN_REPARSE_POINT
#define FILE_DIRECTORY_FILE          0x00000001
#define FILE_SEQUENTIAL_ONLY         0x00000004
#define FILE_SYNCHRONOUS_IO_NONALERT 0x00000020
#define FILE_NON_DIRECTORY_FILE      0x00000040
#define FILE_RANDOM_ACCESS           0x00000800
#define FILE_DELETE_ON_CLOSE         0x00001000
#define FILE_OPEN_REPARSE_POINT      0x00200000
#endif

/* ---- class numbers --------------------------------------------------------------------------- */

/* FILE_INFORMATION_CLASS */
enum {
    NT_FILE_FULL_DIRECTORY = 2,
    NT_FILE_ACCESS = 8,
    NT_FILE_RENAME = 10,
    NT_FILE_LINK = 11,
    NT_FILE_DISPOSITION = 13,
    NT_FILE_ID_BOTH_DIRECTORY = 37,
    NT_FILE_DISPOSITION_EX = 64,
    NT_FILE_RENAME_EX = 65
};

/* Flags of NT_FILE_DISPOSITION_EX. */
enum { NT_DELETE = 0x01, NT_DELETE_AT_ONCE = 0x02, NT_DELETE_READ_ONLY = 0x10 };

/* Flags of NT_FILE_RENAME_EX. */
enum { NT_REPLACE = 0x01, NT_REPLACE_AT_ONCE = 0x02, NT_REPLACE_READ_ONLY = 0x40 };

enum { NT_FS_FULL_SIZE = 7 };      /* FS_INFORMATION_CLASS */
enum { NT_PROCESS_BASIC = 0 };     /* PROCESSINFOCLASS */
enum { NT_ALL_HANDLES = 64 };      /* SYSTEM_INFORMATION_CLASS */
enum { NT_NAME = 1, NT_TYPE = 2 }; /* OBJECT_INFORMATION_CLASS */

/* ---- reparse tags ---------------------------------------------------------------------------- */

#define NT_TAG_APP_ALIAS ((DWORD)0x8000001B) /* IO_REPARSE_TAG_APPEXECLINK */
#define NT_TAG_AF_UNIX   ((DWORD)0x80000023) /* IO_REPARSE_TAG_AF_UNIX */
#define NT_TAG_SURROGATE ((DWORD)0x20000000) /* the bit of tags that stand for another file */

/* ---- functions ------------------------------------------------------------------------------- */

NTSTATUS NTAPI NtCreateFile(HANDLE *file, ACCESS_MASK access, OBJECT_ATTRIBUTES *object,
                            IO_STATUS_BLOCK *io, LARGE_INTEGER *size, ULONG attributes, ULONG share,
                            ULONG disposition, ULONG options, void *ea, ULONG ea_size);
NTSTATUS NTAPI NtFsControlFile(HANDLE file, HANDLE event, void *routine, void *context,
                               IO_STATUS_BLOCK *io, ULONG code, void *in, ULONG in_size, void *out,
                               ULONG out_size);
NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE directory, HANDLE event, void *routine, void *context,
                                    IO_STATUS_BLOCK *io, void *out, ULONG size,
                                    int information_class, BOOLEAN single, UNICODE_STRING *name,
                                    BOOLEAN restart);
NTSTATUS NTAPI NtQueryInformationFile(HANDLE file, IO_STATUS_BLOCK *io, void *out, ULONG size,
                                      int information_class);
NTSTATUS NTAPI NtQueryInformationProcess(HANDLE process, int information_class, void *out,
                                         ULONG size, ULONG *length);
NTSTATUS NTAPI NtQueryObject(HANDLE handle, int information_class, void *out, ULONG size,
                             ULONG *length);
NTSTATUS NTAPI NtQuerySystemInformation(int information_class, void *out, ULONG size,
                                        ULONG *length);
NTSTATUS NTAPI NtQueryVolumeInformationFile(HANDLE file, IO_STATUS_BLOCK *io, void *out, ULONG size,
                                            int information_class);
NTSTATUS NTAPI NtSetInformationFile(HANDLE file, IO_STATUS_BLOCK *io, void *in, ULONG size,
                                    int information_class);
ULONG NTAPI RtlNtStatusToDosError(NTSTATUS status);

#endif
