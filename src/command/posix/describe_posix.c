/* SPDX-License-Identifier: MIT
 * Describes one descriptor by its link and its fdinfo in procfs. */
#include "../../platform.h"
#include "posix_command.h"
#include "procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

size_t read_start(const char *directory, const char *name, char *text, size_t size)
{
    char path[96];
    ssize_t got = 0;
    size_t length = 0;
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && length < size - 1 && (got = read(fd, text + length, size - 1 - length)) > 0)
        length += (size_t)got;
    if (fd >= 0)
        (void)close(fd);
    text[length] = '\0';
    return length;
}

/* Describes an anonymous file by its fdinfo, which has more detail than the link. */
static void describe_anonymous(struct descriptor *descriptor, const char *info, size_t length)
{
    uint64_t number;
    char text[64] = "";
    if (strcmp(descriptor->kind, "epoll") == 0)
        (void)snprintf(text, sizeof text, "watches %d", procfs_count(info, length, "tfd:"));
    else if (strcmp(descriptor->kind, "inotify") == 0)
        (void)snprintf(text, sizeof text, "watches %d", procfs_count(info, length, "inotify wd:"));
    else if (strcmp(descriptor->kind, "pidfd") == 0 &&
             procfs_number(info, length, "Pid:", 10, &number))
        (void)snprintf(text, sizeof text, "process %d", (int)number);
    if (!text[0])
        return;
    free(descriptor->refers_to);
    descriptor->refers_to = copy_text(text, strlen(text));
}

static bool read_flags(const char *directory, struct descriptor *descriptor)
{
    char name[32];
    char info[8192];
    uint64_t flags;
    (void)snprintf(name, sizeof name, "fdinfo/%d", descriptor->fd);
    errno = ENOENT; /* if the file is readable but has no flags */
    size_t length = read_start(directory, name, info, sizeof info);
    if (!procfs_number(info, length, "flags:", 8, &flags))
        return false;
    descriptor->inheritable = (flags & (uint64_t)O_CLOEXEC) == 0;
    describe_anonymous(descriptor, info, length);
    return true;
}

bool describe(const char *directory, struct descriptor *descriptor)
{
    char path[96];
    char link[PATH_MAX + 64];
    struct stat status;
    (void)snprintf(path, sizeof path, "%s/fd/%d", directory, descriptor->fd);
    ssize_t got = readlink(path, link, sizeof link);
    unsigned mode = stat(path, &status) == 0 ? (unsigned)status.st_mode : 0;
    if (got < 0 && mode == 0)
        return false;
    size_t length = got < 0 ? 0 : (size_t)got;
    descriptor->kind = procfs_kind(link, length, mode);
    free(descriptor->refers_to);
    descriptor->refers_to = copy_text(link, length);
    if (procfs_socket_inode(link, length, &descriptor->inode))
        descriptor->socket = allocate(sizeof *descriptor->socket);
    return read_flags(directory, descriptor);
}
