/* SPDX-License-Identifier: MIT
 * Converts the arguments to UTF-8. The arguments of main are in the process's code page, which
 * lacks most characters, and some CRTs expand wildcards in them. */
#include "../../platform.h"
#include "windows_command.h"

#include <shellapi.h>

#include <stdlib.h>

static UINT code_page_before; /* 0: no console, or already restored */

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
    code_page_before = 0; /* a change by the child must persist */
}

/* Control-C ends this process without running `atexit` handlers. */
static BOOL WINAPI speak_as_before_the_end(DWORD event)
{
    (void)event;
    speak_as_before();
    return FALSE;
}

/* Returns NULL if the text has an unpaired surrogate, which UTF-8 cannot represent. */
static char *in_utf8(const WCHAR *text)
{
    int size = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, NULL, 0, NULL, NULL);
    char *copy = size > 0 ? allocate((size_t)size) : NULL;
    if (copy)
        (void)WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, copy, size, NULL, NULL);
    return copy;
}

static void give_up(int trouble)
{
    (void)trouble;
    exit(EXIT_TROUBLE);
}

void system_start(int *count, char ***arguments)
{
    speak_utf8();
    (void)atexit(speak_as_before);
    (void)SetConsoleCtrlHandler(speak_as_before_the_end, TRUE);
    WCHAR **wide = CommandLineToArgvW(GetCommandLineW(), count);
    if (!wide)
        give_up(complain("the command line cannot be read: error %lu", GetLastError()));
    char **texts = allocate(((size_t)*count + 1) * sizeof *texts);
    for (int i = 0; i < *count; i++)
        if (!(texts[i] = in_utf8(wide[i])))
            give_up(complain("argument %d is not Unicode", i));
    texts[*count] = NULL;
    (void)LocalFree(wide);
    *arguments = texts;
}
