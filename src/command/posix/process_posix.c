/* SPDX-License-Identifier: MIT
 * Lists the descriptors of this process and of others. Those of others are read from Linux procfs;
 * without procfs an error message is printed. */
#include "../../platform.h"
#include "posix_command.h"
#include "procfs.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void system_start(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
}

int system_own_pid(void)
{
    return (int)getpid();
}

bool system_is_terminal(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if (no_color && no_color[0])
        return false;
    if (terminal && strcmp(terminal, "dumb") == 0)
        return false;
    return isatty(STDOUT_FILENO);
}

bool system_likes_backslashes(void)
{
    return false;
}

/* ---- This process ---------------------------------------------------------------------------- */

static int add_own(void *context, int fd, bool inheritable)
{
    (void)descriptors_add(context, fd, inheritable);
    return 0;
}

/* Without procfs, fstat still gives the kind. */
static void describe_own(struct descriptor *descriptor)
{
    struct stat status = {.st_mode = 0};
    bool inheritable = descriptor->inheritable;
    (void)fstat(descriptor->fd, &status);
    if (!describe("/proc/self", descriptor) && strcmp(descriptor->kind, "unknown") == 0)
        descriptor->kind = procfs_kind("", 0, (unsigned)status.st_mode);
    descriptor->inheritable = inheritable;
    if (strcmp(descriptor->kind, "socket") == 0)
        ask_socket(descriptor);
}

static int read_own(struct descriptors *list)
{
    if (fdi_foreach_open(add_own, list) != 0)
        return complain("the open descriptors cannot be listed: %s", strerror(errno));
    for (size_t i = 0; i < list->count; i++)
        describe_own(&list->items[i]);
    return 0;
}

/* ---- Another process ------------------------------------------------------------------------- */

/* Returns -1 if a descriptor cannot be read. Skips descriptors that were closed meanwhile. */
static int read_entry(const char *directory, const char *name, struct descriptors *list)
{
    int fd = strcmp(name, "0") == 0 ? 0 : parse_number(name);
    if (fd < 0)
        return 0; /* "." and ".." */
    if (describe(directory, descriptors_add(list, fd, true)))
        return 0;
    int error = errno;
    descriptors_drop_last(list);
    errno = error;
    return error == ENOENT ? 0 : -1;
}

static int read_entries(const char *directory, DIR *entries, struct descriptors *list)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(entries);
        if (!entry)
            return errno ? -1 : 0;
        if (read_entry(directory, entry->d_name, list) < 0)
            return -1;
    }
}

int read_process(int pid, struct descriptors *list)
{
    char directory[32];
    char path[40];
    (void)snprintf(directory, sizeof directory, "/proc/%d", pid);
    (void)snprintf(path, sizeof path, "%s/fd", directory);
    DIR *entries = opendir(path);
    if (!entries)
        return -1;
    int result = read_entries(directory, entries, list);
    int error = errno;
    (void)closedir(entries);
    if (result < 0) {
        descriptors_free(list);
        errno = error;
        return -1;
    }
    descriptors_sort(list);
    describe_sockets(directory, list);
    return 0;
}

static int complain_of_process(int pid, int error)
{
    if (kill(pid, 0) < 0 && errno == ESRCH)
        return complain("no such process: %d", pid);
    if (access("/proc/self/fd", X_OK) < 0)
        return complain("process %d cannot be inspected: there is no procfs on /proc", pid);
    if (error == ENOENT || error == EACCES) /* procfs hides or denies it */
        return complain("no permission to inspect process %d", pid);
    return complain("process %d cannot be inspected: %s", pid, strerror(error));
}

int system_descriptors(int pid, struct descriptors *list)
{
    if (pid == 0)
        return read_own(list);
    return read_process(pid, list) == 0 ? 0 : complain_of_process(pid, errno);
}
