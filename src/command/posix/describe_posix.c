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
#if defined(__linux__)
#include <sys/syscall.h>
#endif

/* The link in /proc/PID/fd has the access mode as its permissions. O_PATH has none. */
static const char *access_mode(const char *path)
{
    struct stat link;
    if (lstat(path, &link) < 0)
        return NULL;
    if (!(link.st_mode & S_IRUSR))
        return link.st_mode & S_IWUSR ? "w" : "path";
    return link.st_mode & S_IWUSR ? "rw" : "r";
}

bool describe_flags(const char *directory, struct descriptor *descriptor)
{
    char name[32];
    char info[512]; /* the flags come first */
    uint64_t flags;
    (void)snprintf(name, sizeof name, "fdinfo/%d", descriptor->fd);
    errno = ENOENT; /* if the file is readable but has no flags */
    size_t length = read_start(directory, name, info, sizeof info);
    if (!procfs_number(info, length, "flags:", 8, &flags))
        return false;
    descriptor->inheritable = (flags & (uint64_t)O_CLOEXEC) == 0;
    return true;
}

/* ---- Anonymous files --------------------------------------------------------------------------- */

static void write_pid(const char *info, size_t length, char *text, size_t size)
{
    uint64_t pid;
    if (procfs_number(info, length, "Pid:", 10, &pid))
        (void)snprintf(text, size, "process %llu", (unsigned long long)pid);
    else if (procfs_count(info, length, "Pid:") > 0) /* -1 */
        (void)snprintf(text, size, "a process that has ended");
}

/* Describes an anonymous file by its fdinfo, which has more detail than the link. */
static void describe_anonymous(const char *directory, struct descriptor *descriptor)
{
    char name[32];
    char text[64] = "";
    size_t length;
    (void)snprintf(name, sizeof name, "fdinfo/%d", descriptor->fd);
    char *info = read_all(directory, name, &length, NULL);
    if (strcmp(descriptor->kind, "epoll") == 0)
        (void)snprintf(text, sizeof text, "watches %d", procfs_count(info, length, "tfd:"));
    else if (strcmp(descriptor->kind, "inotify") == 0)
        (void)snprintf(text, sizeof text, "watches %d", procfs_count(info, length, "inotify wd:"));
    else
        write_pid(info, length, text, sizeof text);
    free(info);
    if (!text[0])
        return;
    free(descriptor->refers_to);
    descriptor->refers_to = copy_text(text, strlen(text));
}

static bool has_detail(const struct descriptor *descriptor)
{
    return strcmp(descriptor->kind, "epoll") == 0 || strcmp(descriptor->kind, "inotify") == 0 ||
           strcmp(descriptor->kind, "pidfd") == 0;
}

/* ---- Files ------------------------------------------------------------------------------------- */

static bool query_by_stat(const char *path, struct descriptor *descriptor, unsigned *mode)
{
    struct stat status;
    if (stat(path, &status) < 0)
        return false;
    *mode = (unsigned)status.st_mode;
    descriptor->inode = (uint64_t)status.st_ino;
    descriptor->device = (uint64_t)status.st_dev;
    return true;
}

#if defined(SYS_statx)

/* Members of the kernel's struct statx, which older headers lack. */
struct file_facts {
    unsigned char before_mode[28];
    uint16_t mode;
    unsigned char before_inode[2];
    uint64_t inode;
    unsigned char before_device[96];
    uint32_t device_major;
    uint32_t device_minor;
    unsigned char rest[112];
};

/* Does not ask the server of a file system, which may never answer. Kernels before 4.11 and some
 * sandboxes lack the call. */
static bool query_file(const char *path, struct descriptor *descriptor, unsigned *mode)
{
    enum { WITHOUT_SYNC = 0x4000, TYPE_MODE_INODE = 0x103 };
    struct file_facts facts;
    if (syscall(SYS_statx, AT_FDCWD, path, WITHOUT_SYNC, TYPE_MODE_INODE, &facts) < 0)
        return (errno == ENOSYS || errno == EPERM) && query_by_stat(path, descriptor, mode);
    *mode = facts.mode;
    descriptor->inode = facts.inode;
    descriptor->device = (uint64_t)facts.device_major << 32 | facts.device_minor;
    return true;
}

#else

static bool query_file(const char *path, struct descriptor *descriptor, unsigned *mode)
{
    return query_by_stat(path, descriptor, mode);
}

#endif

bool describe_object(const char *directory, struct descriptor *descriptor)
{
    char path[96];
    char link[PATH_MAX + 64];
    unsigned mode = 0;
    (void)snprintf(path, sizeof path, "%s/fd/%d", directory, descriptor->fd);
    ssize_t got = readlink(path, link, sizeof link);
    if (!query_file(path, descriptor, &mode) && got < 0)
        return false;
    size_t length = got < 0 ? 0 : (size_t)got;
    descriptor->kind = procfs_kind(link, length, mode);
    descriptor->access = access_mode(path);
    free(descriptor->refers_to);
    descriptor->refers_to = copy_text(link, length);
    if (procfs_socket_inode(link, length, &descriptor->inode))
        descriptor->socket = allocate(sizeof *descriptor->socket);
    if (has_detail(descriptor))
        describe_anonymous(directory, descriptor);
    return true;
}
