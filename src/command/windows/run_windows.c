/* SPDX-License-Identifier: MIT
 * Runs a command and survives Control-C, so that the command's status is never lost. */
#include "../../platform.h"
#include "windows_command.h"

#include <errno.h>

/* Control-C reaches every process of the console, including the child. A child inherits an ignored
 * Control-C, but it does not inherit this handler. */
static BOOL WINAPI outlive(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

int system_run(const fdi_spawn_options *options, int64_t *status)
{
    fdi_process child;
    (void)SetConsoleCtrlHandler(outlive, TRUE);
    speak_as_before();
    if (fdi_spawn(&child, options) < 0) {
        int saved_errno = errno;
        speak_utf8();
        errno = saved_errno;
        return -1;
    }
    return fdi_wait(&child, status, -1, 0) < 0 ? -1 : 0;
}
