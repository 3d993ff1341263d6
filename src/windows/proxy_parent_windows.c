/* SPDX-License-Identifier: MIT
 * Creates a proxy parent process, which owns the handles for one child so that no other child can
 * inherit them.
 *
 * A child inherits only handles that are inheritable in its parent. If this process made its
 * handles inheritable, a CreateProcess call in another thread could pass them on. So the child
 * inherits from a proxy parent: a suspended process of the same program. The proxy inherits
 * nothing, receives duplicates of the child's handles, serves as the child's parent and ends
 * without ever running. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

#include <limits.h>
#include <string.h>

/* ---- The proxy process ----------------------------------------------------------------------- */

/* Creates a job whose processes end when its last handle is closed. Only this process has a handle,
 * so Windows ends the proxy even if this process crashes. SILENT_BREAKAWAY_OK keeps the child of
 * the proxy out of this job, so that it belongs only to the jobs of this process. */
static int create_job(struct fdi__proxy_parent *proxy)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation = {.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE |
                                                JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK}};
    proxy->job = CreateJobObjectW(NULL, NULL);
    if (!proxy->job || !SetInformationJobObject(proxy->job, JobObjectExtendedLimitInformation,
                                                &limits, sizeof limits))
        return fdi__last_fail();
    return 0;
}

static int create_suspended(struct fdi__proxy_parent *proxy, const WCHAR *program,
                            LPPROC_THREAD_ATTRIBUTE_LIST attributes)
{
    STARTUPINFOEXW startup = {
        .StartupInfo = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES},
        .lpAttributeList = attributes,
    };
    PROCESS_INFORMATION made;
    if (!CreateProcessW(program, NULL, NULL, NULL, FALSE,
                        CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT, NULL, NULL,
                        &startup.StartupInfo, &made))
        return fdi__last_fail();
    (void)CloseHandle(made.hThread);
    proxy->process = made.hProcess;
    return 0;
}

/* Creates the process inside the job. If the process joined the job later and this process ended in
 * between, the suspended proxy would remain. */
static int create_in_job(struct fdi__proxy_parent *proxy, const WCHAR *program)
{
    LPPROC_THREAD_ATTRIBUTE_LIST attributes;
    if (create_job(proxy) < 0 || fdi__attributes_open(&attributes, 1) < 0)
        return -1;
    int result = fdi__attributes_add(attributes, PROC_THREAD_ATTRIBUTE_JOB_LIST, &proxy->job,
                                     sizeof proxy->job);
    if (result == 0)
        result = create_suspended(proxy, program, attributes);
    fdi__attributes_close(attributes);
    return result;
}

/* ---- The child's descriptors ----------------------------------------------------------------- */

enum { NULL_DEVICE = -1, STDIO_COUNT = 3 }; /* NULL_DEVICE stands for an fd in the map */

static HANDLE source_of(const struct fdi__proxy_parent *proxy, int fd)
{
    return fd == NULL_DEVICE ? proxy->null_device : fdi__handle(fd);
}

static int open_null_device(struct fdi__proxy_parent *proxy)
{
    HANDLE opened = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
                                FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (opened == INVALID_HANDLE_VALUE)
        return fdi__last_fail();
    proxy->null_device = opened;
    return 0;
}

/* Adds fd `number` of this process to the map, or the null device if that fd is closed. */
static int add_stdio(struct fdi__proxy_parent *proxy, int number)
{
    bool is_open = fdi__handle(number) != INVALID_HANDLE_VALUE;
    if (!is_open && !proxy->null_device && open_null_device(proxy) < 0)
        return -1;
    proxy->map[proxy->wanted++] = (fdi_fd_map){is_open ? number : NULL_DEVICE, number};
    return 0;
}

static int complete_map(struct fdi__proxy_parent *proxy, const fdi_spawn_options *options)
{
    size_t most = options->fd_count + STDIO_COUNT;
    int saved_errno = errno;
    proxy->map = calloc(most, sizeof *proxy->map);
    proxy->handles = calloc(most, sizeof *proxy->handles);
    if (!proxy->map || !proxy->handles)
        return fdi__fail(ENOMEM);
    for (size_t i = 0; i < options->fd_count; i++)
        proxy->map[proxy->wanted++] = options->fds[i];
    for (int number = 0; number < STDIO_COUNT; number++)
        if (fdi__adds_stdio(options, number) && add_stdio(proxy, number) < 0)
            return -1;
    return fdi__restore_errno(saved_errno, 0);
}

/* ---- The start-up block of the CRT ------------------------------------------------------------ *
 *
 * The block contains the number of fds as an int, a byte of flags for each fd, and a handle for
 * each fd. The handles have the width of the child's pointers. The UCRT and msvcrt.dll read the
 * same format; msvcrt.dll allows at most 2048 fds. */

enum { MOST_FDS = 2048, IS_OPEN = 0x01, IS_PIPE = 0x08, IS_DEVICE = 0x40, IS_TEXT = 0x80 };

static bool runs_on_wow64(HANDLE process)
{
    BOOL guest = FALSE;
    return IsWow64Process(process, &guest) && guest;
}

static size_t handle_width(HANDLE child)
{
    if (runs_on_wow64(child))
        return 4;
    return runs_on_wow64(GetCurrentProcess()) ? 8 : sizeof(HANDLE);
}

static int highest_child_fd(const fdi_fd_map *map, size_t count)
{
    int number = -1;
    for (size_t i = 0; i < count; i++)
        if (map[i].child_fd > number)
            number = map[i].child_fd;
    return number;
}

/* Every CRT starts with its standard streams in text mode. */
static BYTE crt_flags_of(const struct fdi__proxy_parent *proxy, fdi_fd_map entry)
{
    BYTE text = entry.child_fd <= 2 ? IS_TEXT : 0;
    switch (GetFileType(source_of(proxy, entry.fd))) {
    case FILE_TYPE_PIPE:
        return (BYTE)(IS_OPEN | IS_PIPE | text);
    case FILE_TYPE_CHAR:
        return (BYTE)(IS_OPEN | IS_DEVICE | text);
    default:
        return (BYTE)(IS_OPEN | text);
    }
}

static void put_handle(BYTE *at, HANDLE handle, size_t width)
{
    int64_t value = (int64_t)(intptr_t)handle;
    memcpy(at, &value, width); /* every Windows is little-endian */
}

static int make_block(struct fdi__proxy_parent *proxy)
{
    int fds = highest_child_fd(proxy->map, proxy->count) + 1;
    size_t width = handle_width(proxy->process);
    size_t start = sizeof fds + (size_t)fds;
    proxy->block_size = start + (size_t)fds * width;
    proxy->block = calloc(1, proxy->block_size);
    if (!proxy->block)
        return fdi__fail(ENOMEM);
    memcpy(proxy->block, &fds, sizeof fds);
    memset(proxy->block + start, 0xff, (size_t)fds * width);
    for (size_t i = 0; i < proxy->count; i++) {
        size_t number = (size_t)proxy->map[i].child_fd;
        proxy->block[sizeof fds + number] = crt_flags_of(proxy, proxy->map[i]);
        put_handle(proxy->block + start + number * width, proxy->handles[i], width);
    }
    return 0;
}

/* ---- Creating and destroying ----------------------------------------------------------------- */

static int copy_one(struct fdi__proxy_parent *proxy, int fd)
{
    HANDLE handle = source_of(proxy, fd);
    HANDLE *copy = &proxy->handles[proxy->count];
    if (handle == INVALID_HANDLE_VALUE)
        return -1;
    if (!DuplicateHandle(GetCurrentProcess(), handle, proxy->process, copy, 0, TRUE,
                         DUPLICATE_SAME_ACCESS))
        return fdi__last_fail();
    proxy->count++;
    return 0;
}

static int copy_all(struct fdi__proxy_parent *proxy, const WCHAR *program)
{
    if (proxy->wanted == 0)
        return 0;
    if (create_in_job(proxy, program) < 0)
        return -1;
    while (proxy->count < proxy->wanted)
        if (copy_one(proxy, proxy->map[proxy->count].fd) < 0)
            return -1;
    return make_block(proxy);
}

/* Rejects sockets, because a socket that DuplicateHandle copied may not work in another process. */
static int check_map(const fdi_fd_map *map, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HANDLE handle = fdi__handle(map[i].fd);
        if (handle == INVALID_HANDLE_VALUE)
            return -1;
        if (fdi__is_open_socket(handle))
            return fdi__fail(ENOTSUP);
    }
    return highest_child_fd(map, count) < MOST_FDS ? 0 : fdi__fail(EMFILE);
}

int fdi__proxy_parent_create(struct fdi__proxy_parent *proxy, const WCHAR *program,
                             const fdi_spawn_options *options)
{
    memset(proxy, 0, sizeof *proxy);
    if (check_map(options->fds, options->fd_count) < 0)
        return -1;
    if (complete_map(proxy, options) == 0 && copy_all(proxy, program) == 0)
        return 0;
    fdi__proxy_parent_destroy(proxy);
    return -1;
}

static void close_if_open(HANDLE handle)
{
    if (handle)
        (void)CloseHandle(handle);
}

void fdi__proxy_parent_destroy(struct fdi__proxy_parent *proxy)
{
    int saved_errno = errno;
    if (proxy->process)
        (void)TerminateProcess(proxy->process, 0);
    close_if_open(proxy->process);
    close_if_open(proxy->job);
    close_if_open(proxy->null_device);
    free(proxy->block);
    free(proxy->handles);
    free(proxy->map);
    errno = saved_errno;
}
