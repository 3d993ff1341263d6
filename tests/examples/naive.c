/* SPDX-License-Identifier: MIT
 * rm -r and cp -a as programs often implement them: they check each path and then use it. The tests
 * show that the attack succeeds here, but not against the examples.
 *
 *   naive rm PATH
 *   naive cp FROM TO */
#define _GNU_SOURCE 1
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Calls `visit` for each entry of `from`, with its path and the path of the same name below
 * `to`. */
static void each_entry(const char *from, const char *to, void (*visit)(const char *, const char *))
{
    char one[PATH_MAX], other[PATH_MAX];
    const struct dirent *entry;
    DIR *dir = opendir(from);
    while (dir && (entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (snprintf(one, sizeof one, "%s/%s", from, entry->d_name) < PATH_MAX &&
            snprintf(other, sizeof other, "%s/%s", to, entry->d_name) < PATH_MAX)
            visit(one, other);
    }
    if (dir)
        (void)closedir(dir);
}

static void remove_path(const char *path, const char *unused)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return;
    if (!S_ISDIR(status.st_mode)) {
        (void)unlink(path);
        return;
    }
    each_entry(path, unused, remove_path);
    (void)rmdir(path);
}

static void copy_file(const char *from, const char *to)
{
    char buffer[4096];
    ssize_t length;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    while (in >= 0 && out >= 0 && (length = read(in, buffer, sizeof buffer)) > 0)
        if (write(out, buffer, (size_t)length) < 0)
            break;
    (void)close(in);
    (void)close(out);
}

static void copy_path(const char *from, const char *to)
{
    struct stat status;
    if (lstat(from, &status) < 0)
        return;
    if (S_ISDIR(status.st_mode)) {
        (void)mkdir(to, 0700);
        each_entry(from, to, copy_path);
    } else if (S_ISREG(status.st_mode)) {
        copy_file(from, to);
    } else {
        return;
    }
    const struct timespec times[2] = {status.st_atim, status.st_mtim};
    (void)chmod(to, status.st_mode & 07777);
    (void)utimensat(AT_FDCWD, to, times, 0);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "rm") == 0)
        remove_path(argv[2], "");
    else if (argc == 4 && strcmp(argv[1], "cp") == 0)
        copy_path(argv[2], argv[3]);
    else
        return 2;
    return 0;
}
