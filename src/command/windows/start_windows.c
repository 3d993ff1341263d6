/* SPDX-License-Identifier: MIT
 * The arguments in UTF-8. Those that main is given are in the code page of the process, which has
 * no letter for most others, and some run-times expand patterns in them. */
#include "../../platform.h"
#include "windows_command.h"

#include <shellapi.h>

#include <stdlib.h>

static UINT code_page_before; /* 0: there is no console, or it has it again */

void speak_utf8(void)
{
    code_page_before = GetConsoleOutputCP();
    if (code_page_before != 0)
        (void)SetConsoleOutputCP(CP_UTF8);
}

void speak_as_before(void)
{
    if (code_page_before != 0)
        (void)SetConsoleOutputCP(code_page_before);
    code_page_before = 0; /* what a command sets after that is to stay */
}

/* Control-C ends this process without `atexit`. */
static BOOL WINAPI speak_as_before_the_end(DWORD event)
{
    (void)event;
    speak_as_before();
    return FALSE;
}

/* NULL if it has half a surrogate, which UTF-8 cannot say. */
static char *in_utf8(const WCHAR *text)
{
    int size = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, NULL, 0, NULL, NULL);
    char *copy = size > 0 ? allocate((size_t)size) : NULL;
    if (copy)
        (void)WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, copy, size, NULL, NULL);
    return copy;
}

void system_start(int *count, char ***arguments)
{
    speak_utf8();
    (void)atexit(speak_as_before);
    (void)SetConsoleCtrlHandler(speak_as_before_the_end, TRUE);
    WCHAR **wide = CommandLineToArgvW(GetCommandLineW(), count);
    if (!wide)
        exit(complain("the command line cannot be read: error %lu", GetLastError()));
    char **texts = allocate(((size_t)*count + 1) * sizeof *texts);
    for (int i = 0; i < *count; i++)
        if (!(texts[i] = in_utf8(wide[i])))
            exit(complain("argument %d is not Unicode", i));
    texts[*count] = NULL;
    (void)LocalFree(wide);
    *arguments = texts;
}
