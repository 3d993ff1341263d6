/* SPDX-License-Identifier: MIT
 * Lists the open descriptors on Linux: from procfs, or by a scan up to the end of the kernel's
 * table. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "listing.h"
#include "posix.h"

#if defined(__linux__)

#include "getdents.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>

/* ---- the end of a scan --------------------------------------------------------------------- */

enum {
    LONG_BITS = 8 * (int)sizeof(long),
    BITS_AT_ONCE = 8 * (int)sizeof(uint64_t[512]), /* that fit in the buffer of a listing */
    SMALLEST_TABLE = 64, /* the size of a table is a multiple of the bits in a word */
    LARGEST_TABLE = 1 << 30
};

/* Returns 1 if the descriptor table is shorter than `size`, 0 if not, or -1. `bits` points to
 * `size` zero bits.
 *
 * select(2) truncates a set to the size of the table, and fails with EBADF if the set contains a
 * closed descriptor. A set with only the bit `size - 1` therefore reveals whether the table
 * contains that number. If it does, select fails or the descriptor is open. If it does not,
 * select ignores the bit. The table also covers descriptors above a limit that was lowered
 * later, which getrlimit cannot reveal. */
static int table_ends_at(unsigned long *bits, int size)
{
    struct timeval no_time = {0, 0};
    int last = size - 1;
    int ready;
    int state = fdi__os_cancel_off();
    bits[last / LONG_BITS] = 1UL << (last % LONG_BITS);
    FDI__RETRY(ready, select(size, (fd_set *)(void *)bits, NULL, NULL, &no_time));
    bits[last / LONG_BITS] = 0;
    fdi__os_cancel_restore(state);
    if (ready < 0)
        return errno == EBADF ? 0 : -1;
    if (fdi__fcntl(last, F_GETFD) >= 0)
        return 0;
    return errno == EBADF ? 1 : -1;
}

static int table_ends_at_large(int size)
{
    size_t length = (size_t)size / 8;
    void *bits = mmap(NULL, length, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bits == MAP_FAILED)
        return -1;
    int ends = table_ends_at(bits, size);
    int saved_errno = errno;
    (void)munmap(bits, length);
    return fdi__restore_errno(saved_errno, ends);
}

static int ends_at(struct fdi__listing *listing, int size)
{
    return size <= BITS_AT_ONCE ? table_ends_at((unsigned long *)listing->buffer, size)
                                : table_ends_at_large(size);
}

/* Returns the size of the table, or a number above `most` if the table is larger than that. The
 * kernel doubles the table as it grows, so a few calls are enough. A size between two powers of two
 * is rounded up to the larger one. */
static int table_size(struct fdi__listing *listing, int most)
{
    int size = SMALLEST_TABLE;
    memset(listing->buffer, 0, sizeof listing->buffer);
    while (size <= most) {
        int ends = ends_at(listing, 2 * size);
        if (ends < 0)
            return -1;
        if (ends > 0)
            return ends_at(listing, size + SMALLEST_TABLE) > 0 ? size : 2 * size;
        size *= 2;
    }
    return size;
}

int fdi__past_last_fd(struct fdi__listing *listing)
{
    int size = table_size(listing, LARGEST_TABLE / 2);
    return size > LARGEST_TABLE / 2 ? fdi__fail(ENOTSUP) : size;
}

/* ---- reading the procfs directory ---------------------------------------------------------- */

static int procfs_open(struct fdi__listing *listing)
{
    const char *directory = fdi__procfs_directory();
    int fd = directory ? fdi__openat(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
                       : fdi__fail(ENOTSUP);
    if (fd < 0)
        return -1;
    listing->fd = fd;
    return 0;
}

static void procfs_close(struct fdi__listing *listing)
{
    fdi__close(listing->fd);
    listing->fd = FDI__NO_DIRECTORY;
}

static int refill_listing(struct fdi__listing *listing)
{
    int size = fdi__getdents(listing->fd, listing->buffer, sizeof listing->buffer);
    listing->used = 0;
    listing->filled = size < 0 ? 0 : (unsigned)size;
    return size;
}

static int parse_number(const char *name)
{
    int number = 0;
    if (*name == '.')
        return -1; /* "." and ".."; every other name is a number */
    for (; *name; name++)
        number = number * 10 + (*name - '0');
    return number;
}

static int procfs_next(struct fdi__listing *listing)
{
    for (;;) {
        if (listing->used == listing->filled) {
            int size = refill_listing(listing);
            if (size <= 0)
                return size < 0 ? -1 : FDI__LIST_END;
        }
        const char *entry = (const char *)listing->buffer + listing->used;
        listing->used += fdi__dirent_at(entry).length;
        int fd = parse_number(entry + FDI__DIRENT_NAME);
        if (fd >= listing->next && fd != listing->fd)
            return fd;
    }
}

/* Reports whether a scan of all numbers is faster. Reading procfs costs four to six times as much
 * per descriptor as fcntl, but skips the gaps. Since Linux 6.2 the directory's size is the number
 * of open descriptors. */
static bool is_dense(struct fdi__listing *listing)
{
    struct stat status;
    if (fstat(listing->fd, &status) < 0 || status.st_size > LARGEST_TABLE / 16)
        return false;
    int most = 5 * (int)status.st_size;
    listing->end = table_size(listing, most);
    return listing->end >= 0 && listing->end <= most;
}

int fdi__os_list_open(struct fdi__listing *listing, int first)
{
    listing->next = first;
    listing->inheritable = -1;
    listing->used = listing->filled = 0;
    if (procfs_open(listing) < 0)
        return fdi__scan_open(listing);
    if (is_dense(listing)) {
        procfs_close(listing);
        return 0;
    }
    if (refill_listing(listing) >= 0)
        return 0;
    procfs_close(listing);
    return fdi__scan_open(listing);
}

int fdi__os_list_next(struct fdi__listing *listing)
{
    return listing->fd == FDI__NO_DIRECTORY ? fdi__scan_next(listing) : procfs_next(listing);
}

#endif
