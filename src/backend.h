/* SPDX-License-Identifier: MIT
 * The seam between the portable code (src) and the backends (src/posix, src/windows, src/wasi).
 *
 * The caller checks every argument of an fdi__os_ function first. A pointer is NULL only where the
 * public function allows it. Flags contain known bits only. A target is an fd or a path.
 *
 * A backend returns -1 and sets errno on failure, and preserves errno on success. The caller
 * reports misuse as EINVAL; the backend reports ENOTSUP. */
#ifndef FDI__BACKEND_H
#define FDI__BACKEND_H

#include "../include/fdinherit.h"

/* stdin, stdout and stderr have numbers below this one. */
enum { FDI__STDIO = 3 };

/* inherit */
int fdi__os_get_inheritable(int fd);
int fdi__os_set_inheritable(int fd, bool inheritable);
int fdi__os_get_handle_inheritable(fdi_handle handle);
int fdi__os_set_handle_inheritable(fdi_handle handle, bool inheritable);

/* Returns true if one call made all descriptors of a range non-inheritable. Returns false, with
 * errno preserved, if no such call is available. */
bool fdi__os_mark_range(int first, int last);

/* An iteration over the open descriptors, in ascending order.
 *
 * `fd` is the directory being read. It is FDI__NO_DIRECTORY while the numbers from `next` up to,
 * but not including, `end` are scanned. `inheritable` is 1 or 0 for the descriptor returned
 * last, or -1 if it is unknown. */
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

/* Starts an iteration over the descriptors from `first` on. A failed call leaves nothing open. */
int fdi__os_list_open(struct fdi__listing *listing, int first);
/* Returns the next open descriptor, FDI__LIST_END, or -1. */
int fdi__os_list_next(struct fdi__listing *listing);
void fdi__os_list_close(struct fdi__listing *listing);
/* Returns the result of `body` and closes the listing, also if `body` ends the thread by
 * cancellation or pthread_exit. */
int fdi__os_list_run(struct fdi__listing *listing,
                     int (*body)(struct fdi__listing *listing, void *context), void *context);

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
/* `mode` is the fopen mode that matches `oflags`: r, w or a, then the optional "+" and "b". */
FILE *fdi__os_fopen(fdi_target target, int oflags, const char *mode);
/* A failed call leaves `fd` open. */
FILE *fdi__os_fdopen(int fd, const char *mode);
/* Returns a duplicate with the lowest free number from `lowest` on. */
int fdi__os_dup(int fd, int lowest, bool inheritable);
int fdi__os_dup2(int fd, int fd2, bool inheritable);
/* `flags` may contain FDI_NONBLOCK only. */
int fdi__os_pipe(int *fds, unsigned flags);
/* Returns -1 with EINVAL if `oflags` contain an access mode, a creation flag or an unknown flag. */
int fdi__os_check_mkstemp(int oflags);
/* Fills the six characters at `blank` with random letters that are valid in a file name. */
int fdi__os_random_letters(char *blank);
/* Creates the file `name` in `directory`. Fails with EEXIST if it exists. */
int fdi__os_create_in(fdi_target directory, const char *name, int oflags);
int fdi__os_openpty(int *primary, int *secondary);
int fdi__os_memfd_create(const char *name, unsigned memfd_flags);
int fdi__os_eventfd(unsigned count, int eventfd_flags);
int fdi__os_epoll_create(void);
int fdi__os_kqueue(void);
/* Closes a descriptor after a later step failed. Preserves errno. */
void fdi__os_discard(int fd);
/* These functions disable and restore cancellation of the calling thread. While it is disabled,
 * not even fdi__os_open acts on a cancellation. */
int fdi__os_cancel_off(void);
void fdi__os_cancel_restore(int state);

/* socket: `flags` may contain FDI_NONBLOCK only. */
fdi_socket fdi__os_socket_open(int domain, int type, int protocol, unsigned flags);
int fdi__os_socketpair(int domain, int type, int protocol, fdi_socket *pair, unsigned flags);
fdi_socket fdi__os_accept(fdi_socket listener, void *address, fdi_socklen *address_size,
                          unsigned flags);
int64_t fdi__os_recv_fds(fdi_socket connection, void *data, size_t size, int *fds, size_t *count);
/* Moves a socket that is an fd to a number from 3 up. Closes the socket on failure. */
fdi_socket fdi__os_socket_above_stdio(fdi_socket socket);
/* Closes a socket after a later step failed. Preserves errno. */
void fdi__os_discard_socket(fdi_socket socket);

/* spawn */
int fdi__os_execve(fdi_target target, char *const *argv, char *const *envp);

/* Reports whether the directory was never set, so that the child keeps the parent's. */
static inline bool fdi__stays(fdi_target directory)
{
    return directory.form == 0;
}

/* Reports whether the child receives the parent's descriptor `number` (0-2), or the null device if
 * that is closed. FDI_SPAWN_NO_STDIO or an entry of `fds` with that number prevents this. */
bool fdi__adds_stdio(const fdi_spawn_options *options, int number);

/* Starts a program. The child numbers are distinct, no number is negative, and the flags are
 * known. A program to search for is a path without a directory fd. A slash in the path disables
 * the search. */
int fdi__os_spawn(fdi_process *process, const fdi_spawn_options *options);
/* Waits up to `milliseconds` for the positive `process`; -1 means no limit.
 *
 * Returns 1 if the process has ended and its status is stored, and 0 if it still runs. `status`
 * may be NULL. With `keep`, the process is not reaped and its handle stays open. */
int fdi__os_wait(fdi_process process, int64_t *status, int milliseconds, bool keep);
void fdi__os_release(fdi_process process);
int64_t fdi__os_process_id(fdi_process process);

/* functions: reports whether the running system supports this form with these flags. The caller
 * passes only combinations that have a meaning for the function. */
bool fdi__os_supports(fdi_function function, fdi_form form, unsigned flags);

#endif
