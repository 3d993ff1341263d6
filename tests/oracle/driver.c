/* SPDX-License-Identifier: MIT
 * The library's side of the comparison with Python's os. Reads one operation per line, carries it
 * out, and writes its result.
 *
 *   driver ROOT [FAULT | REFUSAL]
 *
 * A line has the operation's name, its targets and its arguments, in the format of words.c. Each
 * result is one line. "errno lost" in it means that a successful call changed errno. "leak" means
 * that a call left a descriptor open. "unsupported" means that a call succeeded although
 * fdi_supports returned false. FAULT makes the driver fail on purpose, to show that the comparison notices.
 * REFUSAL simulates an older kernel. */
#define _GNU_SOURCE 1
#include "words.h"
#include "../support/seccomp_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LONGEST_LINE = 16384, NOT_ASKED = -1 };

/* ---- the operations ------------------------------------------------------------------------ */

static void do_access(void)
{
    fdi_target file = target();
    int mode = (int)number();
    answer(fdi_access(file, mode, flags()));
}

static void do_chdir(void)
{
    answer(fdi_chdir(target()));
}

static void do_chflags(void)
{
    fdi_target file = target();
    answer(fdi_chflags(file, 0, flags()));
}

static void do_chmod(void)
{
    fdi_target file = target();
    unsigned mode = (unsigned)number();
    answer(fdi_chmod(file, mode, flags()));
}

static void do_chown(void)
{
    fdi_target file = target();
    uint32_t uid = (uint32_t)number();
    uint32_t gid = (uint32_t)number();
    answer(fdi_chown(file, uid, gid, flags()));
}

static char value[LONGEST_VALUE];

static void do_getxattr(void)
{
    fdi_target file = target();
    const char *name = word();
    size_t size = (size_t)number();
    int64_t length = fdi_getxattr(file, name, value, size, flags());
    answer_bytes(length, size ? value : "");
}

static void do_getxattr_length(void)
{
    fdi_target file = target();
    const char *name = word();
    answer(fdi_getxattr(file, name, NULL, 0, flags()));
}

static void do_setxattr(void)
{
    fdi_target file = target();
    const char *name = word();
    size_t size = bytes(value);
    int xflags = (int)number();
    answer(fdi_setxattr(file, name, value, size, xflags, flags()));
}

static void do_listxattr(void)
{
    fdi_target file = target();
    size_t size = (size_t)number();
    answer_bytes(fdi_listxattr(file, value, size, flags()), value);
}

static void do_listxattr_length(void)
{
    fdi_target file = target();
    answer(fdi_listxattr(file, NULL, 0, flags()));
}

static void do_removexattr(void)
{
    fdi_target file = target();
    const char *name = word();
    answer(fdi_removexattr(file, name, flags()));
}

static void do_link(void)
{
    fdi_target from = target();
    fdi_target to = target();
    answer(fdi_link(from, to, flags()));
}

static void make(int (*call)(fdi_target, unsigned))
{
    fdi_target file = target();
    answer(call(file, (unsigned)number()));
}

static void do_mkdir(void)
{
    make(fdi_mkdir);
}

static void do_mkfifo(void)
{
    make(fdi_mkfifo);
}

static void do_mknod(void)
{
    fdi_target file = target();
    unsigned mode = (unsigned)number();
    answer(fdi_mknod(file, mode, (uint64_t)number()));
}

static void do_opendir(void)
{
    fdi_dir *dir = fdi_opendir(target());
    const fdi_dirent *entry;
    int more = 0;
    if (!dir) {
        failed();
        return;
    }
    while ((more = fdi_readdir(dir, &entry)) == 1)
        printf("%s/%d ", entry->name, entry->type);
    if (more < 0)
        failed();
    (void)fdi_closedir(dir);
}

static void do_pathconf(void)
{
    fdi_target file = target();
    answer(fdi_pathconf(file, (int)number()));
}

static void do_readlink(void)
{
    fdi_target file = target();
    size_t size = (size_t)number();
    answer_bytes(fdi_readlink(file, value, size), value);
}

static void do_rename(void)
{
    fdi_target from = target();
    fdi_target to = target();
    answer(fdi_rename(from, to, flags()));
}

static void do_rmdir(void)
{
    answer(fdi_rmdir(target()));
}

static void do_stat(void)
{
    fdi_target file = target();
    struct fdi_stat status;
    if (fdi_stat(file, &status, flags()) < 0) {
        failed();
        return;
    }
    printf("%o %llu %u %u %lld %llu %u %llu %lld.%09lld %lld.%09lld", status.mode,
           (unsigned long long)status.nlink, status.uid, status.gid, (long long)status.size,
           (unsigned long long)status.rdev, status.blksize, (unsigned long long)status.dev,
           (long long)status.atime.sec, (long long)status.atime.nsec, (long long)status.mtime.sec,
           (long long)status.mtime.nsec);
}

static void do_statvfs(void)
{
    struct fdi_statvfs status;
    if (fdi_statvfs(target(), &status) < 0) {
        failed();
        return;
    }
    printf("%llu %llu %llu %llu %llu %llu", (unsigned long long)status.bsize,
           (unsigned long long)status.frsize, (unsigned long long)status.blocks,
           (unsigned long long)status.files, (unsigned long long)status.flag,
           (unsigned long long)status.namemax);
}

static void do_symlink(void)
{
    const char *text = word() + 1;
    fdi_target link = target();
    answer(fdi_symlink(text, link, flags()));
}

static void do_truncate(void)
{
    fdi_target file = target();
    answer(fdi_truncate(file, number()));
}

static void do_unlink(void)
{
    answer(fdi_unlink(target()));
}

static void do_utime(void)
{
    fdi_target file = target();
    struct fdi_time times[2];
    for (int i = 0; i < 2; i++) {
        times[i].sec = number();
        times[i].nsec = number();
    }
    answer(fdi_utime(file, times, flags()));
}

static void do_utime_now(void)
{
    fdi_target file = target();
    answer(fdi_utime(file, NULL, flags()));
}

static void do_get_inheritable(void)
{
    answer(fdi_get_inheritable((int)number()));
}

static void do_set_inheritable(void)
{
    int fd = (int)number();
    answer(fdi_set_inheritable(fd, number() != 0));
}

/* Two operations without a library call. They affect only the results of others. */
static void do_close(void)
{
    answer(close((int)number()));
}

static void do_write(void)
{
    int fd = (int)number();
    size_t size = bytes(value);
    answer(write(fd, value, size));
}

static const struct row {
    const char *name;
    void (*perform)(void);
    int function; /* passed to fdi_supports, unless NOT_ASKED */
} operations[] = {
    {"access", do_access, FDI_FN_ACCESS},
    {"chdir", do_chdir, FDI_FN_CHDIR},
    {"chflags", do_chflags, FDI_FN_CHFLAGS},
    {"chmod", do_chmod, FDI_FN_CHMOD},
    {"chown", do_chown, FDI_FN_CHOWN},
    {"close", do_close, NOT_ASKED},
    {"dup", do_dup, NOT_ASKED},
    {"dup2", do_dup2, NOT_ASKED},
    {"execve", do_execve, FDI_FN_EXECVE},
    {"fopen", do_fopen, FDI_FN_FOPEN},
    {"get_inheritable", do_get_inheritable, NOT_ASKED},
    {"getxattr", do_getxattr, FDI_FN_GETXATTR},
    {"getxattr_length", do_getxattr_length, FDI_FN_GETXATTR},
    {"link", do_link, FDI_FN_LINK},
    {"listxattr", do_listxattr, FDI_FN_LISTXATTR},
    {"listxattr_length", do_listxattr_length, FDI_FN_LISTXATTR},
    {"mkdir", do_mkdir, FDI_FN_MKDIR},
    {"mkfifo", do_mkfifo, FDI_FN_MKFIFO},
    {"mknod", do_mknod, FDI_FN_MKNOD},
    {"mkstemp", do_mkstemp, FDI_FN_MKSTEMP},
    {"open", do_open, FDI_FN_OPEN},
    {"opendir", do_opendir, FDI_FN_OPENDIR},
    {"pathconf", do_pathconf, FDI_FN_PATHCONF},
    {"pipe", do_pipe, NOT_ASKED},
    {"readlink", do_readlink, FDI_FN_READLINK},
    {"removexattr", do_removexattr, FDI_FN_REMOVEXATTR},
    {"rename", do_rename, FDI_FN_RENAME},
    {"replace", do_rename, FDI_FN_RENAME},
    {"rmdir", do_rmdir, FDI_FN_RMDIR},
    {"set_inheritable", do_set_inheritable, NOT_ASKED},
    {"setxattr", do_setxattr, FDI_FN_SETXATTR},
    {"spawn", do_spawn, FDI_FN_SPAWN},
    {"stat", do_stat, FDI_FN_STAT},
    {"statvfs", do_statvfs, FDI_FN_STATVFS},
    {"symlink", do_symlink, FDI_FN_SYMLINK},
    {"truncate", do_truncate, FDI_FN_TRUNCATE},
    {"unlink", do_unlink, FDI_FN_UNLINK},
    {"utime", do_utime, FDI_FN_UTIME},
    {"utime_now", do_utime_now, FDI_FN_UTIME},
    {"write", do_write, NOT_ASKED},
};

static const struct row *find(const char *name)
{
    const struct row *row = operations;
    while (strcmp(row->name, name) != 0)
        row++; /* the Python side sends only known names */
    return row;
}

/* ---- the main loop ------------------------------------------------------------------------- */

/* Returns the lowest free number above stdio, because the operations open and close fd 0. */
static int lowest_free(void)
{
    int fd = fcntl(2, F_DUPFD_CLOEXEC, 3);
    (void)close(fd);
    return fd;
}

static void meddle(void)
{
    if (strcmp(fault, "tree") == 0 && line_count % PERIOD == 0)
        (void)chmod("d", 0751);
}

/* Returns false if the call succeeded although fdi_supports returned false. */
static bool is_affirmed(int function)
{
    if (function == NOT_ASKED || current.has_failed)
        return true;
    if (strcmp(fault, "supports") == 0 && line_count % PERIOD == 0)
        function = FDI_FN_CHFLAGS;
    return fdi_supports((fdi_function)function, current.form, current.flags);
}

static void answer_line(char *line)
{
    int free_before = lowest_free();
    const struct row *row = find(begin_line(line));
    row->perform();
    if (!is_affirmed(row->function))
        printf(" unsupported");
    if (errno != UNTOUCHED)
        printf(" errno lost");
    if (lowest_free() != free_before)
        printf(" leak");
    meddle();
    printf("\n");
}

/* These calls are newer than Linux 3.11. Refusing them makes the library use its fallbacks. */
static bool refuse_newer(int error)
{
    const long newer[] = {439, 452, 463, 464, 465, 466, SYS_execveat, SYS_statx};
    struct seccomp_rule rules[sizeof newer / sizeof *newer] = {{0}};
    size_t count = sizeof newer / sizeof *newer;
    for (size_t i = 0; i < count; i++)
        rules[i] = (struct seccomp_rule){.number = newer[i], .error = error};
    return seccomp_refuse(rules, count);
}

static bool begin(const char *root, const char *how)
{
    if (chdir(root) < 0)
        return false;
    if (strcmp(how, "ENOSYS") == 0)
        return refuse_newer(ENOSYS);
    if (strcmp(how, "EPERM") == 0)
        return refuse_newer(EPERM);
    fault = how;
    return true;
}

/* The operations use fd 0, so the driver reads its lines from another descriptor. */
int main(int argc, char **argv)
{
    static char line[LONGEST_LINE];
    int input = fcntl(0, F_DUPFD_CLOEXEC, 100);
    FILE *lines = input < 0 ? NULL : fdopen(input, "r");
    (void)close(0);
    (void)signal(SIGPIPE, SIG_IGN); /* as in Python */
    if (!lines || argc < 2 || !begin(argv[1], argc > 2 ? argv[2] : ""))
        return 1;
    while (fgets(line, sizeof line, lines))
        if (strcmp(line, "end\n") != 0)
            answer_line(line);
        else
            (void)fflush(stdout);
    return 0;
}
