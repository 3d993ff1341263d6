/* SPDX-License-Identifier: MIT
 * cp -a that stays inside the trees while an attacker swaps symlinks.
 *
 *   safe_cp FROM TO
 *
 * copies a file of any type to TO, which must not exist. It copies contents, permissions, owners
 * (where permitted), times, symlinks, fifos and extended attributes. It opens each file once,
 * without following a symlink. All later calls use that fd and not the name. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REACH = O_PATH | O_NOFOLLOW, BUFFER = 65536 };

static int copy(int from, int parent, const char *name);

static int close_with(int fd, int result)
{
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

/* ---- metadata ------------------------------------------------------------------------------ */

static int copy_attribute(int from, int to, const char *name)
{
    static char value[BUFFER];
    int64_t size = fdi_getxattr(fdi_fd(from), name, value, sizeof value, 0);
    return size < 0 ? -1 : fdi_setxattr(fdi_fd(to), name, value, (size_t)size, 0, 0);
}

static int copy_attributes(int from, int to)
{
    static char names[BUFFER];
    int64_t size = fdi_listxattr(fdi_fd(from), names, sizeof names, 0);
    if (size < 0)
        return errno == ENOTSUP ? 0 : -1;
    for (const char *name = names; name < names + size; name += strlen(name) + 1)
        if (copy_attribute(from, to, name) < 0 && errno != EPERM && errno != ENOTSUP)
            return -1;
    return 0;
}

/* Sets the owner before the permissions, because chown clears some of them. Sets the times last. */
static int copy_status(int from, int to, const struct fdi_stat *status)
{
    const struct fdi_time times[2] = {status->atime, status->mtime};
    if (fdi_chown(fdi_fd(to), status->uid, status->gid, 0) < 0 && errno != EPERM)
        return -1;
    if (copy_attributes(from, to) < 0)
        return -1;
    if (!S_ISLNK(status->mode) && fdi_chmod(fdi_fd(to), status->mode, 0) < 0)
        return -1;
    return fdi_utime(fdi_fd(to), times, 0);
}

/* ---- file types: each function creates a file and returns an fd of it ---------------------- */

static int reach_made(int parent, const char *name, unsigned mode)
{
    struct fdi_stat status;
    int fd = fdi_open(fdi_path_at(parent, name), REACH, 0);
    if (fd < 0 || fdi_stat(fdi_fd(fd), &status, 0) < 0)
        return fd < 0 ? -1 : close_with(fd, -1);
    if ((status.mode & S_IFMT) == (mode & S_IFMT))
        return fd;
    close(fd);
    errno = EEXIST; /* another process replaced the new file */
    return -1;
}

static int copy_symlink(int from, int parent, const char *name)
{
    char text[PATH_MAX];
    int64_t length = fdi_readlink(fdi_fd(from), text, sizeof text - 1);
    if (length < 0)
        return -1;
    text[length] = '\0';
    if (fdi_symlink(text, fdi_path_at(parent, name), 0) < 0)
        return -1;
    return reach_made(parent, name, S_IFLNK);
}

static int copy_contents(int in, int out)
{
    static char buffer[BUFFER];
    ssize_t length;
    while ((length = read(in, buffer, sizeof buffer)) > 0)
        for (ssize_t done = 0, more; done < length; done += more)
            if ((more = write(out, buffer + done, (size_t)(length - done))) < 0)
                return -1;
    return (int)length;
}

static int copy_file(int from, int parent, const char *name)
{
    int in = fdi_open(fdi_fd(from), O_RDONLY | O_NONBLOCK, 0);
    if (in < 0)
        return -1;
    int out = fdi_open(fdi_path_at(parent, name), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (out < 0 || copy_contents(in, out) == 0)
        return close_with(in, out);
    close_with(out, 0);
    return close_with(in, -1);
}

static int copy_entries(int from, int to)
{
    fdi_dir *dir = fdi_opendir(fdi_fd(from));
    const fdi_dirent *entry;
    int result = dir ? 0 : -1;
    while (dir && fdi_readdir(dir, &entry) == 1) {
        int fd = fdi_open(fdi_path_at(from, entry->name), REACH, 0);
        if (fd < 0 || close_with(fd, copy(fd, to, entry->name)) < 0) {
            fprintf(stderr, "safe_cp: %s: %s\n", entry->name, strerror(errno));
            result = -1;
        }
    }
    if (dir)
        fdi_closedir(dir);
    return result;
}

static int copy_directory(int from, int parent, const char *name)
{
    fdi_target made = fdi_path_at(parent, name);
    if (fdi_mkdir(made, 0700) < 0)
        return -1;
    int to = fdi_open(made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    return to < 0 || copy_entries(from, to) == 0 ? to : close_with(to, -1);
}

static int copy_special(int parent, const char *name, const struct fdi_stat *status)
{
    if (fdi_mknod(fdi_path_at(parent, name), (status->mode & S_IFMT) | 0600, status->rdev) < 0)
        return -1;
    return reach_made(parent, name, status->mode);
}

static int make(int from, int parent, const char *name, const struct fdi_stat *status)
{
    switch (status->mode & S_IFMT) {
    case S_IFDIR:
        return copy_directory(from, parent, name);
    case S_IFREG:
        return copy_file(from, parent, name);
    case S_IFLNK:
        return copy_symlink(from, parent, name);
    default:
        return copy_special(parent, name, status);
    }
}

/* Copies the O_PATH fd `from` to `name` in the directory `parent`. */
static int copy(int from, int parent, const char *name)
{
    struct fdi_stat status;
    if (fdi_stat(fdi_fd(from), &status, 0) < 0)
        return -1;
    int to = make(from, parent, name, &status);
    return to < 0 ? -1 : close_with(to, copy_status(from, to, &status));
}

int main(int argc, char **argv)
{
    int from = argc == 3 ? fdi_open(fdi_path(argv[1]), REACH, 0) : -1;
    if (argc != 3 || from < 0 || copy(from, FDI_AT_FDCWD, argv[2]) < 0) {
        fprintf(stderr, "safe_cp: %s\n", argc == 3 ? strerror(errno) : "safe_cp FROM TO");
        return 1;
    }
    return 0;
}
