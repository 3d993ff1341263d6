/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "child_report.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

unsigned long long identity_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? (unsigned long long)status.st_ino : 0;
}

int open_file(const char *name, int number)
{
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        abort();
    if (number < 0 || number == fd)
        return fd;
    if (dup2(fd, number) != number || fcntl(number, F_SETFD, FD_CLOEXEC) < 0)
        abort(); /* some platforms lack dup3 */
    close(fd);
    return number;
}

int open_program(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

int open_folder(const char *name)
{
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        abort();
    return fd;
}

void make_directory(const char *name)
{
    if (mkdir(name, 0755) < 0)
        abort();
}

void here_and(const char *name, char *path)
{
    if (!getcwd(path, 400))
        abort();
    strcat(path, name);
}

void set_variable(const char *name, const char *value)
{
    if (value ? setenv(name, value, 1) < 0 : unsetenv(name) < 0)
        abort();
}
