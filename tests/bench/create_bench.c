/* SPDX-License-Identifier: MIT
 * Measures each function that creates descriptors, and the bare call with the same outcome. Only
 * creation is timed. The bare call is measured twice, which shows the measurement error. All take
 * turns in random order, and the medians of many rounds are printed as ratios to the bare call.
 *
 *   create_bench [ROUNDS [WORD-IN-NAME]] */
#include "../../src/platform.h"
#include "measure.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BATCH = 64, OURS = 0, BARE, AGAIN, WAYS };

static int null_fd;
static int root_fd;
static int connection[2];
static int listener;
static struct sockaddr_un address = {.sun_family = AF_UNIX};

/* The descriptors that one round creates, by index. */
static int made[BATCH][2];
static FILE *streams[BATCH];
static char names[BATCH][16];

/* ---- the creators -------------------------------------------------------------------------- */

#define ONE(name, our_call, bare_call)                                                             \
    static void name##_ours(int i)                                                                 \
    {                                                                                              \
        made[i][0] = (our_call);                                                                   \
    }                                                                                              \
    static void name##_bare(int i)                                                                 \
    {                                                                                              \
        made[i][0] = (bare_call);                                                                  \
    }
#define TWO(name, our_call, bare_call)                                                             \
    static void name##_ours(int i)                                                                 \
    {                                                                                              \
        bench_must(our_call);                                                                      \
    }                                                                                              \
    static void name##_bare(int i)                                                                 \
    {                                                                                              \
        bench_must(bare_call);                                                                     \
    }
#define STREAM(name, our_call, bare_call)                                                          \
    static void name##_ours(int i)                                                                 \
    {                                                                                              \
        streams[i] = (our_call);                                                                   \
    }                                                                                              \
    static void name##_bare(int i)                                                                 \
    {                                                                                              \
        streams[i] = (bare_call);                                                                  \
    }

ONE(open, fdi_open(fdi_path("/dev/null"), O_RDONLY, 0), open("/dev/null", O_RDONLY | O_CLOEXEC))
ONE(open_at, fdi_open(fdi_path_at(root_fd, "dev/null"), O_RDONLY, 0),
    openat(root_fd, "dev/null", O_RDONLY | O_CLOEXEC))
ONE(dup, fdi_dup(null_fd, 0), fcntl(null_fd, F_DUPFD_CLOEXEC, 0))
ONE(dup2, fdi_dup2(null_fd, 500 + i, 0), dup3(null_fd, 500 + i, O_CLOEXEC))
ONE(mkstemp, fdi_mkstemp(fdi_path("."), names[i], 0, 0), mkostemp(names[i], O_CLOEXEC))
ONE(memfd, fdi_memfd_create("bench", 0), memfd_create("bench", MFD_CLOEXEC))
ONE(eventfd, fdi_eventfd(0, 0), eventfd(0, EFD_CLOEXEC))
ONE(epoll, fdi_epoll_create(), epoll_create1(EPOLL_CLOEXEC))
ONE(socket, fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0),
    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
ONE(accept, fdi_accept(listener, NULL, NULL, 0), accept4(listener, NULL, NULL, SOCK_CLOEXEC))
ONE(above_stdio, fdi_above_stdio(fdi_dup(null_fd, 0)), fcntl(null_fd, F_DUPFD_CLOEXEC, 3))
TWO(pipe, fdi_pipe(made[i], 0), pipe2(made[i], O_CLOEXEC))
TWO(socketpair, fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, made[i], 0),
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, made[i]))
STREAM(fopen, fdi_fopen(fdi_path("/dev/null"), "r", 0), fopen("/dev/null", "re"))
STREAM(fopen_at, fdi_fopen(fdi_path_at(root_fd, "dev/null"), "r", 0),
       fdopen(openat(root_fd, "dev/null", O_RDONLY | O_CLOEXEC), "r"))

static int open_terminal(int *ends)
{
    int locked = 0;
    const int flags = O_RDWR | O_NOCTTY | O_CLOEXEC;
    ends[0] = posix_openpt(flags);
    if (ends[0] < 0 || ioctl(ends[0], TIOCSPTLCK, &locked) < 0)
        return -1;
    return ends[1] = ioctl(ends[0], TIOCGPTPEER, flags);
}

TWO(openpty, fdi_openpty(&made[i][0], &made[i][1], 0), open_terminal(made[i]))

static int receive_ours(int *fd)
{
    char byte;
    size_t count = 1;
    return (int)fdi_recv_fds(connection[1], &byte, 1, fd, &count, 0);
}

union control {
    struct cmsghdr aligned;
    unsigned char bytes[CMSG_SPACE(sizeof(int))];
};

static int receive_bare(int *fd)
{
    char byte;
    union control control;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    int length = (int)recvmsg(connection[1], &message, MSG_CMSG_CLOEXEC);
    memcpy(fd, CMSG_DATA(&control.aligned), sizeof *fd);
    return length;
}

TWO(recv_fds, receive_ours(&made[i][0]), receive_bare(&made[i][0]))

/* ---- before and after a round -------------------------------------------------------------- */

static void send_one(void)
{
    char byte = 0;
    union control control;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    control.aligned.cmsg_level = SOL_SOCKET;
    control.aligned.cmsg_type = SCM_RIGHTS;
    control.aligned.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.aligned), &null_fd, sizeof null_fd);
    bench_must((int)sendmsg(connection[0], &message, 0));
}

static int clients[BATCH];

static void connect_one(int i)
{
    clients[i] = bench_must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    bench_must(connect(clients[i], (struct sockaddr *)&address, sizeof address));
}

static void prepare(const char *name)
{
    for (int i = 0; i < BATCH; i++) {
        made[i][0] = made[i][1] = -1;
        streams[i] = NULL;
        clients[i] = -1;
        strcpy(names[i], "bench-XXXXXX");
        if (strcmp(name, "accept") == 0)
            connect_one(i);
        if (strcmp(name, "recv_fds") == 0)
            send_one();
    }
}

static void clear(const char *name)
{
    for (int i = 0; i < BATCH; i++) {
        if (streams[i])
            fclose(streams[i]);
        else
            close(bench_must(made[i][0]));
        close(made[i][1]);
        close(clients[i]);
        if (strcmp(name, "mkstemp") == 0)
            unlink(names[i]);
    }
}

/* ---- measuring ----------------------------------------------------------------------------- */

struct creator {
    const char *name;
    void (*ways[WAYS])(int);
};

static double time_round(const void *context, int way)
{
    const struct creator *creator = context;
    prepare(creator->name);
    double start = bench_now();
    for (int i = 0; i < BATCH; i++)
        creator->ways[way](i);
    double end = bench_now();
    clear(creator->name);
    return (end - start) / (double)BATCH;
}

static void measure(const struct creator *creator, int rounds)
{
    double times[WAYS];
    bench_compare(time_round, creator, WAYS, rounds, 50, times);
    printf("| %s | %.0f ns | %.0f ns | %.3f | %.3f |\n", creator->name, times[OURS], times[BARE],
           times[OURS] / times[BARE], times[AGAIN] / times[BARE]);
}

#define ROW(name)                                                                                  \
    {                                                                                              \
#name,                                                                                     \
        {                                                                                          \
            name##_ours, name##_bare, name##_bare                                                  \
        }                                                                                          \
    }

int main(int argc, char **argv)
{
    static const struct creator rows[] = {
        ROW(open),   ROW(open_at),    ROW(fopen),   ROW(fopen_at), ROW(dup),         ROW(dup2),
        ROW(pipe),   ROW(mkstemp),    ROW(openpty), ROW(memfd),    ROW(eventfd),     ROW(epoll),
        ROW(socket), ROW(socketpair), ROW(accept),  ROW(recv_fds), ROW(above_stdio),
    };
    char directory[] = "/tmp/fdinherit-bench.XXXXXX";
    int rounds = argc > 1 ? atoi(argv[1]) : 300;
    if (!mkdtemp(directory) || chdir(directory) < 0)
        return 1;
    null_fd = bench_must(open("/dev/null", O_RDWR | O_CLOEXEC));
    root_fd = bench_must(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    bench_must(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, connection));
    listener = bench_must(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    strcpy(address.sun_path, "socket");
    bench_must(bind(listener, (struct sockaddr *)&address, sizeof address));
    bench_must(listen(listener, BATCH));
    printf("| creator | ours | bare | ratio | twin |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (argc < 3 || strstr(rows[i].name, argv[2]))
            measure(&rows[i], rounds);
    unlink("socket");
    return chdir("/") < 0 || rmdir(directory) < 0;
}
