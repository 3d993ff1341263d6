/* SPDX-License-Identifier: MIT
 * Describes a handle. Querying a pipe's name or a file can block while another thread reads from
 * the same pipe. So pipe names are never queried, and a separate thread queries files. */
#include "../../platform.h"
#include "windows_command.h"

#include <ws2tcpip.h>

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- Text ------------------------------------------------------------------------------------- */

static char *to_utf8(const WCHAR *text, int length)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, length, NULL, 0, NULL, NULL);
    char *copy = allocate((size_t)size + 1);
    (void)WideCharToMultiByte(CP_UTF8, 0, text, length, copy, size, NULL, NULL);
    return copy;
}

static char *number_text(const char *format, DWORD number, DWORD other)
{
    char text[64];
    int length = snprintf(text, sizeof text, format, (unsigned long)number, (unsigned long)other);
    return copy_text(text, (size_t)length);
}

/* Returns the name or type from NtQueryObject, or NULL if there is none. */
static char *ask_text(HANDLE handle, int what)
{
    union {
        UNICODE_STRING text;
        BYTE room[4096];
    } answer;
    ULONG length;
    if (NtQueryObject(handle, what, &answer, sizeof answer, &length) != 0 || !answer.text.Buffer)
        return NULL;
    return to_utf8(answer.text.Buffer, (int)(answer.text.Length / sizeof(WCHAR)));
}

/* ---- Sockets ---------------------------------------------------------------------------------- */

static void format_address(const struct sockaddr_storage *address, int size, char *text, int *port)
{
    char host[80], service[16];
    bool inet6 = address->ss_family == AF_INET6;
    if ((!inet6 && address->ss_family != AF_INET) ||
        getnameinfo((const struct sockaddr *)address, size, host, sizeof host, service,
                    sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    (void)snprintf(text, 160, inet6 ? "[%s]:%s" : "%s:%s", host, service);
    if (port)
        *port = atoi(service);
}

static bool ask_option(SOCKET socket, int option, int *value)
{
    int size = sizeof *value;
    return getsockopt(socket, SOL_SOCKET, option, (char *)value, &size) == 0;
}

/* `type` is 0 if unknown: Wine reports it only for the process's own sockets. */
static const char *protocol_of(int type, int family)
{
    bool inet6 = family == AF_INET6;
    if (family == AF_UNIX)
        return type == SOCK_DGRAM ? "unix datagram" : "unix stream";
    if (type == SOCK_STREAM)
        return inet6 ? "tcp6" : "tcp";
    if (type == SOCK_DGRAM)
        return inet6 ? "udp6" : "udp";
    return inet6 ? "ip6" : "ip";
}

/* Returns false if the handle is not a socket. WSAEINVAL means a socket without a name. */
static bool describe_socket(HANDLE handle, struct descriptor *descriptor)
{
    SOCKET socket = (SOCKET)handle;
    struct sockaddr_storage address = {0};
    int size = sizeof address;
    int type = 0;
    int listening = 0;
    bool named = getsockname(socket, (struct sockaddr *)&address, &size) == 0;
    if (!named && WSAGetLastError() != WSAEINVAL)
        return false;
    descriptor->kind = "socket";
    struct socket_facts *facts = descriptor->socket = allocate(sizeof *facts);
    if (named)
        format_address(&address, size, facts->local, &facts->port);
    (void)ask_option(socket, SO_TYPE, &type);
    facts->protocol = protocol_of(type, address.ss_family);
    facts->listening = ask_option(socket, SO_ACCEPTCONN, &listening) && listening;
    size = sizeof address;
    if (getpeername(socket, (struct sockaddr *)&address, &size) == 0)
        format_address(&address, size, facts->peer, NULL);
    descriptor_describe_socket(descriptor);
    return true;
}

/* ---- Files ------------------------------------------------------------------------------------ */

static void describe_disk(HANDLE handle, struct descriptor *descriptor)
{
    BY_HANDLE_FILE_INFORMATION file;
    WCHAR path[4096];
    bool folder = GetFileInformationByHandle(handle, &file) &&
                  (file.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
    DWORD length = GetFinalPathNameByHandleW(handle, path, 4096, VOLUME_NAME_DOS);
    if (length == 0) /* a volume without a DOS name */
        length = GetFinalPathNameByHandleW(handle, path, 4096, VOLUME_NAME_NT);
    bool plain = length > 4 && path[5] == L':';
    descriptor->kind = folder ? "directory" : "file";
    if (length > 0 && length < 4096)
        descriptor->refers_to = to_utf8(path + (plain ? 4 : 0), (int)(length - (plain ? 4 : 0)));
}

static void describe_file(HANDLE handle, struct descriptor *descriptor)
{
    DWORD mode;
    switch (GetFileType(handle)) {
    case FILE_TYPE_DISK:
        describe_disk(handle, descriptor);
        break;
    case FILE_TYPE_CHAR:
        descriptor->kind = GetConsoleMode(handle, &mode) ? "console" : "device";
        break;
    case FILE_TYPE_PIPE:
        if (!describe_socket(handle, descriptor))
            descriptor->kind = "pipe";
        break;
    default:
        descriptor->kind = "device";
    }
}

/* ---- With a time limit ------------------------------------------------------------------------ */

enum { PATIENCE = 500 }; /* milliseconds */

static const char busy[] = "(in use: it does not answer)";

struct look {
    HANDLE handle;
    struct descriptor found;
};

static DWORD WINAPI look_at_file(void *context)
{
    struct look *look = context;
    describe_file(look->handle, &look->found);
    return 0;
}

/* A thread stuck in the kernel is abandoned, together with its handle and memory. */
static void describe_file_patiently(HANDLE handle, struct descriptor *descriptor)
{
    struct look *look = allocate(sizeof *look);
    look->handle = handle;
    look->found = *descriptor;
    HANDLE thread = CreateThread(NULL, 0, look_at_file, look, 0, NULL);
    bool done = thread && WaitForSingleObject(thread, PATIENCE) == WAIT_OBJECT_0;
    if (thread)
        (void)CloseHandle(thread);
    if (!done) {
        descriptor->kind = "file";
        descriptor->refers_to = copy_text(busy, sizeof busy - 1);
        return;
    }
    *descriptor = look->found;
    free(look);
    (void)CloseHandle(handle);
}

/* ---- All kinds -------------------------------------------------------------------------------- */

static const struct {
    const char *type;
    const char *kind;
} kinds[] = {
    {"Process", "process"},
    {"Thread", "thread"},
    {"Key", "key"},
    {"Event", "event"},
    {"Mutant", "mutex"},
    {"Semaphore", "semaphore"},
    {"Timer", "timer"},
    {"Section", "section"},
    {"Token", "token"},
    {"Job", "job"},
    {"Directory", "name space"},
    {"SymbolicLink", "name"},
    {"Desktop", "desktop"},
    {"WindowStation", "window station"},
    {"IoCompletion", "completion port"},
    {"Debug", "debugger"},
    {"DebugObject", "debugger"},
};

static const char *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].kind;
    return NULL;
}

static char *referred_by(HANDLE handle, const char *kind)
{
    if (strcmp(kind, "process") == 0)
        return number_text("process %lu", GetProcessId(handle), 0);
    if (strcmp(kind, "thread") == 0)
        return number_text("thread %lu of process %lu", GetThreadId(handle),
                           GetProcessIdOfThread(handle));
    return ask_text(handle, NT_NAME);
}

void describe_handle(HANDLE copy, struct descriptor *descriptor)
{
    char *type = ask_text(copy, NT_TYPE);
    if (type && strcmp(type, "File") == 0) {
        free(type);
        describe_file_patiently(copy, descriptor);
        return;
    }
    const char *kind = type ? kind_of(type) : NULL;
    descriptor->kind = kind ? kind : "object";
    if (kind) {
        descriptor->refers_to = referred_by(copy, kind);
        free(type);
    } else {
        descriptor->refers_to = type;
    }
    (void)CloseHandle(copy);
}
