/* SPDX-License-Identifier: MIT
 * The linker redirects each call in the table to a stub (--wrap). The stub preserves the arguments
 * and asks injector_fails whether to fail. So one table serves functions of every type. It works on
 * x86_64 only. */
#include "injector.h"

#include <winsock2.h>

#include <windows.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- the calls that can fail, and their results --------------------------------------------- *
 *
 * The table omits calls that release a valid resource and cannot fail: CloseHandle, closesocket,
 * _close, TerminateProcess and RevertToSelf. Imported functions are called by a pointer, others by
 * name. */

#define TABLE(IMPORTED, LINKED)                                                                    \
    IMPORTED(AdjustTokenPrivileges, LAST_ERROR, 0)                                                 \
    IMPORTED(CreateEventW, LAST_ERROR, 0)                                                          \
    IMPORTED(CreateFileW, LAST_ERROR, -1)                                                          \
    IMPORTED(CreateJobObjectW, LAST_ERROR, 0)                                                      \
    IMPORTED(CreateProcessW, LAST_ERROR, 0)                                                        \
    IMPORTED(DuplicateHandle, LAST_ERROR, 0)                                                       \
    IMPORTED(GetCurrentDirectoryW, LAST_ERROR, 0)                                                  \
    IMPORTED(GetExitCodeProcess, LAST_ERROR, 0)                                                    \
    IMPORTED(GetFileInformationByHandle, LAST_ERROR, 0)                                            \
    IMPORTED(GetFileInformationByHandleEx, LAST_ERROR, 0)                                          \
    IMPORTED(GetFinalPathNameByHandleW, LAST_ERROR, 0)                                             \
    IMPORTED(GetEnvironmentVariableW, LAST_ERROR, 0)                                               \
    IMPORTED(GetFullPathNameW, LAST_ERROR, 0)                                                      \
    IMPORTED(GetHandleInformation, LAST_ERROR, 0)                                                  \
    IMPORTED(GetProcessId, LAST_ERROR, 0)                                                          \
    IMPORTED(GetSystemDirectoryW, LAST_ERROR, 0)                                                   \
    IMPORTED(GetSystemWindowsDirectoryW, LAST_ERROR, 0)                                            \
    IMPORTED(GetVolumeInformationByHandleW, LAST_ERROR, 0)                                         \
    IMPORTED(GetVolumeInformationW, LAST_ERROR, 0)                                                 \
    IMPORTED(ImpersonateSelf, LAST_ERROR, 0)                                                       \
    IMPORTED(InitializeProcThreadAttributeList, LAST_ERROR, 0)                                     \
    IMPORTED(IsWow64Process, LAST_ERROR, 0)                                                        \
    IMPORTED(LookupPrivilegeValueW, LAST_ERROR, 0)                                                 \
    IMPORTED(OpenThreadToken, LAST_ERROR, 0)                                                       \
    IMPORTED(SetCurrentDirectoryW, LAST_ERROR, 0)                                                  \
    IMPORTED(SetFileInformationByHandle, LAST_ERROR, 0)                                            \
    IMPORTED(SetHandleInformation, LAST_ERROR, 0)                                                  \
    IMPORTED(SetInformationJobObject, LAST_ERROR, 0)                                               \
    IMPORTED(UpdateProcThreadAttribute, LAST_ERROR, 0)                                             \
    IMPORTED(WaitForSingleObject, LAST_ERROR, 0xffffffff)                                          \
    IMPORTED(WSAEventSelect, WINSOCK, -1)                                                          \
    IMPORTED(WSAIoctl, WINSOCK, -1)                                                                \
    IMPORTED(WSASocketW, WINSOCK, -1)                                                              \
    IMPORTED(accept, WINSOCK, -1)                                                                  \
    IMPORTED(bind, WINSOCK, -1)                                                                    \
    IMPORTED(connect, WINSOCK, -1)                                                                 \
    IMPORTED(getpeername, WINSOCK, -1)                                                             \
    IMPORTED(getsockname, WINSOCK, -1)                                                             \
    IMPORTED(ioctlsocket, WINSOCK, -1)                                                             \
    IMPORTED(listen, WINSOCK, -1)                                                                  \
    IMPORTED(setsockopt, WINSOCK, -1)                                                              \
    IMPORTED(_dup, RUN_TIME, -1)                                                                   \
    IMPORTED(_dup2, RUN_TIME, -1)                                                                  \
    IMPORTED(_fdopen, RUN_TIME, 0)                                                                 \
    IMPORTED(_open_osfhandle, RUN_TIME, -1)                                                        \
    IMPORTED(_pipe, RUN_TIME, -1)                                                                  \
    IMPORTED(rand_s, RUN_TIME, 22)                                                                 \
    LINKED(NtCreateFile, STATUS, 0)                                                                \
    LINKED(NtFsControlFile, STATUS, 0)                                                             \
    LINKED(NtQueryDirectoryFile, STATUS, 0)                                                        \
    LINKED(NtQueryInformationFile, STATUS, 0)                                                      \
    LINKED(NtQueryVolumeInformationFile, STATUS, 0)                                                \
    LINKED(NtSetInformationFile, STATUS, 0)                                                        \
    LINKED(calloc, MEMORY, 0)                                                                      \
    LINKED(malloc, MEMORY, 0)

#define NUMBER(name, kind, answer) NUMBER_OF_##name,
enum { TABLE(NUMBER, NUMBER) CALLS };

static const struct {
    const char *name;
    enum kind kind;
    intptr_t answer;
} table[] = {
#define ROW(name, kind, answer) {#name, kind, answer},
    TABLE(ROW, ROW)};

/* ---- the stubs ------------------------------------------------------------------------------- */

/* The stubs return this from a call that fails. */
intptr_t injector_answer;
/* The stubs call this. */
bool injector_fails(int call);

/* A stub saves the four register arguments; the others stay on the stack. `number` counts like the
 * enumeration above. */
#define STUB(label, real)                                                                          \
    ".text\n"                                                                                      \
    ".globl " label "\n" label ":\n"                                                               \
    "push %rcx\npush %rdx\npush %r8\npush %r9\nsub $40, %rsp\n"                                    \
    "mov $number, %ecx\ncall injector_fails\n"                                                     \
    "add $40, %rsp\npop %r9\npop %r8\npop %rdx\npop %rcx\n"                                        \
    "test %al, %al\njne 1f\njmp " real "\n"                                                        \
    "1: mov injector_answer(%rip), %rax\nret\n"                                                    \
    ".set number, number + 1\n"

#define IMPORTED(name, kind, answer)                                                               \
    ".data\n.balign 8\n"                                                                           \
    ".globl __wrap___imp_" #name "\n__wrap___imp_" #name ": .quad stub_of_" #name                  \
    "\n" STUB("stub_of_" #name, "*__real___imp_" #name "(%rip)")
#define LINKED(name, kind, answer) STUB("__wrap_" #name, "__real_" #name)

__asm__(".set number, 0\n" TABLE(IMPORTED, LINKED));

/* ---- which call fails ------------------------------------------------------------------------ */

enum { MOST_CALLS = 2048 };

static struct injection wanted;
static int made[MOST_CALLS];
static int count, chosen, allocated;
static bool is_looking, did;

static void say(enum kind kind, int call)
{
    injector_answer = kind == STATUS ? (intptr_t)wanted.code : table[call].answer;
    if (kind == LAST_ERROR)
        SetLastError((DWORD)wanted.code);
    else if (kind == WINSOCK)
        WSASetLastError((int)wanted.code);
    else if (kind != STATUS)
        errno = (int)wanted.code;
}

bool injector_fails(int call)
{
    bool fails = false;
    if (is_looking && count < MOST_CALLS) {
        made[count++] = call;
        if (wanted.kills && count == wanted.at)
            TerminateProcess(GetCurrentProcess(), INJECTOR_KILLED);
        fails = count == wanted.at || (wanted.later && did && call == chosen);
    }
    if (fails) {
        did = true;
        chosen = call;
        say(table[call].kind, call);
    }
    allocated += table[call].kind == MEMORY && !fails;
    return fails;
}

void __real_free(void *memory);
void __wrap_free(void *memory);

void __wrap_free(void *memory)
{
    allocated -= memory != NULL;
    __real_free(memory);
}

void injector_start(struct injection injection)
{
    wanted = injection;
    count = 0;
    did = false;
}

void injector_begin(void)
{
    is_looking = true;
}

void injector_end(void)
{
    is_looking = false;
}

int injector_calls(void)
{
    return count;
}

enum kind injector_kind(int number)
{
    return table[made[number - 1]].kind;
}

const char *injector_name(int number)
{
    return table[made[number - 1]].name;
}

bool injector_did(void)
{
    return did;
}

int injector_allocated(void)
{
    return allocated;
}
