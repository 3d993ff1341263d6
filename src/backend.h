/* SPDX-License-Identifier: MIT
 * What the meaning (src) asks of a system (src/posix, src/windows, src/wasi).
 *
 * Every fdi__os_ function is called with arguments that were checked: pointers are not NULL where
 * the public function forbids it, flags hold known bits only, a target is either an fd or a path.
 * It answers as the C library does: -1 with errno set, and errno as it was on success. EINVAL for
 * misuse is decided before it is called; ENOTSUP is decided here. */
#ifndef FDI__BACKEND_H
#define FDI__BACKEND_H

#include "../include/fdinherit.h"

/* The numbers of stdin, stdout and stderr are below this one. */
enum { FDI__STDIO = 3 };

/* inherit */
int fdi__os_get_inheritable(int fd);
int fdi__os_set_inheritable(int fd, bool inheritable);
int fdi__os_get_handle_inheritable(fdi_handle handle);
int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable);

/* Marks all descriptors of a range as not inheritable in one call; false, with errno left alone, if
 * there is no such call here and now. */
bool fdi__os_mark_range(int first, int last);

/* A walk over the open descriptors, from below upwards. `fd` is the directory being read, or
 * FDI__NO_DIRECTORY in a scan of the numbers from `next` to below `end`. `inheritable` is the flag
 * of the descriptor that came last, 1 or 0; -1 if the walk did not see it. */
struct fdi__listing {
    int fd;
    int next;
    int end;
    int inheritable;
    unsigned used;
    unsigned filled;
    uint64_t buffer[512];
};

#define FDI__NO_DIRECTORY (-1)
#define FDI__LIST_END     (-2)

/* Starts a walk over the descriptors from `first` on: nothing is open after a failure. */
int fdi__os_list_open(struct fdi__listing *listing, int first);
/* The next open descriptor, FDI__LIST_END, or -1. */
int fdi__os_list_next(struct fdi__listing *listing);
void fdi__os_list_close(struct fdi__listing *listing);

/* attributes */
int fdi__os_access(fdi_target target, int mode, unsigned flags);
int fdi__os_chflags(fdi_target target, uint32_t bsd_flags, unsigned flags);
int fdi__os_chmod(fdi_target target, unsigned mode, unsigned flags);
int fdi__os_chown(fdi_target target, uint32_t uid, uint32_t gid, unsigned flags);
int64_t fdi__os_pathconf(fdi_target target, int name);
int fdi__os_stat(fdi_target target, struct fdi_stat *out, unsigned flags);
int fdi__os_statvfs(fdi_target target, struct fdi_statvfs *out);
int fdi__os_truncate(fdi_target target, int64_t length);
int fdi__os_utime(fdi_target target, const struct fdi_time *times, unsigned flags);

/* names */
int fdi__os_link(fdi_target from, fdi_target to, unsigned flags);
int fdi__os_mkdir(fdi_target target, unsigned mode);
int fdi__os_mkfifo(fdi_target target, unsigned mode);
int fdi__os_mknod(fdi_target target, unsigned mode, uint64_t device);
int64_t fdi__os_readlink(fdi_target target, char *buffer, size_t size);
int fdi__os_rename(fdi_target from, fdi_target to);
int fdi__os_rmdir(fdi_target target);
int fdi__os_symlink(const char *text, fdi_target link, unsigned flags);
int fdi__os_unlink(fdi_target target);

/* xattr */
int64_t fdi__os_getxattr(fdi_target target, const char *name, void *value, size_t size,
                         unsigned flags);
int fdi__os_setxattr(fdi_target target, const char *name, const void *value, size_t size,
                     int xflags, unsigned flags);
int64_t fdi__os_listxattr(fdi_target target, char *list, size_t size, unsigned flags);
int fdi__os_removexattr(fdi_target target, const char *name, unsigned flags);

/* directory */
int fdi__os_chdir(fdi_target target);
fdi_dir *fdi__os_opendir(fdi_target target);
int fdi__os_readdir(fdi_dir *dir, const fdi_dirent **entry);
int fdi__os_closedir(fdi_dir *dir);

/* create */
int fdi__os_open(fdi_target target, int oflags, unsigned mode);
/* `mode` is what `oflags` say, as r, w or a, then "+" and "b" if they are there. */
FILE *fdi__os_fopen(fdi_target target, int oflags, const char *mode);
/* On failure `fd` stays open. */
FILE *fdi__os_fdopen(int fd, const char *mode);
/* A duplicate at the lowest free number from `lowest` on. */
int fdi__os_dup(int fd, int lowest, bool inheritable);
int fdi__os_dup2(int fd, int fd2, bool inheritable);
/* `flags`: FDI_NONBLOCK. */
int fdi__os_pipe(int *fds, unsigned flags);
/* EINVAL for `oflags` that say how to open, or that the system does not know. */
int fdi__os_check_mkstemp(int oflags);
/* Fills the six letters at `blank` with random ones that a name may have. */
int fdi__os_random_letters(char *blank);
/* A new file `name` in `directory`; EEXIST if it exists. */
int fdi__os_create_in(fdi_target directory, const char *name, int oflags);
int fdi__os_openpty(int *primary, int *secondary);
int fdi__os_memfd_create(const char *name, unsigned memfd_flags);
int fdi__os_eventfd(unsigned count, int eventfd_flags);
int fdi__os_epoll_create(void);
int fdi__os_kqueue(void);
/* Closes a descriptor after a later step failed; leaves errno alone. */
void fdi__os_discard(int fd);
/* The calling thread does not act on a cancellation between the two, not even in fdi__os_open. */
int fdi__os_cancel_off(void);
void fdi__os_cancel_restore(int state);

/* socket. `flags`: FDI_NONBLOCK. */
fdi_socket fdi__os_socket_open(int domain, int type, int protocol, unsigned flags);
int fdi__os_socketpair(int domain, int type, int protocol, fdi_socket *pair, unsigned flags);
fdi_socket fdi__os_accept(fdi_socket listener, void *address, fdi_socklen *address_size,
                          unsigned flags);
int64_t fdi__os_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *count);
/* Moves the socket to a number of 3 or higher where it is an fd; closes it if that fails. */
fdi_socket fdi__os_socket_above_stdio(fdi_socket socket);
/* Closes a socket after a later step failed; leaves errno alone. */
void fdi__os_discard_socket(fdi_socket socket);

/* spawn */
int fdi__os_execve(fdi_target target, char *const *argv, char *const *envp);

/* A directory that was never set: the child keeps the parent's. */
static inline bool fdi__stays(fdi_target directory)
{
    return directory.form == 0;
}

/* Reports whether the child has this process's own `number`, 0 to 2, or the null device if that is
 * closed: no entry of the options names it. */
bool fdi__adds_stdio(const fdi_spawn_options *options, int number);

/* The child numbers are distinct, no number is negative, flags are known; a program to be searched
 * for is a path without dir_fd (it may have a slash: then there is no search). */
int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options);
/* 1 if the process has ended and its status is stored (`status` may be NULL), 0 if it still runs
 * after so many milliseconds; -1 ms: no limit. `process` is positive. With `keep` it is not reaped,
 * and its handle stays open. */
int fdi__os_wait(fdi_process process, int64_t *status, int milliseconds, bool keep);
void fdi__os_release(fdi_process process);
int64_t fdi__os_process_id(fdi_process process);

/* functions: whether the running system can serve this form with these flags. Asked only for a
 * combination that has a meaning for the function. */
bool fdi__os_supports(fdi_function function, fdi_form form, unsigned flags);

#endif
