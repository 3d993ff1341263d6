/* SPDX-License-Identifier: MIT
 * Running a command and outliving it. */
#include "../../platform.h"
#include "../command.h"

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* Control-C goes to each program of the console, and so to the child itself. This handler, unlike
 * ignoring it, is nothing that a child inherits. */
static BOOL WINAPI outlive(DWORD event)
{
    return event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
}

int system_run(const fdi_spawn_options *options, int *exit_status)
{
    fdi_process child;
    (void)SetConsoleCtrlHandler(outlive, TRUE);
    if (fdi_spawn(&child, options) < 0)
        return -1;
    return fdi_wait(child, exit_status);
}
