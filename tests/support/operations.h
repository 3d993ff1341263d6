/* SPDX-License-Identifier: MIT
 * Lists the operations of the contract, with one row and one call for each. The table restates the
 * contract and shares nothing with the library's own table. */
#ifndef FDI_TEST_OPERATIONS_H
#define FDI_TEST_OPERATIONS_H

#include "fdinherit.h"

/* The targets that an operation accepts. */
enum targets { NO_TARGET, BY_NAME, BY_NAME_OR_FD };

/* The object that an operation acts on. */
enum object { ON_FILE, ON_DIRECTORY, ON_NEW_NAME };

/* The systems that have an operation. SOME_KERNELS means that the running kernel decides. */
enum systems { EVERYWHERE, POSIX_ONLY, WITH_XATTRS, WITH_BSD_FLAGS, SOME_KERNELS };

/* The parameters of a call, in the header's order. The header calls the target by five names, from
 * TAKES_TARGET to TAKES_PROGRAM. */
enum parameter {
    TAKES_NO_MORE, /* ends the list */
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
    unsigned flags; /* including those that fdi_open takes as O_ constants */
    enum systems systems;
    enum object object;
    /* Calls the function and closes every descriptor that it opened. Returns -1 on failure. For
     * fdi_open, FDI_NOFOLLOW becomes O_NOFOLLOW. For fdi_recv_fds, the target is the connection. */
    int64_t (*call)(const struct arguments *arguments);
    enum parameter parameters[PARAMETERS]; /* those that the function takes */
};

/* The number of an operation is the index of its row. */
extern const struct operation contract[];
extern const int contract_size;

/* Returns the row of an operation. A missing row ends the program with a message. */
const struct operation *operation_of(fdi_function function);

bool takes(const struct operation *operation, enum parameter parameter);
bool takes_target(fdi_function function);
bool takes_flags(fdi_function function);

/* Reports whether the contract requires the operation on this platform. It does not if the running
 * kernel decides. */
bool system_has(fdi_function function);

/* Calls the operation on any target, with otherwise valid arguments. `flags` is ignored by
 * functions that take none. The target is the directory for fdi_mkstemp, and the program for
 * fdi_spawn. A second target is "other" in the current directory. */
int64_t call_any(fdi_function function, fdi_target target, unsigned flags);
/* Does the same with the given second target. */
int64_t call_between(fdi_function function, fdi_target from, fdi_target to, unsigned flags);

#endif
