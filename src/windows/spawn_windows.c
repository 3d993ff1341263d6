/* SPDX-License-Identifier: MIT
 * Starts a program with exactly the descriptors given, and waits for it. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

/* ---- The arguments of CreateProcess ---------------------------------------------------------- */

struct order {
    WCHAR *directory; /* NULL: that of this process; the struct owns all texts */
    struct fdi__program program;
    WCHAR *arguments;
    WCHAR *environment; /* NULL: that of this process */
    DWORD flags;
};

static int compose(struct order *order, const fdi_spawn_options *options)
{
    order->flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
    if (options->flags & FDI_SPAWN_NEW_GROUP)
        order->flags |= CREATE_NEW_PROCESS_GROUP;
    if (options->flags & FDI_SPAWN_NO_WINDOW)
        order->flags |= CREATE_NO_WINDOW;
    if (!fdi__stays(options->directory)) {
        order->directory = fdi__directory_path(options->directory);
        if (!order->directory)
            return -1;
    }
    if (options->envp) {
        order->environment = fdi__environment(options->envp);
        if (!order->environment)
            return -1;
    }
    order->arguments = fdi__command_line(options->argv);
    if (!order->arguments)
        return -1;
    return fdi__program_open(&order->program, options, order->directory);
}

static void discard(struct order *order)
{
    free(order->directory);
    fdi__program_close(&order->program);
    free(order->arguments);
    free(order->environment);
}

/* ---- The child ------------------------------------------------------------------------------- */

/* Names the proxy parent and the inherited handles. The caller closes the list even after a
 * failure. */
static int name_what_is_inherited(LPPROC_THREAD_ATTRIBUTE_LIST *list,
                                  struct fdi__proxy_parent *proxy)
{
    if (fdi__attributes_open(list, 2) < 0 ||
        fdi__attributes_add(*list, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &proxy->process,
                            sizeof proxy->process) < 0)
        return -1;
    return fdi__attributes_add(*list, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, proxy->handles,
                               proxy->count * sizeof *proxy->handles);
}

static HANDLE handle_for(const struct fdi__proxy_parent *proxy, int fd)
{
    for (size_t i = 0; i < proxy->count; i++)
        if (proxy->map[i].child_fd == fd)
            return proxy->handles[i];
    return NULL;
}

/* Always sets the standard handles; otherwise Windows would pass on those of this process. */
static STARTUPINFOEXW startup_of(const struct fdi__proxy_parent *proxy)
{
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup}};
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = handle_for(proxy, 0);
    startup.StartupInfo.hStdOutput = handle_for(proxy, 1);
    startup.StartupInfo.hStdError = handle_for(proxy, 2);
    startup.StartupInfo.lpReserved2 = proxy->block;
    startup.StartupInfo.cbReserved2 = (WORD)proxy->block_size;
    return startup;
}

static int create(fdi_process *process, const struct order *order, struct fdi__proxy_parent *proxy)
{
    STARTUPINFOEXW startup = startup_of(proxy);
    PROCESS_INFORMATION made;
    int result = proxy->process ? name_what_is_inherited(&startup.lpAttributeList, proxy) : 0;
    if (result == 0 && !CreateProcessW(order->program.path, order->arguments, NULL, NULL,
                                       proxy->process != NULL, order->flags, order->environment,
                                       order->directory, &startup.StartupInfo, &made))
        result = fdi__last_fail();
    fdi__attributes_close(startup.lpAttributeList);
    if (result < 0)
        return -1;
    (void)CloseHandle(made.hThread);
    *process = (fdi_process)made.hProcess;
    return 0;
}

static int start(fdi_process *process, const struct order *order, const fdi_spawn_options *options)
{
    struct fdi__proxy_parent proxy;
    if (fdi__proxy_parent_create(&proxy, order->program.path, options) < 0)
        return -1;
    int result = create(process, order, &proxy);
    fdi__proxy_parent_destroy(&proxy);
    return result;
}

int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options)
{
    int saved_errno = errno;
    struct order order = {0};
    if (options->flags & FDI_SPAWN_NEW_SESSION)
        return fdi__fail(ENOTSUP);
    int result = compose(&order, options);
    if (result == 0)
        result = start(process, &order, options);
    int error = errno;
    discard(&order);
    return fdi__restore_errno(result < 0 ? error : saved_errno, result);
}

/* ---- Waiting --------------------------------------------------------------------------------- */

int fdi__os_wait(fdi_process process, int64_t *status, int milliseconds, bool keep)
{
    HANDLE child = (HANDLE)process;
    DWORD code;
    if (!GetProcessId(child))
        return fdi__fail(ECHILD);
    switch (WaitForSingleObject(child, milliseconds < 0 ? INFINITE : (DWORD)milliseconds)) {
    case WAIT_OBJECT_0:
        break;
    case WAIT_TIMEOUT:
        return 0;
    default:
        return fdi__last_fail();
    }
    if (!GetExitCodeProcess(child, &code))
        return fdi__last_fail();
    if (!keep)
        fdi__os_release(process);
    if (status)
        *status = code;
    return 1;
}

void fdi__os_release(fdi_process process)
{
    (void)CloseHandle((HANDLE)process);
}

int64_t fdi__os_process_id(fdi_process process)
{
    DWORD number = GetProcessId((HANDLE)process);
    return number ? (int64_t)number : fdi__fail(EINVAL);
}
