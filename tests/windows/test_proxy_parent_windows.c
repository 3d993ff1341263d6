/* SPDX-License-Identifier: MIT
 * Replaces each Windows call that starts a child. The replacement records its arguments and checks
 * whether a handle of this process is inheritable at that moment: another thread could then pass it
 * on. It can also fail, and nothing may be left. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "../support/child_report.h"
#include "../support/windows_run_time.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <string.h>

/* ---- the calls that are replaced ------------------------------------------------------------- */

typedef BOOL(WINAPI *create_function)(const WCHAR *, WCHAR *, SECURITY_ATTRIBUTES *,
                                      SECURITY_ATTRIBUTES *, BOOL, DWORD, void *, const WCHAR *,
                                      STARTUPINFOW *, PROCESS_INFORMATION *);
typedef BOOL(WINAPI *duplicate_function)(HANDLE, HANDLE, HANDLE, HANDLE *, DWORD, BOOL, DWORD);
typedef BOOL(WINAPI *initialize_function)(LPPROC_THREAD_ATTRIBUTE_LIST, DWORD, DWORD, SIZE_T *);
typedef BOOL(WINAPI *update_function)(LPPROC_THREAD_ATTRIBUTE_LIST, DWORD, DWORD_PTR, void *,
                                      SIZE_T, void *, SIZE_T *);
typedef BOOL(WINAPI *terminate_function)(HANDLE, UINT);

static create_function real_create;
static duplicate_function real_duplicate;
static initialize_function real_initialize;
static update_function real_update;
static terminate_function real_terminate;

enum { MOST_COPIES = 8 };

/* Recorded by the calls since `start`. */
static struct {
    int calls;
    int failing; /* the number of the call that fails; 0: none */
    DWORD reason;
    int looks;   /* checks before and after calls */
    int exposed; /* checks that found a new inheritable handle in this process */
    int inheritable_before;
    bool is_32_bit;
    int lost;     /* an fd to close once the proxy exists, as another thread might; 0: none */
    HANDLE proxy; /* NULL: none exists yet */
    int proxies, ended;
    HANDLE copies[MOST_COPIES];
    int copy_count;
    HANDLE parent; /* from the child's attribute list */
    HANDLE listed[MOST_COPIES];
    size_t listed_count;
    STARTUPINFOW startup; /* of the child */
    BYTE block[256];
    BOOL inherits;
    DWORD flags;
} seen;

static void start(int failing, DWORD reason)
{
    memset(&seen, 0, sizeof seen);
    seen.failing = failing;
    seen.reason = reason;
    seen.inheritable_before = inheritable_handle_count();
}

static void look(void)
{
    DWORD error = GetLastError();
    seen.looks++;
    seen.exposed += inheritable_handle_count() != seen.inheritable_before;
    SetLastError(error);
}

static bool fails(void)
{
    look();
    if (++seen.calls != seen.failing)
        return false;
    SetLastError(seen.reason);
    return true;
}

static void see_child(BOOL inherits, DWORD flags, const STARTUPINFOW *startup)
{
    seen.inherits = inherits;
    seen.flags = flags;
    seen.startup = *startup;
    if (startup->cbReserved2 <= sizeof seen.block && startup->lpReserved2)
        memcpy(seen.block, startup->lpReserved2, startup->cbReserved2);
}

static BOOL WINAPI create(const WCHAR *program, WCHAR *line, SECURITY_ATTRIBUTES *process,
                          SECURITY_ATTRIBUTES *thread, BOOL inherits, DWORD flags,
                          void *environment, const WCHAR *directory, STARTUPINFOW *startup,
                          PROCESS_INFORMATION *made)
{
    bool is_proxy = flags & CREATE_SUSPENDED;
    if (!is_proxy)
        see_child(inherits, flags, startup);
    if (fails())
        return FALSE;
    BOOL result = real_create(program, line, process, thread, inherits, flags, environment,
                              directory, startup, made);
    look();
    if (is_proxy && result) {
        assert_false(inherits);
        seen.proxy = made->hProcess;
        seen.proxies++;
        if (seen.lost)
            _close(seen.lost);
    }
    return result;
}

static BOOL WINAPI duplicate(HANDLE from, HANDLE handle, HANDLE to, HANDLE *copy, DWORD access,
                             BOOL inherit, DWORD options)
{
    if (fails())
        return FALSE;
    BOOL result = real_duplicate(from, handle, to, copy, access, inherit, options);
    look();
    assert_true(inherit && to == seen.proxy && seen.copy_count < MOST_COPIES);
    seen.copies[seen.copy_count++] = *copy;
    return result;
}

static BOOL WINAPI initialize(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD count, DWORD flags,
                              SIZE_T *size)
{
    return list && fails() ? FALSE : real_initialize(list, count, flags, size);
}

static BOOL WINAPI update(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD flags, DWORD_PTR attribute,
                          void *value, SIZE_T size, void *previous, SIZE_T *previous_size)
{
    if (fails())
        return FALSE;
    if (attribute == PROC_THREAD_ATTRIBUTE_PARENT_PROCESS)
        seen.parent = *(HANDLE *)value;
    if (attribute == PROC_THREAD_ATTRIBUTE_HANDLE_LIST && size <= sizeof seen.listed) {
        memcpy(seen.listed, value, size);
        seen.listed_count = size / sizeof *seen.listed;
    }
    return real_update(list, flags, attribute, value, size, previous, previous_size);
}

static BOOL WINAPI terminate(HANDLE process, UINT code)
{
    look();
    seen.ended += process == seen.proxy;
    BOOL result = real_terminate(process, code);
    look();
    return result;
}

/* Reports a 32-bit program if the test asks for that. */
static BOOL WINAPI report_width(HANDLE process, BOOL *guest)
{
    *guest = seen.is_32_bit && process == seen.proxy;
    return TRUE;
}

REPLACE(CreateProcessW, create);
REPLACE(DuplicateHandle, duplicate);
REPLACE(InitializeProcThreadAttributeList, initialize);
REPLACE(UpdateProcThreadAttribute, update);
REPLACE(TerminateProcess, terminate);
REPLACE(IsWow64Process, report_width);

static void (*find_call(const char *name))(void)
{
    return (void (*)(void))GetProcAddress(GetModuleHandleA("kernel32.dll"), name);
}

static int find_real_calls(void **state)
{
    (void)state;
    real_create = (create_function)find_call("CreateProcessW");
    real_duplicate = (duplicate_function)find_call("DuplicateHandle");
    real_initialize = (initialize_function)find_call("InitializeProcThreadAttributeList");
    real_update = (update_function)find_call("UpdateProcThreadAttribute");
    real_terminate = (terminate_function)find_call("TerminateProcess");
    return real_create && real_duplicate && real_initialize && real_update && real_terminate ? 0
                                                                                             : -1;
}

/* ---- a child with a file, both ends of a pipe, and a device ---------------------------------- */

static int file, ends[2], null;
static struct child_report report;

static void open_all(void)
{
    file = open_file("file", -1);
    null = open_null(false);
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
}

static void close_all(void)
{
    _close(file);
    _close(null);
    _close(ends[0]);
    _close(ends[1]);
}

static int start_child(size_t count)
{
    fdi_spawn_options options = report_options();
    const fdi_fd_map map[] = {{ends[1], 4}, {file, 0}, {ends[0], 1}, {null, 2}};
    options.fds = count > 0 ? map : NULL;
    options.fd_count = count;
    options.flags = FDI_SPAWN_NO_STDIO;
    return spawn_report(&options, &report);
}

static void no_handle_of_this_process_is_inheritable_at_any_call(void **state)
{
    (void)state;
    open_all();
    for (size_t count = 0; count <= 4; count++) {
        start(0, 0);
        assert_works(start_child(count));
        assert_int_equal(report.inherited, count);
        assert_int_equal(seen.exposed, 0);
        assert_int_equal(seen.calls, count ? count + 7 : 1);
        assert_int_equal(inheritable_handle_count(), seen.inheritable_before);
    }
    close_all();
}

/* Control: proves that the case above can fail. */
static void an_inheritable_handle_is_noticed_at_every_call(void **state)
{
    (void)state;
    open_all();
    start(0, 0);
    assert_works(fdi_set_inheritable(file, true));
    assert_works(start_child(4));
    /* A check precedes each call, follows six of them and surrounds TerminateProcess. */
    assert_int_equal(seen.looks, seen.calls + 6 + 2);
    assert_int_equal(seen.exposed, seen.looks);
    close_all();
}

static void assert_each_failure_leaves_nothing(DWORD reason, int error)
{
    open_all();
    start(0, 0);
    assert_works(start_child(4)); /* the first use may open something */
    int calls = seen.calls, open_before = handle_count();
    assert_int_equal(calls, 11);
    for (int failing = 1; failing <= calls; failing++) {
        start(failing, reason);
        assert_fails(error, start_child(4));
        assert_int_equal(seen.calls, failing);
        assert_int_equal(seen.proxies, failing > 3);
        assert_int_equal(seen.ended, seen.proxies);
        assert_int_equal(seen.exposed, 0);
        assert_int_equal(handle_count(), open_before);
        assert_int_equal(inheritable_handle_count(), seen.inheritable_before);
    }
    close_all();
}

static void each_failed_call_is_reported_and_leaves_nothing(void **state)
{
    (void)state;
    assert_each_failure_leaves_nothing(ERROR_NO_SYSTEM_RESOURCES, ENOMEM);
}

static void each_failed_call_without_a_code_is_eio_and_leaves_nothing(void **state)
{
    (void)state;
    assert_each_failure_leaves_nothing(ERROR_SUCCESS, EIO);
}

static void a_descriptor_closed_by_another_thread_is_ebadf(void **state)
{
    (void)state;
    open_all();
    start(0, 0);
    seen.lost = file;
    assert_fails(EBADF, start_child(4));
    assert_int_equal(seen.proxies, 1);
    assert_int_equal(seen.ended, 1);
    assert_int_equal(inheritable_handle_count(), seen.inheritable_before);
    file = open_null(false);
    close_all();
}

/* ---- the start-up information of the child --------------------------------------------------- */

static void put(BYTE *at, HANDLE handle)
{
    memcpy(at, &handle, sizeof handle);
}

static void the_start_up_block_has_the_format_of_the_crt(void **state)
{
    (void)state;
    /* Flags: open 1, pipe 8, device 40, text 80. Standard streams are text. There is no fd 3. */
    BYTE expected[9 + 5 * sizeof(HANDLE)] = {5, 0, 0, 0, 0x81, 0x89, 0xc1, 0, 0x09};
    open_all();
    start(0, 0);
    assert_works(start_child(4));
    put(expected + 9, seen.copies[1]);
    put(expected + 9 + sizeof(HANDLE), seen.copies[2]);
    put(expected + 9 + 2 * sizeof(HANDLE), seen.copies[3]);
    put(expected + 9 + 3 * sizeof(HANDLE), INVALID_HANDLE_VALUE);
    put(expected + 9 + 4 * sizeof(HANDLE), seen.copies[0]);
    assert_int_equal(seen.startup.cbReserved2, sizeof expected);
    assert_memory_equal(seen.block, expected, sizeof expected);
    close_all();
}

static void put_narrow(BYTE *at, HANDLE handle)
{
    uint32_t value = (uint32_t)(uintptr_t)handle;
    memcpy(at, &value, sizeof value);
}

/* No 32-bit program is available, so the last call fails before the child starts. */
static void the_block_for_a_32_bit_child_has_narrow_handles(void **state)
{
    (void)state;
    BYTE expected[9 + 5 * sizeof(uint32_t)] = {5, 0, 0, 0, 0x81, 0x89, 0xc1, 0, 0x09};
    open_all();
    start(11, ERROR_NO_SYSTEM_RESOURCES);
    seen.is_32_bit = true;
    assert_fails(ENOMEM, start_child(4));
    put_narrow(expected + 9, seen.copies[1]);
    put_narrow(expected + 13, seen.copies[2]);
    put_narrow(expected + 17, seen.copies[3]);
    put_narrow(expected + 21, INVALID_HANDLE_VALUE);
    put_narrow(expected + 25, seen.copies[0]);
    assert_int_equal(seen.startup.cbReserved2, sizeof expected);
    assert_memory_equal(seen.block, expected, sizeof expected);
    close_all();
}

static void the_child_inherits_exactly_the_copies_in_the_proxy_parent(void **state)
{
    (void)state;
    open_all();
    start(0, 0);
    assert_works(start_child(4));
    assert_true(seen.inherits);
    assert_true(seen.parent == seen.proxy);
    assert_int_equal(seen.copy_count, 4);
    assert_int_equal(seen.listed_count, 4);
    assert_memory_equal(seen.listed, seen.copies, 4 * sizeof *seen.copies);
    assert_int_equal(seen.startup.dwFlags, STARTF_USESTDHANDLES);
    assert_true(seen.startup.hStdInput == seen.copies[1]);
    assert_true(seen.startup.hStdOutput == seen.copies[2]);
    assert_true(seen.startup.hStdError == seen.copies[3]);
    assert_true(seen.flags & EXTENDED_STARTUPINFO_PRESENT);
    close_all();
}

static void no_window_is_passed_to_create_process(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    start(0, 0);
    assert_works(spawn_report(&options, &report));
    assert_false(seen.flags & (CREATE_NO_WINDOW | DETACHED_PROCESS | CREATE_NEW_CONSOLE));
    options.flags = FDI_SPAWN_NO_WINDOW;
    start(0, 0);
    assert_works(spawn_report(&options, &report));
    assert_true(seen.flags & CREATE_NO_WINDOW);
    assert_int_equal(report.status, 0);
}

static void without_descriptors_there_is_no_proxy_parent(void **state)
{
    (void)state;
    open_all();
    start(0, 0);
    assert_works(start_child(0));
    assert_false(seen.inherits);
    assert_int_equal(seen.proxies, 0);
    assert_null(seen.startup.lpReserved2);
    assert_int_equal(seen.startup.cbReserved2, 0);
    assert_int_equal(seen.startup.dwFlags, STARTF_USESTDHANDLES);
    assert_null(seen.startup.hStdInput);
    close_all();
}

/* ---- the null device ------------------------------------------------------------------------- */

/* Starts a child while fds 0-2 of this process are closed. */
static int start_without_stdio(void)
{
    fdi_spawn_options options = report_options();
    int saved[3];
    for (int fd = 0; fd < 3; fd++)
        saved[fd] = _dup(fd);
    for (int fd = 0; fd < 3; fd++) {
        fdi_set_inheritable(saved[fd], false);
        _close(fd);
    }
    start(0, 0);
    int result = spawn_report(&options, &report);
    for (int fd = 0; fd < 3; fd++) {
        _dup2(saved[fd], fd);
        _close(saved[fd]);
    }
    return result;
}

static void the_null_device_is_never_inheritable_in_this_process(void **state)
{
    (void)state;
    const BYTE marks[] = {3, 0, 0, 0, 0xc1, 0xc1, 0xc1};
    assert_int_equal(start_without_stdio(), 0);
    assert_int_equal(report.count, 3);
    assert_int_equal(report.inherited, 3);
    assert_int_equal(report.streams, 7);
    assert_int_equal(seen.exposed, 0);
    assert_int_equal(seen.calls, 3 + 7);
    assert_int_equal(seen.copy_count, 3);
    assert_true(seen.copies[0] != seen.copies[1] && seen.copies[1] != seen.copies[2]);
    assert_memory_equal(seen.block, marks, sizeof marks);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(no_handle_of_this_process_is_inheritable_at_any_call),
        CASE(an_inheritable_handle_is_noticed_at_every_call),
        CASE(each_failed_call_is_reported_and_leaves_nothing),
        CASE(each_failed_call_without_a_code_is_eio_and_leaves_nothing),
        CASE(a_descriptor_closed_by_another_thread_is_ebadf),
        CASE(the_start_up_block_has_the_format_of_the_crt),
        CASE(the_block_for_a_32_bit_child_has_narrow_handles),
        CASE(the_child_inherits_exactly_the_copies_in_the_proxy_parent),
        CASE(no_window_is_passed_to_create_process),
        CASE(without_descriptors_there_is_no_proxy_parent),
        CASE(the_null_device_is_never_inheritable_in_this_process),
    };
    return cmocka_run_group_tests_name("proxy_parent_windows", cases, find_real_calls, NULL);
}
