/* SPDX-License-Identifier: MIT
 * The operations, as the contract lists them: one row and one call for each. The table restates the
 * contract and shares nothing with the library's own table. */
#ifndef FDI_TEST_OPERATIONS_H
#define FDI_TEST_OPERATIONS_H

#include "fdinherit.h"

/* The targets that an operation accepts. */
enum targets { NO_TARGET, BY_NAME, BY_NAME_OR_FD };

/* The object that an operation acts on. */
enum object { ON_FILE, ON_DIRECTORY, ON_NEW_NAME };

/* The systems that have an operation. For the last, the kernel decides. */
enum systems { EVERYWHERE, POSIX_ONLY, WITH_XATTRS, WITH_BSD_FLAGS, SOME_KERNELS };

/* The parameters of a call, in the header's order. The first five are names for the target. */
enum parameter {
    TAKES_NO_MORE,
    TAKES_TARGET,
    TAKES_FROM,
    TAKES_LINK,
    TAKES_DIRECTORY,
    TAKES_PROGRAM,
    TAKES_TO,
    TAKES_FLAGS,
    TAKES_MODE,   /* permissions and a file type */
    TAKES_NUMBER, /* any other int */
    TAKES_BSD_FLAGS,
    TAKES_UID,
    TAKES_GID,
    TAKES_DEVICE,
    TAKES_LENGTH,
    TAKES_TEXT,   /* the name of an attribute, or the text of a symlink */
    TAKES_VALUE,  /* bytes to read, and their number */
    TAKES_BUFFER, /* bytes to write, and their number */
    TAKES_TIMES,
    TAKES_STATUS,
    TAKES_FILESYSTEM,
    TAKES_ARGV
};

struct arguments {
    fdi_target target;
    fdi_target to;
    unsigned flags;
    unsigned mode;
    int number;
    uint32_t bsd_flags;
    uint32_t uid;
    uint32_t gid;
    uint64_t device;
    int64_t length;
    const char *text;
    void *bytes;
    size_t size;
    const struct fdi_time *times;
    struct fdi_stat *status;
    struct fdi_statvfs *filesystem;
    char *const *argv;
};

enum { PARAMETERS = 6 };

struct operation {
    fdi_function function;
    const char *name;
    enum targets targets;
    unsigned flags; /* also those that fdi_open takes as an O_ constant */
    enum systems systems;
    enum object object;
    /* Returns -1 on failure. Closes every descriptor that it opened. fdi_open turns FDI_NOFOLLOW
     * into O_NOFOLLOW, and fdi_recv_fds uses the target's fd as its connection. */
    int64_t (*call)(const struct arguments *arguments);
    enum parameter parameters[PARAMETERS]; /* that `call` uses */
};

/* The row of an operation has its number as index. */
extern const struct operation contract[];
extern const int contract_size;

/* Returns the row of an operation. A missing row ends the program with a message. */
const struct operation *operation_of(fdi_function function);

bool takes(const struct operation *operation, enum parameter parameter);
bool takes_target(fdi_function function);
bool takes_flags(fdi_function function);

/* Reports whether the contract gives this platform the operation at all. */
bool system_has(fdi_function function);

/* Calls the operation on any target, with otherwise valid arguments. `flags` is ignored by
 * functions that take none. The target is the directory for fdi_mkstemp, and the program for
 * fdi_spawn. New names are "other" in the current directory. */
int64_t call_any(fdi_function function, fdi_target target, unsigned flags);
/* The same with a given second target. */
int64_t call_between(fdi_function function, fdi_target from, fdi_target to, unsigned flags);

#endif
