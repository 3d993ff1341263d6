/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "place.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <dirent.h>

struct place place;

static int must(int result)
{
    if (result < 0)
        abort();
    return result;
}

/* ---- building ------------------------------------------------------------------------------ */

static void make_file(const char *name)
{
    int fd = must(open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (write(fd, "0123456789", 10) != 10)
        abort();
    must(close(fd));
    (void)fdi_setxattr(fdi_path(name), "user.test", "value", 5, 0, 0); /* if supported */
}

static void make_tree(void)
{
    (void)umask(022);
    make_file("file");
    must(mkdir("dir", 0755));
    make_file("dir/inner");
    must(mkdir("dir/empty", 0755));
    must(symlink("file", "link"));
    must(symlink("inner", "dir/inner-link"));
    must(mkfifo("fifo", 0644));
    if (!getcwd(place.absolute, sizeof place.absolute - 8))
        abort();
    (void)strcat(place.absolute, "/file");
}

static void open_files(void)
{
    const int directory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    place.file = must(open("file", O_RDWR | O_CLOEXEC));
    place.inheritable = must(open("file", O_RDWR));
    place.directory = must(open("dir", directory));
    place.here = must(open(".", directory));
#if defined(O_PATH)
    place.reached = must(open("file", O_PATH | O_CLOEXEC));
    place.reached_link = must(open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC));
#else
    place.reached = must(open("file", O_RDWR | O_CLOEXEC));
    place.reached_link = must(open("link", O_RDONLY | O_CLOEXEC));
#endif
    place.bin = must(open("/bin", directory));
    place.shell = must(open("/bin/sh", O_RDONLY | O_CLOEXEC));
}

static struct sockaddr_un address_of_listener(void)
{
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    (void)strcpy(address.sun_path, "socket");
    return address;
}

int place_connect(void)
{
    struct sockaddr_un address = address_of_listener();
    int client = must(fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0));
    must(connect(client, (struct sockaddr *)&address, sizeof address));
    return client;
}

void place_send(void)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control;
    const int fds[2] = {place.file, place.here};
    struct iovec data = {(char[]){"hello"}, 5};
    struct msghdr message;
    memset(&message, 0, sizeof message);
    memset(&control, 0, sizeof control);
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *item = CMSG_FIRSTHDR(&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(item), fds, sizeof fds);
    if (sendmsg(place.pair[0], &message, 0) != 5)
        abort();
}

static void open_sockets(void)
{
    struct sockaddr_un address = address_of_listener();
    must(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, place.pair, 0));
    place_send();
    place.listener = must(fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0));
    must(bind(place.listener, (struct sockaddr *)&address, sizeof address));
    must(listen(place.listener, 1));
    place.client = place_connect();
}

void place_build(void)
{
    memset(&place, 0, sizeof place);
    make_tree();
    open_files();
    open_sockets();
}

/* ---- more on demand ------------------------------------------------------------------------ */

static void start_shell(char *script)
{
    char *arguments[] = {"sh", "-c", script, NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path("/bin/sh");
    options.argv = arguments;
    must(fdi_spawn(&place.child, &options));
}

void place_start_child(void)
{
    start_shell("exec sleep 20");
}

void place_end_child(void)
{
    siginfo_t info;
    start_shell("exit 7");
    must(waitid(P_PID, (id_t)place.child, &info, WEXITED | WNOWAIT));
}

enum { FIRST_OF_CROWD = 400, CROWD = 200, FAR = 900 };

void place_spread(void)
{
    must(fcntl(place.file, F_DUPFD_CLOEXEC, FAR));
}

void place_crowd(void)
{
    for (int i = 0; i < CROWD; i++)
        must(fcntl(place.file, F_DUPFD_CLOEXEC, FIRST_OF_CROWD));
}

/* ---- clearing ------------------------------------------------------------------------------ */

static void reap_child(void)
{
    if (place.child <= 0)
        return;
    (void)kill((pid_t)place.child, SIGKILL);
    (void)waitpid((pid_t)place.child, NULL, 0);
}

void place_clear(void)
{
    const int fds[] = {place.file,   place.inheritable, place.directory, place.here,
                       place.bin,    place.reached,     place.shell,     place.reached_link,
                       place.client, place.listener,    place.pair[0],   place.pair[1]};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        must(close(fds[i]));
    for (int fd = FIRST_OF_CROWD; fd <= FAR; fd++)
        (void)close(fd);
    reap_child();
}

/* ---- describing ---------------------------------------------------------------------------- */

enum { TEXT = 1 << 16, NUMBERS = 1000 };

struct text {
    size_t length;
    char *bytes;
};

static void add(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->bytes + text->length, TEXT - text->length, format, arguments);
    va_end(arguments);
    text->length += (size_t)must(length);
    if (text->length >= TEXT)
        abort();
}

/* Prints only times that an act sets, which lie far in the past. */
static void add_file(struct text *text, const char *path)
{
    struct stat status;
    char target[64] = "";
    must(lstat(path, &status));
    (void)!readlink(path, target, sizeof target - 1);
    int64_t attributes = fdi_listxattr(fdi_path(path), NULL, 0, FDI_NOFOLLOW);
    add(text, "%s mode %o links %d size %d time %d attributes %d %s\n", path,
        (unsigned)status.st_mode, (int)status.st_nlink,
        S_ISDIR(status.st_mode) ? 0 : (int)status.st_size,
        status.st_mtime < 1000 ? (int)status.st_mtime : -1, (int)attributes, target);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add_directory(struct text *text, const char *name)
{
    struct dirent **entries;
    int count = must(scandir(name, &entries, NULL, by_name));
    for (int i = 0; i < count; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", name, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            add_file(text, path);
        free(entries[i]);
    }
    free(entries);
}

static void add_descriptors(struct text *text)
{
    for (int fd = 0; fd < NUMBERS; fd++) {
        struct stat status;
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && fstat(fd, &status) == 0)
            add(text, "fd %d flags %d, %d mode %o\n", fd, flags, fcntl(fd, F_GETFL),
                (unsigned)status.st_mode);
    }
}

/* A child that has ended but is not reaped. */
static void add_children(struct text *text)
{
    siginfo_t info;
    info.si_pid = 0;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        add(text, "child %s\n", info.si_pid == 0 ? "runs" : "has ended");
}

char *place_describe(void)
{
    struct text text = {0, malloc(TEXT)};
    if (!text.bytes)
        abort();
    add_directory(&text, ".");
    add_directory(&text, "dir");
    add_descriptors(&text);
    add_children(&text);
    return text.bytes;
}
