/* SPDX-License-Identifier: MIT
 * Reads from /proc whether a child has executed a program. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__CLONES

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORKED_WITHOUT_EXEC = 0x40 }; /* PF_FORKNOEXEC of the kernel */

/* Skips the name of the process, which is in parentheses and may contain any character. If /proc
 * belongs to another PID namespace, this number means a different process with another parent. */
static enum fdi__outcome read_outcome(const char *text)
{
    enum { BETWEEN = 4, STATE = sizeof ") S " - 1 }; /* the numbers before the flags */
    const char *name_end = strrchr(text, ')');
    if (!name_end || strlen(name_end) < STATE)
        return FDI__UNKNOWN;
    char *at = NULL;
    long parent = strtol(name_end + STATE, &at, 10);
    for (int i = 0; i < BETWEEN; i++)
        (void)strtol(at, &at, 10);
    unsigned long flags = strtoul(at, NULL, 10);
    if (parent != (long)getpid())
        return FDI__UNKNOWN;
    return flags & FORKED_WITHOUT_EXEC ? FDI__NOT_EXECUTED : FDI__EXECUTED;
}

enum fdi__outcome fdi__other_outcome(const struct fdi__child *child, pid_t pid)
{
    char path[32];
    char text[512];
    ssize_t length;
    (void)child;
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = fdi__has_procfs() ? fdi__openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
    if (fd < 0)
        return FDI__UNKNOWN;
    FDI__RETRY(length, read(fd, text, sizeof text - 1));
    fdi__close(fd);
    text[length < 0 ? 0 : length] = '\0';
    return read_outcome(text);
}

#endif
