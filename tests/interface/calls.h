/* SPDX-License-Identifier: MIT
 * Calls of functions that take flags, with otherwise valid arguments. The support library calls
 * each operation that has no output here. */
#ifndef FDI_TEST_CALLS_H
#define FDI_TEST_CALLS_H

#include "../support/socket.h"
#include "fdinherit.h"

/* Every output of a call. A rejected call leaves all bytes unchanged. */
struct outputs {
    char bytes[512];
    struct fdi_stat status;
    int fds[2];
    fdi_socket sockets[2];
    char address[128];
    fdi_socklen address_size;
    size_t count;
    int64_t number;
    fdi_process process;
    char text[16];
};

/* The current directory with the file "file", and all objects that the calls use. A connection
 * waits to be accepted, and a message with a descriptor waits to be received. The `process` of
 * the outputs has ended. */
struct objects {
    int fd;
    int other;
    fdi_socket listener;
    fdi_socket client;
    fdi_socket pair[2];
    bool has_xattrs;
    struct outputs out;
};

void objects_open(struct objects *objects);
void objects_close(struct objects *objects);

/* Each returns -1 on failure. On success it closes everything that it opened. */
typedef int64_t flags_call(struct objects *objects, unsigned flags);

flags_call call_getxattr, call_listxattr, call_stat, call_dup, call_dup2, call_pipe, call_openpty,
    call_socket_open, call_socketpair, call_accept, call_recv_fds, call_spawn, call_wait;

/* Calls with an argument that takes system constants. */
flags_call call_setxattr_xflags, call_open_oflags, call_mkstemp_oflags,
    call_memfd_create_memfd_flags, call_eventfd_eventfd_flags;

/* Returns the bits of the system constants that such an argument accepts. */
unsigned own_setxattr_xflags(void);
unsigned own_open_oflags(void);
unsigned own_mkstemp_oflags(void);
unsigned own_memfd_create_memfd_flags(void);
unsigned own_eventfd_eventfd_flags(void);

#endif
