/* SPDX-License-Identifier: MIT
 * Watches a command: by seccomp user notification, or with ptrace where the kernel refuses that. */
#include "../../platform.h"
#include "watch_linux.h"
#include "procfs.h"

#if defined(__linux__)

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct words watch_arguments(pid_t pid)
{
    char directory[32];
    struct words words = {NULL, 0, false};
    (void)snprintf(directory, sizeof directory, "/proc/%d", (int)pid);
    words.bytes = read_all(directory, "cmdline", &words.size, &words.is_cut);
    words.size +=
        words.size && words.bytes[words.size - 1]; /* if cut off, count the terminator too */
    return words;
}

/* Takes "READ,WRITE". A jobserver by a FIFO names no descriptors. */
static void take_jobserver(const char *text, struct program *program)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end == text || *end != ',')
        return;
    program->jobserver[0] = (int)number;
    program->jobserver[1] = (int)strtol(end + 1, NULL, 10);
}

void watch_jobserver(const char *environment, size_t size, struct program *program)
{
    static const char name[] = "MAKEFLAGS=";
    for (size_t at = 0; at < size; at += strlen(environment + at) + 1) {
        const char *option = NULL;
        if (strncmp(environment + at, name, sizeof name - 1) == 0)
            option = strstr(environment + at, "--jobserver-");
        if (option && (option = strchr(option, '=')))
            take_jobserver(option + 1, program);
    }
}

pid_t watch_status(pid_t pid, const char *label)
{
    char directory[32];
    char text[1024];
    uint64_t number = 0;
    (void)snprintf(directory, sizeof directory, "/proc/%d", (int)pid);
    size_t length = read_start(directory, "status", text, sizeof text);
    return procfs_number(text, length, label, 10, &number) ? (pid_t)number : 0;
}

void watch_rights(struct watched *watched, const char *program)
{
    struct stat status;
    if (stat(program, &status) == 0 && S_ISREG(status.st_mode) &&
        (status.st_mode & S_ISUID || (status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP)))
        watched->without_rights++;
}

int system_watch(const struct start *start, struct watched *watched)
{
    if (require_procfs("a command cannot be watched"))
        return TROUBLE;
    (void)signal(SIGCHLD, SIG_DFL); /* if it is ignored, the kernel discards the status */
    outlive_signals();
    outlive_terminal_stops();
    int result = notify_command(start, watched);
    if (result != CANNOT_NOTIFY)
        return result;
    watched->is_traced = true;
    return trace_command(start, watched);
}

#endif
