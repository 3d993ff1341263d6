/* SPDX-License-Identifier: MIT
 * Two ways to watch a command on Linux, and what they share. */
#ifndef FDI_COMMAND_WATCH_LINUX_H
#define FDI_COMMAND_WATCH_LINUX_H

#include "../watch.h"
#include "posix_command.h"

/* ---- watch_linux.c: reads a process ------------------------------------------------------------ */

/* Reads the arguments of a process. */
struct words watch_arguments(pid_t pid);
/* Finds the descriptors that make names in an environment. */
void watch_jobserver(const char *environment, size_t size, struct program *program);
/* Reads a number such as the parent's pid; 0 if it is unknown. */
pid_t watch_status(pid_t pid, const char *label);
/* Counts a set-user-ID or set-group-ID program that runs without its rights. */
void watch_rights(struct watched *watched, const char *program);

/* ---- notify_linux.c: seccomp user notification --------------------------------------------------- */

enum { CANNOT_NOTIFY = -2 };

/* Watches as system_watch does, or returns CANNOT_NOTIFY with errno set before it starts anything. */
int notify_command(const struct start *start, struct watched *watched);

/* ---- notify_start_linux.c ----------------------------------------------------------------------- */

/* A message of the launcher. The first one has the listener; the second one, the end. */
struct message {
    int listener; /* a number in the launcher, or -1: `error` says why */
    int error;
    bool no_new_privileges; /* the filter needed it */
    int failure;            /* 0, or why the command did not start: see run_reporting */
    int64_t status;         /* of the command */
};

/* A notification of the kernel, which older headers lack. */
struct notification {
    uint64_t id;
    uint32_t thread;
    uint32_t flags;
    int32_t number;
    uint32_t architecture;
    uint64_t instruction;
    uint64_t arguments[6];
};

/* Returns false with errno set if no call waits. */
bool notification_receive(int listener, struct notification *notification);
/* Returns false if the caller was interrupted or killed meanwhile. It may then repeat the call. */
bool notification_is_valid(int listener, const struct notification *notification);
bool notification_continue(int listener, const struct notification *notification);

/* The launcher: installs the filter, and starts the command once `channel` answers. Never returns. */
void notify_launch(int channel, const struct start *start);
/* Answers calls once the pipe `life` has no writer, until no process is left. Never returns. */
void notify_guard(int listener, int life);

/* ---- exec_call_linux.c -------------------------------------------------------------------------- */

/* A program start that waits for an answer. */
struct exec_call {
    pid_t thread;
    pid_t process;
    pid_t parent;
    pid_t user;
    bool has_short_pointers;
    int memory;    /* a descriptor, or -1 */
    int directory; /* AT_FDCWD, or that of execveat */
    unsigned flags;
    uint64_t arguments;
    uint64_t environment;
    char path[4096];     /* as the caller gave it */
    char location[4200]; /* the same file, as this process can open it */
};

/* The system calls that start programs. */
struct exec_numbers {
    uint32_t architecture;
    int execve;
    int execveat;
};
extern const struct exec_numbers exec_numbers[];
extern const size_t exec_number_count;

/* Reads the call. Returns false if it starts no program. */
bool exec_call_read(const struct notification *notification, struct exec_call *call);
/* True if the kernel will find an executable file. */
bool exec_call_succeeds(const struct exec_call *call);
/* Reads the strings of an array of pointers. */
struct words exec_call_words(const struct exec_call *call, uint64_t array);
void exec_call_end(const struct exec_call *call);

/* ---- trace_linux.c: ptrace ------------------------------------------------------------------------ */

int trace_command(const struct start *start, struct watched *watched);

#endif
