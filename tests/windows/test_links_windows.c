/* SPDX-License-Identifier: MIT
 * Tests symlinks, junctions and the calls with POSIX semantics, which Wine 8 lacks, against a fake
 * NT. Each call and its arguments are checked. */
#include "../../src/platform.h"
#include "fake_nt.h"

#include <fcntl.h>
#include <io.h>
#include <string.h>
#include <wchar.h>
#include <winioctl.h>

#define TAG_CLOUD         0x9000001AUL
#define STATUS_REFUSED    ((NTSTATUS)0xC0000061) /* STATUS_PRIVILEGE_NOT_HELD */
#define STATUS_DENIED     ((NTSTATUS)0xC0000022)
#define STATUS_NOT_EMPTY  ((NTSTATUS)0xC0000101)
#define STATUS_COLLISION  ((NTSTATUS)0xC0000035)
#define STATUS_NO_REPARSE ((NTSTATUS)0xC0000275) /* STATUS_NOT_A_REPARSE_POINT */

enum { KIND = 0170000, SYMLINK = 0120000, PLAIN = 0100000, FOLLOWS = 0, ITSELF = 1 };

static int dir_fd = -1;
static HANDLE dir;

static void start(DWORD attributes, DWORD tag)
{
    fake_nt_start();
    fake.kind.FileAttributes = attributes | (tag ? FILE_ATTRIBUTE_REPARSE_POINT : 0);
    fake.kind.ReparseTag = tag;
}

static void start_symlink(void)
{
    start(FILE_ATTRIBUTE_ARCHIVE, (DWORD)IO_REPARSE_TAG_SYMLINK);
}

static int open_dir(void **state)
{
    int result = fixture_setup(state);
    dir_fd = _open_osfhandle((intptr_t)CreateFileA(".", GENERIC_READ, 7, NULL, OPEN_EXISTING,
                                                   FILE_FLAG_BACKUP_SEMANTICS, NULL),
                             _O_NOINHERIT);
    dir = (HANDLE)_get_osfhandle(dir_fd);
    return result;
}

static int close_dir(void **state)
{
    bool whole = fake_nt_end();
    _close(dir_fd);
    return fixture_teardown(state) < 0 || !whole ? -1 : 0;
}

/* Checks that an opening was relative to `dir`, shared and not inheritable. */
static void assert_opening(int number, const WCHAR *name, bool itself)
{
    const struct opening *opening = &fake.openings[number];
    assert_true(number < fake.opened);
    assert_true(opening->root == dir);
    assert_int_equal(wcscmp(opening->name, name), 0);
    assert_int_equal((opening->options & FILE_OPEN_REPARSE_POINT) != 0, itself);
    assert_true(opening->options & FILE_SYNCHRONOUS_IO_NONALERT);
    assert_int_equal(opening->object, NT_CASE_INSENSITIVE);
    assert_int_equal(opening->share, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
}

/* ---- a name that is being deleted ------------------------------------------------------------ */

static void a_name_of_a_deleted_file_that_is_open_cannot_be_made(void **state)
{
    struct fdi_stat status;
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.open_status = NT_DELETE_PENDING;
    assert_fails(EBUSY, fdi_mkdir(fdi_path_at(dir_fd, "x"), 0777));
    assert_fails(EBUSY, fdi_open(fdi_path_at(dir_fd, "x"), O_WRONLY | O_CREAT, 0666));
    assert_fails(EBUSY, fdi_symlink("text", fdi_path_at(dir_fd, "x"), 0));
    assert_fails(ENOENT, fdi_open(fdi_path_at(dir_fd, "x"), O_WRONLY, 0));
    assert_fails(ENOENT, fdi_stat(fdi_path_at(dir_fd, "x"), &status, 0));
}

static void a_file_system_without_links_is_enotsup(void **state)
{
    static const NTSTATUS lacks[] = {NT_INVALID_DEVICE_REQUEST, NT_NOT_SUPPORTED,
                                     NT_INVALID_INFO_CLASS, NT_NOT_IMPLEMENTED};
    (void)state;
    for (int i = 0; i < 4; i++) {
        start(FILE_ATTRIBUTE_ARCHIVE, 0);
        fake.set_status[0] = lacks[i];
        assert_fails(ENOTSUP, fdi_link(fdi_path_at(dir_fd, "x"), fdi_path_at(dir_fd, "y"), 0));
        assert_true(fake_nt_end());
    }
}

/* ---- following ------------------------------------------------------------------------------- */

static fdi_target link_at(void)
{
    return fdi_path_at(dir_fd, "a/link");
}

static void assert_first(bool itself)
{
    assert_opening(0, L"a\\link", itself);
    assert_true(fake_nt_end());
    start_symlink();
}

static void links_are_followed_without_nofollow(void **state)
{
    static const fdi_function functions[] = {FDI_FN_ACCESS, FDI_FN_CHMOD, FDI_FN_LINK, FDI_FN_STAT,
                                             FDI_FN_UTIME};
    (void)state;
    start_symlink();
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        assert_works(call_any(functions[i], link_at(), 0));
        assert_first(FOLLOWS);
        assert_works(call_any(functions[i], link_at(), FDI_NOFOLLOW));
        assert_first(ITSELF);
    }
}

static void other_functions_always_follow_links(void **state)
{
    static const fdi_function functions[] = {FDI_FN_OPEN, FDI_FN_OPENDIR};
    struct fdi_statvfs system;
    (void)state;
    start_symlink();
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        (void)call_any(functions[i], link_at(), 0); /* no fake handle can become an fd */
        assert_first(FOLLOWS);
    }
    (void)fdi_statvfs(link_at(), &system);
    assert_first(FOLLOWS);
    (void)fdi_truncate(link_at(), 0);
    assert_first(FOLLOWS);
    assert_fails(ENOTDIR, fdi_chdir(link_at()));
    assert_first(FOLLOWS);
}

static void name_changes_act_on_the_link_itself(void **state)
{
    static const fdi_function functions[] = {FDI_FN_UNLINK, FDI_FN_RENAME, FDI_FN_MKDIR};
    char text[8];
    (void)state;
    start_symlink();
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        assert_works(call_any(functions[i], link_at(), 0));
        assert_first(ITSELF);
    }
    assert_fails(ENOTDIR, fdi_rmdir(link_at()));
    assert_first(ITSELF);
    (void)fdi_readlink(link_at(), text, sizeof text);
    assert_first(ITSELF);
    assert_works(fdi_symlink("text", link_at(), 0));
    assert_first(ITSELF);
    (void)fdi_open(link_at(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    assert_first(ITSELF);
}

static void a_trailing_separator_follows_the_link(void **state)
{
    struct fdi_stat status;
    (void)state;
    start_symlink();
    assert_works(fdi_stat(fdi_path_at(dir_fd, "a/link/"), &status, FDI_NOFOLLOW));
    assert_true(fake.openings[0].options & FILE_DIRECTORY_FILE);
    assert_first(FOLLOWS);
    assert_fails(ENOTDIR, fdi_rmdir(fdi_path_at(dir_fd, "a/link/"))); /* and removes nothing */
    assert_int_equal(fake.set_count, 0);
    assert_first(ITSELF);
    assert_fails(ENOTDIR, fdi_unlink(fdi_path_at(dir_fd, "a/link/")));
    assert_int_equal(fake.set_count, 0);
    assert_first(ITSELF);
}

static void open_refuses_links_with_nofollow(void **state)
{
    (void)state;
    start_symlink();
    assert_fails(ELOOP, fdi_open(link_at(), O_RDONLY | FDI_O_NOFOLLOW, 0));
    assert_first(ITSELF);
    assert_fails(ELOOP, fdi_open(link_at(), O_RDWR | O_CREAT | O_TRUNC | FDI_O_NOFOLLOW, 0666));
    assert_first(ITSELF);
    start(FILE_ATTRIBUTE_DIRECTORY, (DWORD)IO_REPARSE_TAG_MOUNT_POINT);
    assert_fails(ELOOP, fdi_open(link_at(), O_RDONLY | FDI_O_NOFOLLOW, 0));
    assert_first(ITSELF);
    start(FILE_ATTRIBUTE_ARCHIVE, TAG_CLOUD);
    assert_fails(ENOTSUP, fdi_open(link_at(), O_RDONLY | FDI_O_NOFOLLOW, 0));
    assert_first(ITSELF);
}

static uint32_t mode_of(DWORD attributes, DWORD tag)
{
    struct fdi_stat status;
    start(attributes, tag);
    assert_works(fdi_stat(link_at(), &status, FDI_NOFOLLOW));
    assert_int_equal(status.reparse_tag, tag);
    assert_true(fake_nt_end());
    return status.mode;
}

static void symlinks_and_junctions_are_links(void **state)
{
    (void)state;
    const DWORD symlink = (DWORD)IO_REPARSE_TAG_SYMLINK;
    const DWORD junction = (DWORD)IO_REPARSE_TAG_MOUNT_POINT;
    assert_int_equal(mode_of(FILE_ATTRIBUTE_ARCHIVE, symlink), SYMLINK | 0777);
    assert_int_equal(mode_of(FILE_ATTRIBUTE_DIRECTORY, symlink), SYMLINK | 0777);
    assert_int_equal(mode_of(FILE_ATTRIBUTE_DIRECTORY, junction), SYMLINK | 0777);
    assert_int_equal(mode_of(FILE_ATTRIBUTE_ARCHIVE, TAG_CLOUD), PLAIN | 0666);
    assert_int_equal(mode_of(FILE_ATTRIBUTE_READONLY, 0), PLAIN | 0444);
}

static void stat_falls_back_on_simple_file_systems(void **state)
{
    struct fdi_stat status;
    (void)state;
    start(FILE_ATTRIBUTE_DIRECTORY, 0);
    fake.is_simple = true;
    assert_works(fdi_stat(link_at(), &status, 0));
    assert_int_equal(status.mode, 0040777);
    assert_true(status.dev == 7 && status.ino == (UINT64_C(1) << 32 | 2) && status.ino_high == 0);
    assert_int_equal(status.present & FDI_STAT_INO_HIGH, 0);
    assert_true(status.ctime.sec == 0 && status.ctime.nsec == 0); /* not the year 1601 */
    assert_works(fdi_rmdir(link_at()));
    fake.has_no_ids = true;
    assert_fails(ENOTSUP, fdi_stat(link_at(), &status, 0));
}

static void readdir_reports_links(void **state)
{
    static const struct {
        DWORD attributes, tag;
        int type;
    } kinds[] = {
        {FILE_ATTRIBUTE_DIRECTORY, (DWORD)IO_REPARSE_TAG_MOUNT_POINT, FDI_TYPE_SYMLINK},
        {FILE_ATTRIBUTE_DIRECTORY, (DWORD)IO_REPARSE_TAG_SYMLINK, FDI_TYPE_SYMLINK},
        {FILE_ATTRIBUTE_ARCHIVE, (DWORD)IO_REPARSE_TAG_SYMLINK, FDI_TYPE_SYMLINK},
        {FILE_ATTRIBUTE_DIRECTORY, TAG_CLOUD, FDI_TYPE_DIRECTORY},
        {FILE_ATTRIBUTE_ARCHIVE, TAG_CLOUD, FDI_TYPE_FILE},
        {FILE_ATTRIBUTE_ARCHIVE, NT_TAG_AF_UNIX, FDI_TYPE_SOCKET},
    };
    FILE_ID_BOTH_DIR_INFO info = {.FileNameLength = 2, .FileName = {L'x'}};
    const fdi_dirent *entry;
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        info.FileAttributes = kinds[i].attributes | FILE_ATTRIBUTE_REPARSE_POINT;
        info.EaSize = kinds[i].tag;
        fake_nt_start();
        fake.listing = &info;
        fake.listing_size = sizeof info;
        fdi_dir *listing = fdi_opendir(fdi_path_at(dir_fd, "a"));
        assert_non_null(listing);
        assert_int_equal(fdi_readdir(listing, &entry), 1);
        assert_int_equal(entry->type, kinds[i].type);
        assert_int_equal(fdi_readdir(listing, &entry), 0);
        assert_works(fdi_closedir(listing));
        assert_true(fake_nt_end());
    }
}

static void readdir_reports_an_invalid_name_and_continues(void **state)
{
    struct {
        FILE_ID_BOTH_DIR_INFO bad, good;
    } both = {
        {.NextEntryOffset = sizeof both.bad, .FileNameLength = 2, .FileName = {0xd800}},
        {.FileNameLength = 2, .FileName = {L'x'}},
    };
    const fdi_dirent *entry;
    (void)state;
    fake_nt_start();
    fake.listing = &both;
    fake.listing_size = sizeof both;
    fdi_dir *listing = fdi_opendir(fdi_path_at(dir_fd, "a"));
    assert_fails(EILSEQ, fdi_readdir(listing, &entry));
    assert_int_equal(fdi_readdir(listing, &entry), 1);
    assert_string_equal(entry->name, "x");
    assert_works(fdi_closedir(listing));
}

/* ---- readlink -------------------------------------------------------------------------------- */

/* Stores a reparse point as the file system does. The display name precedes the target and
 * differs. */
static void set_reparse_point(DWORD tag, const WCHAR *target)
{
    static const WCHAR shown[] = L"shown";
    size_t front = tag == (DWORD)IO_REPARSE_TAG_SYMLINK ? 20 : 16;
    USHORT shown_size = sizeof shown - sizeof *shown;
    USHORT target_size = (USHORT)(wcslen(target) * sizeof(WCHAR));
    USHORT length = (USHORT)(front - 8 + shown_size + target_size);
    const USHORT lengths[] = {length, 0, shown_size, target_size, 0, shown_size};
    memcpy(fake.reparse, &tag, sizeof tag);
    memcpy(fake.reparse + 4, lengths, sizeof lengths);
    memcpy(fake.reparse + front, shown, shown_size);
    memcpy(fake.reparse + front + shown_size, target, target_size);
    fake.reparse_size = 8U + length;
}

static void assert_reads_as(DWORD tag, const WCHAR *target, const char *expected)
{
    char text[128];
    int64_t length = -1;
    start(FILE_ATTRIBUTE_ARCHIVE, tag);
    set_reparse_point(tag, target);
    memset(text, '!', sizeof text);
    assert_works(length = fdi_readlink(link_at(), text, sizeof text));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(text, expected, strlen(expected));
    assert_int_equal(text[length], '!');
    assert_int_equal(fake.controls[0].code, FSCTL_GET_REPARSE_POINT);
    assert_true(fake.controls[0].handle == fake_nt_handle(0));
    assert_first(ITSELF);
}

static void readlink_returns_the_path_that_nt_follows(void **state)
{
    const DWORD symlink = (DWORD)IO_REPARSE_TAG_SYMLINK;
    const DWORD junction = (DWORD)IO_REPARSE_TAG_MOUNT_POINT;
    (void)state;
    assert_reads_as(symlink, L"..\\a\\b", "..\\a\\b");
    assert_reads_as(symlink, L"\\rooted", "\\rooted");
    assert_reads_as(symlink, L"\x00e9\x20ac", "\xc3\xa9\xe2\x82\xac");
    assert_reads_as(symlink, L"\\??\\C:\\x", "C:\\x");
    assert_reads_as(symlink, L"\\??\\C:", "C:");
    assert_reads_as(symlink, L"\\??\\UNC\\server\\share", "\\\\server\\share");
    assert_reads_as(symlink, L"\\??\\Volume{1}\\x", "\\\\?\\Volume{1}\\x");
    assert_reads_as(junction, L"\\??\\D:\\dir", "D:\\dir");
    assert_reads_as(junction, L"\\??\\Volume{1}\\", "\\\\?\\Volume{1}\\");
    assert_reads_as(symlink, L"", "");
}

static void readlink_truncates_at_a_byte(void **state)
{
    char text[4] = "!!!";
    (void)state;
    start_symlink();
    set_reparse_point((DWORD)IO_REPARSE_TAG_SYMLINK, L"a\x20ac"
                                                     L"b");
    int64_t length = -1;
    assert_works(length = fdi_readlink(link_at(), text, 2));
    assert_int_equal(length, 2);
    assert_memory_equal(text, "a\xe2!", 4);
}

static void readlink_of_other_files_is_an_error(void **state)
{
    char text[16] = "untouched";
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, TAG_CLOUD);
    set_reparse_point(TAG_CLOUD, L"x");
    assert_fails(EINVAL, fdi_readlink(link_at(), text, sizeof text));
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.control_status = STATUS_NO_REPARSE;
    assert_fails(EINVAL, fdi_readlink(link_at(), text, sizeof text));
    start_symlink();
    set_reparse_point((DWORD)IO_REPARSE_TAG_SYMLINK, L"x");
    fake.reparse_size--; /* its length field is too large */
    assert_fails(EIO, fdi_readlink(link_at(), text, sizeof text));
    start_symlink();
    set_reparse_point((DWORD)IO_REPARSE_TAG_SYMLINK, L"\xd800");
    assert_fails(EILSEQ, fdi_readlink(link_at(), text, sizeof text));
    assert_string_equal(text, "untouched");
}

/* ---- symlink --------------------------------------------------------------------------------- */

static USHORT short_at(const unsigned char *data, int offset)
{
    return (USHORT)(data[offset] | data[offset + 1] << 8);
}

static void assert_text_at(const struct control *control, int offset, const WCHAR *expected)
{
    size_t start_at = 20U + short_at(control->data, offset);
    size_t size = short_at(control->data, offset + 2);
    assert_int_equal(size, wcslen(expected) * sizeof(WCHAR));
    assert_true(start_at + size <= control->size);
    assert_memory_equal(control->data + start_at, expected, size);
}

static void assert_makes(const char *text, const WCHAR *followed, const WCHAR *shown, int relative)
{
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    assert_works(fdi_symlink(text, link_at(), 0));
    const struct control *control = &fake.controls[0];
    const struct opening *opening = &fake.openings[0];
    assert_int_equal(opening->disposition, FILE_CREATE);
    assert_true(opening->access & DELETE && opening->access & FILE_WRITE_ATTRIBUTES);
    assert_true(opening->options & FILE_NON_DIRECTORY_FILE);
    assert_int_equal(control->code, FSCTL_SET_REPARSE_POINT);
    assert_true(control->handle == fake_nt_handle(0));
    assert_int_equal(*(const ULONG *)(const void *)control->data, (ULONG)IO_REPARSE_TAG_SYMLINK);
    assert_int_equal(short_at(control->data, 4), control->size - 8);
    assert_int_equal(control->data[16], relative);
    assert_text_at(control, 8, followed);
    assert_text_at(control, 12, shown);
    assert_first(ITSELF);
}

static void symlink_turns_an_empty_file_into_a_link(void **state)
{
    (void)state;
    assert_makes("text", L"text", L"text", 1);
    assert_makes("../a/b", L"..\\a\\b", L"..\\a\\b", 1);
    assert_makes("/rooted", L"\\rooted", L"\\rooted", 1);
    assert_makes("\xc3\xa9", L"\x00e9", L"\x00e9", 1);
    assert_makes("C:/x/y", L"\\??\\C:\\x\\y", L"C:\\x\\y", 0);
    assert_makes("//server/share/x", L"\\??\\UNC\\server\\share\\x", L"\\\\server\\share\\x", 0);
    assert_makes("\\\\?\\C:\\x", L"\\??\\C:\\x", L"\\\\?\\C:\\x", 0);
}

static void a_directory_link_is_made_of_a_directory(void **state)
{
    (void)state;
    start(FILE_ATTRIBUTE_DIRECTORY, 0);
    assert_works(fdi_symlink("text", link_at(), FDI_TARGET_IS_DIRECTORY));
    assert_true(fake.openings[0].options & FILE_DIRECTORY_FILE);
    assert_false(fake.openings[0].options & FILE_NON_DIRECTORY_FILE);
}

/* The handle that created the file removes it again. */
static void a_failed_symlink_leaves_no_file(void **state)
{
    static const struct {
        NTSTATUS status;
        int error;
    } rules[] = {{STATUS_REFUSED, EPERM},
                 {(NTSTATUS)0xC00000BB, ENOTSUP},
                 {(NTSTATUS)0xC0000010, ENOTSUP},
                 {STATUS_DENIED, EACCES}};
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        start(FILE_ATTRIBUTE_ARCHIVE, 0);
        fake.control_status = rules[i].status;
        assert_fails(rules[i].error, fdi_symlink("text", link_at(), 0));
        assert_int_equal(fake.set_count, 1);
        assert_true(fake.set_calls[0].handle == fake_nt_handle(0));
        assert_int_equal(fake.set_calls[0].class, 64);
        assert_true(fake.set_calls[0].data[0] & 1);
        assert_first(ITSELF);
    }
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.open_status = STATUS_COLLISION;
    assert_fails(EEXIST, fdi_symlink("text", link_at(), 0));
    assert_int_equal(fake.set_count + fake.controlled, 0); /* the existing file is unchanged */
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    assert_fails(ENOENT, fdi_symlink("", link_at(), 0));
    assert_fails(EILSEQ, fdi_symlink("\xff", link_at(), 0));
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    assert_fails(ENAMETOOLONG, fdi_symlink(text, link_at(), 0));
    assert_int_equal(fake.opened, 0);
}

static void the_privilege_is_enabled_only_for_the_call(void **state)
{
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    assert_works(fdi_symlink("text", link_at(), 0));
    assert_true(fake.controls[0].had_right);
    assert_false(fake.has_right || fake.impersonates);
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.impersonates = true;
    assert_works(fdi_symlink("text", link_at(), 0));
    assert_false(fake.controls[0].had_right);
    assert_true(fake.impersonates);
}

/* ---- POSIX semantics ------------------------------------------------------------------------- */

/* Statuses from Windows versions and file systems that lack the newer calls. */
static const NTSTATUS lacking[] = {
    (NTSTATUS)0xC0000002, (NTSTATUS)0xC0000003, (NTSTATUS)0xC000000D,
    (NTSTATUS)0xC0000010, (NTSTATUS)0xC00000BB,
};
enum { LACKING = sizeof lacking / sizeof *lacking };

static ULONG flags_set(int number)
{
    ULONG flags;
    memcpy(&flags, fake.set_calls[number].data, sizeof flags);
    return flags;
}

static void unlink_removes_the_name_at_once(void **state)
{
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    assert_works(fdi_unlink(link_at()));
    assert_int_equal(fake.set_count, 1);
    assert_int_equal(fake.set_calls[0].class, 64); /* FileDispositionInformationEx */
    assert_int_equal(flags_set(0), 0x13);          /* delete, POSIX semantics, also read-only */
    assert_true(fake.set_calls[0].handle == fake_nt_handle(0));
    assert_true(fake.openings[0].access & DELETE);
    assert_first(ITSELF);
    start(FILE_ATTRIBUTE_DIRECTORY, 0);
    assert_works(fdi_rmdir(link_at()));
    assert_int_equal(flags_set(0), 0x13);
    assert_first(ITSELF);
}

static void unlink_falls_back_to_the_older_call(void **state)
{
    (void)state;
    for (int i = 0; i < LACKING; i++) {
        start(FILE_ATTRIBUTE_READONLY, 0);
        fake.set_status[0] = lacking[i];
        assert_works(fdi_unlink(link_at()));
        assert_int_equal(fake.set_count, 2);
        assert_int_equal(fake.set_calls[1].class, 13); /* FileDispositionInformation */
        assert_int_equal(fake.set_calls[1].data[0], 1);
        assert_int_equal(fake.opened, 2); /* a second handle sets the attribute */
        assert_true(fake.openings[1].root == fake_nt_handle(0));
        assert_true(fake.openings[1].access & FILE_WRITE_ATTRIBUTES);
        assert_true(fake_nt_end());
    }
}

static void other_errors_cause_no_fallback(void **state)
{
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.set_status[0] = STATUS_DENIED;
    assert_fails(EACCES, fdi_unlink(link_at()));
    assert_int_equal(fake.set_count, 1);
    start(FILE_ATTRIBUTE_DIRECTORY, 0);
    fake.set_status[0] = STATUS_NOT_EMPTY;
    assert_fails(ENOTEMPTY, fdi_rmdir(link_at()));
    assert_int_equal(fake.set_count, 1);
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.set_status[0] = STATUS_DENIED;
    assert_fails(EACCES, fdi_rename(link_at(), fdi_path_at(dir_fd, "b"), 0));
    assert_int_equal(fake.set_count, 1);
}

static void links_to_directories_are_unlinked(void **state)
{
    static const DWORD tags[] = {(DWORD)IO_REPARSE_TAG_SYMLINK, (DWORD)IO_REPARSE_TAG_MOUNT_POINT};
    (void)state;
    for (int i = 0; i < 2; i++) {
        start(FILE_ATTRIBUTE_DIRECTORY, tags[i]);
        assert_works(fdi_unlink(link_at()));
        assert_int_equal(fake.set_count, 1);
        start(FILE_ATTRIBUTE_DIRECTORY, tags[i]);
        assert_fails(ENOTDIR, fdi_rmdir(link_at()));
        assert_int_equal(fake.set_count, 0);
    }
}

/* Checks the new name that a set call contains. */
static void assert_name(int number, int class, ULONG flags)
{
    static const WCHAR expected[] = L"b\\new";
    struct {
        ULONG flags;
        HANDLE root;
        ULONG length;
        WCHAR name[5];
    } name;
    memcpy(&name, fake.set_calls[number].data, sizeof name);
    assert_true(fake.set_calls[number].handle == fake_nt_handle(0));
    assert_int_equal(fake.set_calls[number].class, class);
    assert_int_equal(name.flags, flags);
    assert_true(name.root == dir);
    assert_int_equal(name.length, 10);
    assert_memory_equal(name.name, expected, 10);
}

static void new_names_are_relative_to_the_directory(void **state)
{
    (void)state;
    const fdi_target to = fdi_path_at(dir_fd, "b/./new");
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    assert_works(fdi_rename(link_at(), to, 0));
    assert_int_equal(fake.set_count, 1);
    assert_name(0, 65,
                0x43); /* FileRenameInformationEx: replace, POSIX semantics, also read-only */
    assert_true(fake.openings[0].access & DELETE);
    assert_first(ITSELF);
    assert_works(fdi_link(link_at(), to, 0));
    assert_name(0, 11, 0);
    assert_first(FOLLOWS);
}

static void rename_falls_back_to_the_older_call(void **state)
{
    (void)state;
    for (int i = 0; i < LACKING; i++) {
        start(FILE_ATTRIBUTE_ARCHIVE, 0);
        fake.set_status[0] = lacking[i];
        assert_works(fdi_rename(link_at(), fdi_path_at(dir_fd, "b/new"), 0));
        assert_int_equal(fake.set_count, 2);
        assert_name(1, 10, 1); /* FileRenameInformation, and it may replace */
        assert_true(fake_nt_end());
    }
}

/* ---- the parent of a directory that is being moved ------------------------------------------- */

static void assert_opened(int number, HANDLE root, const WCHAR *name)
{
    assert_true(number < fake.opened);
    assert_true(fake.openings[number].root == root);
    assert_int_equal(wcscmp(fake.openings[number].name, name), 0);
}

static void a_directory_moved_during_dot_dot_is_looked_up_again(void **state)
{
    struct fdi_stat status;
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    FILE_ID_INFO *id = &fake.ids[3];
    assert_true(GetFileInformationByHandleEx(dir, FileIdInfo, id, sizeof *id));
    fake.final_paths[0] = L"\\\\?\\C:\\old\\dir";
    fake.final_paths[1] = L"\\\\?\\C:\\new\\place\\name";
    (void)fdi_stat(fdi_path_at(dir_fd, "../x"), &status, 0);
    assert_opened(0, NULL, L"\\??\\C:\\old");
    assert_opened(1, fake_nt_handle(0), L"dir");
    assert_opened(2, NULL, L"\\??\\C:\\new\\place");
    assert_opened(3, fake_nt_handle(2), L"name");
    assert_opened(4, fake_nt_handle(2), L"x");
    assert_true(fake_nt_end());
}

static void a_directory_that_keeps_moving_is_ebusy(void **state)
{
    struct fdi_stat status;
    (void)state;
    start(FILE_ATTRIBUTE_ARCHIVE, 0);
    fake.final_paths[0] = L"\\\\?\\C:\\old\\dir";
    assert_fails(EBUSY, fdi_stat(fdi_path_at(dir_fd, "../x"), &status, 0));
    assert_true(fake_nt_end());
}

static void the_root_of_a_share_is_its_own_parent(void **state)
{
    static const WCHAR *const roots[] = {L"\\\\?\\C:\\", L"\\\\?\\UNC\\server\\share\\"};
    struct fdi_stat status;
    (void)state;
    for (int i = 0; i < 2; i++) {
        start(FILE_ATTRIBUTE_ARCHIVE, 0);
        fake.final_paths[0] = roots[i];
        assert_works(fdi_stat(fdi_path_at(dir_fd, "../x"), &status, 0));
        assert_opened(0, dir, L"");
        assert_opened(1, fake_nt_handle(0), L"x");
        assert_true(fake_nt_end());
    }
}

static void chdir_refuses_a_path_that_the_directory_no_longer_has(void **state)
{
    static WCHAR decoy[MAX_PATH + 4] = L"\\\\?\\";
    WCHAR before[MAX_PATH], after[MAX_PATH];
    (void)state;
    GetCurrentDirectoryW(MAX_PATH, before);
    GetWindowsDirectoryW(decoy + 4, MAX_PATH);
    fake_nt_start();
    fake.final_paths[0] = decoy;
    assert_fails(EBUSY, fdi_chdir(fdi_fd(dir_fd)));
    GetCurrentDirectoryW(MAX_PATH, after);
    assert_int_equal(wcscmp(before, after), 0);
}

#define FAKED(name) cmocka_unit_test_setup_teardown(name, open_dir, close_dir)

int main(void)
{
    const struct CMUnitTest cases[] = {
        FAKED(a_name_of_a_deleted_file_that_is_open_cannot_be_made),
        FAKED(a_file_system_without_links_is_enotsup),
        FAKED(links_are_followed_without_nofollow),
        FAKED(other_functions_always_follow_links),
        FAKED(name_changes_act_on_the_link_itself),
        FAKED(a_trailing_separator_follows_the_link),
        FAKED(open_refuses_links_with_nofollow),
        FAKED(symlinks_and_junctions_are_links),
        FAKED(stat_falls_back_on_simple_file_systems),
        FAKED(readdir_reports_links),
        FAKED(readdir_reports_an_invalid_name_and_continues),
        FAKED(readlink_returns_the_path_that_nt_follows),
        FAKED(readlink_truncates_at_a_byte),
        FAKED(readlink_of_other_files_is_an_error),
        FAKED(symlink_turns_an_empty_file_into_a_link),
        FAKED(a_directory_link_is_made_of_a_directory),
        FAKED(a_failed_symlink_leaves_no_file),
        FAKED(the_privilege_is_enabled_only_for_the_call),
        FAKED(unlink_removes_the_name_at_once),
        FAKED(unlink_falls_back_to_the_older_call),
        FAKED(other_errors_cause_no_fallback),
        FAKED(links_to_directories_are_unlinked),
        FAKED(new_names_are_relative_to_the_directory),
        FAKED(rename_falls_back_to_the_older_call),
        FAKED(a_directory_moved_during_dot_dot_is_looked_up_again),
        FAKED(a_directory_that_keeps_moving_is_ebusy),
        FAKED(the_root_of_a_share_is_its_own_parent),
        FAKED(chdir_refuses_a_path_that_the_directory_no_longer_has),
    };
    return cmocka_run_group_tests_name("links_windows", cases, NULL, NULL);
}
