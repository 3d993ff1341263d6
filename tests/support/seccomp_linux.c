/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "seccomp_linux.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 16 };

static unsigned offset_of(int argument)
{
    unsigned low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
    return (unsigned)offsetof(struct seccomp_data, args) + 8 * (unsigned)argument + low;
}

static unsigned action_of(int error)
{
    if (error == SECCOMP_KILLS)
        return SECCOMP_RET_KILL_PROCESS;
    if (error == SECCOMP_TRAPS)
        return SECCOMP_RET_TRAP;
    return SECCOMP_RET_ERRNO | ((unsigned)error & SECCOMP_RET_DATA);
}

/* Six instructions each. */
static size_t add(struct sock_filter *code, const struct seccomp_rule *rule)
{
    code[0] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    code[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)rule->number, 0, 4);
    code[2] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset_of(rule->argument));
    code[3] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule->mask);
    code[4] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, rule->bits, 0, 1);
    code[5] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action_of(rule->error));
    return 6;
}

bool seccomp_refuse(const struct seccomp_rule *rules, size_t count)
{
    struct sock_filter code[MOST * 6 + 1];
    struct sock_fprog program = {0, code};
    size_t length = 0;
    for (size_t i = 0; i < count && i < MOST; i++)
        length += add(code + length, &rules[i]);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = (unsigned short)length;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    return fd >= 0 && close(fd) == 0 && written;
}

/* In a new user namespace a process has no valid ids until it maps them. */
static bool keep_ids(uid_t uid, gid_t gid)
{
    char users[32], groups[32];
    snprintf(users, sizeof users, "%u %u 1", (unsigned)uid, (unsigned)uid);
    snprintf(groups, sizeof groups, "%u %u 1", (unsigned)gid, (unsigned)gid);
    return write_text("/proc/self/setgroups", "deny") && write_text("/proc/self/uid_map", users) &&
           write_text("/proc/self/gid_map", groups);
}

bool apart(bool (*body)(const void *), const void *argument)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(body(argument) ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* Creates a private mount namespace, inside a new user namespace if the kernel permits one. */
static bool own_mounts(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    bool made = unshare(CLONE_NEWNS) == 0 ||
                (unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0 && keep_ids(uid, gid));
    return made && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

bool lose_proc(void)
{
    return own_mounts() && mount("none", "/proc", "tmpfs", 0, NULL) == 0 &&
           access("/proc/self", F_OK) < 0;
}

/* Restrictions of the existing mount must stay set. */
bool make_read_only(const char *directory)
{
    struct statvfs filesystem;
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY;
    if (!own_mounts() || mount(directory, directory, NULL, MS_BIND, NULL) < 0 ||
        statvfs(directory, &filesystem) < 0)
        return false;
    flags |= filesystem.f_flag & (MS_NOSUID | MS_NODEV | MS_NOEXEC);
    return mount("none", directory, NULL, flags, NULL) == 0 &&
           statvfs(directory, &filesystem) == 0 && filesystem.f_flag & ST_RDONLY;
}
