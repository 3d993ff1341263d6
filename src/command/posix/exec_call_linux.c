/* SPDX-License-Identifier: MIT
 * Reads a waiting execve or execveat, and predicts whether it will succeed. A search of PATH makes
 * one call for each directory, and most of these calls fail. */
#include "../../platform.h"
#include "watch_linux.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* These numbers are copied from linux/audit.h and the tables of system calls, because older headers
 * lack some of them. x32 shares the architecture of x86-64. */
const struct exec_numbers exec_numbers[] = {
    {0xc000003e, 59, 322},                /* x86-64 */
    {0xc000003e, 0x40000208, 0x40000221}, /* x32 */
    {0x40000003, 11, 358},                /* i386 */
    {0xc00000b7, 221, 281},               /* arm64 */
    {0x40000028, 11, 387},                /* arm */
    {0xc00000f3, 221, 281},               /* riscv64 */
    {0x400000f3, 221, 281},               /* riscv32 */
    {0xc0000102, 221, 281},               /* loongarch64 */
    {0x80000016, 11, 354},                /* s390x */
    {0x00000016, 11, 354},                /* s390 */
    {0xc0000015, 11, 362},                /* ppc64le */
    {0x80000015, 11, 362},                /* ppc64 */
    {0x00000014, 11, 362},                /* ppc */
    {0x00000008, 4011, 4356},             /* mips */
    {0x40000008, 4011, 4356},             /* mipsel */
    {0x80000008, 5057, 5316},             /* mips64 */
    {0xc0000008, 5057, 5316},             /* mips64el */
    {0xa0000008, 6057, 6320},             /* mips n32 */
    {0xe0000008, 6057, 6320},             /* mipsel n32 */
    {0x8000002b, 59, 350},                /* sparc64 */
    {0x00000002, 59, 350},                /* sparc */
    {0x8000000f, 11, 342},                /* parisc64 */
    {0x0000000f, 11, 342},                /* parisc */
    {0x00000004, 11, 355},                /* m68k */
    {0x4000002a, 11, 387},                /* sh */
};
const size_t exec_number_count = sizeof exec_numbers / sizeof exec_numbers[0];

enum {
    PLACE = 64,          /* the room for a path in /proc */
    MOST_WORDS = 1 << 20 /* bytes */
};
static const size_t UNREADABLE = SIZE_MAX;

/* ---- Memory of the caller -------------------------------------------------------------------- */

static bool read_caller(const struct exec_call *call, uint64_t from, void *to, size_t size)
{
    return pread(call->memory, to, size, (off_t)from) == (ssize_t)size;
}

/* Reads a terminated text, but nothing past the page in which it ends, because the next page may be
 * unmapped. Returns its length, `room` if the text does not fit, or UNREADABLE. */
static size_t read_caller_text(const struct exec_call *call, uint64_t from, char *text, size_t room)
{
    enum { PAGE = 4096 };
    size_t length = 0;
    while (length < room) {
        uint64_t at = from + length;
        size_t size = PAGE - (size_t)(at % PAGE);
        size = size < room - length ? size : room - length;
        if (!read_caller(call, at, text + length, size))
            return UNREADABLE;
        const char *end = memchr(text + length, '\0', size);
        if (end)
            return (size_t)(end - text);
        length += size;
    }
    return room;
}

static bool read_pointer(const struct exec_call *call, uint64_t from, uint64_t *pointer)
{
    uint32_t narrow = 0;
    if (!call->has_short_pointers)
        return read_caller(call, from, pointer, sizeof *pointer);
    bool got = read_caller(call, from, &narrow, sizeof narrow);
    *pointer = narrow;
    return got;
}

struct words exec_call_words(const struct exec_call *call, uint64_t array)
{
    struct words words = {allocate(MOST_WORDS + 1), 0, false};
    size_t width = call->has_short_pointers ? sizeof(uint32_t) : sizeof(uint64_t);
    uint64_t pointer;
    while (array && !words.is_cut && read_pointer(call, array, &pointer) && pointer) {
        size_t room = MOST_WORDS - words.size;
        size_t length = read_caller_text(call, pointer, words.bytes + words.size, room);
        words.is_cut = length >= room;
        words.size += length == UNREADABLE ? 0 : length + 1; /* with the terminator */
        array += width;
    }
    char *fitting = allocate(words.size + 1);
    memcpy(fitting, words.bytes, words.size);
    free(words.bytes);
    words.bytes = fitting;
    return words;
}

/* ---- The call -------------------------------------------------------------------------------- */

static const struct exec_numbers *find_numbers(const struct notification *notification)
{
    for (size_t i = 0; i < exec_number_count; i++)
        if (exec_numbers[i].architecture == notification->architecture &&
            (exec_numbers[i].execve == notification->number ||
             exec_numbers[i].execveat == notification->number))
            return &exec_numbers[i];
    return NULL;
}

/* Pointers have 4 bytes on 32-bit architectures, in x32 and in mips n32. */
static bool are_pointers_short(const struct notification *notification)
{
    enum { IS_X32 = 0x40000000 };
    uint32_t architecture = notification->architecture;
    bool n32 = (architecture & 0xa0000000) == 0xa0000000;
    return !(architecture & 0x80000000) || n32 ||
           (architecture == 0xc000003e && (notification->number & IS_X32));
}

/* Returns the rest of a path in /proc/self, or NULL for any other path. For this process,
 * /proc/self is not the caller's. */
static const char *after_proc_self(const char *path)
{
    static const char *const names[] = {"/proc/self/", "/proc/thread-self/"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(path, names[i], strlen(names[i])) == 0)
            return path + strlen(names[i]);
    return NULL;
}

/* Stores a path by which this process can open the file that the caller names with `path`. */
static void locate(struct exec_call *call, const char *path, char *location, size_t size)
{
    enum { EMPTY_PATH = 0x1000 };
    const char *own = after_proc_self(path);
    int thread = (int)call->thread;
    if (own)
        (void)snprintf(location, size, "/proc/%d/%s", thread, own);
    else if (path[0] == '/')
        (void)snprintf(location, size, "/proc/%d/root%s", thread, path);
    else if (call->directory == AT_FDCWD)
        (void)snprintf(location, size, "/proc/%d/cwd/%s", thread, path);
    else if (path[0])
        (void)snprintf(location, size, "/proc/%d/fd/%d/%s", thread, call->directory, path);
    else if (call->flags & EMPTY_PATH)
        (void)snprintf(location, size, "/proc/%d/fd/%d", thread, call->directory);
}

bool exec_call_read(const struct notification *notification, struct exec_call *call)
{
    char name[PLACE];
    const struct exec_numbers *numbers = find_numbers(notification);
    if (!numbers)
        return false;
    int at = notification->number == numbers->execveat; /* execveat takes the directory first */
    memset(call, 0, sizeof *call);
    call->thread = (pid_t)notification->thread;
    call->process = watch_status(call->thread, "Tgid:");
    if (!call->process)
        call->process = call->thread;
    call->parent = watch_status(call->thread, "PPid:");
    call->user = watch_status(call->thread, "Uid:");
    call->has_short_pointers = are_pointers_short(notification);
    call->directory = at ? (int)(uint32_t)notification->arguments[0] : AT_FDCWD;
    call->flags = at ? (unsigned)notification->arguments[4] : 0;
    call->arguments = notification->arguments[at + 1];
    call->environment = notification->arguments[at + 2];
    (void)snprintf(name, sizeof name, "/proc/%d/mem", (int)call->thread);
    call->memory = open(name, O_RDONLY | O_CLOEXEC);
    if (read_caller_text(call, notification->arguments[at], call->path, sizeof call->path) >=
        sizeof call->path)
        call->path[0] = '\0';
    locate(call, call->path, call->location, sizeof call->location);
    return true;
}

void exec_call_end(const struct exec_call *call)
{
    if (call->memory >= 0)
        (void)close(call->memory);
}

/* ---- The file -------------------------------------------------------------------------------- */

/* The caller may have other rights than this process. Its groups are not read: the permissions of
 * the file's group are assumed to apply to it. */
static bool may_execute(const struct exec_call *call, const char *location,
                        const struct stat *status)
{
    if (faccessat(AT_FDCWD, location, X_OK, AT_EACCESS) < 0)
        return false;
    if (call->user == (pid_t)geteuid() || call->user == 0)
        return true;
    mode_t bits = (uid_t)call->user == status->st_uid ? S_IXUSR : S_IXGRP | S_IXOTH;
    return status->st_mode & bits;
}

/* Reports whether the kernel may have handlers for other formats. Such handlers are rare, and the
 * next call of the process reveals a wrong guess. */
static bool has_format_handlers(void)
{
    return access("/proc/sys/fs/binfmt_misc/register", F_OK) == 0;
}

/* Stores the first bytes of the file in `head`. */
static bool is_executable(const struct exec_call *call, const char *location, char *head,
                          size_t size)
{
    struct stat status;
    if (stat(location, &status) < 0 || !S_ISREG(status.st_mode) ||
        !may_execute(call, location, &status))
        return false;
    int file = open(location, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t got = file < 0 ? -1 : read(file, head, size - 1);
    if (file >= 0)
        (void)close(file);
    head[got > 0 ? got : 0] = '\0';
    bool is_known = memcmp(head, "\177ELF", 4) == 0 || memcmp(head, "#!", 2) == 0;
    return got < 0 || is_known || has_format_handlers();
}

/* Reports whether the interpreter of a script can be executed. Without it, the call fails. */
static bool has_interpreter(struct exec_call call, char *head)
{
    char location[sizeof call.location] = "";
    char ignored[8] = "";
    char *name = head + 2 + strspn(head + 2, " \t");
    name[strcspn(name, " \t\n")] = '\0';
    call.directory = AT_FDCWD;
    locate(&call, name, location, sizeof location);
    return is_executable(&call, location, ignored, sizeof ignored);
}

bool exec_call_succeeds(const struct exec_call *call)
{
    char head[256] = "";
    if (!call->location[0] || call->memory < 0)
        return call->memory < 0; /* an unreadable call counts as a success */
    if (!is_executable(call, call->location, head, sizeof head))
        return false;
    return strncmp(head, "#!", 2) != 0 || has_interpreter(*call, head);
}

#endif
