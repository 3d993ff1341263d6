/* SPDX-License-Identifier: MIT
 * Runs a command and forwards signals to it. This process survives them, so the command's status is
 * never lost. */
#include "../../platform.h"
#include "../watch.h"
#include "posix_command.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static const int outlived[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};

static volatile sig_atomic_t receiver; /* 0: not yet started */
static volatile sig_atomic_t early;    /* the last signal before that */

/* Terminal keys signal the whole process group, which includes the child. */
static bool reaches_child(int number, const siginfo_t *info)
{
    bool sent = info->si_code == SI_USER || info->si_code == SI_QUEUE;
    return (number == SIGINT || number == SIGQUIT) && !sent;
}

static void pass_on(int number, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    (void)context;
    if (reaches_child(number, info))
        return;
    if (receiver)
        (void)kill((pid_t)receiver, number);
    else
        early = number;
    errno = saved_errno;
}

void outlive_signals(void)
{
    struct sigaction action;
    struct sigaction before;
    action.sa_sigaction = pass_on;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof outlived / sizeof outlived[0]; i++) {
        (void)sigaction(outlived[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* under nohup, the child must ignore it too */
            (void)sigaction(outlived[i], &action, NULL);
    }
}

static void go_on(int number)
{
    (void)number;
}

void outlive_terminal_stops(void)
{
    struct sigaction action;
    struct sigaction before;
    action.sa_handler = go_on;
    action.sa_flags = SA_RESTART;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGTSTP, NULL, &before);
    if (before.sa_handler != SIG_IGN) /* the child must ignore it too */
        (void)sigaction(SIGTSTP, &action, NULL);
}

void pass_signals_to(pid_t pid)
{
    receiver = pid;
    if (early)
        (void)kill(pid, (int)early);
}

static pid_t companion; /* stops and continues with the child; 0: none */

void stop_with_child(pid_t pid)
{
    companion = pid;
}

static void tell_companion(const siginfo_t *info, pid_t child)
{
    siginfo_t unused;
    (void)waitid(P_PID, (id_t)info->si_pid, &unused, WSTOPPED | WCONTINUED);
    if (info->si_pid == child)
        (void)kill(companion, info->si_code == CLD_CONTINUED ? SIGCONT : SIGSTOP);
}

/* Waits until the child has ended, and reaps every other process that ends: process 1 of a
 * container is the parent of all orphans. Then blocks all signals: after the child is reaped, its pid
 * may belong to another process, so nothing may be forwarded any more. Handlers restart the call
 * (SA_RESTART). */
static void wait_before_reaping(fdi_process child)
{
    siginfo_t info;
    sigset_t all;
    int changes = companion ? WEXITED | WSTOPPED | WCONTINUED : WEXITED;
    while (waitid(P_ALL, 0, &info, changes | WNOWAIT) == 0) {
        bool ended = info.si_code != CLD_STOPPED && info.si_code != CLD_CONTINUED;
        if (ended && info.si_pid == (pid_t)child)
            break;
        if (ended)
            (void)waitpid(info.si_pid, NULL, 0);
        else
            tell_companion(&info, (pid_t)child);
    }
    if (companion) /* the end may replace the news that the child continued */
        (void)kill(companion, SIGCONT);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, NULL);
}

void system_end_by_interrupt(int status)
{
    sigset_t set;
    if (status != -SIGINT)
        return;
    (void)signal(SIGINT, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(SIGINT);
}

int system_run(const fdi_spawn_options *options, int64_t *status)
{
    fdi_process child;
    (void)signal(SIGCHLD, SIG_DFL); /* if it is ignored, the kernel discards the status */
    outlive_signals();
    if (fdi_spawn(&child, options) < 0)
        return -1;
    pass_signals_to((pid_t)child);
    wait_before_reaping(child);
    (void)fdi_wait(&child, status, -1, 0); /* the child has ended, so this cannot fail */
    return 0;
}
