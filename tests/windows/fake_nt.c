/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "fake_nt.h"
#include "../support/replace_windows.h"

#include <string.h>
#include <wchar.h>

struct fake_nt fake;

/* ---- handles, which are only numbers --------------------------------------------------------- */

enum { FIRST_HANDLE = 0x100000, TOKEN = 0x200000 };

HANDLE fake_nt_handle(int opening)
{
    return (HANDLE)(intptr_t)(FIRST_HANDLE + 4 * opening);
}

static int opening_of(HANDLE handle)
{
    intptr_t number = ((intptr_t)handle - FIRST_HANDLE) / 4;
    return number >= 0 && number < fake.opened ? (int)number : -1;
}

void fake_nt_start(void)
{
    fake = (struct fake_nt){.on = true};
}

bool fake_nt_end(void)
{
    fake.on = false;
    return fake.open_now == 0;
}

/* Finds the real function, for calls that are not faked. */
static void *real(const WCHAR *library, const char *name)
{
    void *address;
    FARPROC found = GetProcAddress(GetModuleHandleW(library), name);
    memcpy(&address, &found, sizeof address);
    return address;
}

#define REAL(library, name, type, variable)                                                        \
    type variable;                                                                                 \
    void *variable##_address = real(library, name);                                                \
    memcpy(&variable, &variable##_address, sizeof variable)

/* ---- ntdll: functions linked by name --------------------------------------------------------- */

typedef NTSTATUS(NTAPI *create_type)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *,
                                     LARGE_INTEGER *, ULONG, ULONG, ULONG, ULONG, void *, ULONG);
typedef NTSTATUS(NTAPI *set_type)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, int);

NTSTATUS NTAPI NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *object,
                            IO_STATUS_BLOCK *io, LARGE_INTEGER *size, ULONG attributes, ULONG share,
                            ULONG disposition, ULONG options, void *ea, ULONG ea_size)
{
    if (!fake.on) {
        REAL(L"ntdll.dll", "NtCreateFile", create_type, call);
        return call(handle, access, object, io, size, attributes, share, disposition, options, ea,
                    ea_size);
    }
    struct opening *opening = &fake.openings[fake.opened];
    *opening = (struct opening){.root = object->RootDirectory,
                                .access = access,
                                .options = options,
                                .disposition = disposition,
                                .attributes = attributes,
                                .object = object->Attributes,
                                .share = share};
    memcpy(opening->name, object->ObjectName->Buffer, object->ObjectName->Length);
    io->Information = disposition == FILE_CREATE ? FILE_CREATED : FILE_OPENED;
    *handle = fake_nt_handle(fake.opened++);
    fake.open_now += NT_SUCCESS(fake.open_status);
    return fake.open_status;
}

NTSTATUS NTAPI NtSetInformationFile(HANDLE handle, IO_STATUS_BLOCK *io, void *data, ULONG size,
                                    int class)
{
    if (!fake.on) {
        REAL(L"ntdll.dll", "NtSetInformationFile", set_type, call);
        return call(handle, io, data, size, class);
    }
    struct set_call *set = &fake.set_calls[fake.set_count];
    *set = (struct set_call){.handle = handle, .class = class, .size = size};
    memcpy(set->data, data, size < sizeof set->data ? size : sizeof set->data);
    return fake.set_status[fake.set_count++];
}

NTSTATUS NTAPI NtFsControlFile(HANDLE handle, HANDLE event, void *routine, void *context,
                               IO_STATUS_BLOCK *io, ULONG code, void *in, ULONG in_size, void *out,
                               ULONG out_size)
{
    (void)event, (void)routine, (void)context;
    struct control *control = &fake.controls[fake.controlled++];
    *control = (struct control){.handle = handle, .code = code, .size = in_size};
    control->had_right = fake.has_right;
    if (in)
        memcpy(control->data, in, in_size < sizeof control->data ? in_size : sizeof control->data);
    if (out && fake.reparse_size <= out_size)
        memcpy(out, fake.reparse, fake.reparse_size);
    io->Information = fake.reparse_size;
    return fake.control_status;
}

/* ---- kernel32: functions called by import pointers ------------------------------------------- */

typedef WINBOOL(WINAPI *close_type)(HANDLE);
typedef WINBOOL(WINAPI *query_type)(HANDLE, FILE_INFO_BY_HANDLE_CLASS, LPVOID, DWORD);
typedef DWORD(WINAPI *type_type)(HANDLE);
typedef DWORD(WINAPI *final_type)(HANDLE, LPWSTR, DWORD, DWORD);

static WINBOOL WINAPI close_handle(HANDLE handle)
{
    REAL(L"kernel32.dll", "CloseHandle", close_type, call);
    if (!fake.on || (opening_of(handle) < 0 && handle != (HANDLE)TOKEN))
        return call(handle);
    fake.open_now--;
    return TRUE;
}

static WINBOOL WINAPI query(HANDLE handle, FILE_INFO_BY_HANDLE_CLASS class, LPVOID out, DWORD size)
{
    REAL(L"kernel32.dll", "GetFileInformationByHandleEx", query_type, call);
    int opening = opening_of(handle);
    if (!fake.on || opening < 0)
        return call(handle, class, out, size);
    memset(out, 0, size);
    if (fake.is_simple && (class == FileAttributeTagInfo || class == FileIdInfo))
        return SetLastError(ERROR_INVALID_PARAMETER), FALSE;
    if (class == FileBasicInfo)
        ((FILE_BASIC_INFO *)out)->FileAttributes = fake.kind.FileAttributes;
    if (class == FileAttributeTagInfo)
        memcpy(out, &fake.kind, size);
    if (class == FileIdInfo)
        memcpy(out, &fake.ids[opening], size);
    if (class == FileIdBothDirectoryInfo) {
        if (!fake.listing)
            return SetLastError(ERROR_NO_MORE_FILES), FALSE;
        memcpy(out, fake.listing, fake.listing_size);
        fake.listing = NULL;
    }
    return TRUE;
}

static WINBOOL WINAPI query_short(HANDLE handle, LPBY_HANDLE_FILE_INFORMATION out)
{
    (void)handle;
    if (fake.has_no_ids)
        return SetLastError(ERROR_NOT_SUPPORTED), FALSE;
    *out = (BY_HANDLE_FILE_INFORMATION){
        .dwVolumeSerialNumber = 7, .nFileIndexHigh = 1, .nFileIndexLow = 2};
    return TRUE;
}

static DWORD WINAPI file_type(HANDLE handle)
{
    REAL(L"kernel32.dll", "GetFileType", type_type, call);
    return fake.on && opening_of(handle) >= 0 ? FILE_TYPE_DISK : call(handle);
}

static WINBOOL WINAPI set_information(HANDLE handle, FILE_INFO_BY_HANDLE_CLASS class, LPVOID in,
                                      DWORD size)
{
    (void)handle, (void)class, (void)in, (void)size;
    return TRUE;
}

static DWORD WINAPI final_path(HANDLE handle, LPWSTR out, DWORD room, DWORD flags)
{
    REAL(L"kernel32.dll", "GetFinalPathNameByHandleW", final_type, call);
    const WCHAR *path = fake.final_paths[fake.final_path];
    if (!fake.on || !path)
        return call(handle, out, room, flags);
    if (wcslen(path) >= room)
        return (DWORD)wcslen(path) + 1;
    fake.final_path += fake.final_paths[fake.final_path + 1] != NULL;
    return (DWORD)wcslen(wcscpy(out, path));
}

REPLACE(CloseHandle, close_handle);
REPLACE(GetFileInformationByHandleEx, query);
REPLACE(GetFileInformationByHandle, query_short);
REPLACE(GetFileType, file_type);
REPLACE(SetFileInformationByHandle, set_information);
REPLACE(GetFinalPathNameByHandleW, final_path);

/* ---- advapi32: impersonation ----------------------------------------------------------------- */

static WINBOOL WINAPI open_token(HANDLE thread, DWORD access, WINBOOL as_self, PHANDLE token)
{
    (void)thread, (void)access, (void)as_self;
    if (!fake.impersonates)
        return SetLastError(ERROR_NO_TOKEN), FALSE;
    fake.open_now++;
    *token = (HANDLE)TOKEN;
    return TRUE;
}

static WINBOOL WINAPI impersonate(SECURITY_IMPERSONATION_LEVEL level)
{
    (void)level;
    fake.impersonates = true;
    return TRUE;
}

static WINBOOL WINAPI find_right(LPCWSTR system, LPCWSTR name, PLUID right)
{
    assert_null(system);
    assert_int_equal(wcscmp(name, L"SeCreateSymbolicLinkPrivilege"), 0);
    right->LowPart = 35;
    return TRUE;
}

static WINBOOL WINAPI adjust(HANDLE token, WINBOOL none, PTOKEN_PRIVILEGES rights, DWORD size,
                             PTOKEN_PRIVILEGES before, PDWORD needed)
{
    (void)size, (void)before, (void)needed;
    assert_true(token == (HANDLE)TOKEN && !none && rights->PrivilegeCount == 1);
    assert_int_equal(rights->Privileges[0].Luid.LowPart, 35);
    fake.has_right = rights->Privileges[0].Attributes == SE_PRIVILEGE_ENABLED;
    return TRUE;
}

static WINBOOL WINAPI revert(void)
{
    fake.impersonates = fake.has_right = false;
    return TRUE;
}

REPLACE(OpenThreadToken, open_token);
REPLACE(ImpersonateSelf, impersonate);
REPLACE(LookupPrivilegeValueW, find_right);
REPLACE(AdjustTokenPrivileges, adjust);
REPLACE(RevertToSelf, revert);
