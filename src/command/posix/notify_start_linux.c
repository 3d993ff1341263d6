/* SPDX-License-Identifier: MIT
 * Seccomp user notification: the filter, the launcher of the command that installs it, and the
 * guardian that answers calls after this process has ended. */
#include "../../platform.h"
#include "watch_linux.h"

#if defined(__linux__)

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- The interface of the kernel, which some C libraries and older headers lack ------------------ */

enum {
    SET_FILTER = 1,
    NEW_LISTENER = 8,
    WAIT_KILLABLE = 32, /* since 5.19: once received, a call is not interrupted by signals */
    CONTINUES = 1
};

/* Verdicts of a filter. */
static const uint32_t allow = 0x7fff0000;
static const uint32_t ask_listener = 0x7fc00000;

/* One step of a filter, and operations: loads a word of the call, compares it, gives the verdict. */
struct filter_step {
    uint16_t operation;
    uint8_t equal; /* number of steps to skip */
    uint8_t other;
    uint32_t word;
};
enum { LOAD = 0x20, COMPARE = 0x15, GIVE = 0x06 };

struct filter_program {
    unsigned short count;
    struct filter_step *steps;
};

/* Offsets in the call that a filter sees. */
enum { NUMBER = 0, ARCHITECTURE = 4 };

struct answer {
    uint64_t id;
    int64_t value;
    int32_t error;
    uint32_t flags;
};

struct added_descriptor {
    uint64_t id;
    uint32_t flags, from, to, to_flags;
};

#define RECEIVE  _IOWR('!', 0, struct notification)
#define ANSWER   _IOWR('!', 1, struct answer)
#define IS_VALID _IOR('!', 2, uint64_t)
#define ADD_FD   _IOW('!', 3, struct added_descriptor)

/* The C libraries differ in the type of the request. */
static int control(int listener, unsigned long request, void *argument)
{
    return (int)syscall(SYS_ioctl, listener, request, argument);
}

bool notification_receive(int listener, struct notification *notification)
{
    memset(notification, 0, sizeof *notification);
    return control(listener, RECEIVE, notification) == 0;
}

bool notification_is_valid(int listener, const struct notification *notification)
{
    uint64_t id = notification->id;
    return control(listener, IS_VALID, &id) == 0;
}

bool notification_continue(int listener, const struct notification *notification)
{
    struct answer answer = {notification->id, 0, 0, CONTINUES};
    return control(listener, ANSWER, &answer) == 0;
}

/* ---- The filter ------------------------------------------------------------------------------- */

enum { STEPS = 5, MOST_STEPS = 256 };

/* Asks the listener about execve and execveat of the architectures in exec_numbers, and allows all
 * other calls. */
static size_t write_filter(struct filter_step *steps)
{
    size_t end = exec_number_count * STEPS; /* allows; the step after it asks */
    struct filter_step *next = steps;
    for (size_t i = 0; i < exec_number_count; i++) {
        size_t left = end - i * STEPS; /* steps from here to the end */
        const struct exec_numbers *numbers = &exec_numbers[i];
        *next++ = (struct filter_step){LOAD, 0, 0, ARCHITECTURE};
        *next++ = (struct filter_step){COMPARE, 0, STEPS - 2, numbers->architecture};
        *next++ = (struct filter_step){LOAD, 0, 0, NUMBER};
        *next++ = (struct filter_step){COMPARE, (uint8_t)(left - 3), 0, (uint32_t)numbers->execve};
        *next++ =
            (struct filter_step){COMPARE, (uint8_t)(left - 4), 0, (uint32_t)numbers->execveat};
    }
    *next++ = (struct filter_step){GIVE, 0, 0, allow};
    *next++ = (struct filter_step){GIVE, 0, 0, ask_listener};
    return (size_t)(next - steps);
}

static int set_filter(const struct filter_program *filter)
{
    int listener = (int)syscall(SYS_seccomp, SET_FILTER, NEW_LISTENER | WAIT_KILLABLE, filter);
    if (listener < 0 && errno == EINVAL)
        listener = (int)syscall(SYS_seccomp, SET_FILTER, NEW_LISTENER, filter);
    return listener;
}

/* Before Linux 5.9 a listener does not end with the last process. That kernel lacks this call. */
static bool ends_with_its_processes(int listener)
{
    struct added_descriptor none = {0, 0, UINT32_MAX, 0, 0};
    return control(listener, ADD_FD, &none) == 0 || errno != EINVAL;
}

/* Without CAP_SYS_ADMIN a filter needs no_new_privs. */
static int install_filter(bool *no_new_privileges)
{
    struct filter_step steps[MOST_STEPS];
    struct filter_program filter = {(unsigned short)write_filter(steps), steps};
    int listener = set_filter(&filter);
    if (listener < 0 && errno == EACCES && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) {
        *no_new_privileges = true;
        listener = set_filter(&filter);
    }
    if (listener >= 0 && !ends_with_its_processes(listener)) {
        (void)close(listener);
        errno = ENOSYS;
        return -1;
    }
    return listener;
}

/* ---- The launcher ------------------------------------------------------------------------------ */

void notify_launch(int channel, const struct start *start)
{
    char word;
    struct message message = {-1, 0, false, 0, 0};
    message.listener = install_filter(&message.no_new_privileges);
    message.error = message.listener < 0 ? errno : 0;
    if (send(channel, &message, sizeof message, MSG_NOSIGNAL) < 0 || message.listener < 0 ||
        recv(channel, &word, 1, 0) != 1)
        _exit(EXIT_FAILED);
    (void)close(message.listener);
    stop_with_child(getppid());
    message.failure = run_reporting(start->command, start->maps, start->count, &message.status);
    (void)send(channel, &message, sizeof message, MSG_NOSIGNAL);
    _exit(EXIT_CLEAN);
}

/* ---- The guardian ------------------------------------------------------------------------------ */

static int collect(void *context, int fd, bool inheritable)
{
    (void)descriptors_add(context, fd, inheritable);
    return 0;
}

/* A reader may wait for the end of a pipe that this process has inherited. */
static void close_all_except(int kept, int other)
{
    struct descriptors list = {NULL, 0, 0};
    (void)fdi_foreach_open(collect, &list);
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i].fd != kept && list.items[i].fd != other)
            (void)close(list.items[i].fd);
    descriptors_free(&list);
}

static bool wait_for(int fd)
{
    struct pollfd polled = {fd, POLLIN, 0};
    while (poll(&polled, 1, -1) < 0 && errno == EINTR)
        continue;
    return polled.revents & POLLIN;
}

void notify_guard(int listener, int life)
{
    struct notification notification;
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
    (void)setsid();
    close_all_except(listener, life);
    (void)wait_for(life);
    while (wait_for(listener))
        if (notification_receive(listener, &notification))
            (void)notification_continue(listener, &notification);
    _exit(EXIT_CLEAN);
}

#endif
