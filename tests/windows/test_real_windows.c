/* SPDX-License-Identifier: MIT
 * Tests answers that Windows gives and Wine does not. A replaced call gives the documented answer for
 * some files; every other call is Wine's. */
#include "../../src/platform.h"
#include "../support/child_report.h"
#include "../support/files.h"
#include "../support/replace_windows.h"
#include "../../src/windows/target_handle.h"

#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <wchar.h>

enum { NONE = 0, ROOM = 600 };

/* The answers of the replaced calls, and their arguments. */
static struct {
    DWORD final_errors[3]; /* for the DOS name, the id and the device of a volume */
    const WCHAR *final_paths[3];
    const WCHAR *refused; /* NtCreateFile fails for names that end so */
    NTSTATUS status;
    DWORD tag; /* NtCreateFile opens the refused file itself, and it has this tag */
    DWORD class_error;
    bool has_no_ids;
    bool stops_at_directory;
    void (*before_create)(void);
    WCHAR opened[ROOM];    /* the first full name */
    ACCESS_MASK access;    /* of that */
    WCHAR entered[ROOM];   /* by SetCurrentDirectory */
    WCHAR program[ROOM];   /* of CreateProcess */
    WCHAR directory[ROOM]; /* of CreateProcess */
} nt;

static HANDLE tagged; /* the handle of the refused file */

static void *real(const WCHAR *library, const char *name)
{
    void *address;
    FARPROC found = GetProcAddress(GetModuleHandleW(library), name);
    memcpy(&address, &found, sizeof address);
    return address;
}

#define REAL(library, name, variable)                                                              \
    static __typeof__(&name) variable;                                                             \
    if (!variable) {                                                                               \
        void *variable##_address = real(library, #name);                                           \
        memcpy(&variable, &variable##_address, sizeof variable);                                   \
    }

/* ---- ntdll ----------------------------------------------------------------------------------- */

static bool is_refused(const UNICODE_STRING *name)
{
    size_t units = name->Length / sizeof(WCHAR), length = nt.refused ? wcslen(nt.refused) : 0;
    return length > 0 && units >= length &&
           wcsncmp(name->Buffer + units - length, nt.refused, length) == 0;
}

NTSTATUS NTAPI NtCreateFile(HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *object,
                            IO_STATUS_BLOCK *io, LARGE_INTEGER *size, ULONG attributes, ULONG share,
                            ULONG disposition, ULONG options, void *ea, ULONG ea_size)
{
    REAL(L"ntdll.dll", NtCreateFile, call);
    const UNICODE_STRING *name = object->ObjectName;
    bool is_itself = nt.tag && (options & FILE_OPEN_REPARSE_POINT);
    size_t units = name->Length / sizeof(WCHAR);
    if (!object->RootDirectory && units < ROOM && !nt.opened[0]) {
        memcpy(nt.opened, name->Buffer, name->Length);
        nt.opened[units] = 0;
        nt.access = access;
    }
    if (is_refused(name) && !is_itself)
        return nt.status;
    NTSTATUS status = call(handle, access, object, io, size, attributes, share, disposition,
                           options & ~(ULONG)FILE_OPEN_REPARSE_POINT, ea, ea_size);
    if (is_refused(name) && NT_SUCCESS(status))
        tagged = *handle;
    return status;
}

NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE directory, HANDLE event, void *routine, void *context,
                                    IO_STATUS_BLOCK *io, void *out, ULONG size,
                                    int information_class, BOOLEAN single, UNICODE_STRING *name,
                                    BOOLEAN restart)
{
    REAL(L"ntdll.dll", NtQueryDirectoryFile, call);
    if (nt.has_no_ids && information_class == NT_FILE_ID_BOTH_DIRECTORY)
        return NT_INVALID_INFO_CLASS;
    NTSTATUS status = call(directory, event, routine, context, io, out, size, information_class,
                           single, name, restart);
    if (NT_SUCCESS(status) && nt.tag) {
        FILE_FULL_DIR_INFO *entry = out;
        entry->FileAttributes |= FILE_ATTRIBUTE_REPARSE_POINT;
        entry->EaSize = nt.tag;
    }
    return status;
}

/* ---- kernel32 -------------------------------------------------------------------------------- */

static DWORD WINAPI final_path(HANDLE file, WCHAR *out, DWORD room, DWORD flags)
{
    REAL(L"kernel32.dll", GetFinalPathNameByHandleW, call);
    int kind = flags == VOLUME_NAME_DOS ? 0 : flags == VOLUME_NAME_GUID ? 1 : 2;
    const WCHAR *path = nt.final_paths[kind];
    if (nt.final_errors[kind]) {
        SetLastError(nt.final_errors[kind]);
        return 0;
    }
    if (!path)
        return call(file, out, room, flags);
    if (wcslen(path) >= room)
        return (DWORD)wcslen(path) + 1;
    return (DWORD)wcslen(wcscpy(out, path));
}

static BOOL WINAPI query(HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, void *out, DWORD size)
{
    REAL(L"kernel32.dll", GetFileInformationByHandleEx, call);
    if (class == FileIdBothDirectoryInfo && nt.class_error) {
        SetLastError(nt.class_error);
        return FALSE;
    }
    if (class == FileAttributeTagInfo && nt.tag && file == tagged) {
        const FILE_ATTRIBUTE_TAG_INFO kind = {FILE_ATTRIBUTE_REPARSE_POINT, nt.tag};
        memcpy(out, &kind, sizeof kind);
        return TRUE;
    }
    return call(file, class, out, size);
}

static BOOL WINAPI enter(const WCHAR *path)
{
    REAL(L"kernel32.dll", SetCurrentDirectoryW, call);
    wcsncpy(nt.entered, path, ROOM - 1);
    return nt.stops_at_directory ? TRUE : call(path);
}

static BOOL WINAPI create(const WCHAR *program, WCHAR *line, SECURITY_ATTRIBUTES *process,
                          SECURITY_ATTRIBUTES *thread, BOOL inherits, DWORD flags,
                          void *environment, const WCHAR *directory, STARTUPINFOW *startup,
                          PROCESS_INFORMATION *made)
{
    REAL(L"kernel32.dll", CreateProcessW, call);
    wcsncpy(nt.program, program, ROOM - 1);
    wcsncpy(nt.directory, directory ? directory : L"", ROOM - 1);
    if (nt.before_create)
        nt.before_create();
    if (nt.stops_at_directory && directory) {
        SetLastError(ERROR_DIRECTORY);
        return FALSE;
    }
    return call(program, line, process, thread, inherits, flags, environment, directory, startup,
                made);
}

REPLACE(GetFinalPathNameByHandleW, final_path);
REPLACE(GetFileInformationByHandleEx, query);
REPLACE(SetCurrentDirectoryW, enter);
REPLACE(CreateProcessW, create);

/* Returns the full path of `name` in the current directory, with the prefix \\?\. */
static const WCHAR *literal(const WCHAR *name)
{
    static WCHAR path[ROOM];
    WCHAR here[MAX_PATH];
    GetCurrentDirectoryW(MAX_PATH, here);
    swprintf(path, ROOM, L"\\\\?\\%ls\\%ls", here, name);
    return path;
}

static int start(void **state)
{
    memset(&nt, 0, sizeof nt);
    tagged = NULL;
    return fixture_setup(state);
}

static int end(void **state)
{
    memset(&nt, 0, sizeof nt);
    return fixture_teardown(state);
}

static int spawn(fdi_target program, fdi_target directory)
{
    struct child_report report;
    fdi_spawn_options options = report_options();
    if (program.form)
        options.program = program;
    options.directory = directory;
    options.flags = FDI_SPAWN_NO_STDIO;
    return spawn_report(&options, &report);
}

static const fdi_target unset = {0};

/* ---- paths that Win32 rewrites --------------------------------------------------------------- */

/* Wine stores the name without the dot, as Win32 would. The final path is that of Windows. */
static void the_neighbour_of_a_name_with_a_dot_is_never_entered(void **state)
{
    WCHAR before[MAX_PATH], after[MAX_PATH];
    (void)state;
    make_directory("x");
    int top = open_directory(".");
    assert_works(fdi_mkdir(fdi_path_at(top, "x."), 0777));
    int dotted = fdi_open(fdi_path_at(top, "x."), O_RDONLY, 0);
    assert_true(dotted >= 0);
    nt.final_paths[0] = literal(L"x.");
    GetCurrentDirectoryW(MAX_PATH, before);
    assert_fails(ENOTSUP, fdi_chdir(fdi_fd(dotted)));
    assert_fails(ENOTSUP, fdi_chdir(fdi_path_at(top, "x.")));
    assert_fails(ENOTSUP, spawn(unset, fdi_fd(dotted)));
    assert_fails(ENOTSUP, spawn(unset, fdi_path_at(top, "x.")));
    GetCurrentDirectoryW(MAX_PATH, after);
    assert_int_equal(wcscmp(before, after), 0);
    _close(dotted);
    assert_works(fdi_rmdir(fdi_path_at(top, "x.")));
    _close(top);
}

static void a_directory_with_the_name_of_a_device_is_entered_with_the_prefix(void **state)
{
    (void)state;
    int top = open_directory(".");
    assert_works(fdi_mkdir(fdi_path_at(top, "nul"), 0777));
    nt.final_paths[0] = literal(L"nul");
    nt.stops_at_directory = true;
    assert_works(fdi_chdir(fdi_path_at(top, "nul")));
    assert_int_equal(wcscmp(nt.entered, nt.final_paths[0]), 0);
    assert_fails(ENOTDIR, spawn(unset, fdi_path_at(top, "nul")));
    assert_int_equal(wcscmp(nt.directory, nt.final_paths[0]), 0);
    assert_works(fdi_rmdir(fdi_path_at(top, "nul")));
    _close(top);
}

static void a_mapped_drive_stays_a_drive_letter(void **state)
{
    WCHAR here[MAX_PATH];
    (void)state;
    make_directory("d");
    int directory = open_directory("d");
    nt.final_paths[0] = L"\\\\?\\UNC\\server\\share\\d";
    GetCurrentDirectoryW(MAX_PATH, here);
    wcscat(here, L"\\d");
    nt.stops_at_directory = true;
    assert_fails(ENOTDIR, spawn(unset, fdi_path("d")));
    assert_int_equal(wcscmp(nt.directory, here), 0);
    assert_fails(ENOTDIR, spawn(unset, fdi_fd(directory)));
    assert_int_equal(wcscmp(nt.directory, L"\\\\server\\share\\d"), 0);
    _close(directory);
}

static void a_directory_past_max_path_is_enametoolong(void **state)
{
    char deep[400] = "d";
    (void)state;
    make_directory(deep);
    for (int i = 0; i < 12; i++) {
        strcat(deep, "\\a directory with a long name");
        assert_works(fdi_mkdir(fdi_path(deep), 0777));
    }
    assert_fails(ENAMETOOLONG, spawn(unset, fdi_path(deep)));
    int directory = open_directory(deep);
    assert_fails(ENAMETOOLONG, spawn(unset, fdi_fd(directory)));
    _close(directory);
    directory = open_directory("d");
    WCHAR path[400];
    wcscpy(path, L"\\\\?\\C:\\");
    for (int i = 0; i < 300; i++)
        wcscat(path, L"d");
    nt.final_paths[0] = path; /* Wine reports no path of that length */
    assert_fails(ENAMETOOLONG, spawn(unset, fdi_fd(directory)));
    _close(directory);
    for (char *end = deep; (end = strrchr(deep, '\\')) != NULL; *end = 0)
        assert_works(fdi_rmdir(fdi_path(deep)));
}

/* ---- volumes without a DOS name -------------------------------------------------------------- */

static const DWORD nameless[] = {ERROR_INVALID_FUNCTION, ERROR_PATH_NOT_FOUND, ERROR_ACCESS_DENIED,
                                 ERROR_UNRECOGNIZED_VOLUME};

enum { NAMELESS = sizeof nameless / sizeof *nameless };

static void plain_paths_need_no_dos_name(void **state)
{
    (void)state;
    make_directory("d");
    for (int i = 0; i < NAMELESS; i++) {
        for (int kind = 0; kind < 3; kind++)
            nt.final_errors[kind] = nameless[i];
        assert_works(spawn(unset, fdi_path("d")));
        assert_works(fdi_chdir(fdi_path("d")));
        assert_works(fdi_chdir(fdi_path("..")));
    }
}

/* Wine cannot open these paths. */
static void a_handle_is_named_by_the_volumes_id_or_device(void **state)
{
    static const WCHAR by_id[] = L"\\\\?\\Volume{12345678-0000-0000-0000-100000000000}\\d",
                       by_device[] = L"\\Device\\ImDisk0\\d",
                       full_device[] = L"\\\\?\\GLOBALROOT\\Device\\ImDisk0\\d";
    (void)state;
    make_directory("d");
    int directory = open_directory("d");
    nt.stops_at_directory = true;
    nt.final_paths[1] = by_id;
    nt.final_paths[2] = by_device;
    for (int i = 0; i < NAMELESS; i++) {
        nt.final_errors[0] = nameless[i];
        nt.final_errors[1] = NONE;
        assert_works(fdi_chdir(fdi_fd(directory)));
        assert_int_equal(wcscmp(nt.entered, by_id), 0);
        assert_fails(ENOTDIR, spawn(unset, fdi_fd(directory)));
        assert_int_equal(wcscmp(nt.directory, by_id), 0);
        nt.final_errors[1] = nameless[i];
        assert_works(fdi_chdir(fdi_fd(directory)));
        assert_int_equal(wcscmp(nt.entered, full_device), 0);
        assert_fails(ENOTDIR, spawn(unset, fdi_fd(directory)));
        assert_int_equal(wcscmp(nt.directory, full_device), 0);
    }
    _close(directory);
}

static void the_parent_on_a_volume_without_a_dos_name_is_looked_up_by_its_id(void **state)
{
    static const WCHAR parent[] = L"\\??\\Volume{12345678-0000-0000-0000-100000000000}\\";
    struct fdi_stat status;
    (void)state;
    make_directory("d");
    int directory = open_directory("d");
    nt.final_errors[0] = ERROR_UNRECOGNIZED_VOLUME;
    nt.final_paths[1] = L"\\\\?\\Volume{12345678-0000-0000-0000-100000000000}\\d";
    nt.opened[0] = 0;
    assert_fails(ENOENT, fdi_stat(fdi_path_at(directory, "../x"), &status, 0));
    assert_int_equal(wcscmp(nt.opened, parent), 0);
    _close(directory);
}

static void roots_keep_their_last_separator(void **state)
{
    static const struct {
        const char *path;
        const WCHAR *name;
    } rules[] = {
        {"\\\\?\\Volume{12345678-0000-0000-0000-100000000000}\\",
         L"\\??\\Volume{12345678-0000-0000-0000-100000000000}\\"},
        {"\\\\?\\Volume{12345678-0000-0000-0000-100000000000}\\d\\\\",
         L"\\??\\Volume{12345678-0000-0000-0000-100000000000}\\d"},
        {"\\\\?\\GLOBALROOT\\Device\\HarddiskVolume9\\",
         L"\\??\\GLOBALROOT\\Device\\HarddiskVolume9\\"},
        {"\\\\?\\GLOBALROOT\\Device\\Harddisk9\\Partition1\\",
         L"\\??\\GLOBALROOT\\Device\\Harddisk9\\Partition1\\"},
        {"\\\\.\\pipe\\", L"\\??\\pipe\\"},
        {"\\\\?\\C:\\", L"\\??\\C:\\"},
        {"C:/", L"\\??\\C:\\"},
        {"\\\\server\\share\\", L"\\??\\UNC\\server\\share\\"},
        {"\\\\server\\share\\d\\", L"\\??\\UNC\\server\\share\\d"},
    };
    struct fdi_stat status;
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        nt.opened[0] = 0;
        (void)fdi_stat(fdi_path(rules[i].path), &status, 0);
        assert_int_equal(wcscmp(nt.opened, rules[i].name), 0);
    }
}

static void a_pipe_of_another_computer_is_appended_to_by_writing(void **state)
{
    static const struct {
        const char *path;
        bool is_pipe;
    } rules[] = {{"//nowhere/pipe/x", true},
                 {"//nowhere/PIPE/x", true},
                 {"\\\\.\\GLOBALROOT\\Device\\NamedPipe\\fdi_x", true},
                 {"//nowhere/share/pipe", false},
                 {"missing", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        nt.opened[0] = 0;
        assert_fails(ENOENT, fdi_open(fdi_path(rules[i].path), O_WRONLY | O_APPEND, 0));
        assert_int_equal((nt.access & FILE_WRITE_DATA) != 0, rules[i].is_pipe);
        assert_true(nt.access & FILE_APPEND_DATA);
    }
}

/* ---- files that cannot be opened ------------------------------------------------------------- */

static void assert_described(fdi_target target, const struct fdi_stat *expected)
{
    struct fdi_stat status;
    memset(&status, 0xff, sizeof status);
    assert_works(fdi_stat(target, &status, 0));
    assert_int_equal(status.mode, expected->mode);
    assert_int_equal(status.size, expected->size);
    assert_int_equal(status.dev, expected->dev);
    assert_int_equal(status.ino, nt.has_no_ids ? 0 : expected->ino);
    assert_int_equal(status.mtime.sec, expected->mtime.sec);
    assert_int_equal(status.birthtime.nsec, expected->birthtime.nsec);
    assert_int_equal(status.file_attributes, expected->file_attributes);
    assert_int_equal(status.nlink, 1);
    assert_int_equal(status.present, expected->present & ~(uint32_t)FDI_STAT_INO_HIGH);
}

static void a_file_in_use_is_described_by_its_directorys_entry(void **state)
{
    static const NTSTATUS refusals[] = {NT_SHARING_VIOLATION, NT_ACCESS_DENIED};
    struct fdi_stat expected, status;
    (void)state;
    make_directory("d");
    make_file("d/in use", "12345");
    int directory = open_directory("d");
    assert_works(fdi_stat(fdi_path("d/in use"), &expected, 0));
    nt.refused = L"in use";
    for (int i = 0; i < 4; i++) {
        nt.status = refusals[i % 2];
        nt.has_no_ids = i / 2;
        assert_described(fdi_path("d/in use"), &expected);
        assert_described(fdi_path("d\\IN USE/../in use"), &expected);
        assert_described(fdi_path_at(directory, "in use"), &expected);
        assert_described(fdi_path_at(directory, "../d/in use"), &expected);
        assert_works(fdi_access(fdi_path("d/in use"), 0, 0));
        assert_works(fdi_access(fdi_path_at(directory, "in use"), 0, FDI_NOFOLLOW));
        memset(&status, 0x55, sizeof status);
        assert_fails(i % 2 ? EACCES : EBUSY,
                     fdi_stat(fdi_path_at(directory, "in use/"), &status, 0));
        assert_int_equal(status.mode, 0x55555555);
    }
    _close(directory);
}

static void a_file_in_use_without_an_entry_keeps_its_error(void **state)
{
    static const struct {
        const WCHAR *refused;
        const char *path;
    } rules[] = {{L"gone", "gone"}, {L"C:\\", "C:/"}, {L"a*b", "d/../a*b"}, {L"x", "missing/x"}};
    struct fdi_stat status;
    (void)state;
    int top = open_directory(".");
    nt.status = NT_SHARING_VIOLATION;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        nt.refused = rules[i].refused;
        assert_fails(EBUSY, fdi_stat(fdi_path(rules[i].path), &status, 0));
    }
    nt.refused = L"a*b";
    assert_fails(EBUSY, fdi_stat(fdi_path_at(top, "a*b"), &status, 0));
    _close(top);
}

/* ---- reparse tags that no driver follows ----------------------------------------------------- */

static void start_tagged(const WCHAR *name, DWORD tag)
{
    nt.refused = name;
    nt.status = NT_REPARSE_TAG_NOT_HANDLED;
    nt.tag = tag;
}

static void socket_files_are_described_and_removed(void **state)
{
    struct fdi_stat status;
    (void)state;
    int top = open_directory(".");
    make_file("socket", "");
    start_tagged(L"socket", NT_TAG_AF_UNIX);
    assert_works(fdi_stat(fdi_path("socket"), &status, 0));
    assert_int_equal(status.mode, 0140666);
    assert_works(fdi_stat(fdi_path_at(top, "socket"), &status, FDI_NOFOLLOW));
    assert_int_equal(status.mode, 0140666);
    assert_int_equal(status.reparse_tag, NT_TAG_AF_UNIX);
    assert_works(fdi_access(fdi_path("socket"), 0, 0));
    assert_fails(EACCES, fdi_open(fdi_path("socket"), O_RDONLY, 0));
    assert_fails(EACCES, fdi_truncate(fdi_path("socket"), 0));
    assert_works(fdi_unlink(fdi_path_at(top, "socket")));
    assert_false(exists("socket"));
    _close(top);
}

/* Other tags of this kind stand for another file, so the link is not the file. */
static void a_surrogate_that_no_driver_follows_is_eacces(void **state)
{
    struct fdi_stat status;
    (void)state;
    make_file("link", "");
    start_tagged(L"link", NT_TAG_SURROGATE | 0x80000018);
    assert_fails(EACCES, fdi_stat(fdi_path("link"), &status, 0));
    assert_works(fdi_stat(fdi_path("link"), &status, FDI_NOFOLLOW));
}

static void an_alias_of_an_app_starts(void **state)
{
    char alias[ROOM];
    (void)state;
    assert_true(CopyFileA(report_options().program.path, "alias.exe", TRUE));
    int top = open_directory(".");
    here_and("alias.exe", alias);
    start_tagged(L"alias.exe", NT_TAG_APP_ALIAS);
    assert_works(spawn(fdi_path("alias.exe"), unset));
    assert_int_equal(wcscmp(nt.program + wcslen(nt.program) - 10, L"\\alias.exe"), 0);
    assert_works(spawn(fdi_path_at(top, "alias.exe"), unset));
    nt.tag = NT_TAG_AF_UNIX;
    assert_fails(EACCES, spawn(fdi_path_at(top, "alias.exe"), unset));
    nt.tag = 0;
    assert_fails(EACCES, spawn(fdi_path_at(top, "alias.exe"), unset));
    _close(top);
}

/* ---- directories without ids ----------------------------------------------------------------- */

static void a_directory_is_listed_by_a_class_that_its_file_system_has(void **state)
{
    static const DWORD lacking[] = {ERROR_INVALID_PARAMETER, ERROR_INVALID_FUNCTION,
                                    ERROR_NOT_SUPPORTED, ERROR_CALL_NOT_IMPLEMENTED,
                                    ERROR_INVALID_LEVEL};
    const fdi_dirent *entry;
    (void)state;
    make_directory("d");
    make_directory("d/one");
    for (size_t i = 0; i < sizeof lacking / sizeof *lacking; i++) {
        nt.class_error = lacking[i];
        fdi_dir *dir = fdi_opendir(fdi_path("d"));
        assert_int_equal(fdi_readdir(dir, &entry), 1);
        assert_string_equal(entry->name, "one");
        assert_int_equal(entry->type, FDI_TYPE_DIRECTORY);
        assert_int_equal(entry->ino, 0);
        assert_int_equal(fdi_readdir(dir, &entry), 0);
        assert_works(fdi_closedir(dir));
    }
    nt.class_error = ERROR_IO_DEVICE;
    fdi_dir *dir = fdi_opendir(fdi_path("d"));
    assert_fails(EIO, fdi_readdir(dir, &entry));
    assert_works(fdi_closedir(dir));
}

/* ---- the program cannot be exchanged --------------------------------------------------------- */

static int refusals;

static void try_to_exchange(void)
{
    HANDLE writer = CreateFileA("d\\program.exe", GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
    refusals += writer == INVALID_HANDLE_VALUE;
    if (writer != INVALID_HANDLE_VALUE)
        CloseHandle(writer);
    refusals += !MoveFileExA("other.exe", "d\\program.exe", MOVEFILE_REPLACE_EXISTING);
    refusals += !DeleteFileA("d\\program.exe");
}

static void a_program_by_fd_or_dir_fd_cannot_be_exchanged_before_it_starts(void **state)
{
    (void)state;
    make_directory("d");
    make_file("other.exe", "other");
    assert_true(CopyFileA(report_options().program.path, "d\\program.exe", TRUE));
    int directory = open_directory("d");
    int program = fdi_open(fdi_path("d/program.exe"), O_RDONLY, 0);
    nt.before_create = try_to_exchange;
    refusals = 0;
    assert_works(spawn(fdi_path_at(directory, "program.exe"), unset));
    assert_int_equal(refusals, 3);
    assert_works(spawn(fdi_fd(program), unset));
    assert_int_equal(refusals, 6);
    nt.before_create = NULL;
    int writer = fdi_open(fdi_path("d/program.exe"), O_RDWR, 0);
    assert_fails(EBUSY, spawn(fdi_path_at(directory, "program.exe"), unset));
    _close(writer);
    _close(program);
    _close(directory);
}

#define ANSWERED(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest cases[] = {
        ANSWERED(the_neighbour_of_a_name_with_a_dot_is_never_entered),
        ANSWERED(a_directory_with_the_name_of_a_device_is_entered_with_the_prefix),
        ANSWERED(a_mapped_drive_stays_a_drive_letter),
        ANSWERED(a_directory_past_max_path_is_enametoolong),
        ANSWERED(plain_paths_need_no_dos_name),
        ANSWERED(a_handle_is_named_by_the_volumes_id_or_device),
        ANSWERED(the_parent_on_a_volume_without_a_dos_name_is_looked_up_by_its_id),
        ANSWERED(roots_keep_their_last_separator),
        ANSWERED(a_pipe_of_another_computer_is_appended_to_by_writing),
        ANSWERED(a_file_in_use_is_described_by_its_directorys_entry),
        ANSWERED(a_file_in_use_without_an_entry_keeps_its_error),
        ANSWERED(socket_files_are_described_and_removed),
        ANSWERED(a_surrogate_that_no_driver_follows_is_eacces),
        ANSWERED(an_alias_of_an_app_starts),
        ANSWERED(a_directory_is_listed_by_a_class_that_its_file_system_has),
        ANSWERED(a_program_by_fd_or_dir_fd_cannot_be_exchanged_before_it_starts),
    };
    return cmocka_run_group_tests_name("real_windows", cases, NULL, NULL);
}
