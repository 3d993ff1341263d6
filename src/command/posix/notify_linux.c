/* SPDX-License-Identifier: MIT
 * Watches a command by seccomp user notification. Each execve of the command and its descendants
 * waits until this process has examined the caller's inheritable descriptors. No process is traced.
 *
 * If this process is killed, a guardian process answers the waiting calls, so the command
 * continues. */
#include "../../platform.h"
#include "../../posix/linux_calls.h"
#include "watch_linux.h"

#if defined(__linux__)

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE = 1000 }; /* milliseconds that the watch continues after the command has ended */

/* Identifies the program that a process runs. A successful execve almost always changes it. */
struct image {
    uint64_t stack;
    uint64_t arguments;
    uint64_t file;
};

/* A process that has called execve, and how its last call was counted. */
struct known {
    pid_t pid;
    pid_t starter;       /* the process that started the calling program */
    struct image before; /* the calling program */
    size_t program;      /* the index in watched->programs, plus 1; 0 if nothing was recorded */
    bool is_unseen;      /* the call counts in watched->unseen */
    bool lost_rights;    /* the call counts in watched->without_rights */
};

struct notifier {
    struct watched *watched;
    struct known *known;
    size_t count;
    size_t capacity;
    pid_t launcher;
    int listener;
    int channel;
    bool no_new_privileges;
    bool is_unused;   /* no process with the filter is left */
    bool has_ended;   /* the command has */
    int64_t deadline; /* of the watch; set when the command ends */
    int result;
};

static int64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* ---- Processes ------------------------------------------------------------------------------- */

static struct known *find_known(const struct notifier *notifier, pid_t pid)
{
    for (size_t i = notifier->count; i > 0; i--)
        if (notifier->known[i - 1].pid == pid)
            return &notifier->known[i - 1];
    return NULL;
}

/* Reads the addresses of the stack and of the arguments. The kernel chooses them at random for each
 * program, unless the user has turned that off. */
static struct image read_image(pid_t pid)
{
    enum { STATE = 3, STACK = 28, ARGUMENTS = 48 };
    char directory[32];
    char text[1024];
    struct stat file;
    struct image image = {0, 0, 0};
    (void)snprintf(directory, sizeof directory, "/proc/%d", (int)pid);
    (void)read_start(directory, "stat", text, sizeof text);
    (void)snprintf(directory, sizeof directory, "/proc/%d/exe", (int)pid);
    if (stat(directory, &file) == 0)
        image.file = (uint64_t)file.st_ino;
    const char *at = strrchr(text, ')');
    for (int field = STATE; at && (at = strchr(at, ' ')); field++, at++) {
        if (field == STACK)
            image.stack = strtoull(at, NULL, 10);
        if (field == ARGUMENTS)
            image.arguments = strtoull(at, NULL, 10);
    }
    return image;
}

static bool is_running(pid_t pid)
{
    char directory[32];
    (void)snprintf(directory, sizeof directory, "/proc/%d", (int)pid);
    char state = process_state(directory);
    return state && state != 'Z' && state != 'X';
}

static bool is_same_image(const struct image *left, const struct image *right)
{
    return left->stack == right->stack && left->arguments == right->arguments &&
           left->file == right->file;
}

/* Returns the ancestor that started the program that the caller runs. */
static pid_t find_starter(const struct notifier *notifier, const struct exec_call *call)
{
    enum { MOST_ANCESTORS = 64 };
    pid_t pid = call->parent;
    for (int i = 0; i < MOST_ANCESTORS && pid > 1; i++) {
        if (find_known(notifier, pid))
            return pid;
        pid = watch_status(pid, "PPid:");
    }
    return call->process;
}

static void forget_ended(struct notifier *notifier)
{
    size_t kept = 0;
    for (size_t i = 0; i < notifier->count; i++)
        if (is_running(notifier->known[i].pid))
            notifier->known[kept++] = notifier->known[i];
    notifier->count = kept;
}

static struct known *add_known(struct notifier *notifier)
{
    if (notifier->count == notifier->capacity)
        forget_ended(notifier);
    notifier->known =
        make_room(notifier->known, notifier->count, &notifier->capacity, sizeof *notifier->known);
    return &notifier->known[notifier->count++];
}

/* Removes the last call of the process from the counts. That call failed, because the process still
 * runs the same program. */
static void remove_failed_call(struct watched *watched, const struct known *known)
{
    watched->started--;
    watched->unseen -= known->is_unseen;
    watched->without_rights -= known->lost_rights;
    if (known->program)
        descriptors_free(&watched->programs[known->program - 1].received);
}

/* Records a call. If the previous call of the process failed after all, removes it from the
 * counts. */
static struct known *note_call(struct notifier *notifier, const struct exec_call *call)
{
    struct image image = read_image(call->process);
    pid_t starter = call->process;
    struct known *known = find_known(notifier, call->process);
    if (!known) {
        starter = find_starter(notifier, call);
        known = add_known(notifier);
    } else if (is_same_image(&known->before, &image)) {
        starter = known->starter;
        remove_failed_call(notifier->watched, known);
    }
    *known = (struct known){call->process, starter, image, 0, false, false};
    return known;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static char *real_path(const struct exec_call *call)
{
    char path[4096];
    char link[64];
    int file = open(call->location, O_PATH | O_CLOEXEC);
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = file < 0 ? -1 : readlink(link, path, sizeof path);
    if (file >= 0)
        (void)close(file);
    return length < 0 ? copy_text(call->path, strlen(call->path)) : copy_text(path, (size_t)length);
}

static void record_program(struct notifier *notifier, const struct exec_call *call,
                           struct known *known, const struct descriptors *received)
{
    struct program *program = watched_add(notifier->watched);
    *program = (struct program){(int)call->process,
                                real_path(call),
                                exec_call_words(call, call->arguments),
                                (int)known->starter,
                                watch_arguments(call->thread),
                                *received,
                                {-1, -1}};
    struct words environment = exec_call_words(call, call->environment);
    watch_jobserver(environment.bytes, environment.size, program);
    free(environment.bytes);
    known->program = notifier->watched->count;
}

static void count_program(struct notifier *notifier, const struct exec_call *call,
                          struct descriptors *received, bool is_seen)
{
    struct watched *watched = notifier->watched;
    struct known *known = note_call(notifier, call);
    unsigned long before = watched->without_rights;
    watched->started++;
    watched->unseen += !is_seen;
    if (notifier->no_new_privileges)
        watch_rights(watched, call->location);
    known->is_unseen = !is_seen;
    known->lost_rights = watched->without_rights != before;
    if (received->count)
        record_program(notifier, call, known, received);
    else
        descriptors_free(received);
}

/* Examines the caller and counts its call. A call that a signal interrupted meanwhile does not
 * count, because the caller repeats it. */
static void examine(struct notifier *notifier, const struct notification *notification,
                    const struct exec_call *call)
{
    struct descriptors received = {NULL, 0, 0};
    if (!exec_call_succeeds(call))
        return;
    bool is_seen = read_process(call->thread, PASSED_ON, 3, &received) == 0;
    if (notification_is_valid(notifier->listener, notification))
        count_program(notifier, call, &received, is_seen);
    else
        descriptors_free(&received);
}

static void on_call(struct notifier *notifier)
{
    struct notification notification;
    struct exec_call call;
    if (!notification_receive(notifier->listener, &notification))
        return;
    if (exec_call_read(&notification, &call)) {
        examine(notifier, &notification, &call);
        exec_call_end(&call);
    }
    (void)notification_continue(notifier->listener, &notification);
}

/* ---- The watch ------------------------------------------------------------------------------- */

/* Corrects the count if exec_call_succeeds was wrong about the command itself. */
static void note_start(struct notifier *notifier)
{
    struct watched *watched = notifier->watched;
    if (notifier->result)
        watched->started = 0;
    else if (watched->started == 0)
        watched->started = watched->unseen = 1;
}

/* Reads from the launcher how the command ended. Reaps the launcher, because a zombie still counts
 * as a user of the filter. */
static void on_message(struct notifier *notifier)
{
    struct message message;
    bool is_whole = recv(notifier->channel, &message, sizeof message, 0) == sizeof message;
    if (!is_whole)
        notifier->result = complain("the launcher of the command was killed");
    else if (message.failure)
        notifier->result = message.failure;
    else
        notifier->watched->status = (int)message.status;
    note_start(notifier);
    (void)waitpid(notifier->launcher, NULL, 0);
    notifier->has_ended = true;
    notifier->deadline = now() + GRACE;
}

static void watch_calls(struct notifier *notifier)
{
    struct pollfd polled[2] = {{notifier->listener, POLLIN, 0}, {notifier->channel, POLLIN, 0}};
    while (!notifier->has_ended || (!notifier->is_unused && now() < notifier->deadline)) {
        int timeout = notifier->has_ended ? (int)(notifier->deadline - now()) : -1;
        if (poll(polled, 2, timeout < -1 ? 0 : timeout) <= 0)
            continue;
        if (polled[0].revents & POLLIN)
            on_call(notifier);
        else if (polled[0].revents) {
            notifier->is_unused = true;
            polled[0].fd = -1;
        } else {
            on_message(notifier);
            polled[1].fd = -1;
        }
    }
}

/* Counts the known processes that still run. Returns at least 1 while the filter is in use, because
 * a forked process that called no execve is not known. */
static unsigned long count_running(const struct notifier *notifier)
{
    unsigned long count = 0;
    if (notifier->is_unused)
        return 0;
    for (size_t i = 0; i < notifier->count; i++)
        count += is_running(notifier->known[i].pid);
    return count ? count : 1;
}

/* ---- Start ----------------------------------------------------------------------------------- */

/* Duplicates the launcher's listener into this process. Returns false with errno set on failure. */
static bool take_listener(struct notifier *notifier)
{
    struct message message;
    errno = ENOSYS;
    if (recv(notifier->channel, &message, sizeof message, 0) != sizeof message)
        return false;
    errno = message.error;
    if (message.listener < 0)
        return false;
    notifier->no_new_privileges = message.no_new_privileges;
    int process = (int)syscall(FDI__SYS_PIDFD_OPEN, notifier->launcher, 0);
    if (process < 0)
        return false;
    notifier->listener = (int)syscall(FDI__SYS_PIDFD_GETFD, process, message.listener, 0);
    int error = errno;
    (void)close(process);
    errno = error;
    return notifier->listener >= 0;
}

/* Starts the guardian. It waits as long as this process keeps the other end of the pipe open, and
 * then answers calls. */
static bool start_guard(const struct notifier *notifier)
{
    int life[2];
    if (fdi_pipe(life, FDI_ABOVE_STDIO) < 0)
        return false;
    pid_t guard = fork();
    if (guard == 0) {
        (void)close(life[1]);
        notify_guard(notifier->listener, life[0]);
    }
    (void)close(life[0]);
    return guard > 0;
}

static bool start_launcher(struct notifier *notifier, const struct start *start)
{
    int channel[2];
    if (fdi_socketpair(AF_UNIX, SOCK_SEQPACKET, 0, channel, FDI_ABOVE_STDIO) < 0)
        return false;
    notifier->launcher = fork();
    if (notifier->launcher == 0) {
        (void)close(channel[0]);
        notify_launch(channel[1], start);
    }
    int error = errno;
    (void)close(channel[1]);
    notifier->channel = channel[0];
    errno = error;
    return notifier->launcher > 0;
}

/* Returns false with errno set if a command cannot be watched this way. The launcher then ends by
 * itself. */
static bool begin(struct notifier *notifier, const struct start *start)
{
    if (!start_launcher(notifier, start))
        return false;
    bool ready = take_listener(notifier) && start_guard(notifier);
    int error = errno;
    if (ready) {
        pass_signals_to(notifier->launcher);
        ready = send(notifier->channel, "", 1, MSG_NOSIGNAL) == 1;
    }
    if (!ready) {
        (void)close(notifier->channel);
        (void)waitpid(notifier->launcher, NULL, 0);
    }
    errno = error;
    return ready;
}

int notify_command(const struct start *start, struct watched *watched)
{
    struct notifier notifier = {.watched = watched, .listener = -1};
    if (!begin(&notifier, start))
        return CANNOT_NOTIFY;
    watch_calls(&notifier);
    watched->running = count_running(&notifier);
    free(notifier.known);
    (void)close(notifier.listener);
    (void)close(notifier.channel);
    return notifier.result;
}

#endif
