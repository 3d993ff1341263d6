/* SPDX-License-Identifier: MIT
 * rm -r that stays inside the tree while an attacker swaps symlinks.
 *
 *   safe_rm PATH...
 *
 * A path may lead to another file between its check and its use. So this program opens each
 * directory once, without following a symlink. It then names every entry relative to that fd. A
 * later swap does not affect the open directory. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int remove_entry(int parent, const char *name);

static int complain(const char *name)
{
    fprintf(stderr, "safe_rm: %s: %s\n", name, strerror(errno));
    return -1;
}

static int remove_entries(int directory)
{
    fdi_dir *dir = fdi_opendir(fdi_fd(directory));
    const fdi_dirent *entry;
    int result = 0;
    int more;
    if (!dir)
        return -1;
    while ((more = fdi_readdir(dir, &entry)) == 1)
        if (remove_entry(directory, entry->name) < 0)
            result = -1;
    fdi_closedir(dir);
    return more < 0 ? -1 : result;
}

/* O_DIRECTORY with O_NOFOLLOW opens only a real directory, and otherwise fails. */
static int remove_entry(int parent, const char *name)
{
    fdi_target entry = fdi_path_at(parent, name);
    int directory = fdi_open(entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (directory < 0 && errno != ENOTDIR && errno != ELOOP)
        return complain(name);
    if (directory < 0)
        return fdi_unlink(entry) < 0 ? complain(name) : 0;
    int result = remove_entries(directory);
    close(directory);
    return result < 0 || fdi_rmdir(entry) < 0 ? complain(name) : 0;
}

int main(int argc, char **argv)
{
    int status = argc > 1 ? 0 : 2;
    for (int i = 1; i < argc; i++)
        if (remove_entry(FDI_AT_FDCWD, argv[i]) < 0)
            status = 1;
    return status;
}
