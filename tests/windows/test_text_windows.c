/* SPDX-License-Identifier: MIT
 * Tests the conversion between UTF-8 and UTF-16, and from Windows codes to errno. */
#include "../../src/platform.h"
#include "../../src/windows/target_handle.h"
#include "../support/fixture.h"

#include <winsock2.h>

#include <string.h>
#include <wchar.h>

static void utf8_of_every_length_becomes_utf16(void **state)
{
    static const WCHAR expected[] = {'a', 0xe9, 0x20ac, 0xd83d, 0xde00, 0};
    struct fdi__wide wide;
    (void)state;
    assert_works(fdi__wide_open(&wide, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
    assert_int_equal(wide.length, 5);
    assert_memory_equal(wide.text, expected, sizeof expected);
    fdi__wide_close(&wide);
    assert_works(fdi__wide_open(&wide, ""));
    assert_int_equal(wide.length, 0);
    fdi__wide_close(&wide);
}

static void invalid_utf8_is_eilseq(void **state)
{
    static const char *const bad[] = {
        "\x80",             /* a continuation byte alone */
        "a\xc3",            /* truncated */
        "\xc0\xaf",         /* an overlong "/" */
        "\xe0\x80\xaf",     /* a longer one */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* past U+10FFFF */
        "\xff",
    };
    char text[600];
    struct fdi__wide wide;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_fails(EILSEQ, fdi__wide_open(&wide, bad[i]));
        memset(text, 'a', sizeof text); /* longer than the buffer in the struct */
        strcpy(text + 500, bad[i]);
        assert_fails(EILSEQ, fdi__wide_open(&wide, text));
    }
}

static void text_up_to_the_longest_path_is_converted(void **state)
{
    static char text[40000];
    struct fdi__wide wide;
    (void)state;
    for (size_t length = 260; length <= 32767; length = length * 2 + 13) {
        memset(text, 'x', length);
        text[length] = 0;
        assert_works(fdi__wide_open(&wide, text));
        assert_int_equal(wide.length, length);
        assert_int_equal(wide.text[length], 0);
        fdi__wide_close(&wide);
    }
    memset(text, 'x', 32767);
    assert_works(fdi__wide_open(&wide, text));
    fdi__wide_close(&wide);
    text[32767] = 'x';
    assert_fails(ENAMETOOLONG, fdi__wide_open(&wide, text));
}

static void utf16_becomes_utf8_or_eilseq(void **state)
{
    static const WCHAR text[] = {'a', 0xe9, 0x20ac, 0xd83d, 0xde00};
    static const WCHAR lone[] = {'a', 0xd83d};
    char out[16];
    (void)state;
    memset(out, '!', sizeof out);
    assert_int_equal(fdi__utf8(out, sizeof out, text, 5), 10);
    assert_memory_equal(out, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!", 11);
    assert_int_equal(fdi__utf8(out, 0, text, 5), 10);
    assert_int_equal(fdi__utf8(out, sizeof out, text, 0), 0);
    assert_fails(EILSEQ, fdi__utf8(out, sizeof out, lone, 2));
}

static void windows_codes_become_errno(void **state)
{
    (void)state;
    assert_int_equal(fdi__win_errno(ERROR_FILE_NOT_FOUND), ENOENT);
    assert_int_equal(fdi__win_errno(ERROR_INVALID_HANDLE), EBADF);
    assert_int_equal(fdi__win_errno(ERROR_ALREADY_EXISTS), EEXIST);
    assert_int_equal(fdi__win_errno(ERROR_DIR_NOT_EMPTY), ENOTEMPTY);
    assert_int_equal(fdi__win_errno(WSAECONNREFUSED), ECONNREFUSED);
    assert_int_equal(fdi__win_errno(WSAEAFNOSUPPORT), EAFNOSUPPORT);
    assert_int_equal(fdi__win_errno(123456), EIO);
}

static void policies_quotas_and_lost_volumes_have_an_errno(void **state)
{
    static const struct {
        DWORD code;
        int error;
    } rules[] = {
        {ERROR_USER_MAPPED_FILE, EBUSY},
        {ERROR_ACCESS_DISABLED_BY_POLICY, EACCES},
        {ERROR_ACCESS_DISABLED_WEBBLADE, EACCES},
        {786 /* NO_SAFER_UI_BY_POLICY */, EACCES},
        {4551 /* SYSTEM_INTEGRITY_POLICY_VIOLATION */, EACCES},
        {577 /* INVALID_IMAGE_HASH */, EACCES},
        {225 /* VIRUS_INFECTED */, EACCES},
        {448 /* UNTRUSTED_MOUNT_POINT */, EACCES},
        {1295 /* DISK_QUOTA_EXCEEDED */, ENOSPC},
        {ERROR_PAGEFILE_QUOTA, ENOMEM},
        {ERROR_UNRECOGNIZED_VOLUME, ENODEV},
        {ERROR_NO_MEDIA_IN_DRIVE, ENODEV},
        {ERROR_DEVICE_NOT_CONNECTED, ENODEV},
        {ERROR_NETWORK_ACCESS_DENIED, EACCES},
        {ERROR_DELETE_PENDING, ENOENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        assert_int_equal(fdi__win_errno(rules[i].code), rules[i].error);
}

static void nt_codes_keep_distinctions_that_win32_loses(void **state)
{
    (void)state;
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC00000BA), EISDIR);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000103), ENOTDIR);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000056), ENOENT);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000035), EEXIST);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000034), ENOENT);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000022), EACCES);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000101), ENOTEMPTY);
    assert_int_equal(fdi__nt_errno((NTSTATUS)0xC0000008), EBADF);
    assert_fails(ENOENT, fdi__nt_fail((NTSTATUS)0xC0000034));
}

static void text_past_the_longest_path_is_enametoolong(void **state)
{
    static WCHAR wide[32768];
    (void)state;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        wide[i] = L'x';
    assert_int_equal(fdi__utf8(NULL, 0, wide, 32767), 32767);
    assert_fails(ENAMETOOLONG, fdi__utf8(NULL, 0, wide, 32768));
}

static void a_share_without_the_prefix_has_its_usual_path(void **state)
{
    WCHAR share[] = L"\\\\?\\UNC\\server\\share", drive[] = L"\\\\?\\C:\\folder";
    (void)state;
    assert_int_equal(wcscmp(fdi__without_prefix(share), L"\\\\server\\share"), 0);
    assert_int_equal(wcscmp(fdi__without_prefix(drive), L"C:\\folder"), 0);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(utf8_of_every_length_becomes_utf16),
        CASE(invalid_utf8_is_eilseq),
        CASE(text_up_to_the_longest_path_is_converted),
        CASE(utf16_becomes_utf8_or_eilseq),
        CASE(text_past_the_longest_path_is_enametoolong),
        CASE(a_share_without_the_prefix_has_its_usual_path),
        CASE(windows_codes_become_errno),
        CASE(policies_quotas_and_lost_volumes_have_an_errno),
        CASE(nt_codes_keep_distinctions_that_win32_loses),
    };
    return cmocka_run_group_tests_name("text_windows", cases, NULL, NULL);
}
