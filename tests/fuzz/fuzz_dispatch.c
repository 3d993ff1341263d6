/* SPDX-License-Identifier: MIT
 * Interprets any bytes as a sequence of calls, with any arguments, in a small tree of files. A
 * failed call must set errno, a successful call must not change it, and no call may leak or lose a
 * descriptor.
 *
 * No call can affect a file outside the tree. Paths are relative and contain no "..". Only
 * descriptors of the tree are used. The fuzzer refuses to run as the superuser. */
#include "../../src/platform.h"
#include "../support/operations.h"
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

/* ---- Operations of the contract ------------------------------------------------------------- */

/* Memory for the arguments that are pointers. */
struct room {
    struct fdi_time times[2];
    struct fdi_stat status;
    struct fdi_statvfs filesystem;
    void *bytes;
};

static void take_times(struct input *input, struct arguments *with, struct room *room)
{
    with->times = take_byte(input) & 1 ? NULL : room->times;
    for (int i = 0; i < 2; i++)
        room->times[i] = (struct fdi_time){take_number(input), take_number(input)};
}

static void take_value(struct input *input, struct arguments *with, struct room *room)
{
    with->bytes = room->bytes = take_room(input, &with->size);
    if (room->bytes)
        memset(room->bytes, 'v', with->size);
}

/* No file of the tree is a program: the files contain only digits and zeros. */
static char *const *take_argv(struct input *input)
{
    static char name[] = "name";
    static char *const argv[] = {name, NULL};
    return take_byte(input) & 1 ? NULL : argv;
}

static void take_pointer(struct input *input, enum parameter parameter, struct arguments *with,
                         struct room *room)
{
    switch (parameter) {
    case TAKES_TEXT:
        with->text = take_path(input);
        break;
    case TAKES_VALUE:
    case TAKES_BUFFER:
        take_value(input, with, room);
        break;
    case TAKES_TIMES:
        take_times(input, with, room);
        break;
    case TAKES_STATUS:
        with->status = take_byte(input) & 1 ? NULL : &room->status;
        break;
    case TAKES_FILESYSTEM:
        with->filesystem = take_byte(input) & 1 ? NULL : &room->filesystem;
        break;
    case TAKES_ARGV:
        with->argv = take_argv(input);
        break;
    default:
        break;
    }
}

static void take_argument(struct input *input, enum parameter parameter, struct arguments *with,
                          struct room *room)
{
    switch (parameter) {
    case TAKES_TARGET:
    case TAKES_FROM:
    case TAKES_LINK:
    case TAKES_DIRECTORY:
    case TAKES_PROGRAM:
        with->target = take_target(input);
        break;
    case TAKES_TO:
        with->to = take_target(input);
        break;
    case TAKES_FLAGS:
        with->flags = take_flags(input);
        break;
    case TAKES_MODE:
        with->mode = take_mode(input);
        break;
    case TAKES_NUMBER:
        with->number = (int)take_number(input);
        break;
    case TAKES_BSD_FLAGS:
        with->bsd_flags = take_byte(input);
        break;
    case TAKES_UID:
        with->uid = (uint32_t)take_number(input);
        break;
    case TAKES_GID:
        with->gid = (uint32_t)take_number(input);
        break;
    case TAKES_DEVICE:
        with->device = (uint64_t)take_number(input);
        break;
    case TAKES_LENGTH:
        with->length = take_number(input);
        break;
    default:
        take_pointer(input, parameter, with, room);
    }
}

static int64_t try_operation(struct input *input, fdi_function function)
{
    const struct operation *operation = operation_of(function);
    struct arguments with = {0};
    struct room room = {0};
    for (int i = 0; i < PARAMETERS && operation->parameters[i] != TAKES_NO_MORE; i++)
        take_argument(input, operation->parameters[i], &with, &room);
    int64_t result = operation->call(&with);
    MUST(!takes(operation, TAKES_BUFFER) || with.size == 0 || result <= (int64_t)with.size);
    free(room.bytes);
    return result;
}
/* ---- Names ---------------------------------------------------------------------------------- */

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

/* ---- Directories and programs --------------------------------------------------------------- */

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

/* A function of the fuzzer, or an operation of the contract. */
struct call {
    int64_t (*of_fuzzer)(struct input *);
    fdi_function function;
};

#define UNUSED FDI_FN_RECV_FDS

static const struct call calls[] = {
    {NULL, FDI_FN_ACCESS},   {NULL, FDI_FN_CHFLAGS},     {NULL, FDI_FN_CHMOD},
    {NULL, FDI_FN_CHOWN},    {NULL, FDI_FN_PATHCONF},    {NULL, FDI_FN_STAT},
    {NULL, FDI_FN_STATVFS},  {NULL, FDI_FN_TRUNCATE},    {NULL, FDI_FN_UTIME},
    {NULL, FDI_FN_LINK},     {NULL, FDI_FN_MKDIR},       {try_mkfifo, UNUSED},
    {try_mknod, UNUSED},     {NULL, FDI_FN_READLINK},    {NULL, FDI_FN_RENAME},
    {NULL, FDI_FN_RMDIR},    {NULL, FDI_FN_SYMLINK},     {NULL, FDI_FN_UNLINK},
    {NULL, FDI_FN_GETXATTR}, {NULL, FDI_FN_SETXATTR},    {NULL, FDI_FN_LISTXATTR},
    {NULL, FDI_FN_CHDIR},    {try_opendir, UNUSED},      {NULL, FDI_FN_EXECVE},
    {try_spawn, UNUSED},     {try_open, UNUSED},         {try_fopen, UNUSED},
    {try_mkstemp, UNUSED},   {try_memfd, UNUSED},        {try_dup, UNUSED},
    {try_dup2, UNUSED},      {try_pair, UNUSED},         {try_recv, UNUSED},
    {try_set, UNUSED},       {try_range, UNUSED},        {try_many, UNUSED},
    {try_foreach, UNUSED},   {NULL, FDI_FN_REMOVEXATTR},
};

/* Later calls use the bytes above those of `calls`, so that older inputs keep their meaning. */
static int64_t (*const later_calls[])(struct input *) = {
    try_wait, try_release, try_supports, try_socket, try_accept, try_above, try_child, try_client,
};

enum { CALLS = sizeof calls / sizeof calls[0], LATER = sizeof later_calls / sizeof later_calls[0] };

/* Operations that the contract appended follow the later calls. */
static struct call take_later_call(unsigned byte)
{
    const unsigned first_appended = FDI_FN_RECV_FDS + 1;
    unsigned number = byte % (LATER + (unsigned)contract_size - first_appended);
    if (number < LATER)
        return (struct call){later_calls[number], UNUSED};
    return (struct call){NULL, (fdi_function)(number - LATER + first_appended)};
}

static struct call take_call(struct input *input)
{
    unsigned byte = take_byte(input);
    unsigned first = 256 / CALLS * CALLS;
    return byte < first ? calls[byte % CALLS] : take_later_call(byte - first);
}

static void try_one(struct input *input)
{
    struct call call = take_call(input);
    int next = next_fd();
    errno = UNTOUCHED;
    int64_t result = call.of_fuzzer ? call.of_fuzzer(input) : try_operation(input, call.function);
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
