/* SPDX-License-Identifier: MIT
 * Tests arguments and environment as the child's CRT reads them. */
#include "../../src/platform.h"
#include "../../src/windows/win.h"
#include "../support/fixture.h"

#include <shellapi.h>
#include <string.h>

/* Reads the child's output to its end. */
static size_t read_all(HANDLE from, char *out, size_t size)
{
    size_t used = 0;
    DWORD got;
    while (used < size && ReadFile(from, out + used, (DWORD)(size - used), &got, NULL) && got > 0)
        used += got;
    return used;
}

static size_t run(char *const *argv, char *const *envp, char *out, size_t size)
{
    SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
    STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION child;
    HANDLE ends[2];
    WCHAR program[MAX_PATH];
    WCHAR *line = fdi__command_line(argv);
    WCHAR *block = envp ? fdi__environment(envp) : NULL;
    assert_non_null(line);
    MultiByteToWideChar(CP_UTF8, 0, PRINT_ARGUMENTS, -1, program, MAX_PATH);
    assert_true(CreatePipe(&ends[0], &ends[1], &inherit, 1 << 17));
    startup.hStdOutput = ends[1];
    assert_true(CreateProcessW(program, line, NULL, NULL, TRUE, CREATE_UNICODE_ENVIRONMENT, block,
                               NULL, &startup, &child));
    CloseHandle(ends[1]);
    size_t used = read_all(ends[0], out, size);
    CloseHandle(ends[0]);
    WaitForSingleObject(child.hProcess, INFINITE);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
    free(line);
    free(block);
    return used;
}

static void assert_arrives(char *const *argv)
{
    static char out[40000];
    size_t size = run(argv, NULL, out, sizeof out), used = 0, i = 0;
    for (; argv[i] && used < size; i++) {
        assert_string_equal(out + used, argv[i]);
        used += strlen(out + used) + 1;
    }
    assert_null(argv[i]);
    assert_int_equal(used, size);
}

static char *const hard[] = {
    "name with space",
    "",
    "plain",
    "two words",
    "\ttab\t",
    "\"",
    "\"\"",
    "a\"b\"c",
    "\\",
    "\\\\",
    "ends\\",
    "ends in a space and \\",
    "a\\\\b",
    "a\\\"b",
    "a\\\\\"b",
    "\\\\\\\"",
    "*",
    "*.c",
    "?",
    "[ab]*",
    "%PATH%",
    "&|<>^()!",
    "'single'",
    "new\nline",
    "-option=value",
    "\\\\server\\share\\",
    "c:\\dir with space\\",
    NULL,
};

static void every_argument_arrives_unchanged(void **state)
{
    (void)state;
    assert_arrives(hard);
}

/* Tries every text of up to four units that have a meaning for the parser. */
static void every_mix_of_quotes_backslashes_and_spaces_arrives(void **state)
{
    static const char units[] = {'"', '\\', ' ', 'a'};
    static char texts[340][8];
    char *argv[342] = {"child"};
    size_t count = 0;
    (void)state;
    for (unsigned length = 1; length <= 4; length++)
        for (unsigned code = 0; code < 1u << 2 * length; code++, count++)
            for (unsigned i = 0; i < length; i++)
                texts[count][i] = units[(code >> 2 * i) & 3];
    for (size_t i = 0; i < count; i++)
        argv[i + 1] = texts[i];
    argv[count + 1] = NULL;
    assert_int_equal(count, 340);
    assert_arrives(argv);
}

static void the_shell_parser_reads_the_same_arguments(void **state)
{
    int count;
    (void)state;
    WCHAR *line = fdi__command_line(hard);
    WCHAR **read = CommandLineToArgvW(line, &count);
    assert_int_equal(count, sizeof hard / sizeof *hard - 1);
    for (int i = 0; i < count; i++) {
        struct fdi__wide expected;
        assert_works(fdi__wide_open(&expected, hard[i]));
        assert_int_equal(wcscmp(read[i], expected.text), 0);
        fdi__wide_close(&expected);
    }
    LocalFree(read);
    free(line);
}

static void assert_refused(int error, char *const *argv)
{
    errno = 0;
    assert_null(fdi__command_line(argv));
    assert_int_equal(errno, error);
}

static void arguments_that_no_quoting_expresses_are_refused(void **state)
{
    static char text[40000];
    char *quote[] = {"a\"b", NULL};
    char *bad[] = {"child", "\xff", NULL};
    char *large[] = {"child", text, NULL};
    (void)state;
    assert_refused(EINVAL, quote);
    assert_refused(EILSEQ, bad);
    memset(text, 'x', sizeof text - 1);
    assert_refused(E2BIG, large);
    text[32767] = 0;
    assert_refused(E2BIG, large);
}

static void the_longest_line_arrives(void **state)
{
    static char text[32768];
    char *argv[] = {"child", text, NULL};
    (void)state;
    memset(text, 'x', 32766 - 6);
    assert_arrives(argv);
    text[32766 - 6] = 'x';
    assert_refused(E2BIG, argv);
}

static void the_environment_is_sorted_by_name(void **state)
{
    char *envp[] = {"b=2", "A1=x", "FDI_PRINT_ENVIRONMENT=1", "A=1", "a2=", "=C:=C:\\", NULL};
    static const WCHAR expected[] = L"=C:=C:\\\0A=1\0A1=x\0a2=\0b=2\0FDI_PRINT_ENVIRONMENT=1\0";
    (void)state;
    WCHAR *block = fdi__environment(envp);
    assert_non_null(block);
    assert_memory_equal(block, expected, sizeof expected);
    free(block);
}

/* The first of equal names takes effect in the child, and fdi_spawn searches that PATH. */
static void equal_names_of_the_environment_stay_in_order(void **state)
{
    static const WCHAR expected[] = L"A=1\0a=2\0A=3\0path=1\0PATH=2\0Path=3\0PATH=4\0Z=1\0";
    char *envp[] = {"path=1", "A=1", "PATH=2", "a=2", "Z=1", "Path=3", "A=3", "PATH=4", NULL};
    (void)state;
    WCHAR *block = fdi__environment(envp);
    assert_non_null(block);
    assert_memory_equal(block, expected, sizeof expected);
    free(block);
}

static bool holds(const char *out, size_t size, const char *text)
{
    for (size_t used = 0; used < size; used += strlen(out + used) + 1)
        if (strcmp(out + used, text) == 0)
            return true;
    return false;
}

static void the_child_gets_only_the_given_environment(void **state)
{
    char *envp[] = {"FDI_PRINT_ENVIRONMENT=1", "GIVEN=with = and space", NULL};
    char *argv[] = {"child", NULL};
    static char out[40000];
    (void)state;
    SetEnvironmentVariableA("FDI_TEST_ONLY_HERE", "1");
    size_t size = run(argv, envp, out, sizeof out);
    assert_true(holds(out, size, "GIVEN=with = and space"));
    assert_false(holds(out, size, "FDI_TEST_ONLY_HERE=1"));
    SetEnvironmentVariableA("FDI_TEST_ONLY_HERE", NULL);
}

static void an_empty_string_in_the_environment_is_einval(void **state)
{
    char *const places[][4] = {{"", NULL}, {"A=1", "", "B=2", NULL}, {"A=1", "B=2", "", NULL}};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        errno = 0;
        assert_null(fdi__environment(places[i]));
        assert_int_equal(errno, EINVAL);
    }
}

static void an_empty_environment_has_two_terminators(void **state)
{
    char *nothing[] = {NULL};
    char *bad[] = {"A=1", "B=\xc3", NULL};
    (void)state;
    WCHAR *block = fdi__environment(nothing);
    assert_non_null(block);
    assert_memory_equal(block, L"\0", 2 * sizeof(WCHAR));
    free(block);
    errno = 0;
    assert_null(fdi__environment(bad));
    assert_int_equal(errno, EILSEQ);
}

static void batch_files_are_recognized_by_extension(void **state)
{
    (void)state;
    assert_true(fdi__is_batch(L"C:\\a\\b.bat"));
    assert_true(fdi__is_batch(L"C:\\a\\B.CMD"));
    assert_true(fdi__is_batch(L".bat"));
    assert_false(fdi__is_batch(L"C:\\bat"));
    assert_false(fdi__is_batch(L"C:\\a.bat\\b.exe"));
    assert_false(fdi__is_batch(L""));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_argument_arrives_unchanged),
        CASE(every_mix_of_quotes_backslashes_and_spaces_arrives),
        CASE(the_shell_parser_reads_the_same_arguments),
        CASE(arguments_that_no_quoting_expresses_are_refused),
        CASE(the_longest_line_arrives),
        CASE(the_environment_is_sorted_by_name),
        CASE(equal_names_of_the_environment_stay_in_order),
        CASE(the_child_gets_only_the_given_environment),
        CASE(an_empty_string_in_the_environment_is_einval),
        CASE(an_empty_environment_has_two_terminators),
        CASE(batch_files_are_recognized_by_extension),
    };
    return cmocka_run_group_tests_name("arguments_windows", cases, NULL, NULL);
}
