/* SPDX-License-Identifier: MIT
 * The child of the spawn tests. Writes its state to the file in its first argument, and exits with
 * the number in its second. It shares no code with the library. */
#include "../../src/platform.h"
#include "open_fds_posix.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBERS = 65536 };

static struct {
    int fd;
    struct stat status;
} found[NUMBERS];

static bool is_open[NUMBERS];

static int look_for_fds(void)
{
    int count = 0;
    reveal_and_ask_open_fds(is_open, NUMBERS);
    for (int fd = 0; fd < NUMBERS; fd++)
        if (is_open[fd] && fstat(fd, &found[count].status) == 0)
            found[count++].fd = fd;
    return count;
}

static void write_fds(FILE *answer, int count)
{
    for (int i = 0; i < count; i++)
        fprintf(answer, "fd %d %llu %d\n", found[i].fd, (unsigned long long)found[i].status.st_ino,
                fcntl(found[i].fd, F_GETFD));
}

static void write_signals(FILE *answer)
{
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    for (int signal = 1; signal < NSIG; signal++) {
        struct sigaction action;
        if (sigismember(&mask, signal) == 1)
            fprintf(answer, "blocked %d\n", signal);
        if (sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
            fprintf(answer, "ignored %d\n", signal);
    }
}

int main(int argc, char **argv)
{
    char directory[4096];
    int count = look_for_fds();
    FILE *answer = argc > 1 ? fopen(argv[1], "w") : NULL;
    if (!answer)
        return 126;
    write_fds(answer, count);
    write_signals(answer);
    if (getcwd(directory, sizeof directory))
        fprintf(answer, "cwd %s\n", directory);
    fprintf(answer, "pid %ld\nsession %ld\ngroup %ld\n", (long)getpid(), (long)getsid(0),
            (long)getpgid(0));
    for (int i = 0; i < argc; i++)
        fprintf(answer, "arg %s\n", argv[i]);
    fprintf(answer, "variable %s\n", getenv("FDI_TELL") ? getenv("FDI_TELL") : "(none)");
    if (fclose(answer) != 0)
        return 126;
    return argc > 2 ? atoi(argv[2]) : 0;
}
