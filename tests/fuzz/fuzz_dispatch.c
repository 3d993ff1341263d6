/* SPDX-License-Identifier: MIT
 * Any bytes as a row of calls, with any arguments, in a small tree of files. Whatever happens: a
 * call that fails says why, one that works leaves errno alone, and no descriptor is left or lost.
 *
 * Nothing outside of the tree can be meant: what is taken for a path is relative and does not go
 * up, no descriptor but those of the tree is named, and this does not run as the superuser. */
#include "../../src/platform.h"
#include "scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNTOUCHED = 4711 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* ---- Arguments ------------------------------------------------------------------------------ */

/* Of exactly the size that the call is told, so that a byte too many is seen. */
static void *take_room(struct input *input, size_t *size)
{
    unsigned byte = take_byte(input);
    *size = byte % 65;
    return byte == 255 ? NULL : malloc(*size);
}

static unsigned take_flags(struct input *input)
{
    unsigned byte = take_byte(input);
    return byte & 0x80 ? 1U << (byte & 31) : byte & 7;
}

static int64_t take_number(struct input *input)
{
    static const int64_t some[] = {0,  1,  2,         3,         1000,      999999999, 1000000000,
                                   -1, -2, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1 << 20};
    unsigned byte = take_byte(input);
    return byte < 128 ? byte : some[byte % (sizeof some / sizeof some[0])];
}

static unsigned take_mode(struct input *input)
{
    unsigned high = take_byte(input);
    return high << 8 | take_byte(input);
}

/* ---- Attributes ----------------------------------------------------------------------------- */

static int64_t try_access(struct input *input)
{
    fdi_target target = take_target(input);
    int mode = (int)take_number(input);
    return fdi_access(target, mode, take_flags(input));
}

static int64_t try_chflags(struct input *input)
{
    fdi_target target = take_target(input);
    return fdi_chflags(target, take_byte(input), take_flags(input));
}

static int64_t try_chmod(struct input *input)
{
    fdi_target target = take_target(input);
    unsigned mode = take_mode(input);
    return fdi_chmod(target, mode, take_flags(input));
}

static int64_t try_chown(struct input *input)
{
    fdi_target target = take_target(input);
    uint32_t uid = (uint32_t)take_number(input);
    uint32_t gid = (uint32_t)take_number(input);
    return fdi_chown(target, uid, gid, take_flags(input));
}

static int64_t try_pathconf(struct input *input)
{
    fdi_target target = take_target(input);
    return fdi_pathconf(target, (int)take_number(input));
}

static int64_t try_stat(struct input *input)
{
    struct fdi_stat status;
    fdi_target target = take_target(input);
    unsigned flags = take_flags(input);
    return fdi_stat(target, take_byte(input) & 1 ? NULL : &status, flags);
}

static int64_t try_statvfs(struct input *input)
{
    struct fdi_statvfs status;
    fdi_target target = take_target(input);
    return fdi_statvfs(target, take_byte(input) & 1 ? NULL : &status);
}

static int64_t try_truncate(struct input *input)
{
    fdi_target target = take_target(input);
    return fdi_truncate(target, take_number(input));
}

static int64_t try_utime(struct input *input)
{
    struct fdi_time times[2];
    fdi_target target = take_target(input);
    unsigned flags = take_flags(input);
    bool now = take_byte(input) & 1;
    for (int i = 0; i < 2; i++)
        times[i] = (struct fdi_time){take_number(input), take_number(input)};
    return fdi_utime(target, now ? NULL : times, flags);
}

/* ---- Names ---------------------------------------------------------------------------------- */

static int64_t try_link(struct input *input)
{
    fdi_target from = take_target(input);
    fdi_target to = take_target(input);
    return fdi_link(from, to, take_flags(input));
}

static int64_t try_mkdir(struct input *input)
{
    fdi_target target = take_target(input);
    return fdi_mkdir(target, take_mode(input));
}

/* What opens a fifo waits for the other end: here it is open. */
static int64_t with_both_ends(fdi_target target, int64_t result)
{
    if (result == 0 && !hold_fifo(target))
        abort();
    return result;
}

static int64_t try_mkfifo(struct input *input)
{
    fdi_target target = take_target(input);
    return with_both_ends(target, fdi_mkfifo(target, take_mode(input) | 0600));
}

static int64_t try_mknod(struct input *input)
{
    fdi_target target = take_target(input);
    unsigned mode = take_mode(input) | 0600;
    int64_t result = fdi_mknod(target, mode, (uint64_t)take_number(input));
    return S_ISFIFO(mode) ? with_both_ends(target, result) : result;
}

static int64_t try_readlink(struct input *input)
{
    size_t size;
    fdi_target target = take_target(input);
    char *room = take_room(input, &size);
    int64_t result = fdi_readlink(target, room, size);
    MUST(result <= (int64_t)size);
    free(room);
    return result;
}

static int64_t try_rename(struct input *input)
{
    fdi_target from = take_target(input);
    fdi_target to = take_target(input);
    return take_byte(input) & 1 ? fdi_rename(from, to, 0) : fdi_rename(from, to, 0);
}

static int64_t try_rmdir(struct input *input)
{
    return fdi_rmdir(take_target(input));
}

static int64_t try_symlink(struct input *input)
{
    const char *text = take_path(input);
    fdi_target link = take_target(input);
    return fdi_symlink(text, link, take_flags(input));
}

static int64_t try_unlink(struct input *input)
{
    return fdi_unlink(take_target(input));
}

/* ---- Extended attributes -------------------------------------------------------------------- */

static int64_t try_getxattr(struct input *input)
{
    size_t size;
    fdi_target target = take_target(input);
    const char *name = take_path(input);
    void *room = take_room(input, &size);
    int64_t result = fdi_getxattr(target, name, room, size, take_flags(input));
    MUST(size == 0 || result <= (int64_t)size);
    free(room);
    return result;
}

static int64_t try_setxattr(struct input *input)
{
    size_t size;
    fdi_target target = take_target(input);
    const char *name = take_path(input);
    void *room = take_room(input, &size);
    if (room)
        memset(room, 'v', size);
    int xflags = (int)take_number(input);
    int64_t result = fdi_setxattr(target, name, room, size, xflags, take_flags(input));
    free(room);
    return result;
}

static int64_t try_listxattr(struct input *input)
{
    size_t size;
    fdi_target target = take_target(input);
    char *room = take_room(input, &size);
    int64_t result = fdi_listxattr(target, room, size, take_flags(input));
    MUST(size == 0 || result <= (int64_t)size);
    free(room);
    return result;
}

static int64_t try_removexattr(struct input *input)
{
    fdi_target target = take_target(input);
    const char *name = take_path(input);
    return fdi_removexattr(target, name, take_flags(input));
}

/* ---- Directories and programs --------------------------------------------------------------- */

static int64_t try_chdir(struct input *input)
{
    return fdi_chdir(take_target(input));
}

static int64_t try_opendir(struct input *input)
{
    fdi_dirent entry;
    int more = 0;
    fdi_dir *dir = fdi_opendir(take_target(input));
    if (!dir)
        return -1;
    while ((more = fdi_readdir(dir, &entry)) == 1)
        MUST(entry.name[0] && strcmp(entry.name, ".") != 0 && strcmp(entry.name, "..") != 0);
    MUST(more == 0);
    return fdi_closedir(dir);
}

/* No file of the tree is a program: none has anything in it but digits and zeros. */
static int64_t try_execve(struct input *input)
{
    char *const arguments[] = {(char[]){"name"}, NULL};
    fdi_target target = take_target(input);
    int64_t result = fdi_execve(target, take_byte(input) & 1 ? NULL : arguments, NULL);
    MUST(result == -1);
    return result;
}

static int64_t try_spawn(struct input *input)
{
    char *const arguments[] = {(char[]){"name"}, NULL};
    fdi_process process = -1;
    fdi_fd_map maps[4];
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = take_target(input);
    options.argv = arguments;
    options.flags = take_flags(input) | take_flags(input);
    options.fd_count = take_byte(input) % 5;
    options.fds = maps;
    for (size_t i = 0; i < options.fd_count; i++)
        maps[i] = (fdi_fd_map){take_fd(input), (int)take_number(input)};
    if (take_byte(input) & 1)
        options.directory = take_target(input);
    int64_t result = fdi_spawn(&process, &options);
    MUST(result == -1 && process == -1);
    return result;
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

static int64_t closed(int fd)
{
    MUST(fd < 0 || (fcntl(fd, F_GETFD) & FD_CLOEXEC));
    if (fd >= 0)
        (void)close(fd);
    return fd < 0 ? -1 : 0;
}

static int64_t try_open(struct input *input)
{
    fdi_target target = take_target(input);
    int oflags = (int)(take_mode(input) << 8 | take_byte(input)) | O_NONBLOCK;
    return closed(fdi_open(target, oflags, take_mode(input)));
}

static int64_t try_fopen(struct input *input)
{
    fdi_target target = take_target(input);
    const char *mode = take_path(input);
    FILE *stream = take_byte(input) & 1 ? fdi_fopen(target, mode, 0)
                                        : fdi_fopen(target, mode, FDI_ABOVE_STDIO);
    if (stream)
        (void)fclose(stream);
    return stream ? 0 : -1;
}

static int64_t try_mkstemp(struct input *input)
{
    const char *path = take_path(input);
    char *template = path ? strdup(path) : NULL;
    int fd = fdi_mkstemp(template);
    MUST(fd >= 0 || !path || strcmp(path, template) == 0);
    free(template);
    return closed(fd);
}

static int64_t try_memfd(struct input *input)
{
    const char *name = take_path(input);
    return closed(fdi_memfd_create(name, take_flags(input) & 7));
}

static int64_t try_dup(struct input *input)
{
    return closed(fdi_dup(take_fd(input), 0));
}

/* Onto what is closed, or what cannot be. */
static int64_t try_dup2(struct input *input)
{
    static const int numbers[] = {50, 63, -1, -100, INT32_MAX, INT32_MIN};
    int fd = take_fd(input);
    int fd2 = numbers[take_byte(input) % 6];
    bool inheritable = take_byte(input) & 1;
    int result = fdi_dup2(fd, fd2, inheritable ? FDI_INHERITABLE : 0);
    MUST(result < 0 || (fcntl(result, F_GETFD) & FD_CLOEXEC) == (inheritable ? 0 : FD_CLOEXEC));
    if (result >= 0)
        (void)close(result);
    return result < 0 ? -1 : 0;
}

static int64_t try_pair(struct input *input)
{
    int pair[2] = {-1, -1};
    int64_t result = take_byte(input) & 1
                         ? fdi_pipe(pair, 0)
                         : fdi_socketpair(AF_UNIX, (int)take_number(input), 0, pair, 0);
    MUST(result == 0 || (pair[0] == -1 && pair[1] == -1));
    return result < 0 ? -1 : closed(pair[0]) | closed(pair[1]);
}

static int64_t try_recv(struct input *input)
{
    size_t size;
    size_t count = take_byte(input) % 8;
    int *fds = take_byte(input) & 1 ? NULL : malloc(count * sizeof *fds);
    char *room = take_room(input, &size);
    int64_t result = -1;
    size_t got = count;
    if (send_fds(input))
        result =
            fdi_recv_fds(scene.pair[1], room, size, fds, take_byte(input) & 1 ? NULL : &got, 0);
    MUST(result < 0 || got <= count);
    for (size_t i = 0; result >= 0 && i < got; i++)
        (void)closed(fds[i]);
    int error = errno;
    empty_pair();
    errno = error;
    free(room);
    free(fds);
    return result;
}

/* ---- Inheritance ---------------------------------------------------------------------------- */

static int64_t try_set(struct input *input)
{
    int fd = take_fd(input);
    bool inheritable = take_byte(input) & 1;
    int result = fdi_set_inheritable(fd, inheritable);
    MUST(result < 0 || fdi_get_inheritable(fd) == inheritable);
    return result;
}

static int64_t try_range(struct input *input)
{
    int first = (int)take_number(input);
    int last = (int)take_number(input);
    int result = fdi_set_inheritable_range(first < 3 && first >= 0 ? 3 : first, last, false);
    MUST(result == 0 || first < 0 || last < 3 || last < first);
    return result;
}

static int64_t try_many(struct input *input)
{
    int fds[8];
    size_t count = take_byte(input) % 9;
    for (size_t i = 0; i < count; i++)
        fds[i] = take_fd(input);
    return fdi_set_inheritable_many(fds, count, take_byte(input) & 1);
}

static int stop(void *context, int fd, bool inheritable)
{
    MUST(fdi_get_inheritable(fd) == inheritable);
    return --*(int *)context < 0 ? 7 : 0;
}

static int64_t try_foreach(struct input *input)
{
    int left = (int)take_byte(input) % 16;
    return fdi_foreach_open(stop, &left);
}

static int64_t (*const calls[])(struct input *) = {
    try_access,   try_chflags,    try_chmod,     try_chown,   try_pathconf, try_stat,
    try_statvfs,  try_truncate,   try_utime,     try_link,    try_mkdir,    try_mkfifo,
    try_mknod,    try_readlink,   try_rename,    try_rmdir,   try_symlink,  try_unlink,
    try_getxattr, try_setxattr,   try_listxattr, try_chdir,   try_opendir,  try_execve,
    try_spawn,    try_open,       try_fopen,     try_mkstemp, try_memfd,    try_dup,
    try_dup2,     try_pair,       try_recv,      try_set,     try_range,    try_many,
    try_foreach,  try_removexattr};

static void try_one(struct input *input)
{
    unsigned number = take_byte(input) % (sizeof calls / sizeof calls[0]);
    int next = next_fd();
    errno = UNTOUCHED;
    int64_t result = calls[number](input);
    int error = errno;
    MUST(result >= 0 || (result == -1 && error > 0 && error != UNTOUCHED));
    MUST(result < 0 || error == UNTOUCHED);
    MUST(next_fd() == next);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    if (geteuid() == 0) {
        fprintf(stderr, "not as the superuser\n");
        exit(2);
    }
    (void)setenv("PATH", "dir", 1);
    scene_begin();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    scene_build();
    uint64_t before = open_fds();
    while (input.left) {
        try_one(&input);
        scene_return();
    }
    MUST(open_fds() == before);
    scene_remove();
    return 0;
}
