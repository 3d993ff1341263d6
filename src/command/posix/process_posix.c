/* SPDX-License-Identifier: MIT
 * Lists the descriptors of this process and of others. Those of others are read from Linux procfs;
 * without procfs an error message is printed. */
#include "../../platform.h"
#include "posix_command.h"
#include "procfs.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

void system_start(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
}

int system_own_pid(void)
{
    return (int)getpid();
}

void system_process_name(int pid, char *name, size_t size)
{
    char directory[32] = "/proc/self"; /* also right if /proc numbers the processes differently */
    if (pid)
        (void)snprintf(directory, sizeof directory, "/proc/%d", pid);
    size_t length = read_start(directory, "comm", name, size);
    if (length && name[length - 1] == '\n')
        name[length - 1] = '\0';
}

bool system_is_terminal(FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    if (no_color && no_color[0])
        return false;
    if (terminal && strcmp(terminal, "dumb") == 0)
        return false;
    return isatty(fileno(out));
}

bool system_likes_backslashes(void)
{
    return false;
}

/* In another pid namespace, /proc may number the processes differently. */
static bool has_own_procfs(void)
{
    char link[32] = "";
    ssize_t length = readlink("/proc/self", link, sizeof link - 1);
    return length > 0 && strtol(link, NULL, 10) == (long)getpid();
}

int require_procfs(const char *what)
{
    if (access("/proc/self/fd", X_OK) < 0)
        return complain("%s: there is no procfs on /proc", what);
    if (!has_own_procfs())
        return complain("%s: /proc belongs to another pid namespace", what);
    return 0;
}

/* ---- This process ---------------------------------------------------------------------------- */

static int add_own(void *context, int fd, bool inheritable)
{
    (void)descriptors_add(context, fd, inheritable);
    return 0;
}

/* Without procfs, fstat still gives the kind. */
static void describe_own(struct descriptor *descriptor)
{
    if (!describe_object("/proc/self", descriptor)) {
        struct stat status = {.st_mode = 0};
        (void)fstat(descriptor->fd, &status);
        descriptor->kind = procfs_kind("", 0, (unsigned)status.st_mode);
    }
    if (strcmp(descriptor->kind, "socket") == 0)
        ask_socket(descriptor->fd, descriptor);
}

static int read_own(enum wanted wanted, int first, struct descriptors *list)
{
    if (fdi_foreach_open(add_own, list) != 0)
        return complain("the open descriptors cannot be listed: %s", strerror(errno));
    if (wanted == INHERITABLE)
        descriptors_keep_inheritable(list, first);
    for (size_t i = 0; i < list->count; i++)
        describe_own(&list->items[i]);
    return 0;
}

/* ---- A table of descriptors -------------------------------------------------------------------- */

/* One table in procfs, and what is wanted from it. */
struct table {
    char directory[48];
    int thread; /* 0: that of the process */
    enum wanted wanted;
    int first;
};

/* Returns 1 if the last descriptor of `list` is wanted, 0 if not, and -1 with errno set if it
 * cannot be read. */
static int describe_last(const struct table *table, struct descriptors *list)
{
    struct descriptor *added = &list->items[list->count - 1];
    if (table->wanted != INHERITED && !describe_flags(table->directory, added))
        return -1;
    if (table->wanted != ALL && !added->inheritable)
        return 0;
    return describe_object(table->directory, added) ? 1 : -1;
}

/* Returns -1 if a descriptor cannot be read. Skips descriptors that were closed meanwhile. */
static int read_entry(const struct table *table, const char *name, struct descriptors *list)
{
    int fd = strcmp(name, "0") == 0 ? 0 : parse_number(name);
    if (fd < table->first)
        return 0; /* "." and "..", too */
    descriptors_add(list, fd, true)->thread = table->thread;
    int wanted = describe_last(table, list);
    int error = errno;
    if (wanted <= 0)
        descriptors_drop_last(list);
    errno = error;
    return wanted < 0 && error != ENOENT ? -1 : 0;
}

static int read_entries(const struct table *table, DIR *entries, struct descriptors *list)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(entries);
        if (!entry)
            return errno ? -1 : 0;
        if (read_entry(table, entry->d_name, list) < 0)
            return -1;
    }
}

static int read_table(const struct table *table, struct descriptors *list)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/fd", table->directory);
    DIR *entries = opendir(path);
    if (!entries)
        return -1;
    int result = read_entries(table, entries, list);
    int error = errno;
    (void)closedir(entries);
    errno = error;
    return result;
}

/* ---- The tables of a process ------------------------------------------------------------------- */

static struct table first_table(int pid, enum wanted wanted, int first)
{
    struct table table = {"", 0, wanted, first};
    (void)snprintf(table.directory, sizeof table.directory, "/proc/%d", pid);
    return table;
}

/* Reports whether a thread uses the table of the process. If the kernel does not say, the thread's
 * descriptors are read and compared. */
static bool shares_table(int pid, int thread)
{
#if defined(SYS_kcmp)
    enum { COMPARE_FILES = 2 };
    return syscall(SYS_kcmp, pid, thread, COMPARE_FILES, 0, 0) == 0;
#else
    (void)pid;
    (void)thread;
    return false;
#endif
}

char process_state(const char *directory)
{
    char text[512];
    size_t length = read_start(directory, "stat", text, sizeof text);
    const char *end = length ? strrchr(text, ')') : NULL;
    return (char)(end && end[1] ? end[2] : 0);
}

static bool is_zombie(const char *directory)
{
    char state = process_state(directory);
    return state == 'Z' || state == 'X';
}

static bool is_same(const struct descriptor *left, const struct descriptor *right)
{
    return left->fd == right->fd && left->inheritable == right->inheritable &&
           left->inode == right->inode && left->device == right->device &&
           strcmp(descriptor_object(left), descriptor_object(right)) == 0;
}

/* Drops the descriptors from index `from` on if each is among the earlier ones: the thread shares a
 * table that is listed already. */
static void drop_repeated(struct descriptors *list, size_t from)
{
    for (size_t i = from; i < list->count; i++) {
        size_t at = 0;
        while (at < from && !is_same(&list->items[at], &list->items[i]))
            at++;
        if (at == from)
            return;
    }
    while (list->count > from)
        descriptors_drop_last(list);
}

static int read_thread(const struct table *process, int thread, struct descriptors *list)
{
    struct table table = *process;
    size_t before = list->count;
    (void)snprintf(table.directory + strlen(process->directory),
                   sizeof table.directory - strlen(process->directory), "/task/%d", thread);
    if (is_zombie(table.directory))
        return 0;
    table.thread = thread;
    if (read_table(&table, list) < 0)
        return errno == ENOENT ? 0 : -1; /* it has ended meanwhile */
    drop_repeated(list, before);
    return 1;
}

/* Lists the threads that have a table of their own. Stores the number of live threads. */
static int read_threads(const struct table *process, int pid, struct descriptors *list, int *live)
{
    char path[64];
    int result = 0;
    (void)snprintf(path, sizeof path, "%s/task", process->directory);
    DIR *threads = opendir(path);
    if (!threads)
        return -1;
    const struct dirent *entry;
    while (result >= 0 && (entry = readdir(threads))) {
        int thread = parse_number(entry->d_name);
        if (thread <= 0 || thread == pid)
            continue;
        bool shared = *live > 0 && shares_table(pid, thread);
        result = shared ? 1 : read_thread(process, thread, list);
        *live += result > 0;
    }
    int error = errno;
    (void)closedir(threads);
    errno = error;
    return result < 0 ? -1 : 0;
}

/* Sets errno to ESRCH for a process that has ended and is not yet waited for. */
static int read_tables(const struct table *process, int pid, struct descriptors *list)
{
    int live = !is_zombie(process->directory);
    if (live && read_table(process, list) < 0)
        return -1;
    if (process->wanted == INHERITED || process->wanted == PASSED_ON)
        return 0; /* only one thread counts */
    if (read_threads(process, pid, list, &live) < 0)
        return -1;
    errno = ESRCH;
    return live ? 0 : -1;
}

int read_process(int pid, enum wanted wanted, int first, struct descriptors *list)
{
    struct table process = first_table(pid, wanted, first);
    if (read_tables(&process, pid, list) < 0) {
        int error = errno;
        descriptors_free(list);
        errno = error;
        return -1;
    }
    describe_sockets(pid, list);
    descriptors_sort(list);
    return 0;
}

static int complain_of_process(int pid, int error)
{
    if (kill(pid, 0) < 0 && errno == ESRCH)
        return complain("no such process: %d", pid);
    if (error == ESRCH)
        return complain("process %d has ended and waits for its parent", pid);
    if (error == ENOENT || error == EACCES) /* procfs hides or denies it */
        return complain("no permission to inspect process %d", pid);
    return complain("process %d cannot be inspected: %s", pid, strerror(error));
}

int system_descriptors(int pid, enum wanted wanted, int first, struct descriptors *list)
{
    char what[64];
    if (pid == 0)
        return read_own(wanted, first, list);
    if (kill(pid, 0) < 0 && errno == ESRCH)
        return complain("no such process: %d", pid);
    (void)snprintf(what, sizeof what, "process %d cannot be inspected", pid);
    if (require_procfs(what))
        return TROUBLE;
    return read_process(pid, wanted, first, list) == 0 ? 0 : complain_of_process(pid, errno);
}
