/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "file_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXTS = 4, LONG = PATH_MAX + 8, HELD = 8, FIRST_HELD = 64 };

struct file_tree tree;
static int above; /* the directory that contains the tree */
static int top;   /* the top of the tree */

/* ---- The tree ------------------------------------------------------------------------------- */

void file_tree_begin(void)
{
    above = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(above >= 0);
    (void)umask(0);
}

static void make_links(void)
{
    MUST(symlink("file", "link") == 0 && symlink("loop", "loop") == 0);
    MUST(symlink("inner", "dir/inner-link") == 0 && symlink("nothing", "dangling") == 0);
}

void file_tree_build(void)
{
    MUST(mkdir("tree", 0700) == 0 && chdir("tree") == 0 && mkdir("dir", 0700) == 0);
    top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    tree.file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    MUST(write(tree.file, "0123456789", 10) == 10);
    MUST(close(open("dir/inner", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == 0);
    make_links();
    tree.directory = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    tree.reached = open("dir/inner", O_PATH | O_CLOEXEC);
    tree.link = open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    MUST(mkfifo("fifo", 0600) == 0);
    tree.fifo = open("fifo", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, tree.pair) == 0);
}

void file_tree_return(void)
{
    MUST(fchmod(top, 0700) == 0 && fchdir(top) == 0);
}

/* Works by descriptors alone, so that no symlink or moved directory leads out of the tree. */
static void remove_all(int directory)
{
    struct dirent *entry;
    DIR *dir = fdopendir(directory);
    MUST(dir);
    while ((entry = readdir(dir))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(directory, entry->d_name, 0) == 0)
            continue;
        (void)fchmodat(directory, entry->d_name, 0700, 0);
        int inner = openat(directory, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        MUST(inner >= 0);
        remove_all(inner);
        MUST(unlinkat(directory, entry->d_name, AT_REMOVEDIR) == 0);
    }
    (void)closedir(dir);
}

void file_tree_remove(void)
{
    MUST(fchmod(top, 0700) == 0 && fchdir(above) == 0);
    remove_all(dup(top));
    MUST(rmdir("tree") == 0);
    const int fds[] = {top,       tree.file,    tree.directory, tree.reached,
                       tree.link, tree.pair[0], tree.pair[1],   tree.fifo};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++)
        MUST(close(fds[i]) == 0);
    for (int fd = FIRST_HELD; fd < FIRST_HELD + HELD; fd++)
        (void)close(fd);
}

bool hold_fifo(fdi_target target)
{
    static int next;
    int fd = openat(target.fd, target.path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool held = dup3(fd, FIRST_HELD + next++ % HELD, O_CLOEXEC) >= 0;
    return close(fd) == 0 && held;
}

/* A new descriptor takes the lowest free number, and the tree's descriptors leave no gap. */
int next_fd(void)
{
    int fd = fcntl(above, F_DUPFD_CLOEXEC, 0);
    MUST(fd >= 0 && close(fd) == 0);
    return fd;
}

uint64_t open_fds(void)
{
    uint64_t open = 0;
    for (int fd = 0; fd < FIRST_HELD; fd++)
        open |= (uint64_t)(fcntl(fd, F_GETFD) >= 0) << fd;
    return open;
}

/* ---- Arguments ------------------------------------------------------------------------------ */

int take_fd(struct input *input)
{
    static const int none[] = {-1, -2, FDI_AT_FDCWD, INT_MIN, INT_MAX, 60, 1 << 20};
    const int fds[] = {tree.file, tree.directory, tree.reached, tree.link, tree.pair[0]};
    unsigned byte = take_byte(input);
    return byte & 0x80 ? none[byte % 7] : fds[byte % 5];
}

/* Makes the path relative and removes each "..". */
static void keep_inside(char *text)
{
    if (text[0] == '/')
        text[0] = '.';
    for (char *at = text; (at = strstr(at, "..")); at++)
        at[1] = '_';
}

const char *take_path(struct input *input)
{
    static const char *const names[] = {
        "file",    "dir",  "dir/inner", "link", "dir/inner-link", "dangling", "loop",  "new",
        "dir/new", "fifo", ".",         "",     "user.test",      "w+bxe",    "XXXXXX"};
    static char texts[TEXTS][LONG];
    static int next;
    enum { NAMES = sizeof names / sizeof names[0] };
    unsigned byte = take_byte(input);
    char *text = texts[next++ % TEXTS];
    if (byte < NAMES)
        return names[byte];
    if (byte == 255)
        return NULL;
    size_t length = byte < 240 ? byte % 48 : byte < 248 ? 256 : LONG - 1;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(length < 48 || i < 4 ? take_byte(input) : 'a');
    text[length] = '\0';
    keep_inside(text);
    return text;
}

fdi_target take_target(struct input *input)
{
    switch (take_byte(input) % 8) {
    case 0:
    case 1:
        return fdi_fd(take_fd(input));
    case 2:
    case 3:
        return fdi_path_at(tree.directory, take_path(input));
    case 4:
        return fdi_path_at(take_fd(input), take_path(input));
    case 5: {
        const char *path = take_path(input);
        int fd = take_fd(input);
        return (fdi_target){path, fd, take_byte(input) % 5};
    }
    default:
        return fdi_path(take_path(input));
    }
}

/* ---- Messages ------------------------------------------------------------------------------- */

static void put_fds(struct msghdr *message, size_t count)
{
    const int fds[] = {tree.file, tree.directory, tree.reached, tree.link};
    struct cmsghdr *item = CMSG_FIRSTHDR(message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(item), fds, count * sizeof(int));
}

bool send_fds(struct input *input)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control = {{0, 0, 0}};
    char text[64] = "text";
    size_t count = take_byte(input) % 5;
    struct iovec data = {text, take_byte(input) % sizeof text};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (count) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(count * sizeof(int));
        put_fds(&message, count);
    }
    return sendmsg(tree.pair[0], &message, 0) >= 0;
}

/* Reads the messages that a failed call did not read. */
void empty_pair(void)
{
    char text[64];
    while (recv(tree.pair[1], text, sizeof text, MSG_DONTWAIT) >= 0)
        ;
}
