/* SPDX-License-Identifier: MIT
 * Looks up a confined path component by component, with the kernel's answers.
 *
 * Each directory is opened by its name in the directory before it, and never through a symlink. So
 * each one lay beneath the root at that moment. The kernel's ".." could lead out of a directory
 * that was moved. Instead, the names from the root to the parent are opened again. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "../within.h"
#include "lookup.h"
#include "posix.h"

#include <string.h>

enum {
    MOST_LINKS = 40,     /* as the kernel follows */
    MOST_CHANGES = 64,   /* of one component, while it is looked up */
    LONGEST_TEXT = 4096, /* of a symlink */
    MOST_UNREAD = 16384,
    TEXT_SIZE = MOST_UNREAD + LONGEST_TEXT
};

/* The result of a step that is not the last one. */
enum { GO_ON = -2 };

struct lookup {
    const struct fdi__goal *goal;
    int root;
    int anchor;    /* the directory in which the remembered names start */
    int directory; /* the directory that the look-up has reached */
    int links;
    int changes;
    bool is_stale;    /* `directory` has to be opened again, after ".." */
    bool has_dropped; /* names from the root to the anchor are forgotten */
    size_t done;      /* the length of the names from the anchor on, each with its NUL */
    size_t next;      /* the start of the text that is still to be read */
    char text[TEXT_SIZE];
};

struct component {
    const char *name;
    bool has_slash; /* it must be a directory */
    bool is_last;
    bool is_dots;
};

/* ---- directories --------------------------------------------------------------------------- */

static int open_component(int directory, const char *name)
{
    return fdi__openat(directory, name, FDI__O_ONLY_DIRECTORY | O_NOFOLLOW, 0);
}

static void enter(struct lookup *lookup, int fd)
{
    if (lookup->directory != lookup->anchor)
        fdi__close(lookup->directory);
    lookup->directory = fd;
}

static void set_anchor(struct lookup *lookup, int fd)
{
    if (lookup->anchor != lookup->root)
        fdi__close(lookup->anchor);
    lookup->anchor = lookup->directory = fd;
    lookup->done = 0;
    lookup->is_stale = false;
}

static void return_to_root(struct lookup *lookup)
{
    enter(lookup, lookup->anchor);
    set_anchor(lookup, lookup->root);
    lookup->has_dropped = false;
}

/* Forgets the names from the root to the directory, to make room. */
static void drop_names(struct lookup *lookup)
{
    if (lookup->directory == lookup->anchor)
        return;
    set_anchor(lookup, lookup->directory);
    lookup->has_dropped = true;
}

/* The name came from the unread text, so there is always room for it. */
static void remember(struct lookup *lookup, const char *name)
{
    size_t size = strlen(name) + 1;
    memmove(lookup->text + lookup->done, name, size);
    lookup->done += size;
}

/* Opens the directory again from the anchor, if ".." has left it stale. */
static int refresh(struct lookup *lookup)
{
    if (!lookup->is_stale)
        return 0;
    enter(lookup, lookup->anchor);
    for (size_t at = 0; at < lookup->done; at += strlen(lookup->text + at) + 1) {
        int fd = open_component(lookup->directory, lookup->text + at);
        if (fd < 0)
            return -1;
        enter(lookup, fd);
    }
    lookup->is_stale = false;
    return 0;
}

/* ".." needs the permission to search the directory that it leaves. */
static int check_search(const struct lookup *lookup)
{
    if (lookup->is_stale)
        return 0;
    int fd = open_component(lookup->directory, ".");
    return fd < 0 ? -1 : fdi__close_keep_errno(fd, 0);
}

static bool is_beneath(const struct lookup *lookup)
{
    unsigned form = lookup->goal->target.form;
    return (form & ~(unsigned)FDI_NO_SYMLINKS) == FDI_FORM_BENEATH;
}

static int climb(struct lookup *lookup)
{
    if (check_search(lookup) < 0)
        return -1;
    if (lookup->done == 0 && lookup->has_dropped)
        return fdi__fail(ENAMETOOLONG);
    if (lookup->done == 0)
        return is_beneath(lookup) ? fdi__fail(EXDEV) : 0;
    do
        lookup->done--;
    while (lookup->done > 0 && lookup->text[lookup->done - 1]);
    lookup->is_stale = true;
    return 0;
}

/* ---- symlinks ------------------------------------------------------------------------------ */

static bool is_no_link(int error)
{
    return error == EINVAL || error == ENOENT;
}

/* Reads the text of the symlink behind the remembered names. */
static void read_link(struct lookup *lookup, const char *name, struct fdi__link *link)
{
    char *buffer = lookup->text + lookup->done;
    if (FDI__HAS_READLINK_OF_FD)
        FDI__RETRY(link->length, readlinkat(link->link, "", buffer, LONGEST_TEXT));
    else
        FDI__RETRY(link->length, readlinkat(link->directory, name, buffer, LONGEST_TEXT));
    link->text = buffer;
}

static int check_limits(struct lookup *lookup, const struct fdi__link *link)
{
    if (lookup->links++ >= MOST_LINKS || (lookup->goal->target.form & FDI_NO_SYMLINKS))
        return fdi__fail(ELOOP);
    if (fdi__check_link(link) < 0)
        return -1;
    return link->text[0] == '/' && is_beneath(lookup) ? fdi__fail(EXDEV) : 0;
}

/* Puts the text of a symlink before the unread text. */
static int prepend(struct lookup *lookup, const struct fdi__link *link, bool has_slash)
{
    size_t length = (size_t)link->length;
    size_t start = has_slash ? lookup->next - 1 : lookup->next;
    if (length + (TEXT_SIZE - start) > MOST_UNREAD)
        return fdi__fail(ENAMETOOLONG);
    bool is_absolute = link->text[0] == '/';
    memmove(lookup->text + start - length, link->text, length);
    if (has_slash)
        lookup->text[start] = '/';
    lookup->next = start - length;
    if (is_absolute)
        return_to_root(lookup);
    return GO_ON;
}

/* The component changed from a symlink to something else. It is looked up again. */
static int look_again(struct lookup *lookup, const struct component *component)
{
    if (lookup->changes++ >= MOST_CHANGES)
        return -1;
    size_t length = strlen(component->name);
    lookup->next = (size_t)(component->name - lookup->text);
    if (component->has_slash)
        lookup->text[lookup->next + length] = '/';
    return GO_ON;
}

static int follow_opened(struct lookup *lookup, const struct component *component, int fd)
{
    int error = errno;
    struct fdi__link link = {fd, lookup->directory, component->is_last, NULL, -1};
    read_link(lookup, component->name, &link);
    if (link.length < 0 && is_no_link(errno)) {
        errno = error;
        return error == ELOOP ? look_again(lookup, component) : -1;
    }
    if (check_limits(lookup, &link) < 0)
        return -1;
    return prepend(lookup, &link, component->has_slash);
}

/* A step on the component failed, perhaps because it is a symlink. */
static int follow(struct lookup *lookup, const struct component *component)
{
    int error = errno;
    if (lookup->next - lookup->done <= LONGEST_TEXT)
        drop_names(lookup);
    if (!FDI__HAS_READLINK_OF_FD)
        return follow_opened(lookup, component, -1);
    int fd = fdi__openat(lookup->directory, component->name, FDI__O_ONLY_PATH | O_NOFOLLOW, 0);
    if (fd < 0)
        return -1;
    errno = error;
    return fdi__close_keep_errno(fd, follow_opened(lookup, component, fd));
}

/* ---- components ---------------------------------------------------------------------------- */

/* An empty rest is a path of slashes: it names the directory itself. */
static struct component next_component(struct lookup *lookup)
{
    char *text = lookup->text;
    size_t start = lookup->next;
    while (text[start] == '/')
        start++;
    size_t end = start;
    while (text[end] && text[end] != '/')
        end++;
    struct component component = {text + start, text[end] == '/', false, false};
    for (lookup->next = end; text[lookup->next] == '/'; lookup->next++)
        ;
    component.is_last = !text[lookup->next];
    text[end] = '\0';
    if (end == start)
        component.name = ".";
    component.is_dots = !strcmp(component.name, ".") || !strcmp(component.name, "..");
    return component;
}

/* Reports whether a final symlink is followed. O_CREAT with O_EXCL follows none. */
static bool is_to_follow(const struct fdi__goal *goal, const struct component *component)
{
    const int new_file = O_CREAT | O_EXCL;
    int itself = O_NOFOLLOW | (FDI__OPENS_SYMLINKS ? FDI__O_SYMLINK_ITSELF : 0);
    return component->has_slash ||
           (!(goal->oflags & itself) && (goal->oflags & new_file) != new_file);
}

/* Returns -1 with ELOOP for a symlink that is to be followed. */
static int stat_last(const struct fdi__goal *goal, int directory, const struct component *last)
{
    struct fdi_stat status;
    const fdi_target target = {last->name, directory, FDI_FORM_DIR_FD};
    if (fdi__os_stat(target, &status, FDI_NOFOLLOW) < 0)
        return -1;
    if (S_ISLNK(status.mode) && is_to_follow(goal, last))
        return fdi__fail(ELOOP);
    if (last->has_slash && !S_ISDIR(status.mode))
        return fdi__fail(ENOTDIR);
    *goal->out = status;
    return 0;
}

/* O_PATH opens a symlink itself. Its type reveals it. */
static int refuse_link(int fd)
{
    struct fdi_stat status;
    int result = fdi__os_stat((fdi_target){NULL, fd, FDI_FORM_FD}, &status, 0);
    if (result == 0 && !S_ISLNK(status.mode))
        return fd;
    fdi__close(fd);
    return result < 0 ? -1 : fdi__fail(ELOOP);
}

static int open_last(const struct fdi__goal *goal, int directory, const struct component *last)
{
    if (last->has_slash && (goal->oflags & O_CREAT))
        return fdi__fail(EISDIR);
    int itself = FDI__OPENS_SYMLINKS && !is_to_follow(goal, last) ? 0 : O_NOFOLLOW;
    int oflags = goal->oflags | itself | (last->has_slash ? O_DIRECTORY : 0);
    int fd = fdi__openat(directory, last->name, oflags, goal->mode);
    bool may_be_link = fd >= 0 && (oflags & FDI__O_PATH) && !(oflags & O_DIRECTORY);
    return may_be_link && is_to_follow(goal, last) ? refuse_link(fd) : fd;
}

static int reach_last(struct lookup *lookup, const struct component *last)
{
    const struct fdi__goal *goal = lookup->goal;
    int result = goal->out ? stat_last(goal, lookup->directory, last)
                           : open_last(goal, lookup->directory, last);
    bool is_to_end = last->is_dots || errno == ENOENT || errno == EISDIR;
    if (result >= 0 || is_to_end || !is_to_follow(goal, last))
        return result;
    return follow(lookup, last);
}

static int reach_directory(struct lookup *lookup, const struct component *component)
{
    int fd = open_component(lookup->directory, component->name);
    if (fd < 0)
        return errno == ENOENT ? -1 : follow(lookup, component);
    enter(lookup, fd);
    remember(lookup, component->name);
    return GO_ON;
}

/* Takes one component. The path ends in the directory itself after "." and "..". */
static int step(struct lookup *lookup)
{
    struct component component = next_component(lookup);
    if (component.is_dots) {
        if (component.name[1] && climb(lookup) < 0)
            return -1;
        if (!component.is_last)
            return GO_ON;
        component.name = ".";
        component.has_slash = false;
    }
    if (refresh(lookup) < 0)
        return -1;
    return component.is_last ? reach_last(lookup, &component) : reach_directory(lookup, &component);
}

/* ---- the look-up --------------------------------------------------------------------------- */

static int look_up_from(const struct fdi__goal *goal, int root)
{
    struct lookup lookup;
    int result;
    lookup.goal = goal;
    lookup.root = lookup.anchor = lookup.directory = root;
    lookup.links = lookup.changes = 0;
    lookup.is_stale = lookup.has_dropped = false;
    lookup.done = 0;
    lookup.next = TEXT_SIZE - goal->length - 1;
    memcpy(lookup.text + lookup.next, goal->target.path, goal->length);
    lookup.text[TEXT_SIZE - 1] = '\0';
    do
        result = step(&lookup);
    while (result == GO_ON);
    return_to_root(&lookup);
    return result;
}

/* The current directory is opened first, because another thread may change it. */
int fdi__look_up(const struct fdi__goal *goal)
{
    int saved_errno = errno;
    int root = goal->target.fd;
    if (goal->length == 0)
        return fdi__fail(ENOENT);
    if (root == FDI_AT_FDCWD)
        root = open_component(AT_FDCWD, ".");
    else if (root < 0)
        return fdi__fail(EBADF);
    if (root < 0)
        return -1;
    int result = fdi__restore_errno_on_success(saved_errno, look_up_from(goal, root));
    return root == goal->target.fd ? result : fdi__close_keep_errno(root, result);
}
