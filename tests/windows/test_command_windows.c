/* SPDX-License-Identifier: MIT
 * Runs the command fdinherit on Windows: it lists its own handles and those of this process. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/child_report.h"

#include <winsock2.h>
#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char output[1 << 17];

static void read_output(int fd)
{
    size_t used = 0;
    int got;
    while ((got = _read(fd, output + used, (unsigned)(sizeof output - 1 - used))) > 0)
        used += (size_t)got;
    output[used] = '\0';
}

/* Runs the command and returns its exit status. Its output is in `output`. */
static int run_with(char *const *arguments)
{
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    int ends[2], null = open_null(false);
    int64_t status;
    assert_int_equal(_pipe(ends, 65536, _O_BINARY | _O_NOINHERIT), 0);
    options.program = fdi_path(COMMAND);
    options.argv = arguments;
    options.fds = (fdi_fd_map[]){{null, 0}, {ends[1], 1}, {ends[1], 2}};
    options.fd_count = 3;
    assert_works(fdi_spawn(&process, &options));
    _close(ends[1]);
    _close(null);
    read_output(ends[0]);
    _close(ends[0]);
    assert_int_equal(fdi_wait(&process, &status, -1, 0), 1);
    return (int)status;
}

static const char *own_pid(void)
{
    static char text[16];
    sprintf(text, "%lu", GetCurrentProcessId());
    return text;
}

static int run(const char *one, const char *two, const char *three)
{
    return run_with((char *[]){"fdinherit", (char *)one, (char *)two, (char *)three, NULL});
}

/* Returns the line that starts with this number, or NULL. */
static const char *row_of(intptr_t number)
{
    static char row[2048];
    char *rest = output;
    for (char *line; (line = strchr(rest, '\n')) != NULL; rest = line + 1)
        if (strtoll(line + 1, NULL, 10) == number && strcspn(line + 1, "0123456789") < 8) {
            snprintf(row, sizeof row, "%.*s", (int)strcspn(line + 1, "\r\n"), line + 1);
            return row;
        }
    return NULL;
}

static void assert_row(HANDLE handle, const char *inheritable, const char *kind, const char *what)
{
    const char *row = row_of((intptr_t)handle);
    char start[64];
    assert_non_null(row);
    sprintf(start, "%lld  %-11s  %s", (long long)(intptr_t)handle, inheritable, kind);
    if (!strstr(row, start) || !strstr(row, what))
        print_error("%s: not %s %s\n", row, start, what);
    assert_non_null(strstr(row, start));
    assert_non_null(strstr(row, what));
}

static HANDLE inheritable_event(void)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    return CreateEventW(&inherit, TRUE, FALSE, NULL);
}

/* ---- its own handles ------------------------------------------------------------------------- */

static void it_lists_itself(void **state)
{
    (void)state;
    assert_int_equal(run("list", NULL, NULL), 0);
    assert_non_null(strstr(output, "INHERITABLE  KIND"));
    for (int stream = 0; stream < 3; stream++)
        assert_non_null(row_of(stream));
    assert_non_null(strstr(row_of(1), "pipe"));
    assert_int_equal(run("list", "--inheritable", NULL), 0);
    assert_non_null(strstr(row_of(2), "pipe"));
    assert_null(strstr(output, "no  "));
}

static void it_passes_on_nothing_besides_stdio(void **state)
{
    (void)state;
    assert_int_equal(run("check", NULL, NULL), 0);
    assert_non_null(strstr(output, "nothing besides 0-2 is inheritable"));
}

/* ---- another process ------------------------------------------------------------------------- */

static void check_finds_the_leak_of_a_live_process(void **state)
{
    (void)state;
    HANDLE event = inheritable_event();
    assert_int_equal(run("check", own_pid(), NULL), 1);
    assert_non_null(strstr(output, "passes 1 descriptor besides 0-2"));
    assert_row(event, "yes", "event", "");
    assert_works(fdi_set_handle_inheritable(event, false));
    assert_int_equal(run("check", own_pid(), NULL), 0);
    assert_non_null(strstr(output, "nothing besides 0-2 is inheritable"));
    CloseHandle(event);
}

static void check_names_a_socket_and_its_port(void **state)
{
    (void)state;
    WSADATA data;
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof address;
    char text[64];
    assert_int_equal(WSAStartup(MAKEWORD(2, 2), &data), 0);
    SOCKET listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    getsockname(listener, (struct sockaddr *)&address, &size);
    sprintf(text, " 127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(run("check", own_pid(), NULL), 1);
    assert_row((HANDLE)listener, "yes", "socket", text);
    closesocket(listener);
    WSACleanup();
}

static void list_names_each_kind_of_handle(void **state)
{
    (void)state;
    int file = open_file("named file", -1), folder = open_folder("."), null = open_null(true);
    int ends[2];
    char text[64];
    HKEY key;
    assert_int_equal(_pipe(ends, 4096, _O_BINARY | _O_NOINHERIT), 0);
    assert_int_equal(RegOpenKeyExA(HKEY_CURRENT_USER, "Software", 0, KEY_READ, &key), 0);
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, "fdinherit test event");
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 1, NULL);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
    HANDLE process =
        OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, GetCurrentProcessId());
    HANDLE thread = OpenThread(THREAD_QUERY_INFORMATION, FALSE, GetCurrentThreadId());
    assert_int_equal(run("list", own_pid(), NULL), 0);
    assert_row((HANDLE)_get_osfhandle(file), "no", "file", "named file");
    assert_row((HANDLE)_get_osfhandle(folder), "no", "directory", "fdinherit.");
    assert_row((HANDLE)_get_osfhandle(null), "yes", "device", "");
    assert_row((HANDLE)_get_osfhandle(ends[0]), "no", "pipe", "");
    assert_row(key, "no", "key", "Software");
    assert_row(event, "no", "event", "fdinherit test event");
    assert_row(mutex, "no", "mutex", "");
    assert_row(semaphore, "no", "semaphore", "");
    assert_row(section, "no", "section", "");
    sprintf(text, "process %s", own_pid());
    assert_row(process, "no", "process", text);
    sprintf(text, "thread %lu of process %s", GetCurrentThreadId(), own_pid());
    assert_row(thread, "no", "thread", text);
    const HANDLE all[] = {key, event, mutex, semaphore, section, process, thread};
    RegCloseKey(key);
    for (size_t i = 1; i < sizeof all / sizeof all[0]; i++)
        CloseHandle(all[i]);
    _close(file), _close(folder), _close(null), _close(ends[0]), _close(ends[1]);
}

static DWORD WINAPI read_one(void *context)
{
    char byte;
    DWORD got;
    (void)ReadFile(context, &byte, 1, &got, NULL);
    return 0;
}

static void a_pipe_with_a_pending_read_does_not_block_it(void **state)
{
    (void)state;
    HANDLE ends[2];
    DWORD written;
    assert_true(CreatePipe(&ends[0], &ends[1], NULL, 0));
    HANDLE thread = CreateThread(NULL, 0, read_one, ends[0], 0, NULL);
    Sleep(100);
    assert_int_equal(run("list", own_pid(), NULL), 0);
    assert_non_null(row_of((intptr_t)ends[0]));
    WriteFile(ends[1], "x", 1, &written, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(ends[0]);
    CloseHandle(ends[1]);
}

/* Checks that quotes and brackets are balanced. */
static bool is_well_formed(const char *text)
{
    int depth = 0;
    bool quoted = false;
    for (; *text; text++) {
        if (quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (*text == '{' || *text == '[') - (*text == '}' || *text == ']');
        if (depth < 0)
            return false;
    }
    return depth == 0 && !quoted;
}

static void json_has_the_same_rows(void **state)
{
    (void)state;
    HANDLE event = inheritable_event();
    char text[128];
    assert_int_equal(run("list", "--json", own_pid()), 0);
    assert_true(is_well_formed(output));
    assert_int_equal(output[0], '{');
    sprintf(text, "{\"fd\": %lld, \"inheritable\": true, \"kind\": \"event\"",
            (long long)(intptr_t)event);
    assert_non_null(strstr(output, text));
    assert_int_equal(run("check", "--json", own_pid()), 1);
    assert_true(is_well_formed(output));
    assert_non_null(strstr(output, text));
    CloseHandle(event);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void assert_one_line(const char *said)
{
    assert_memory_equal(output, "fdinherit: ", 11);
    assert_non_null(strstr(output, said));
    assert_ptr_equal(strchr(output, '\n'), output + strlen(output) - 1);
}

static void a_missing_process_is_reported(void **state)
{
    (void)state;
    char gone[16];
    fdi_spawn_options options = report_options();
    fdi_process process;
    struct child_report report;
    assert_works(fdi_spawn(&process, &options));
    sprintf(gone, "%lld", (long long)fdi_process_id(process));
    WaitForSingleObject((HANDLE)process, INFINITE); /* the process object still exists */
    assert_int_equal(run("list", gone, NULL), 2);
    assert_one_line("no such process");
    assert_int_equal(run("check", "2147483647", NULL), 2);
    assert_one_line("no such process: 2147483647");
    assert_int_equal(fdi_wait(&process, NULL, -1, 0), 1);
    read_report(&report);
}

static void wrong_use_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[][3] = {
        {"liszt"}, {"list", "0"}, {"list", "1x"}, {"list", "--jsn"}, {"check", "--json", "x"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(run(wrong[i][0], wrong[i][1], wrong[i][2]), 2);
        assert_one_line("see fdinherit help");
    }
    assert_int_equal(run("run", NULL, NULL), 125);
    assert_one_line("see fdinherit help");
}

static void check_of_a_command_is_refused_on_windows(void **state)
{
    (void)state;
    assert_int_equal(run("check", "--", "program"), 125);
    assert_one_line("on Linux only");
}

static void run_returns_the_exit_status_of_the_program(void **state)
{
    (void)state;
    fdi_spawn_options options = report_options();
    const char *report_child = options.program.path;
    assert_int_equal(run("run", "--", report_child),
                     126); /* the exit status of report_child itself */
    assert_int_equal(run("run", "--", "nowhere"), 127);
}

static void assert_has(const char *bytes, size_t length)
{
    for (const char *at = output; at < output + sizeof output - length; at++)
        if (memcmp(at, bytes, length) == 0)
            return;
    fail_msg("%s: not there", bytes);
}

static void arguments_are_utf8_and_not_expanded(void **state)
{
    (void)state;
    static const char kept[] = "*\0a \"b\"\\\0";
    assert_works(fdi_mkdir(fdi_path("gr\xc3\xb6\xc3\x9f"
                                    "e"),
                           0777));
    assert_int_equal(run_with((char *[]){"fdinherit", "run", "--cwd",
                                         "gr\xc3\xb6\xc3\x9f"
                                         "e",
                                         "--", PRINT_ARGUMENTS, "*", "a \"b\"\\", NULL}),
                     0);
    assert_has(kept, sizeof kept - 1);
}

static void its_messages_are_utf8(void **state)
{
    (void)state;
    assert_int_equal(run("run", "--", "\xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb4\xd0\xb5 \xf0\x9f\x90\x88"),
                     127);
    assert_one_line("fdinherit: \xd0\xbd\xd0\xb8\xd0\xb3\xd0\xb4\xd0\xb5 \xf0\x9f\x90\x88: ");
    int file = fdi_open(fdi_path("\xe2\x82\xac"), O_WRONLY | O_CREAT, 0666);
    assert_int_equal(run("list", own_pid(), NULL), 0);
    assert_row((HANDLE)_get_osfhandle(file), "no", "file", "\xe2\x82\xac");
    _close(file);
}

static void half_a_surrogate_is_refused(void **state)
{
    (void)state;
    WCHAR program[MAX_PATH], line[] = L"fdinherit run \xd800";
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    DWORD status;
    assert_true(MultiByteToWideChar(CP_UTF8, 0, COMMAND, -1, program, MAX_PATH) > 0);
    assert_true(CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child));
    WaitForSingleObject(child.hProcess, INFINITE);
    assert_true(GetExitCodeProcess(child.hProcess, &status));
    assert_int_equal(status, 2);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
}

static void supports_is_a_table(void **state)
{
    (void)state;
    assert_int_equal(run("supports", NULL, NULL), 0);
    assert_non_null(strstr(output, "DIR_FD"));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(it_lists_itself),
        CASE(it_passes_on_nothing_besides_stdio),
        CASE(check_finds_the_leak_of_a_live_process),
        CASE(check_names_a_socket_and_its_port),
        CASE(list_names_each_kind_of_handle),
        CASE(a_pipe_with_a_pending_read_does_not_block_it),
        CASE(json_has_the_same_rows),
        CASE(a_missing_process_is_reported),
        CASE(wrong_use_is_refused),
        CASE(check_of_a_command_is_refused_on_windows),
        CASE(run_returns_the_exit_status_of_the_program),
        CASE(arguments_are_utf8_and_not_expanded),
        CASE(its_messages_are_utf8),
        CASE(half_a_surrogate_is_refused),
        CASE(supports_is_a_table),
    };
    return cmocka_run_group_tests_name("command_windows", cases, NULL, NULL);
}
