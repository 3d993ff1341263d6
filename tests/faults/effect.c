/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "effect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

enum { TEXT = 1 << 16, NUMBERS = 64, BEFORE_NOW = 1000000000, KERNEL_LARGEFILE = 0100000 };

static char text[TEXT];
static size_t length;

/* Every name that a scenario may create or use. */
static const char *const names[] = {".",      "file", "link",      "fifo",      "socket",
                                    "new",    "dir",  "dir/inner", "dir/empty", "dir/inner-link",
                                    "dir/new"};
enum { NAMES = sizeof names / sizeof names[0] };
static const char outside[] = "another file";

void effect_begin(void)
{
    length = 0;
    text[0] = '\0';
}

void effect_note(const char *format, ...)
{
    int saved_errno = errno;
    va_list arguments;
    va_start(arguments, format);
    length += (size_t)vsnprintf(text + length, TEXT - length, format, arguments);
    va_end(arguments);
    if (length >= TEXT)
        abort();
    errno = saved_errno;
}

const char *effect_text(void)
{
    return text;
}

/* ---- descriptors --------------------------------------------------------------------------- */

const char *effect_file_name(const struct stat *wanted)
{
    struct stat status;
    for (int i = 0; i < NAMES; i++)
        if (lstat(names[i], &status) == 0 && status.st_dev == wanted->st_dev &&
            status.st_ino == wanted->st_ino)
            return names[i];
    return outside;
}

/* The position of a file outside of the tree, such as a log, depends on other processes. */
static long position(int fd, const char *name)
{
    return strcmp(name, outside) == 0 ? 0 : (long)lseek(fd, 0, SEEK_CUR);
}

void effect_note_fd(const char *label, int fd)
{
    int saved_errno = errno;
    struct stat status;
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0 || fstat(fd, &status) < 0) {
        effect_note("%s %d closed\n", label, fd);
    } else {
        const char *name = effect_file_name(&status);
        effect_note("%s %d %s mode %o at %ld: %s, type %o, permissions %o\n", label, fd,
                    flags & FD_CLOEXEC ? "private" : "inheritable",
                    fcntl(fd, F_GETFL) & ~(O_CLOEXEC | KERNEL_LARGEFILE), position(fd, name), name,
                    status.st_mode & S_IFMT, status.st_mode & 07777);
    }
    errno = saved_errno;
}

void effect_note_descriptors(void)
{
    int saved_errno = errno;
    for (int fd = 0; fd < NUMBERS; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            effect_note_fd("open", fd);
    errno = saved_errno;
}

/* ---- the tree ------------------------------------------------------------------------------ */

void effect_note_time(const char *label, struct timespec time_)
{
    if (time_.tv_sec < BEFORE_NOW)
        effect_note(" %s %ld.%09ld", label, (long)time_.tv_sec, time_.tv_nsec);
    else
        effect_note(" %s %s", label, labs(time(NULL) - time_.tv_sec) < 60 ? "now" : "wrong");
}

/* The times of a directory change with its entries and with each listing. */
static void note_times(const struct stat *status)
{
    if (S_ISDIR(status->st_mode))
        return;
    effect_note_time("accessed", status->st_atim);
    effect_note_time("modified", status->st_mtim);
}

static void note_content(const char *name, const struct stat *status)
{
    char content[64];
    ssize_t size = -1;
    if (S_ISLNK(status->st_mode))
        size = readlink(name, content, sizeof content);
    if (S_ISREG(status->st_mode)) {
        int fd = open(name, O_RDONLY | O_NOATIME | O_CLOEXEC);
        size = read(fd, content, sizeof content);
        close(fd);
    }
    if (size >= 0)
        effect_note(" \"%.*s\"", (int)size, content);
}

static void note_attributes(const char *name)
{
    static const char *const attributes[] = {"user.test", "user.new"};
    char value[64];
    for (int i = 0; i < 2; i++) {
        ssize_t size = lgetxattr(name, attributes[i], value, sizeof value);
        if (size >= 0)
            effect_note(" %s=%.*s", attributes[i], (int)size, value);
    }
}

static void note_file(const char *name)
{
    struct stat status;
    if (lstat(name, &status) < 0)
        return;
    effect_note("%s mode %o links %lu owner %u:%u", name, status.st_mode,
                (unsigned long)status.st_nlink, status.st_uid, status.st_gid);
    note_times(&status);
    note_content(name, &status);
    note_attributes(name);
    effect_note("\n");
}

void effect_note_tree(void)
{
    int saved_errno = errno;
    for (int i = 0; i < NAMES; i++)
        note_file(names[i]);
    errno = saved_errno;
}
