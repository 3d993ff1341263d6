/* SPDX-License-Identifier: MIT
 * The library's side of the comparison with Python's os: does each operation that it reads, a line
 * each, and writes what came of it.
 *
 *   driver ROOT [FAULT | REFUSAL]
 *
 * A line is the operation's name, its targets (path, fd and dir_fd; the path is "=" and its bytes,
 * or "-" for NULL) and its arguments. Every answer ends with a line; "errno lost" or "leak" in it
 * says that a call that succeeded touched errno, or that one left a descriptor open. FAULT makes
 * this driver err, to see that it is found out; REFUSAL makes the kernel an older one. */
#define _GNU_SOURCE 1
#include "fdinherit.h"
#include "../support/refuse_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { UNTOUCHED = 4000, LONGEST_LINE = 16384, LONGEST_VALUE = 65536, PERIOD = 97 };

static const char *fault = "";
static unsigned long line_count;

/* ---- reading a line, and writing what came of it ------------------------------------------- */

static char *word(void)
{
    char *next = strtok(NULL, " \n");
    if (!next)
        abort(); /* the other side has lost its mind */
    return next;
}

static long long number(void)
{
    return strtoll(word(), NULL, 0);
}

static unsigned flags(void)
{
    unsigned value = (unsigned)number();
    return strcmp(fault, "follow") == 0 ? value & ~FDI_NOFOLLOW : value;
}

static fdi_target target(void)
{
    fdi_target read = fdi_path(NULL);
    const char *path = word();
    if (path[0] == '=')
        read.path = path + 1;
    read.fd = (int)number();
    read.dir_fd = (int)number();
    if (strcmp(fault, "dir_fd") == 0)
        read.dir_fd = FDI_AT_FDCWD;
    return read;
}

static size_t bytes(char *out)
{
    const char *hex = word() + 1;
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++)
        out[i] = (char)strtol((char[]){hex[2 * i], hex[2 * i + 1], '\0'}, NULL, 16);
    return length;
}

static void failed(void)
{
    bool wrong = strcmp(fault, "errno") == 0 && line_count % PERIOD == 0;
    printf("error %d", errno + wrong);
    errno = UNTOUCHED; /* a failure may well have changed it */
}

static void answer(long long result)
{
    if (result < 0)
        failed();
    else
        printf("%lld", result);
}

static void answer_bytes(long long length, const char *value)
{
    answer(length);
    printf(" ");
    for (long long i = 0; i < length; i++)
        printf("%02x", (unsigned char)value[i]);
}

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

static void do_execve(void)
{
    fdi_target program = target();
    char name[] = "program";
    char *argv[] = {name, NULL};
    char *envp[] = {NULL};
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)fdi_execve(program, argv, envp);
        _exit(errno);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    printf("exit %d", WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
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

/* The new descriptor moves to `slot`, whose number is the same on both sides. */
static void do_open(void)
{
    fdi_target file = target();
    int oflags = (int)number();
    unsigned mode = (unsigned)number();
    int slot = (int)number();
    int fd = fdi_open(file, oflags, mode);
    if (fd < 0) {
        failed();
        return;
    }
    printf("%d %o", fcntl(fd, F_GETFD) & FD_CLOEXEC, (unsigned)fcntl(fd, F_GETFL));
    if (fd == slot)
        return;
    (void)fdi_dup2(fd, slot, false);
    (void)close(fd);
}

static void do_opendir(void)
{
    fdi_dir *dir = fdi_opendir(target());
    fdi_dirent entry;
    int more = 0;
    if (!dir) {
        failed();
        return;
    }
    while ((more = fdi_readdir(dir, &entry)) == 1)
        printf("%s/%d ", entry.name, entry.type);
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

static void move(int (*call)(fdi_target, fdi_target))
{
    fdi_target from = target();
    answer(call(from, target()));
}

static void do_rename(void)
{
    move(fdi_rename);
}

static void do_replace(void)
{
    move(fdi_replace);
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

/* Two that are not the library's: what they do is only seen through the others. */
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

static const struct {
    const char *name;
    void (*perform)(void);
} operations[] = {
    {"access", do_access},
    {"chdir", do_chdir},
    {"chflags", do_chflags},
    {"chmod", do_chmod},
    {"chown", do_chown},
    {"close", do_close},
    {"execve", do_execve},
    {"get_inheritable", do_get_inheritable},
    {"getxattr", do_getxattr},
    {"getxattr_length", do_getxattr_length},
    {"link", do_link},
    {"listxattr", do_listxattr},
    {"listxattr_length", do_listxattr_length},
    {"mkdir", do_mkdir},
    {"mkfifo", do_mkfifo},
    {"mknod", do_mknod},
    {"open", do_open},
    {"opendir", do_opendir},
    {"pathconf", do_pathconf},
    {"readlink", do_readlink},
    {"removexattr", do_removexattr},
    {"rename", do_rename},
    {"replace", do_replace},
    {"rmdir", do_rmdir},
    {"set_inheritable", do_set_inheritable},
    {"setxattr", do_setxattr},
    {"stat", do_stat},
    {"statvfs", do_statvfs},
    {"symlink", do_symlink},
    {"truncate", do_truncate},
    {"unlink", do_unlink},
    {"utime", do_utime},
    {"utime_now", do_utime_now},
    {"write", do_write},
};

static void perform(const char *name)
{
    size_t i = 0;
    while (strcmp(operations[i].name, name) != 0)
        i++; /* the other side knows what there is */
    operations[i].perform();
}

/* ---- around them --------------------------------------------------------------------------- */

/* The lowest number past stdio that is free; fd 0 is one that the operations play with. */
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

static void answer_line(char *line)
{
    int free_before = lowest_free();
    const char *name = strtok(line, " \n");
    line_count++;
    errno = UNTOUCHED;
    perform(name);
    if (errno != UNTOUCHED)
        printf(" errno lost");
    if (lowest_free() != free_before)
        printf(" leak");
    meddle();
    printf("\n");
}

/* What Linux learned after 3.10, so that the older ways are compared as well. */
static bool refuse_newer(int error)
{
    const long newer[] = {439, 452, 463, 464, 465, 466, SYS_execveat, SYS_statx};
    struct refusal refusals[sizeof newer / sizeof *newer] = {{0}};
    size_t count = sizeof newer / sizeof *newer;
    for (size_t i = 0; i < count; i++)
        refusals[i] = (struct refusal){.number = newer[i], .error = error};
    return refuse(refusals, count);
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

/* Number 0 belongs to the operations, so the lines come by another one. */
int main(int argc, char **argv)
{
    static char line[LONGEST_LINE];
    int input = fcntl(0, F_DUPFD_CLOEXEC, 100);
    FILE *lines = input < 0 ? NULL : fdopen(input, "r");
    (void)close(0);
    (void)signal(SIGPIPE, SIG_IGN); /* as Python has it */
    if (!lines || argc < 2 || !begin(argv[1], argc > 2 ? argv[2] : ""))
        return 1;
    while (fgets(line, sizeof line, lines))
        if (strcmp(line, "end\n") != 0)
            answer_line(line);
        else
            (void)fflush(stdout);
    return 0;
}
