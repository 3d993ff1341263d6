/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "calls.h"
#include "state.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int make_file(const char *name)
{
    int fd = fdi_open(fdi_path(name), O_RDWR | O_CREAT, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "0123456789", 10), 10);
    return fd;
}

static fdi_socket listen_here(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    fdi_socket listener = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(listener != FDI_NO_SOCKET);
    assert_int_equal(bind(listener, (struct sockaddr *)address, sizeof *address), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)address, &size), 0);
    return listener;
}

static void connect_client(struct objects *objects)
{
    struct sockaddr_in address;
    objects->listener = listen_here(&address);
    objects->client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(objects->client, (struct sockaddr *)&address, sizeof address), 0);
}

#if defined(_WIN32)

static void send_fd(struct objects *objects)
{
    assert_int_equal(fdi_socketpair(AF_INET, SOCK_STREAM, 0, objects->pair, 0), 0);
}

#else

static void send_fd(struct objects *objects)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec data = {"message", 7};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(&control, 0, sizeof control);
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control.space;
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &objects->fd, sizeof(int));
    assert_int_equal(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, objects->pair, 0), 0);
    assert_int_equal(sendmsg(objects->pair[0], &message, 0), 7);
}

#endif

static void start_child(struct objects *objects)
{
    static char *const argv[] = {"exit_with", "7", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(EXIT_WITH);
    options.argv = argv;
    assert_int_equal(fdi_spawn(&objects->out.process, &options), 0);
    assert_int_equal(fdi_wait(&objects->out.process, NULL, -1, FDI_WAIT_KEEP), 1);
}

void objects_open(struct objects *objects)
{
    memset(objects, 0xa5, sizeof *objects);
    sockets_start();
    objects->fd = make_file("file");
    objects->other = make_file("second");
    connect_client(objects);
    send_fd(objects);
    start_child(objects);
    objects->has_xattrs = fdi_setxattr(fdi_path("file"), "user.test", "value", 5, 0, 0) == 0;
    objects->out.count = sizeof objects->out.fds / sizeof objects->out.fds[0];
    objects->out.address_size = sizeof objects->out.address;
    strcpy(objects->out.text, "name-XXXXXX");
}

void objects_close(struct objects *objects)
{
    if (objects->out.process != FDI_NO_PROCESS)
        assert_int_equal(fdi_wait(&objects->out.process, NULL, -1, 0), 1);
    close_socket(objects->listener);
    close_socket(objects->client);
    close_socket(objects->pair[0]);
    close_socket(objects->pair[1]);
    assert_int_equal(close(objects->fd), 0);
    assert_int_equal(close(objects->other), 0);
}
