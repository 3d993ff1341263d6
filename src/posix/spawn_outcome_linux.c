/* SPDX-License-Identifier: MIT
 * Reads from /proc whether a child has executed a program. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#if FDI__CLONES

#include <stdio.h>
#include <string.h>

enum { FORKED_WITHOUT_EXEC = 0x40 }; /* PF_FORKNOEXEC of the kernel */

/* Skips the name of the process, which is in parentheses and may contain any character. If /proc
 * belongs to another PID namespace, this number means a different process with another parent. */
static enum fdi__outcome read_outcome(const char *text)
{
    long parent = 0;
    unsigned long flags = 0;
    const char *name_end = strrchr(text, ')');
    if (!name_end || sscanf(name_end, ") %*c %ld %*d %*d %*d %*d %lu", &parent, &flags) != 2 ||
        parent != (long)getpid())
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
