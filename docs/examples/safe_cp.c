/* SPDX-License-Identifier: MIT
 * cp -a that stays inside the trees while an attacker swaps symlinks.
 *
 *   safe_cp FROM TO
 *
 * copies a file of any type to TO, which must not exist and must not lie in FROM. It copies contents
 * with their holes, permissions, owners, times, symlinks, fifos, and extended attributes with their
 * access lists. A copy takes no access list from its new parent. An owner that is not permitted is
 * not kept, and then the set-id bits are not kept either. Hard links become separate files. Each
 * level of a tree needs three descriptors.
 *
 * It opens each file once, without following a symlink. All later calls use that fd and not the
 * name. */
#define _GNU_SOURCE       1
#define _FILE_OFFSET_BITS 64
#include <fdinherit.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REACH = O_PATH | O_NOFOLLOW, BUFFER = 65536, SET_IDS = 06000 };

static struct fdi_stat top; /* the first directory that the copy made */

static int copy(int from, int parent, const char *name);

static int close_with(int fd, int result)
{
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

static int complain(const char *name)
{
    fprintf(stderr, "safe_cp: %s: %s\n", name, strerror(errno));
    return -1;
}

static bool same_file(const struct fdi_stat *one, const struct fdi_stat *other)
{
    return one->dev == other->dev && one->ino == other->ino;
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

/* A new file may inherit an access list from its parent directory, and then pass it on. */
static int drop_inherited(int to)
{
    static const char *const lists[] = {"system.posix_acl_access", "system.posix_acl_default"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (fdi_removexattr(fdi_fd(to), lists[i], 0) < 0 && errno != ENODATA && errno != ENOTSUP)
            return -1;
    return 0;
}

/* Returns 1 if the copy has the owner and the group of its source, and 0 if that is not permitted. */
static int copy_owner(int to, const struct fdi_stat *status)
{
    if (fdi_chown(fdi_fd(to), status->uid, status->gid, 0) == 0)
        return 1;
    if (errno != EPERM && errno != EINVAL) /* EINVAL: the user namespace lacks the id */
        return -1;
    if (fdi_chown(fdi_fd(to), UINT32_MAX, status->gid, 0) < 0 && errno != EPERM && errno != EINVAL)
        return -1;
    return 0;
}

/* Sets the owner before the permissions, because chown clears some of them. Sets the times last. */
static int copy_status(int from, int to, const struct fdi_stat *status)
{
    const struct fdi_time times[2] = {status->atime, status->mtime};
    int owned = copy_owner(to, status);
    unsigned mode = owned ? status->mode : status->mode & ~(unsigned)SET_IDS;
    if (owned < 0 || copy_attributes(from, to) < 0)
        return -1;
    if (!S_ISLNK(mode) && fdi_chmod(fdi_fd(to), mode, 0) < 0)
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

/* Copies at most `length` bytes at the present positions, and returns their number. */
static int64_t copy_bytes(int in, int out, int64_t length)
{
    static char buffer[BUFFER];
    int64_t copied = 0;
    while (copied < length) {
        int64_t rest = length - copied;
        ssize_t got = read(in, buffer, rest < BUFFER ? (size_t)rest : BUFFER);
        if (got <= 0)
            return got < 0 ? -1 : copied;
        for (ssize_t done = 0, more; done < got; done += more)
            if ((more = write(out, buffer + done, (size_t)(got - done))) < 0)
                return -1;
        copied += got;
    }
    return copied;
}

/* Copies each range of data, and leaves a hole wherever the source has one. Files of procfs have
 * contents but no length, so the bytes after the last range are read too. */
static int copy_contents(int in, int out)
{
    off_t data, hole = 0, end;
    while ((data = lseek(in, hole, SEEK_DATA)) >= 0) {
        hole = lseek(in, data, SEEK_HOLE);
        if (hole < 0 || lseek(in, data, SEEK_SET) < 0 || lseek(out, data, SEEK_SET) < 0)
            return -1;
        int64_t copied = copy_bytes(in, out, hole - data);
        if (copied < hole - data) /* the file is shorter than it says */
            return copied < 0 ? -1 : 0;
    }
    if (errno != ENXIO && errno != EINVAL)
        return -1;
    end = errno == ENXIO ? lseek(in, 0, SEEK_END) : lseek(in, hole, SEEK_SET);
    if (end < 0 || fdi_truncate(fdi_fd(out), end) < 0 || lseek(out, end, SEEK_SET) < 0)
        return -1;
    return copy_bytes(in, out, INT64_MAX) < 0 ? -1 : 0;
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

static int make_directory(int parent, const char *name)
{
    fdi_target made = fdi_path_at(parent, name);
    if (fdi_mkdir(made, 0700) < 0)
        return -1;
    int to = fdi_open(made, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
    if (to < 0 || top.ino != 0 || fdi_stat(fdi_fd(to), &top, 0) == 0)
        return to;
    return close_with(to, -1);
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
        return make_directory(parent, name);
    case S_IFREG:
        return copy_file(from, parent, name);
    case S_IFLNK:
        return copy_symlink(from, parent, name);
    default:
        return copy_special(parent, name, status);
    }
}

/* ---- the tree ------------------------------------------------------------------------------ */

/* Copies as many entries as possible. */
static int copy_entries(int from, int to, const char *name)
{
    fdi_dir *dir = fdi_opendir(fdi_fd(from));
    const fdi_dirent *entry;
    int result = 0;
    int more = -1;
    while (dir && (more = fdi_readdir(dir, &entry)) == 1) {
        int fd = fdi_open(fdi_path_at(from, entry->name), REACH, 0);
        if (fd < 0)
            result = complain(entry->name);
        else if (close_with(fd, copy(fd, to, entry->name)) < 0)
            result = -1;
    }
    if (more < 0)
        result = complain(name);
    if (dir)
        fdi_closedir(dir);
    return result;
}

static int refuse_itself(const char *name)
{
    fprintf(stderr, "safe_cp: %s: cannot copy a directory into itself\n", name);
    return -1;
}

/* Copies the O_PATH fd `from` to `name` in the directory `parent`. A bind mount may show the copy in
 * its own source, where lies_in does not find it. */
static int copy(int from, int parent, const char *name)
{
    struct fdi_stat status;
    if (fdi_stat(fdi_fd(from), &status, 0) < 0)
        return complain(name);
    if (same_file(&status, &top))
        return refuse_itself(name);
    int to = make(from, parent, name, &status);
    if (to < 0 || (!S_ISLNK(status.mode) && drop_inherited(to) < 0))
        return close_with(to, complain(name));
    int result = S_ISDIR(status.mode) ? copy_entries(from, to, name) : 0;
    if (copy_status(from, to, &status) < 0)
        result = complain(name);
    return close_with(to, result);
}

/* Reports whether `path` is in the directory `from`, at any depth. It changes `path`. */
static bool lies_in(int from, char *path)
{
    struct fdi_stat tree, here, last = {.ino = 0};
    int fd = fdi_open(fdi_path(dirname(path)), O_PATH | O_DIRECTORY, 0);
    bool found = fdi_stat(fdi_fd(from), &tree, 0) < 0;
    while (!found && fd >= 0 && fdi_stat(fdi_fd(fd), &here, 0) == 0 && !same_file(&here, &last)) {
        found = same_file(&here, &tree);
        last = here;
        fd = close_with(fd, fdi_open(fdi_path_at(fd, ".."), O_PATH | O_DIRECTORY, 0));
    }
    return close_with(fd, found);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: safe_cp FROM TO\n");
        return 1;
    }
    umask(0); /* each mode below is the one that a new file gets */
    int from = fdi_open(fdi_path(argv[1]), REACH, 0);
    char *place = strdup(argv[2]);
    if (from < 0 || !place) {
        (void)complain(argv[1]);
        free(place);
        return 1;
    }
    bool is_inside = lies_in(from, place);
    free(place);
    if (is_inside)
        return refuse_itself(argv[2]) < 0;
    return copy(from, FDI_AT_FDCWD, argv[2]) < 0;
}
