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

static void connect_client(struct scene *scene)
{
    struct sockaddr_in address;
    scene->listener = listen_here(&address);
    scene->client = fdi_socket_open(AF_INET, SOCK_STREAM, 0, 0);
    assert_int_equal(connect(scene->client, (struct sockaddr *)&address, sizeof address), 0);
}

#if defined(_WIN32)

static void send_fd(struct scene *scene)
{
    assert_int_equal(fdi_socketpair(AF_INET, SOCK_STREAM, 0, scene->pair, 0), 0);
}

#else

static void send_fd(struct scene *scene)
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
    memcpy(CMSG_DATA(&control.header), &scene->fd, sizeof(int));
    assert_int_equal(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, scene->pair, 0), 0);
    assert_int_equal(sendmsg(scene->pair[0], &message, 0), 7);
}

#endif

static void start_child(struct scene *scene)
{
    static char *const argv[] = {"exit_with", "7", NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(EXIT_WITH);
    options.argv = argv;
    assert_int_equal(fdi_spawn(&scene->out.process, &options), 0);
    assert_int_equal(fdi_wait(&scene->out.process, NULL, -1, FDI_WAIT_KEEP), 1);
}

void scene_open(struct scene *scene)
{
    memset(scene, 0xa5, sizeof *scene);
    sockets_start();
    scene->fd = make_file("file");
    scene->other = make_file("second");
    connect_client(scene);
    send_fd(scene);
    start_child(scene);
    scene->has_xattrs = fdi_setxattr(fdi_path("file"), "user.test", "value", 5, 0, 0) == 0;
    scene->out.count = sizeof scene->out.fds / sizeof scene->out.fds[0];
    scene->out.address_size = sizeof scene->out.address;
    strcpy(scene->out.text, "name-XXXXXX");
}

void scene_close(struct scene *scene)
{
    if (scene->out.process != FDI_NO_PROCESS)
        assert_int_equal(fdi_wait(&scene->out.process, NULL, -1, 0), 1);
    close_socket(scene->listener);
    close_socket(scene->client);
    close_socket(scene->pair[0]);
    close_socket(scene->pair[1]);
    assert_int_equal(close(scene->fd), 0);
    assert_int_equal(close(scene->other), 0);
}

void assert_same_state(const char *call, const struct state *before, const struct state *after)
{
    if (strcmp(before->text, after->text) != 0)
        fail_msg("%s changed\n%sinto\n%s", call, before->text, after->text);
}
