/* SPDX-License-Identifier: MIT
 * The inheritable flag of one descriptor, of several and of a range, and the iteration over all
 * open descriptors. */
#include "platform.h"
#include "backend.h"
#include "result.h"

#include <limits.h>

int fdi_get_inheritable(int fd)
{
    return fdi__os_get_inheritable(fd);
}

int fdi_set_inheritable(int fd, bool inheritable)
{
    return fdi__os_set_inheritable(fd, inheritable);
}

int fdi_get_handle_inheritable(fdi_handle handle)
{
    return fdi__os_get_handle_inheritable(handle);
}

int fdi_set_handle_inheritable(fdi_handle handle, bool inheritable)
{
    return fdi__os_set_handle_inheritable(handle, inheritable);
}

/* Records which of up to CHANGES descriptors were changed, so that a failed call can restore
 * them. These functions are async-signal-safe and must not allocate. A longer list therefore
 * recurses, with one record for each level. */
enum { CHANGES = 4096, MAP_WORD = 64 };

struct changes {
    uint64_t bits[CHANGES / MAP_WORD];
};

static void note_change(struct changes *changes, size_t i)
{
    changes->bits[i / MAP_WORD] |= UINT64_C(1) << (i % MAP_WORD);
}

static bool was_changed(const struct changes *changes, size_t i)
{
    return (changes->bits[i / MAP_WORD] >> (i % MAP_WORD)) & 1;
}

/* Returns 1 if the flag was changed, 0 if it was already right, or -1. `was` is the current
 * flag, or -1. A flag that cannot be read stays unchanged, because it could not be restored. */
static int change(int fd, int was, bool inheritable)
{
    if (was < 0 || was == (int)inheritable)
        return was < 0 ? -1 : 0;
    return fdi__os_set_inheritable(fd, inheritable) < 0 ? -1 : 1;
}

static void put_flag_back(int fd, bool inheritable)
{
    int saved_errno = errno;
    (void)fdi__os_set_inheritable(fd, !inheritable); /* a flag that was set can be restored */
    errno = saved_errno;
}

static int set_many(const int *fds, size_t count, bool inheritable)
{
    struct changes changes = {{0}};
    size_t chunk = count < CHANGES ? count : CHANGES;
    size_t i = 0;
    int result = 0;
    for (; i < chunk && result >= 0; i++) {
        result = change(fds[i], fdi__os_get_inheritable(fds[i]), inheritable);
        if (result > 0)
            note_change(&changes, i);
    }
    if (result >= 0 && count > chunk)
        result = set_many(fds + chunk, count - chunk, inheritable);
    if (result >= 0)
        return 0;
    while (i-- > 0)
        if (was_changed(&changes, i))
            put_flag_back(fds[i], inheritable);
    return -1;
}

int fdi_set_inheritable_many(const int *fds, size_t count, bool inheritable)
{
    if (!fds && count > 0)
        return fdi__fail(EINVAL);
    return set_many(fds, count, inheritable);
}

static int flag_of(const struct fdi__listing *listing, int fd)
{
    return listing->inheritable >= 0 ? listing->inheritable : fdi__os_get_inheritable(fd);
}

/* Sets the flag of `fd` and of the descriptors that follow it in the listing, up to `last`. Each
 * level of the recursion covers CHANGES numbers. */
static int set_listed(struct fdi__listing *listing, int fd, int last, bool inheritable)
{
    struct changes changes = {{0}};
    int base = fd - fd % CHANGES;
    int result = 0;
    while (fd >= 0 && fd <= last && fd - base < CHANGES) {
        result = change(fd, flag_of(listing, fd), inheritable);
        if (result > 0)
            note_change(&changes, (size_t)(fd - base));
        if (result < 0 && errno != EBADF) /* EBADF: another thread closed it meanwhile */
            break;
        result = 0;
        fd = fdi__os_list_next(listing);
    }
    if (result == 0 && fd >= 0 && fd <= last)
        result = set_listed(listing, fd, last, inheritable);
    else if (fd == -1)
        result = -1;
    for (int i = 0; result < 0 && i < CHANGES; i++)
        if (was_changed(&changes, (size_t)i))
            put_flag_back(base + i, inheritable);
    return result;
}

static int set_by_listing(int first, int last, bool inheritable)
{
    struct fdi__listing listing;
    int saved_errno = errno;
    if (fdi__os_list_open(&listing, first) < 0)
        return -1;
    int fd = fdi__os_list_next(&listing);
    int result = fd == FDI__LIST_END ? 0 : -1;
    if (fd >= 0)
        result = set_listed(&listing, fd, last, inheritable);
    fdi__os_list_close(&listing);
    return fdi__restore_errno_on_success(saved_errno, result);
}

int fdi_set_inheritable_range(int first, int last, bool inheritable)
{
    if (first < 0 || last < first)
        return fdi__fail(EINVAL);
    if (!inheritable && fdi__os_mark_range(first, last))
        return 0;
    return set_by_listing(first, last, inheritable);
}

/* Returns 0 also if the descriptor was closed after it was listed. */
static int visit_one(const struct fdi__listing *listing, int fd, fdi_visit *visit, void *context)
{
    int inheritable = flag_of(listing, fd);
    if (inheritable < 0)
        return errno == EBADF ? 0 : -1;
    return visit(context, fd, inheritable == 1);
}

struct visitor {
    fdi_visit *visit;
    void *context;
};

static int visit_each(struct fdi__listing *listing, void *context)
{
    const struct visitor *visitor = context;
    int result = 0;
    while (result == 0) {
        int fd = fdi__os_list_next(listing);
        if (fd < 0)
            return fd == FDI__LIST_END ? 0 : -1;
        result = visit_one(listing, fd, visitor->visit, visitor->context);
    }
    return result;
}

int fdi_foreach_open(fdi_visit *visit, void *context)
{
    struct fdi__listing listing;
    struct visitor visitor = {visit, context};
    int saved_errno = errno;
    if (!visit)
        return fdi__fail(EINVAL);
    if (fdi__os_list_open(&listing, 0) < 0)
        return -1;
    int result = fdi__os_list_run(&listing, visit_each, &visitor);
    return fdi__restore_errno_on_success(saved_errno, result);
}
