/* SPDX-License-Identifier: MIT
 * A descriptor passed to one child reaches no other child. Another thread starts children that
 * inherit every inheritable handle: first one before and after each Windows call of fdi_spawn, then
 * as many as possible at any time. Control: a handle passed the usual way does leak in both
 * cases. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/replace_windows.h"
#include "../support/windows_run_time.h"
#include "fdinherit.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <string.h>

enum { PATIENCE = 60000, STARTS = 20, STARTS_AT_MOST = 400, MAP_COUNT = 4 };

/* ---- the other thread ------------------------------------------------------------------------ */

/* The results of its children since `start_watch`. */
static struct {
    int usual; /* handles of a child while no other child starts */
    int children;
    int leaks; /* children that had more */
    int silent;
} seen;

static DWORD WINAPI start_one(void *unused)
{
    (void)unused;
    int count = count_in_child();
    seen.children++;
    seen.silent += count < 0;
    seen.leaks += count > seen.usual;
    return 0;
}

static void start_watch(void)
{
    memset(&seen, 0, sizeof seen);
    seen.usual = count_in_child();
    assert_true(seen.usual >= 0);
}

/* ---- each call in turn ----------------------------------------------------------------------- */

static DWORD watched; /* the thread whose calls are surrounded; 0: none */

/* Lets another thread start a child, and waits until that child has ended. */
static void let_another_start(void)
{
    DWORD self = GetCurrentThreadId(), error = GetLastError();
    if (self != watched)
        return;
    watched = 0;
    HANDLE thread = CreateThread(NULL, 0, start_one, NULL, 0, NULL);
    if (!thread || WaitForSingleObject(thread, INFINITE) != WAIT_OBJECT_0)
        abort();
    CloseHandle(thread);
    watched = self;
    SetLastError(error);
}

/* Replaces a call by one that lets another thread start a child before and after it. */
#define LOOK_AROUND(name, parameters, arguments)                                                   \
    static __typeof__(name) *real_##name;                                                          \
    static BOOL WINAPI around_##name parameters                                                    \
    {                                                                                              \
        let_another_start();                                                                       \
        BOOL result = real_##name arguments;                                                       \
        let_another_start();                                                                       \
        return result;                                                                             \
    }                                                                                              \
    REPLACE(name, around_##name)

LOOK_AROUND(CreateProcessW,
            (const WCHAR *program, WCHAR *line, SECURITY_ATTRIBUTES *process,
             SECURITY_ATTRIBUTES *thread, BOOL inherits, DWORD flags, void *environment,
             const WCHAR *directory, STARTUPINFOW *startup, PROCESS_INFORMATION *made),
            (program, line, process, thread, inherits, flags, environment, directory, startup,
             made));
LOOK_AROUND(DuplicateHandle,
            (HANDLE from, HANDLE handle, HANDLE to, HANDLE *copy, DWORD access, BOOL inherit,
             DWORD options),
            (from, handle, to, copy, access, inherit, options));
LOOK_AROUND(InitializeProcThreadAttributeList,
            (LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD count, DWORD flags, SIZE_T *size),
            (list, count, flags, size));
LOOK_AROUND(UpdateProcThreadAttribute,
            (LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD flags, DWORD_PTR attribute, void *value,
             SIZE_T size, void *previous, SIZE_T *previous_size),
            (list, flags, attribute, value, size, previous, previous_size));
LOOK_AROUND(TerminateProcess, (HANDLE process, UINT code), (process, code));
LOOK_AROUND(CloseHandle, (HANDLE handle), (handle));

#define FIND(name)                                                                                 \
    (real_##name = (__typeof__(name) *)(void (*)(void))GetProcAddress(                             \
         GetModuleHandleA("kernel32.dll"), #name))

static int find_real_calls(void **state)
{
    (void)state;
    return FIND(CreateProcessW) && FIND(DuplicateHandle) &&
                   FIND(InitializeProcThreadAttributeList) && FIND(UpdateProcThreadAttribute) &&
                   FIND(TerminateProcess) && FIND(CloseHandle)
               ? 0
               : -1;
}

/* ---- two ways to start a child --------------------------------------------------------------- */

static int ends[2], null;

static void open_all(void)
{
    null = open_null(false);
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
}

static void close_all(void)
{
    _close(null);
    _close(ends[0]);
    _close(ends[1]);
}

/* Returns the number of handles that the child has. */
static int start_with(size_t count)
{
    const fdi_fd_map map[MAP_COUNT] = {{ends[1], 5}, {ends[0], 0}, {ends[1], 1}, {null, 2}};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int64_t status;
    options.program = fdi_path(LIST_FDS);
    options.argv = (char *[]){"list_fds", "count", NULL};
    options.fds = count > 0 ? map : NULL;
    options.fd_count = count;
    options.flags = FDI_SPAWN_NO_STDIO;
    assert_works(fdi_spawn(&process, &options));
    assert_int_equal(fdi_wait(&process, &status, -1, 0), 1);
    return (int)status;
}

/* Uses a handle list without a proxy parent, so the handle must be inheritable here for a
 * moment. */
static void start_the_usual_way(HANDLE given)
{
    WCHAR program[MAX_PATH], line[] = L"list_fds count";
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup}};
    PROCESS_INFORMATION child;
    void *room[32];
    SIZE_T size = sizeof room;
    assert_true(MultiByteToWideChar(CP_UTF8, 0, LIST_FDS, -1, program, MAX_PATH) > 0);
    startup.lpAttributeList = (LPPROC_THREAD_ATTRIBUTE_LIST)room;
    assert_true(InitializeProcThreadAttributeList(startup.lpAttributeList, 1, 0, &size));
    assert_true(UpdateProcThreadAttribute(startup.lpAttributeList, 0,
                                          PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &given, sizeof given,
                                          NULL, NULL));
    assert_true(SetHandleInformation(given, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
    assert_true(CreateProcessW(program, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL,
                               NULL, &startup.StartupInfo, &child));
    assert_true(SetHandleInformation(given, HANDLE_FLAG_INHERIT, 0));
    DeleteProcThreadAttributeList(startup.lpAttributeList);
    assert_int_equal(WaitForSingleObject(child.hProcess, PATIENCE), WAIT_OBJECT_0);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
}

/* ---- the cases ------------------------------------------------------------------------------- */

static void no_other_child_gets_the_descriptors_at_any_call_of_spawn(void **state)
{
    (void)state;
    /* CreateProcess twice, DuplicateHandle for each descriptor, seven calls for the attribute lists,
     * TerminateProcess once and CloseHandle seven times. */
    const int calls = 2 + MAP_COUNT + 7 + 1 + 7;
    open_all();
    start_watch();
    int without = start_with(0);
    watched = GetCurrentThreadId();
    int with = start_with(MAP_COUNT);
    watched = 0;
    assert_int_equal(with, without + MAP_COUNT);
    assert_int_equal(seen.silent, 0);
    assert_int_equal(seen.leaks, 0);
    assert_int_equal(seen.children, 2 * calls);
    close_all();
}

static void the_usual_way_leaks_before_and_after_create_process(void **state)
{
    (void)state;
    open_all();
    start_watch();
    watched = GetCurrentThreadId();
    start_the_usual_way((HANDLE)_get_osfhandle(ends[1]));
    watched = 0;
    assert_int_equal(seen.silent, 0);
    assert_int_equal(seen.leaks, 2);
    close_all();
}

static volatile LONG stopping;

static DWORD WINAPI start_many(void *unused)
{
    while (!stopping)
        (void)start_one(unused);
    return 0;
}

static HANDLE start_other_thread(void)
{
    start_watch();
    stopping = 0;
    HANDLE thread = CreateThread(NULL, 0, start_many, NULL, 0, NULL);
    assert_non_null(thread);
    return thread;
}

static void stop_other_thread(HANDLE thread)
{
    InterlockedExchange(&stopping, 1);
    assert_int_equal(WaitForSingleObject(thread, 2 * PATIENCE), WAIT_OBJECT_0);
    CloseHandle(thread);
}

static void no_child_of_an_unsynchronized_thread_gets_the_descriptors(void **state)
{
    (void)state;
    open_all();
    int with = start_with(MAP_COUNT), wrong = 0;
    HANDLE thread = start_other_thread();
    for (int i = 0; i < STARTS; i++)
        wrong += start_with(MAP_COUNT) != with;
    stop_other_thread(thread);
    assert_int_equal(wrong, 0);
    assert_int_equal(seen.silent, 0);
    assert_int_equal(seen.leaks, 0);
    assert_true(seen.children >= STARTS / 4);
    close_all();
}

static void the_usual_way_leaks_to_an_unsynchronized_thread(void **state)
{
    (void)state;
    open_all();
    HANDLE thread = start_other_thread();
    for (int i = 0; i < STARTS_AT_MOST && seen.leaks == 0; i++)
        start_the_usual_way((HANDLE)_get_osfhandle(ends[1]));
    stop_other_thread(thread);
    assert_true(seen.leaks > 0);
    close_all();
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(no_other_child_gets_the_descriptors_at_any_call_of_spawn),
        CASE(the_usual_way_leaks_before_and_after_create_process),
        CASE(no_child_of_an_unsynchronized_thread_gets_the_descriptors),
        CASE(the_usual_way_leaks_to_an_unsynchronized_thread),
    };
    return cmocka_run_group_tests_name("race_windows", cases, find_real_calls, NULL);
}
