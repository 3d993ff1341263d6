/* SPDX-License-Identifier: MIT
 * Programs: starting one with exactly the descriptors it is given, and waiting for it. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

/* ---- What CreateProcess is told --------------------------------------------------------------- */

struct order {
    WCHAR *directory; /* NULL: this process's own */
    WCHAR *program;   /* all of these are owned */
    WCHAR *arguments;
    WCHAR *environment; /* NULL: this process's own */
    DWORD flags;
};

static int compose(struct order *order, const fdi_spawn_options *options)
{
    order->flags = CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT;
    if (options->flags & FDI_SPAWN_NEW_GROUP)
        order->flags |= CREATE_NEW_PROCESS_GROUP;
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
    order->program = order->arguments ? fdi__program_path(options, order->directory) : NULL;
    return order->program ? 0 : -1;
}

static void discard(struct order *order)
{
    free(order->directory);
    free(order->program);
    free(order->arguments);
    free(order->environment);
}

/* ---- The child -------------------------------------------------------------------------------- */

/* To be deleted and freed, or NULL. */
static LPPROC_THREAD_ATTRIBUTE_LIST new_attributes(void)
{
    SIZE_T size = 0;
    if (!InitializeProcThreadAttributeList(NULL, 2, 0, &size) &&
        GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
        (void)fdi__last_fail();
        return NULL;
    }
    LPPROC_THREAD_ATTRIBUTE_LIST made = malloc(size);
    if (!made) {
        (void)fdi__fail(ENOMEM);
        return NULL;
    }
    if (InitializeProcThreadAttributeList(made, 2, 0, &size))
        return made;
    (void)fdi__last_fail();
    int saved_errno = errno;
    free(made);
    errno = saved_errno;
    return NULL;
}

/* Also after a failure the list, if there is one, is the caller's. */
static int name_what_is_inherited(LPPROC_THREAD_ATTRIBUTE_LIST *list, struct fdi__loan *loan)
{
    *list = new_attributes();
    if (!*list)
        return -1;
    if (UpdateProcThreadAttribute(*list, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &loan->lender,
                                  sizeof loan->lender, NULL, NULL) &&
        UpdateProcThreadAttribute(*list, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, loan->handles,
                                  loan->count * sizeof *loan->handles, NULL, NULL))
        return 0;
    return fdi__last_fail();
}

static HANDLE handle_for(const struct fdi__loan *loan, int fd)
{
    for (size_t i = 0; i < loan->count; i++)
        if (loan->map[i].child_fd == fd)
            return loan->handles[i];
    return NULL;
}

/* The standard streams are always said, or the system would pass this process's on. */
static STARTUPINFOEXW startup_of(const struct fdi__loan *loan)
{
    STARTUPINFOEXW startup = {.StartupInfo = {.cb = sizeof startup}};
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = handle_for(loan, 0);
    startup.StartupInfo.hStdOutput = handle_for(loan, 1);
    startup.StartupInfo.hStdError = handle_for(loan, 2);
    startup.StartupInfo.lpReserved2 = loan->block;
    startup.StartupInfo.cbReserved2 = (WORD)loan->block_size;
    return startup;
}

static int create(fdi_process *process, const struct order *order, struct fdi__loan *loan)
{
    STARTUPINFOEXW startup = startup_of(loan);
    PROCESS_INFORMATION made;
    int result = loan->lender ? name_what_is_inherited(&startup.lpAttributeList, loan) : 0;
    if (result == 0 && !CreateProcessW(order->program, order->arguments, NULL, NULL,
                                       loan->lender != NULL, order->flags, order->environment,
                                       order->directory, &startup.StartupInfo, &made))
        result = fdi__last_fail();
    int saved_errno = errno;
    if (startup.lpAttributeList)
        DeleteProcThreadAttributeList(startup.lpAttributeList);
    free(startup.lpAttributeList);
    if (result < 0)
        return fdi__kept(saved_errno, -1);
    (void)CloseHandle(made.hThread);
    *process = (fdi_process)made.hProcess;
    return 0;
}

static int start(fdi_process *process, const struct order *order, const fdi_spawn_options *options)
{
    struct fdi__loan loan;
    if (fdi__lend(&loan, order->program, options) < 0)
        return -1;
    int result = create(process, order, &loan);
    fdi__take_back(&loan);
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
    return fdi__kept(result < 0 ? error : saved_errno, result);
}

/* ---- Waiting ---------------------------------------------------------------------------------- */

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
