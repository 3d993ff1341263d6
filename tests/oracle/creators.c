/* SPDX-License-Identifier: MIT
 * The operations that create descriptors and processes. A new descriptor is moved to a slot, whose
 * number is the same on both sides. */
#define _GNU_SOURCE 1
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST_NAME = 512, LONGEST_PATH = 8192 };

/* ---- descriptors --------------------------------------------------------------------------- */

/* Hides numbers above stdio, because they may differ between the two sides. */
static int shown(int fd)
{
    return fd < 3 ? fd : 3;
}

static void describe(int fd)
{
    printf("%d %d %o", shown(fd), fcntl(fd, F_GETFD) & FD_CLOEXEC, (unsigned)fcntl(fd, F_GETFL));
}

/* Preserves the flag, so that later operations see it. */
static void move(int fd, int slot)
{
    bool inheritable = (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
    if (fd == slot)
        return;
    (void)fdi_dup2(fd, slot, inheritable ? FDI_INHERITABLE : 0);
    (void)close(fd);
}

static void answer_fd(int fd, int slot)
{
    if (fd < 0) {
        failed();
        return;
    }
    describe(fd);
    move(fd, slot);
}

void do_open(void)
{
    fdi_target file = target();
    int oflags = (int)number();
    unsigned mode = (unsigned)number();
    int slot = (int)number();
    current.flags = oflags & O_NOFOLLOW ? FDI_NOFOLLOW : 0;
    answer_fd(fdi_open(file, oflags, mode), slot);
}

/* The slot keeps the descriptor open after the stream is closed. */
void do_fopen(void)
{
    fdi_target file = target();
    const char *mode = word() + 1;
    int slot = (int)number();
    FILE *stream = fdi_fopen(file, mode, flags());
    if (!stream) {
        failed();
        return;
    }
    int fd = fileno(stream);
    describe(fd);
    (void)fdi_dup2(fd, slot, 0);
    if (fd != slot)
        (void)fclose(stream);
}

void do_dup(void)
{
    int fd = (int)number();
    int slot = (int)number();
    answer_fd(fdi_dup(fd, flags()), slot);
}

void do_dup2(void)
{
    int fd = (int)number();
    int fd2 = (int)number();
    int result = fdi_dup2(fd, fd2, flags());
    if (result < 0)
        failed();
    else
        printf("%d %d", result, fcntl(result, F_GETFD) & FD_CLOEXEC);
}

void do_pipe(void)
{
    int slots[] = {(int)number(), (int)number()};
    int fds[2];
    if (fdi_pipe(fds, flags()) < 0) {
        failed();
        return;
    }
    for (int i = 0; i < 2; i++) {
        describe(fds[i]);
        printf(" ");
    }
    /* The second slot may equal the first end's number, for example 0. */
    int second = fcntl(fds[1], F_DUPFD_CLOEXEC, 100);
    (void)close(fds[1]);
    move(fds[0], slots[0]);
    move(second, slots[1]);
}

/* ---- temporary files ----------------------------------------------------------------------- */

/* Returns the target of the file `name` in the directory. */
static fdi_target inside(fdi_target directory, const char *name, char *path)
{
    if (!directory.path)
        return fdi_path_at(directory.fd, name);
    (void)snprintf(path, LONGEST_PATH, "%s/%s", directory.path, name);
    return fdi_path_at(directory.fd, path);
}

/* Renames the random name to `name` plus the suffix, as on the Python side. */
static void rename_made(fdi_target directory, const char *made, const char *name)
{
    static char paths[2][LONGEST_PATH];
    fdi_target from = inside(directory, made, paths[0]);
    if (fdi_rename(from, inside(directory, name, paths[1]), 0) < 0)
        printf(" misplaced");
}

void do_mkstemp(void)
{
    char made[LONGEST_NAME];
    fdi_target directory = target();
    const char *name = word() + 1;
    const char *suffix = word() + 1;
    int oflags = (int)number();
    int slot = (int)number();
    (void)snprintf(made, sizeof made, "%s-XXXXXX%s", name, suffix);
    int fd = fdi_mkstemp(directory, made, strlen(suffix), oflags);
    size_t length = strlen(made) - strlen(suffix);
    if (fd >= 0 && (strcmp(made + length, suffix) != 0 || strstr(made, "XXXXXX")))
        printf("misnamed ");
    if (fd >= 0)
        rename_made(directory, made, name);
    else if (!strstr(made, "-XXXXXX"))
        printf("changed ");
    answer_fd(fd, slot);
}

/* ---- processes ----------------------------------------------------------------------------- */

static char *arguments[] = {(char[]){"program"}, NULL};
static char *nothing[] = {NULL};

void do_execve(void)
{
    fdi_target program = target();
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        (void)fdi_execve(program, arguments, nothing);
        _exit(errno);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    printf("exit %d", WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
    current.has_failed = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
}

/* FDI_WAIT_KEEP and the final wait must report the same status. No child is left after them. */
static void await(fdi_process child)
{
    fdi_process kept = child;
    int64_t looked = -1;
    int64_t status = -1;
    bool good = fdi_wait(&kept, &looked, -1, FDI_WAIT_KEEP) == 1 && kept == child &&
                fdi_wait(&child, &status, 0, 0) == 1 && child == FDI_NO_PROCESS;
    printf("exit %lld%s", (long long)status, good && looked == status ? "" : " lost");
}

void do_spawn(void)
{
    fdi_process child;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = target();
    options.flags = flags();
    options.argv = arguments;
    options.envp = nothing;
    if (fdi_spawn(&child, &options) == 0) {
        await(child);
        return;
    }
    printf("exit %d", errno);
    current.has_failed = true;
    errno = UNTOUCHED;
}
