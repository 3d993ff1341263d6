/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { TEXT = 1 << 16, NUMBERS = 64 };

struct text {
    size_t length;
    char *bytes;
};

static char room[2][TEXT]; /* static, because the state includes the memory in use */
static int next_room;

__attribute__((format(printf, 2, 3))) static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->bytes + text->length, TEXT - text->length, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
    if (text->length >= TEXT)
        abort();
}

/* Uses fcntl alone, which is fast and changes nothing. */
static void add_numbers(struct text *text)
{
    add(text, "open");
    for (int fd = 0; fd < NUMBERS; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            add(text, " %d", fd);
    add(text, "\n");
}

/* The position of stdio, such as a log, depends on other processes. */
static long position(int fd)
{
    return fd <= STDERR_FILENO ? 0 : (long)lseek(fd, 0, SEEK_CUR);
}

static void add_descriptors(struct text *text)
{
    struct stat status;
    for (int fd = 0; fd < NUMBERS; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags < 0 || fstat(fd, &status) < 0)
            continue;
        add(text, "fd %d flags %d mode %x at %ld file %lu:%lu\n", fd, flags, fcntl(fd, F_GETFL),
            position(fd), (unsigned long)status.st_dev, (unsigned long)status.st_ino);
    }
}

static void add_process(struct text *text)
{
    sigset_t mask;
    uint64_t bits = 0;
    char directory[512];
    int ended;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int signal = 1; signal < 64; signal++)
        if (sigismember(&mask, signal) == 1)
            bits |= UINT64_C(1) << signal;
    mode_t old = umask(077);
    umask(old);
    pid_t child = waitpid(-1, &ended, WNOHANG);
    add(text, "mask %lx umask %o directory %s child %s\n", (unsigned long)bits, old,
        getcwd(directory, sizeof directory), child < 0 && errno == ECHILD ? "none" : "SOME");
    add(text, "memory %zu mapped %zu\n", mallinfo2().uordblks, mallinfo2().hblkhd);
}

static void add_file(struct text *text, int directory, const char *name, const char *prefix)
{
    struct stat status;
    char link[128] = "";
    char list[256];
    char path[256];
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    ssize_t length = readlinkat(directory, name, link, sizeof link - 1);
    if (length > 0)
        link[length] = '\0';
    snprintf(path, sizeof path, "%s%s", prefix, name);
    ssize_t attributes = llistxattr(path, list, sizeof list);
    add(text, "%s mode %o links %lu owner %u:%u size %ld mtime %ld.%09ld attributes %ld %s\n", path,
        status.st_mode, (unsigned long)status.st_nlink, status.st_uid, status.st_gid,
        S_ISDIR(status.st_mode) ? 0L : (long)status.st_size,
        S_ISDIR(status.st_mode) ? 0L : (long)status.st_mtim.tv_sec,
        S_ISDIR(status.st_mode) ? 0L : status.st_mtim.tv_nsec, (long)attributes, link);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_tree(struct text *text, const char *path, const char *prefix)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, by_name);
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < count; i++) {
        if (strcmp(entries[i]->d_name, "..") != 0)
            add_file(text, directory, entries[i]->d_name, prefix);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    if (directory >= 0)
        close(directory);
}

static struct text begin_text(void)
{
    struct text text = {0, room[next_room]};
    next_room = 1 - next_room;
    text.bytes[0] = '\0';
    return text;
}

char *state_of_process(void)
{
    struct text text = begin_text();
    add_numbers(&text);
    add_process(&text);
    return text.bytes;
}

char *state_describe(void)
{
    struct text text = begin_text();
    add_numbers(&text);
    add_process(&text);
    add_descriptors(&text);
    add_tree(&text, ".", "");
    add_tree(&text, "dir", "dir/");
    return text.bytes;
}
