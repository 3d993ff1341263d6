/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "calls.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/eventfd.h>
#include <sys/mman.h>
#endif

static fdi_target file(void)
{
    return fdi_path("file");
}

static int64_t close_one(int fd)
{
    return fd < 0 ? -1 : close(fd);
}

static int64_t close_two(int result, const int *fds)
{
    return result < 0 ? -1 : close(fds[0]) | close(fds[1]);
}

static int64_t close_other(fdi_socket socket)
{
    if (socket == FDI_NO_SOCKET)
        return -1;
    close_socket(socket);
    return 0;
}

/* ---- operations with an output ------------------------------------------------------------- */

int64_t call_getxattr(struct objects *objects, unsigned flags)
{
    return fdi_getxattr(file(), "user.test", objects->out.bytes, sizeof objects->out.bytes, flags);
}

int64_t call_listxattr(struct objects *objects, unsigned flags)
{
    return fdi_listxattr(file(), objects->out.bytes, sizeof objects->out.bytes, flags);
}

int64_t call_stat(struct objects *objects, unsigned flags)
{
    return fdi_stat(file(), &objects->out.status, flags);
}

/* ---- descriptors --------------------------------------------------------------------------- */

int64_t call_dup(struct objects *objects, unsigned flags)
{
    return close_one(fdi_dup(objects->fd, flags));
}

int64_t call_dup2(struct objects *objects, unsigned flags)
{
    return fdi_dup2(objects->fd, objects->other, flags);
}

int64_t call_pipe(struct objects *objects, unsigned flags)
{
    return close_two(fdi_pipe(objects->out.fds, flags), objects->out.fds);
}

int64_t call_openpty(struct objects *objects, unsigned flags)
{
    int *fds = objects->out.fds;
    return close_two(fdi_openpty(&fds[0], &fds[1], flags), fds);
}

int64_t call_socket_open(struct objects *objects, unsigned flags)
{
    (void)objects;
    return close_other(fdi_socket_open(AF_INET, SOCK_STREAM, 0, flags));
}

int64_t call_socketpair(struct objects *objects, unsigned flags)
{
#if defined(_WIN32)
    int domain = AF_INET;
#else
    int domain = AF_UNIX;
#endif
    fdi_socket *pair = objects->out.sockets;
    if (fdi_socketpair(domain, SOCK_STREAM, 0, pair, flags) < 0)
        return -1;
    return close_other(pair[0]) | close_other(pair[1]);
}

int64_t call_accept(struct objects *objects, unsigned flags)
{
    struct outputs *out = &objects->out;
    return close_other(fdi_accept(objects->listener, out->address, &out->address_size, flags));
}

int64_t call_recv_fds(struct objects *objects, unsigned flags)
{
    struct outputs *out = &objects->out;
    int64_t length =
        fdi_recv_fds(objects->pair[1], out->bytes, sizeof out->bytes, out->fds, &out->count, flags);
    return length == 7 && out->count == 1 ? close_one(out->fds[0]) : length;
}

/* ---- children ------------------------------------------------------------------------------ */

int64_t call_spawn(struct objects *objects, unsigned flags)
{
    static char *const argv[] = {"exit_with", "0", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process before = objects->out.process;
    options.program = fdi_path(EXIT_WITH);
    options.argv = argv;
    options.flags = flags;
    if (fdi_spawn(&objects->out.process, &options) < 0)
        return -1;
    int64_t result = fdi_wait(&objects->out.process, NULL, -1, 0);
    objects->out.process = before;
    return result;
}

int64_t call_wait(struct objects *objects, unsigned flags)
{
    return fdi_wait(&objects->out.process, &objects->out.number, 0, flags);
}

/* ---- arguments that take system constants -------------------------------------------------- */

int64_t call_setxattr_xflags(struct objects *objects, unsigned flags)
{
    (void)objects;
    return fdi_setxattr(file(), "user.other", "value", 5, (int)flags, 0);
}

int64_t call_open_oflags(struct objects *objects, unsigned flags)
{
    (void)objects;
    return close_one(fdi_open(file(), (int)flags, 0600));
}

int64_t call_mkstemp_oflags(struct objects *objects, unsigned flags)
{
    return close_one(fdi_mkstemp(fdi_path("."), objects->out.text, 0, (int)flags));
}

int64_t call_memfd_create_memfd_flags(struct objects *objects, unsigned flags)
{
    (void)objects;
    return close_one(fdi_memfd_create("name", flags));
}

int64_t call_eventfd_eventfd_flags(struct objects *objects, unsigned flags)
{
    (void)objects;
    return close_one(fdi_eventfd(0, (int)flags));
}

/* The values of XATTR_CREATE and XATTR_REPLACE, because some platforms' headers lack them. */
unsigned own_setxattr_xflags(void)
{
#if defined(__linux__)
    return 1 | 2;
#elif defined(__APPLE__)
    return 2 | 4;
#else
    return UINT_MAX; /* the platform lacks the function */
#endif
}

#if defined(__linux__)

/* The kernel's O_LARGEFILE is one of these four bits. */
enum { ANY_LARGEFILE = 0740000 };

#if defined(O_TMPFILE)
enum { TEMPORARY = O_TMPFILE };
#else
enum { TEMPORARY = 020000000 };
#endif

enum {
    ADDED = O_APPEND | O_NONBLOCK | O_SYNC | O_DSYNC | O_RSYNC | O_ASYNC | O_DIRECT | O_NOATIME |
            O_NOCTTY | O_LARGEFILE | O_CLOEXEC,
    HOW_TO_OPEN = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_DIRECTORY | O_NOFOLLOW | O_PATH
};

unsigned own_open_oflags(void)
{
    return (unsigned)ADDED | HOW_TO_OPEN | TEMPORARY | ANY_LARGEFILE;
}

unsigned own_mkstemp_oflags(void)
{
    return ADDED;
}

unsigned own_memfd_create_memfd_flags(void)
{
    return 0x1f; /* MFD_CLOEXEC to MFD_EXEC of Linux 6.3 */
}

unsigned own_eventfd_eventfd_flags(void)
{
    return (unsigned)EFD_SEMAPHORE | (unsigned)EFD_CLOEXEC | (unsigned)EFD_NONBLOCK;
}

#elif defined(_WIN32)

enum {
    ADDED = _O_APPEND | _O_TEXT | _O_BINARY | _O_NOINHERIT | _O_RANDOM | _O_SEQUENTIAL |
            _O_TEMPORARY | _O_SHORT_LIVED,
    HOW_TO_OPEN =
        _O_WRONLY | _O_RDWR | _O_CREAT | _O_EXCL | _O_TRUNC | FDI_O_DIRECTORY | FDI_O_NOFOLLOW
};

unsigned own_open_oflags(void)
{
    return (unsigned)ADDED | HOW_TO_OPEN;
}

unsigned own_mkstemp_oflags(void)
{
    return ADDED;
}

/* The platform lacks these functions. */
unsigned own_memfd_create_memfd_flags(void)
{
    return UINT_MAX;
}

unsigned own_eventfd_eventfd_flags(void)
{
    return UINT_MAX;
}

#else

/* The kernel decides about bits that it does not recognize. */
unsigned own_open_oflags(void)
{
    return UINT_MAX;
}

unsigned own_mkstemp_oflags(void)
{
    return O_APPEND | O_NONBLOCK | O_SYNC | O_NOCTTY | O_CLOEXEC;
}

unsigned own_memfd_create_memfd_flags(void)
{
    return UINT_MAX;
}

unsigned own_eventfd_eventfd_flags(void)
{
    return UINT_MAX;
}

#endif
