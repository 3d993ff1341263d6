/* SPDX-License-Identifier: MIT
 * rm -r that stays inside the tree while an attacker swaps symlinks.
 *
 *   safe_rm PATH...
 *
 * A path may lead to another file between its check and its use. So this program opens each
 * directory once, without following a symlink. It then names every entry relative to that fd. A
 * later swap does not affect the open directory.
 *
 * Like rm, it refuses to remove "/", "." and "..", and does not prompt. Few descriptors are open at
 * a time, at any depth. So it returns to a parent by "..", and stops if that is another directory
 * now. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REACH = O_PATH | O_DIRECTORY | O_NOFOLLOW };

struct place { /* the directory that is open, and its identity */
    int fd;
    uint64_t dev, ino;
};

static int remove_entry(struct place *here, const char *name);

static int complain(const char *name)
{
    fprintf(stderr, "safe_rm: %s: %s\n", name, strerror(errno));
    return -1;
}

static int open_place(struct place *place, fdi_target target, int oflags)
{
    struct fdi_stat status;
    place->fd = fdi_open(target, oflags, 0);
    if (place->fd < 0 || fdi_stat(fdi_fd(place->fd), &status, 0) < 0)
        return -1;
    place->dev = status.dev;
    place->ino = status.ino;
    return 0;
}

/* Appends a name with its NUL to `names`, which ends with one more NUL. */
static int append(char **names, size_t *size, const char *name)
{
    size_t length = strlen(name) + 1;
    char *longer = realloc(*names, *size + length + 1);
    if (!longer)
        return -1;
    memcpy(longer + *size, name, length);
    *size += length;
    longer[*size] = '\0';
    *names = longer;
    return 0;
}

/* Reads all names first, because the directory does not stay open. */
static char *read_names(int directory)
{
    const fdi_dirent *entry;
    size_t size = 0;
    int more = -1;
    char *names = calloc(1, 1);
    fdi_dir *dir = names ? fdi_opendir(fdi_fd(directory)) : NULL;
    while (dir && (more = fdi_readdir(dir, &entry)) == 1 && append(&names, &size, entry->name) == 0)
        continue;
    int error = errno;
    if (dir)
        fdi_closedir(dir);
    if (more == 0)
        return names;
    free(names);
    errno = error;
    return NULL;
}

static int remove_entries(struct place *here, const char *name)
{
    char *names = read_names(here->fd);
    int result = names ? 0 : complain(name);
    for (const char *next = names; next && *next && here->fd >= 0; next += strlen(next) + 1)
        if (remove_entry(here, next) < 0)
            result = -1;
    free(names);
    return result;
}

/* Opens the parent of `here`, if it is still the directory `parent`. */
static int go_back(struct place *here, const struct place *parent)
{
    struct place above;
    int result = open_place(&above, fdi_path_at(here->fd, ".."), REACH);
    close(here->fd);
    *here = above;
    if (result == 0 && above.dev == parent->dev && above.ino == parent->ino)
        return 0;
    fprintf(stderr, "safe_rm: the parent directory is not there any more\n");
    close(here->fd);
    here->fd = -1;
    return -1;
}

/* O_DIRECTORY with O_NOFOLLOW opens only a real directory, and otherwise fails. A directory without
 * search permission is not entered, because ".." does not work there. */
static int remove_directory(struct place *here, const char *name)
{
    const struct place parent = *here;
    struct place child;
    int result = open_place(&child, fdi_path_at(here->fd, name), REACH);
    if (result < 0 || fdi_access(fdi_path_at(child.fd, ".."), 0, FDI_EFFECTIVE_IDS) < 0) {
        complain(name);
        close(child.fd);
        return -1;
    }
    close(here->fd);
    *here = child;
    result = remove_entries(here, name);
    if (here->fd < 0 || go_back(here, &parent) < 0 || result < 0)
        return -1;
    return fdi_rmdir(fdi_path_at(here->fd, name)) < 0 ? complain(name) : 0;
}

/* An empty directory needs no permission of its own. */
static int remove_entry(struct place *here, const char *name)
{
    fdi_target entry = fdi_path_at(here->fd, name);
    if (fdi_rmdir(entry) == 0)
        return 0;
    if (errno != ENOTDIR)
        return remove_directory(here, name);
    return fdi_unlink(entry) < 0 ? complain(name) : 0;
}

/* A path with a slash at its end must be a directory, and not a symlink to one. */
static int remove_in(const char *parent, char *path)
{
    bool is_directory = *path && path[strlen(path) - 1] == '/';
    const char *name = basename(path);
    struct place here;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "/") == 0) {
        errno = EINVAL;
        return complain(name);
    }
    if (open_place(&here, fdi_path(parent), O_PATH | O_DIRECTORY) < 0)
        return complain(parent);
    int result = is_directory ? remove_directory(&here, name) : remove_entry(&here, name);
    if (here.fd >= 0)
        close(here.fd);
    return result;
}

/* dirname and basename each change their argument. */
static int remove_path(char *path)
{
    char *copy = strdup(path);
    int result = copy ? remove_in(dirname(copy), path) : complain(path);
    free(copy);
    return result;
}

int main(int argc, char **argv)
{
    int status = argc > 1 ? 0 : 2;
    for (int i = 1; i < argc; i++)
        if (remove_path(argv[i]) < 0)
            status = 1;
    return status;
}
