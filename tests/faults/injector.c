/* SPDX-License-Identifier: MIT
 * Uses ptrace on x86-64 Linux. A failing call is replaced by an invalid one, which does nothing. A
 * failing close still runs, because Linux frees the number even when close fails. */
#define _GNU_SOURCE 1
#include "injector.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRACEES = 64, NOTHING = 0xfd12 };

/* A breakpoint marks the begin and the end, so the program runs at full speed outside. */
void injector_begin(void)
{
    __asm__ volatile("int3");
}

void injector_end(void)
{
    __asm__ volatile("int3");
}

struct tracee {
    pid_t pid;
    bool inside; /* a call was entered and has not returned */
    int index;   /* the position of that call, among all; -1 if it is not counted */
    int error;   /* the errno of that call; 0 if it is not changed */
};

struct session {
    struct injector_run *run;
    pid_t child;
    bool counting;
    struct tracee tracees[TRACEES];
};

static struct tracee *find_tracee(struct session *session, pid_t pid)
{
    for (int i = 0; i < TRACEES; i++)
        if (session->tracees[i].pid == pid)
            return &session->tracees[i];
    for (int i = 0; i < TRACEES; i++)
        if (session->tracees[i].pid == 0) {
            session->tracees[i] = (struct tracee){pid, false, -1, 0};
            return &session->tracees[i];
        }
    abort();
}

static int refusal_of(const struct injector_run *run, long number)
{
    for (const long *refused = run->refused; refused && *refused >= 0; refused++)
        if (*refused == number)
            return run->refusal;
    return 0;
}

static bool is_procfs_path(pid_t pid, unsigned long long address)
{
    static const char start[sizeof(long)] = "/proc/\0";
    long word = ptrace(PTRACE_PEEKDATA, pid, (void *)address, NULL);
    return memcmp(&word, start, strlen(start)) == 0;
}

static enum subject subject_of(pid_t pid, long number, const struct user_regs_struct *registers)
{
    switch (number) {
    case SYS_open:
    case SYS_statfs:
    case SYS_truncate:
        return is_procfs_path(pid, registers->rdi) ? PROCFS_FILE : OTHER_FILE;
    case SYS_openat:
    case SYS_faccessat:
    case SYS_fchmodat:
    case SYS_linkat:
    case SYS_utimensat:
        return is_procfs_path(pid, registers->rsi) ? PROCFS_FILE : OTHER_FILE;
    case SYS_fcntl:
        return registers->rdi <= STDERR_FILENO ? STDIO_NUMBER : OTHER_FILE;
    default: /* the library looks for a newer call with arguments that cannot be right */
        return number > SYS_memfd_create && (int)registers->rdi == -1 ? NO_FILE : OTHER_FILE;
    }
}

/* The calls that make descriptors, with the argument and the bits that make them private. */
static const struct creating_call {
    long number;
    int argument;
    unsigned bits; /* 0: the call has no such bits */
} creating_calls[] = {
    {SYS_openat, 2, O_CLOEXEC},
    {SYS_open, 1, O_CLOEXEC},
    {SYS_pipe2, 1, O_CLOEXEC},
    {SYS_dup3, 2, O_CLOEXEC},
    {SYS_epoll_create1, 0, EPOLL_CLOEXEC},
    {SYS_eventfd2, 1, EFD_CLOEXEC},
    {SYS_memfd_create, 1, MFD_CLOEXEC},
    {SYS_socket, 1, SOCK_CLOEXEC},
    {SYS_socketpair, 1, SOCK_CLOEXEC},
    {SYS_accept4, 3, SOCK_CLOEXEC},
    {SYS_recvmsg, 2, MSG_CMSG_CLOEXEC},
    {SYS_creat, 0, 0},
    {SYS_dup, 0, 0},
    {SYS_dup2, 0, 0},
    {SYS_pipe, 0, 0},
    {SYS_accept, 0, 0},
};

/* Reports whether the call makes a descriptor that is inheritable, even for a moment. */
static bool is_unmarked(long number, const struct user_regs_struct *registers)
{
    const unsigned long long arguments[] = {registers->rdi, registers->rsi, registers->rdx,
                                            registers->r10};
    if (number == SYS_fcntl)
        return (int)registers->rsi == F_DUPFD;
    for (size_t i = 0; i < sizeof creating_calls / sizeof creating_calls[0]; i++)
        if (creating_calls[i].number == number)
            return !(arguments[creating_calls[i].argument] & creating_calls[i].bits);
    return false;
}

/* Counts the call, and returns the errno to inject or 0. */
static int error_for(struct session *session, pid_t pid, const struct user_regs_struct *registers)
{
    struct injector_run *run = session->run;
    long number = (long)registers->orig_rax;
    int index = run->calls++;
    if (index < CALLS_AT_MOST) {
        run->numbers[index] = number;
        run->subjects[index] = subject_of(pid, number, registers);
    }
    if (run->unmarked < 0 && is_unmarked(number, registers))
        run->unmarked = index;
    if (run->call_to_fail >= 0 &&
        (index == run->call_to_fail || (run->and_all_later && index > run->call_to_fail)))
        return run->error;
    return refusal_of(run, number);
}

static void on_entry(struct session *session, struct tracee *tracee,
                     struct user_regs_struct *registers)
{
    long number = (long)registers->orig_rax;
    if (number != SYS_exit && number != SYS_exit_group) {
        tracee->index = session->run->calls;
        tracee->error = error_for(session, tracee->pid, registers);
    }
    if (!tracee->error || number == SYS_close)
        return;
    registers->orig_rax = NOTHING;
    ptrace(PTRACE_SETREGS, tracee->pid, NULL, registers);
}

static void on_exit_of_call(struct injector_run *run, struct tracee *tracee)
{
    struct user_regs_struct registers;
    ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
    if (tracee->error) {
        registers.rax = (unsigned long long)-(long long)tracee->error;
        ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
    }
    if (tracee->index >= 0 && tracee->index < CALLS_AT_MOST)
        run->answers[tracee->index] = (long)registers.rax;
    tracee->index = -1;
    tracee->error = 0;
}

static void on_call(struct session *session, struct tracee *tracee)
{
    struct user_regs_struct registers;
    tracee->inside = !tracee->inside;
    if (!tracee->inside) {
        on_exit_of_call(session->run, tracee);
        return;
    }
    ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
    on_entry(session, tracee, &registers);
}

static void on_stop(struct session *session, pid_t pid, int status)
{
    int signal = WSTOPSIG(status);
    int event = status >> 16;
    struct tracee *tracee = find_tracee(session, pid);
    if (event == PTRACE_EVENT_EXEC && pid != session->child) {
        tracee->pid = 0; /* the child runs another program now */
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
        return;
    }
    if (signal == (SIGTRAP | 0x80))
        on_call(session, tracee);
    else if (signal == SIGTRAP && event == 0)
        session->counting = !session->counting;
    bool is_ours = event != 0 || (signal & 0x7f) == SIGTRAP || signal == SIGSTOP;
    ptrace(session->counting ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
           is_ours ? NULL : (void *)(long)signal);
}

static void trace(struct session *session)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFSTOPPED(status)) {
            on_stop(session, pid, status);
            continue;
        }
        find_tracee(session, pid)->pid = 0;
        if (pid == session->child)
            session->run->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
}

void injector_run(struct injector_run *run, int (*body)(void *context), void *context)
{
    static struct session session;
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                         PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    memset(&session, 0, sizeof session);
    session.run = run;
    run->calls = 0;
    run->unmarked = -1;
    memset(run->answers, 0, sizeof run->answers);
    run->exit_status = -1;
    fflush(stdout);
    session.child = fork();
    if (session.child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(body(context));
    }
    waitpid(session.child, NULL, __WALL);
    ptrace(PTRACE_SETOPTIONS, session.child, NULL, (void *)options);
    ptrace(PTRACE_CONT, session.child, NULL, NULL);
    trace(&session);
}
