/* SPDX-License-Identifier: MIT
 * Which descriptors are open. Without allocation, so that it may run in a signal handler and
 * between fork and exec; and complete or an error, so that none is missed silently. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>

#if defined(__APPLE__)
#include <libproc.h>
#endif
#if defined(SYS_getdents64)
#include <sys/vfs.h>
#endif

/* ---- Where a scan of the numbers may end --------------------------------------------------- */

#if defined(F_MAXFD)

static int past_last_fd(struct fdi__listing *listing)
{
    (void)listing;
    int highest = fdi__fcntl(0, F_MAXFD);
    return highest < 0 ? -1 : highest + 1;
}

#elif defined(PROC_PIDLISTFDS)

/* Asked without a buffer, the kernel answers with the size for its whole table. */
static int past_last_fd(struct fdi__listing *listing)
{
    (void)listing;
    int size = proc_pidinfo(getpid(), PROC_PIDLISTFDS, 0, NULL, 0);
    return size <= 0 ? -1 : size / (int)PROC_PIDLISTFD_SIZE;
}

#elif defined(__linux__)

enum {
    LONG_BITS = 8 * (int)sizeof(long),
    BITS_AT_ONCE = 8 * (int)sizeof(uint64_t[512]),
    SMALLEST_TABLE = 64, /* all sizes are multiples of a word of bits */
    LARGEST_TABLE = 1 << 30
};

/* 1 if the table of descriptors is shorter than `size`, 0 if not; -1 on error. `bits` holds `size`
 * zero bits.
 *
 * select(2) cuts a set to the size of the table and then refuses it with EBADF if it names a
 * closed descriptor. So a set with the one bit `size - 1` tells whether the table reaches there:
 * if it does, the bit is refused, or its descriptor is open; if not, nobody looks at it. The table
 * covers also what lies above a limit that was lowered, which no limit would tell. */
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
    return fdi__kept(saved_errno, ends);
}

static int ends_at(struct fdi__listing *listing, int size)
{
    return size <= BITS_AT_ONCE ? table_ends_at((unsigned long *)listing->buffer, size)
                                : table_ends_at_large(size);
}

/* How many numbers the table holds; if more than `most`, only that it is more. The kernel doubles it
 * as it grows, so this takes a handful of calls; most tables have just the last size but one. */
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

static int past_last_fd(struct fdi__listing *listing)
{
    int size = table_size(listing, LARGEST_TABLE / 2);
    return size > LARGEST_TABLE / 2 ? fdi__fail(ENOTSUP) : size;
}

#else

static int past_last_fd(struct fdi__listing *listing)
{
    (void)listing;
    return fdi__fail(ENOTSUP);
}

#endif

static int scan_open(struct fdi__listing *listing)
{
    int end = past_last_fd(listing);
    if (end < 0)
        return fdi__fail(ENOTSUP);
    listing->fd = FDI__NO_DIRECTORY;
    listing->end = end;
    return 0;
}

static int scan_next(struct fdi__listing *listing)
{
    while (listing->next < listing->end) {
        int fd = listing->next++;
        int flags = fdi__fcntl(fd, F_GETFD);
        listing->inheritable = !(flags & FD_CLOEXEC);
        if (flags >= 0)
            return fd;
        if (errno != EBADF)
            return -1;
    }
    return FDI__LIST_END;
}

/* ---- Reading the directory of procfs ------------------------------------------------------- */

#if defined(SYS_getdents64)

/* As the kernel writes them; the C library's own type differs between its builds. */
struct linux_dirent {
    uint64_t ino;
    int64_t offset;
    uint16_t length;
    uint8_t type;
};

enum { NAME = 19, PROCFS = 0x9fa0 };

/* "thread-self", as a thread may have a table of its own; the name is newer than "self". */
static int open_procfs(void)
{
    const int oflags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = fdi__openat(AT_FDCWD, "/proc/thread-self/fd", oflags, 0);
    return fd >= 0 ? fd : fdi__openat(AT_FDCWD, "/proc/self/fd", oflags, 0);
}

static int procfs_open(struct fdi__listing *listing)
{
    struct statfs filesystem;
    int fd = open_procfs();
    if (fd < 0)
        return -1;
    if (fstatfs(fd, &filesystem) < 0 || (long)filesystem.f_type != PROCFS) {
        fdi__close(fd);
        return fdi__fail(ENOTSUP);
    }
    listing->fd = fd;
    return 0;
}

static void procfs_close(struct fdi__listing *listing)
{
    fdi__close(listing->fd);
    listing->fd = FDI__NO_DIRECTORY;
}

static int refill(struct fdi__listing *listing)
{
    long size = syscall(SYS_getdents64, listing->fd, listing->buffer, sizeof listing->buffer);
    listing->used = 0;
    listing->filled = size < 0 ? 0 : (unsigned)size;
    return (int)size;
}

static int parse_number(const char *name)
{
    int number = 0;
    if (*name == '.')
        return -1; /* "." and ".."; all others are numbers */
    for (; *name; name++)
        number = number * 10 + (*name - '0');
    return number;
}

static int procfs_next(struct fdi__listing *listing)
{
    for (;;) {
        if (listing->used == listing->filled) {
            int size = refill(listing);
            if (size <= 0)
                return size < 0 ? -1 : FDI__LIST_END;
        }
        const char *entry = (const char *)listing->buffer + listing->used;
        uint16_t length;
        memcpy(&length, entry + offsetof(struct linux_dirent, length), sizeof length);
        listing->used += length;
        int fd = parse_number(entry + NAME);
        if (fd >= listing->next && fd != listing->fd)
            return fd;
    }
}

/* Reading procfs costs four to six times as much for a descriptor as asking for a number does,
 * but skips the gaps. The directory's size is the number of open descriptors since Linux 6.2. */
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
        return scan_open(listing);
    if (is_dense(listing)) {
        procfs_close(listing);
        return 0;
    }
    if (refill(listing) >= 0)
        return 0;
    procfs_close(listing);
    return scan_open(listing);
}

int fdi__os_list_next(struct fdi__listing *listing)
{
    return listing->fd == FDI__NO_DIRECTORY ? scan_next(listing) : procfs_next(listing);
}

#else

int fdi__os_list_open(struct fdi__listing *listing, int first)
{
    listing->next = first;
    return scan_open(listing);
}

int fdi__os_list_next(struct fdi__listing *listing)
{
    return scan_next(listing);
}

#endif

void fdi__os_list_close(struct fdi__listing *listing)
{
    if (listing->fd != FDI__NO_DIRECTORY)
        fdi__close(listing->fd);
}
