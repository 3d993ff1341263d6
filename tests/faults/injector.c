/* SPDX-License-Identifier: MIT
 * Uses ptrace on x86-64 Linux. A failing call is replaced by an invalid one, which does nothing. A
 * failing close still runs, because Linux frees the number even when close fails. */
#define _GNU_SOURCE 1
#include "injector.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
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
            session->tracees[i] = (struct tracee){pid, false, 0};
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

/* Counts the call, and returns the errno to inject or 0. */
static int error_for(struct injector_run *run, long number)
{
    int index = run->calls++;
    if (index < CALLS_AT_MOST)
        run->numbers[index] = number;
    if (run->call_to_fail >= 0 &&
        (index == run->call_to_fail || (run->and_all_later && index > run->call_to_fail)))
        return run->error;
    return refusal_of(run, number);
}

static void on_entry(struct session *session, struct tracee *tracee, long number)
{
    struct user_regs_struct registers;
    if (number != SYS_exit && number != SYS_exit_group)
        tracee->error = error_for(session->run, number);
    if (!tracee->error || number == SYS_close)
        return;
    ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
    registers.orig_rax = NOTHING;
    ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
}

static void on_exit_of_call(struct tracee *tracee)
{
    struct user_regs_struct registers;
    if (!tracee->error)
        return;
    ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
    registers.rax = (unsigned long long)-(long long)tracee->error;
    tracee->error = 0;
    ptrace(PTRACE_SETREGS, tracee->pid, NULL, &registers);
}

static void on_call(struct session *session, struct tracee *tracee)
{
    struct user_regs_struct registers;
    tracee->inside = !tracee->inside;
    if (!tracee->inside) {
        on_exit_of_call(tracee);
        return;
    }
    ptrace(PTRACE_GETREGS, tracee->pid, NULL, &registers);
    on_entry(session, tracee, (long)registers.orig_rax);
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
