/* SPDX-License-Identifier: MIT
 * Interprets any bytes as a sequence of calls, with any arguments, in a small tree of files. A
 * failed call must set errno, a successful call must not change it, and no call may leak or lose a
 * descriptor.
 *
 * No call can affect a file outside the tree. Paths are relative and contain no "..". Only
 * descriptors of the tree are used. The fuzzer refuses to run as the superuser. */
#include "../../src/platform.h"
#include "arguments.h"
#include "file_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

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

/* Opens both ends of a new fifo, because a later open of it would wait for the other end. */
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
    return fdi_rename(from, to, flags_of(take_byte(input), 0, 0, FDI_NOFOLLOW));
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
    const fdi_dirent *entry;
    int more = 0;
    fdi_dir *dir = fdi_opendir(take_target(input));
    if (!dir)
        return -1;
    while ((more = fdi_readdir(dir, &entry)) == 1)
        MUST(entry->name[0] && strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0);
    MUST(more == 0);
    return fdi_closedir(dir);
}

/* No file of the tree is a program: the files contain only digits and zeros. */
static int64_t try_execve(struct input *input)
{
    char *const arguments[] = {(char[]){"name"}, NULL};
    fdi_target target = take_target(input);
    int64_t result = fdi_execve(target, take_byte(input) & 1 ? NULL : arguments, NULL);
    MUST(result == -1);
    return result;
}

/* Some inputs give a count without descriptors, or descriptors without a count. */
static void take_maps(struct input *input, fdi_spawn_options *options, fdi_fd_map *maps)
{
    unsigned byte = take_byte(input);
    options->fd_count = byte % 5;
    options->fds = byte == 255 || (options->fd_count && byte != 254) ? maps : NULL;
    for (size_t i = 0; i < options->fd_count; i++)
        maps[i] = (fdi_fd_map){take_fd(input), (int)take_number(input)};
}

static int64_t try_spawn(struct input *input)
{
    char *const arguments[] = {(char[]){"name"}, NULL};
    fdi_process process = -1;
    fdi_fd_map maps[4];
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = take_target(input);
    options.argv = arguments;
    options.flags = take_spawn_flags(input) | take_spawn_flags(input);
    take_maps(input, &options, maps);
    unsigned byte = take_byte(input);
    options.reserved[byte >> 1 & 7] = byte & 0x80;
    if (byte & 1)
        options.directory = take_target(input);
    int64_t result = fdi_spawn(&process, &options);
    MUST(result == -1 && process == -1);
    return result;
}

/* This process has no children. */
static int64_t try_wait(struct input *input)
{
    fdi_process process = (fdi_process)take_number(input);
    const fdi_process before = process;
    int64_t status = UNTOUCHED;
    int milliseconds = (int)take_number(input);
    unsigned flags = flags_of(take_byte(input), FDI_WAIT_KEEP, 0, FDI_NOFOLLOW);
    int result = fdi_wait(&process, take_byte(input) & 1 ? NULL : &status, milliseconds, flags);
    MUST(result == -1 && status == UNTOUCHED && (errno == ECHILD || errno == EINVAL));
    MUST(process == (errno == ECHILD ? FDI_NO_PROCESS : before));
    return result;
}

static int64_t try_release(struct input *input)
{
    fdi_process process = (fdi_process)take_number(input);
    const fdi_process before = process;
    int result = fdi_release(&process);
    MUST(result == (before < 0 ? -1 : 0) && process == (before < 0 ? before : FDI_NO_PROCESS));
    return result;
}

/* An invalid function has no name and is unsupported in every form. */
static int64_t try_supports(struct input *input)
{
    fdi_function function = (fdi_function)take_number(input);
    fdi_form form = (fdi_form)(take_byte(input) % 5);
    unsigned flags = take_byte(input) & 1 ? take_spawn_flags(input) : take_flags(input);
    bool supported = fdi_supports(function, form, flags);
    MUST(errno == UNTOUCHED && (fdi_function_name(function) || !supported));
    MUST(!supported || (form >= FDI_FORM_PATH && form <= FDI_FORM_FD));
    return 0;
}

static int64_t (*const calls[])(struct input *) = {
    try_access,   try_chflags,    try_chmod,     try_chown,   try_pathconf, try_stat,
    try_statvfs,  try_truncate,   try_utime,     try_link,    try_mkdir,    try_mkfifo,
    try_mknod,    try_readlink,   try_rename,    try_rmdir,   try_symlink,  try_unlink,
    try_getxattr, try_setxattr,   try_listxattr, try_chdir,   try_opendir,  try_execve,
    try_spawn,    try_open,       try_fopen,     try_mkstemp, try_memfd,    try_dup,
    try_dup2,     try_pair,       try_recv,      try_set,     try_range,    try_many,
    try_foreach,  try_removexattr};

/* Later calls use the bytes above those of `calls`, so that older inputs keep their meaning. */
static int64_t (*const later_calls[])(struct input *) = {
    try_wait, try_release, try_supports, try_socket, try_accept, try_above, try_child, try_client,
};

enum { CALLS = sizeof calls / sizeof calls[0], LATER = sizeof later_calls / sizeof later_calls[0] };

static int64_t (*take_call(struct input *input))(struct input *)
{
    unsigned byte = take_byte(input);
    unsigned first = 256 / CALLS * CALLS;
    return byte < first ? calls[byte % CALLS] : later_calls[(byte - first) % LATER];
}

static void try_one(struct input *input)
{
    int64_t (*call)(struct input *) = take_call(input);
    int next = next_fd();
    errno = UNTOUCHED;
    int64_t result = call(input);
    int error = errno;
    MUST(result >= 0 || (result == -1 && error > 0 && error != UNTOUCHED));
    MUST(result < 0 || error == UNTOUCHED);
    MUST(next_fd() == next);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    if (geteuid() == 0) {
        fprintf(stderr, "this fuzzer must not run as the superuser\n");
        exit(2);
    }
    (void)setenv("PATH", "dir", 1);
    file_tree_begin();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    file_tree_build();
    uint64_t before = open_fds();
    while (input.left) {
        try_one(&input);
        file_tree_return();
    }
    MUST(open_fds() == before);
    file_tree_remove();
    return 0;
}
