/* SPDX-License-Identifier: MIT
 * Confined targets: which part of the path is looked up under the limits, and how the call then
 * acts on it. */
#include "platform.h"
#include "backend.h"
#include "within.h"

#include <string.h>

enum { POSIX_TYPE_BITS = 0170000, POSIX_SYMLINK = 0120000 };

static struct fdi__within plain(fdi_target target, unsigned flags)
{
    return (struct fdi__within){target, flags, -1};
}

static fdi_target named(int directory, const char *name)
{
    return (fdi_target){name, directory, FDI_FORM_DIR_FD};
}

/* Reports whether the path is one name in the directory that confines. Without following a symlink,
 * such a name cannot lead out. */
static bool is_bare(const char *path)
{
    return !strchr(path, '/') && strcmp(path, "..") != 0;
}

/* Returns the length of the path up to the last component. Slashes at the end belong to that
 * component. */
static size_t parent_length(const char *path)
{
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    return length;
}

int fdi__reach_opened(struct fdi__within *place, fdi_target target, unsigned flags)
{
    *place = plain(target, flags);
    if (!fdi__is_confined(target))
        return 0;
    if (fdi__os_check_within(target) < 0)
        return -1;
    place->opened = fdi__os_reach(target, strlen(target.path), flags & FDI_NOFOLLOW);
    place->target = (fdi_target){NULL, place->opened, FDI_FORM_FD};
    place->flags = flags & ~(unsigned)FDI_NOFOLLOW;
    return place->opened < 0 ? -1 : 0;
}

/* Reports whether the path ends in a name. A call that follows no symlink may act on that name in
 * the parent. A slash at the end would follow a symlink, and ".." may lead out. */
static bool ends_in_name(const char *path)
{
    const char *last = strrchr(path, '/');
    last = last ? last + 1 : path;
    return *last && strcmp(last, "..") != 0;
}

/* A path without a parent needs no look-up. The system refuses to make, remove or rename "..", the
 * empty name and the root directory. */
int fdi__reach_name(struct fdi__within *place, fdi_target target)
{
    *place = plain(target, 0);
    if (!fdi__is_confined(target))
        return 0;
    if (fdi__os_check_within(target) < 0)
        return -1;
    size_t length = parent_length(target.path);
    if (length > 0) {
        place->opened = fdi__os_reach(target, length, 0);
        if (place->opened < 0)
            return -1;
    }
    place->target = named(length > 0 ? place->opened : target.fd, target.path + length);
    return 0;
}

int fdi__reach(struct fdi__within *place, fdi_target target, unsigned flags)
{
    if (!fdi__is_confined(target) || !(flags & FDI_NOFOLLOW) || !ends_in_name(target.path))
        return fdi__reach_opened(place, target, flags);
    int result = fdi__reach_name(place, target);
    place->flags = flags;
    return result;
}

void fdi__leave(const struct fdi__within *place)
{
    if (place->opened >= 0)
        fdi__os_discard(place->opened);
}

/* A bare name that is not a symlink is answered by one call that follows nothing. */
int fdi__stat_within(fdi_target target, struct fdi_stat *out, unsigned flags)
{
    struct fdi_stat status;
    if (fdi__os_check_within(target) < 0)
        return -1;
    if (!is_bare(target.path))
        return fdi__os_stat_within(target, out, flags);
    if (fdi__os_stat(named(target.fd, target.path), &status, FDI_NOFOLLOW) < 0)
        return -1;
    if (!(flags & FDI_NOFOLLOW) && (status.mode & POSIX_TYPE_BITS) == POSIX_SYMLINK)
        return fdi__os_stat_within(target, out, flags);
    *out = status;
    return 0;
}

int fdi__unlink(fdi_target target)
{
    FDI__ON_NAME(target, fdi__os_unlink(target));
}
