/* SPDX-License-Identifier: MIT
 * Many threads call every public function at once, on shared descriptors and directories and on
 * contested names. The test is built with and without the atomic calls; the gate also runs both
 * under ThreadSanitizer. */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { THREADS = 6, ROUNDS = 25, CHILDREN = 5, FIRST_NUMBER = 50, FUNCTIONS = 64 };

struct shared {
    struct file_tree tree;
    char absolute[128]; /* the name of "dir/file" */
    int listener;
    struct sockaddr_un address;
    bool takes_fd[FUNCTIONS]; /* as reported to a single thread */
    bool takes_dir_fd[FUNCTIONS];
    int messages[2]; /* sockets on which any thread sends and receives */
};

struct turn {
    struct shared *shared;
    void (*play)(struct turn *);
    int number;
    int rounds;
    char own[32]; /* names in "dir" that no other thread uses */
    char moved[32];
    const char *wrong; /* the first failed check, and its errno */
    int error;
};

/* Records a failed check, because a thread cannot abort the test as an assertion does. */
static void note(struct turn *turn, bool held, const char *what)
{
    if (!held && !turn->wrong) {
        turn->wrong = what;
        turn->error = errno;
    }
}

#define HOLDS(condition)      note(turn, condition, #condition)

/* The call failed with this errno in this thread. */
#define FAILS(expected, call) HOLDS((call) == -1 && errno == (expected))

static void *play_rounds(void *argument)
{
    struct turn *turn = argument;
    for (int i = 0; i < turn->rounds && !turn->wrong; i++)
        turn->play(turn);
    return NULL;
}

static void in_all_threads(struct shared *shared, void (*play)(struct turn *), int rounds)
{
    static struct turn turns[THREADS];
    pthread_t threads[THREADS];
    memset(turns, 0, sizeof turns);
    for (int i = 0; i < THREADS; i++) {
        turns[i].shared = shared;
        turns[i].play = play;
        turns[i].number = i;
        turns[i].rounds = rounds;
        snprintf(turns[i].own, sizeof turns[i].own, "own.%d", i);
        snprintf(turns[i].moved, sizeof turns[i].moved, "moved.%d", i);
        assert_int_equal(pthread_create(&threads[i], NULL, play_rounds, &turns[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS; i++)
        if (turns[i].wrong)
            fail_msg("thread %d: %s, errno %d", i, turns[i].wrong, turns[i].error);
}

static struct shared share(void **state)
{
    struct shared shared = {.tree = file_tree_open(state)};
    snprintf(shared.absolute, sizeof shared.absolute, "%s/dir/file", (const char *)*state);
    return shared;
}

/* ---- operations ---------------------------------------------------------------------------- */

/* Checks the result against the support: without /proc some functions accept no fd or no
 * directory. */
static bool is_answered(int64_t result, fdi_function function, size_t form)
{
    int error = errno;
    bool served = is_served(function, (enum form)form);
    return served ? result >= 0 : result == -1 && error == ENOTSUP;
}

/* Operations on the common file, in each form, that do not interfere with other threads. */
static void use_the_common_file(struct turn *turn)
{
    static const fdi_function functions[] = {
        FDI_FN_ACCESS, FDI_FN_CHMOD,   FDI_FN_CHOWN,    FDI_FN_OPEN,  FDI_FN_PATHCONF,
        FDI_FN_STAT,   FDI_FN_STATVFS, FDI_FN_TRUNCATE, FDI_FN_UTIME, FDI_FN_LISTXATTR,
    };
    const struct shared *shared = turn->shared;
    const fdi_target forms[] = {
        fdi_path("dir/file"),
        fdi_path_at(shared->tree.directory, "file"),
        fdi_path(shared->absolute),
        fdi_fd(shared->tree.fd),
    };
    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
            HOLDS(is_answered(call_any(functions[i], forms[form], 0), functions[i], form));
        FAILS(ENOTDIR, call_any(FDI_FN_OPENDIR, forms[form], 0));
        FAILS(ENOTDIR, call_any(FDI_FN_CHDIR, forms[form], 0));
        FAILS(is_served(FDI_FN_EXECVE, (enum form)form) ? EACCES : ENOTSUP,
              call_any(FDI_FN_EXECVE, forms[form], 0));
        FAILS(ENOTSUP, call_any(FDI_FN_CHFLAGS, forms[form], 0));
    }
}

static void threads_may_share_a_file(void **state)
{
    struct shared shared = share(state);
    in_all_threads(&shared, use_the_common_file, ROUNDS);
    file_tree_close(&shared.tree);
}

static int count_own_entries(const struct turn *turn)
{
    fdi_dir *dir = fdi_opendir(fdi_fd(turn->shared->tree.directory));
    const fdi_dirent *entry;
    int count = 0;
    if (!dir)
        return -1;
    while (fdi_readdir(dir, &entry) > 0)
        count += strcmp(entry->name, turn->own) == 0 || strcmp(entry->name, turn->moved) == 0;
    return fdi_closedir(dir) == 0 ? count : -1;
}

static void name_a_file(struct turn *turn, fdi_target own, fdi_target moved)
{
    struct fdi_stat status;
    char text[8];
    HOLDS(fdi_mknod(own, S_IFREG | 0600, 0) == 0);
    FAILS(EEXIST, fdi_mknod(own, S_IFREG | 0600, 0));
    HOLDS(fdi_truncate(own, turn->number) == 0);
    HOLDS(fdi_stat(own, &status, 0) == 0 && status.size == turn->number && status.nlink == 1);
    HOLDS(fdi_link(own, moved, 0) == 0 && count_own_entries(turn) == 2);
    HOLDS(fdi_unlink(own) == 0 && fdi_rename(moved, own, 0) == 0);
    HOLDS(fdi_rename(own, moved, 0) == 0 && fdi_unlink(moved) == 0);
    HOLDS(fdi_symlink(turn->own, own, 0) == 0);
    HOLDS(fdi_readlink(own, text, 3) == 3 && memcmp(text, "own", 3) == 0);
    HOLDS(fdi_unlink(own) == 0);
}

static void name_others(struct turn *turn, fdi_target own)
{
    HOLDS(fdi_mkdir(own, 0700) == 0 && count_own_entries(turn) == 1);
    HOLDS(fdi_rmdir(own) == 0);
    HOLDS(fdi_mkfifo(own, 0600) == 0 && fdi_access(own, 4, 0) == 0);
    HOLDS(fdi_unlink(own) == 0 && count_own_entries(turn) == 0);
    FAILS(ENOENT, fdi_unlink(own));
}

static void use_own_names(struct turn *turn)
{
    int directory = turn->shared->tree.directory;
    fdi_target own = fdi_path_at(directory, turn->own);
    name_a_file(turn, own, fdi_path_at(directory, turn->moved));
    name_others(turn, own);
}

static void threads_may_share_a_directory(void **state)
{
    struct shared shared = share(state);
    in_all_threads(&shared, use_own_names, ROUNDS);
    file_tree_close(&shared.tree);
}

/* ENODATA reports a missing attribute; EPERM, a link to a directory or an attribute of a
 * symlink. */
static bool may_be_taken_away(int64_t result)
{
    static const int errors[] = {ENOENT, EEXIST, ENOTDIR, ENOTEMPTY, EISDIR, EINVAL,
                                 EACCES, EPERM,  ELOOP,   ENODATA,   ENOTSUP};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errno == errors[i])
            return true;
    return result >= 0;
}

/* A fifo would make fdi_open wait. fdi_chdir and fdi_execve change the whole process.
 * fdi_mkstemp would add files if the name is a directory, and functions without a target take no
 * name. A child of fdi_spawn in a race hangs under ThreadSanitizer; a case below starts children. */
static bool can_be_fought_for(fdi_function function)
{
    return takes_target(function) && function != FDI_FN_MKFIFO && function != FDI_FN_CHDIR &&
           function != FDI_FN_EXECVE && function != FDI_FN_MKSTEMP && function != FDI_FN_SPAWN;
}

/* Calls all operations on one name, which all threads create and remove. */
static void fight_for_a_name(struct turn *turn)
{
    const fdi_target forms[] = {
        fdi_path("dir/contested"),
        fdi_path_at(turn->shared->tree.directory, "contested"),
    };
    const int count = function_count();
    for (int i = 0; i < count; i++) {
        fdi_function function = (fdi_function)((i * 7 + turn->number) % count);
        bool nofollow = fdi_supports(function, FDI_FORM_PATH, FDI_NOFOLLOW);
        if (can_be_fought_for(function))
            HOLDS(may_be_taken_away(call_any(function, forms[i % 2], nofollow ? FDI_NOFOLLOW : 0)));
    }
}

static void threads_may_compete_for_a_name(void **state)
{
    struct shared shared = share(state);
    in_all_threads(&shared, fight_for_a_name, ROUNDS);
    file_tree_close(&shared.tree);
}

/* Enters the current directory again, so that the relative paths of other threads stay valid. */
static void stay_and_ask(struct turn *turn)
{
    char value[16];
    fdi_target file = fdi_fd(turn->shared->tree.fd);
    HOLDS(fdi_chdir(fdi_path(".")) == 0);
    HOLDS(access("dir/file", F_OK) == 0);
    HOLDS(fdi_setxattr(file, "user.common", "value", 5, 0, 0) == 0);
    HOLDS(fdi_getxattr(file, "user.common", value, sizeof value, 0) == 5);
    FAILS(ENODATA, fdi_removexattr(file, "user.absent", 0));
    for (int i = 0; fdi_function_name((fdi_function)i); i++) {
        fdi_function function = (fdi_function)i;
        HOLDS(fdi_supports(function, FDI_FORM_DIR_FD, 0) == turn->shared->takes_dir_fd[i]);
        HOLDS(fdi_supports(function, FDI_FORM_FD, 0) == turn->shared->takes_fd[i]);
        HOLDS(!fdi_supports(function, FDI_FORM_PATH, FDI_NOFOLLOW) || takes_flags(function) ||
              function == FDI_FN_OPEN);
        HOLDS(!fdi_supports(function, FDI_FORM_PATH, FDI_EFFECTIVE_IDS) ||
              function == FDI_FN_ACCESS);
        HOLDS(strlen(fdi_function_name(function)) > 3);
    }
    HOLDS(fdi_version() == FDI_VERSION);
}

static void threads_may_query_support_at_once(void **state)
{
    struct shared shared = share(state);
    assert_true(function_count() <= FUNCTIONS);
    for (int i = 0; i < function_count(); i++) {
        shared.takes_fd[i] = fdi_supports((fdi_function)i, FDI_FORM_FD, 0);
        shared.takes_dir_fd[i] = fdi_supports((fdi_function)i, FDI_FORM_DIR_FD, 0);
    }
    in_all_threads(&shared, stay_and_ask, ROUNDS);
    file_tree_close(&shared.tree);
}

/* ---- creating ------------------------------------------------------------------------------ */

static bool is_private(int fd)
{
    return fdi_get_inheritable(fd) == 0 && close(fd) == 0;
}

static void create_files(struct turn *turn)
{
    char path[] = "made.XXXXXX";
    FILE *file = fdi_fopen(fdi_fd(turn->shared->tree.fd), "re", 0);
    FILE *above = fdi_fopen(fdi_path("dir/file"), "r", FDI_ABOVE_STDIO);
    HOLDS(file ? fclose(file) == 0 : !fdi_supports(FDI_FN_OPEN, FDI_FORM_FD, 0));
    HOLDS(above && fclose(above) == 0);
    HOLDS(is_private(fdi_mkstemp(fdi_path("."), path, 0, 0)) && fdi_unlink(fdi_path(path)) == 0);
    HOLDS(is_private(fdi_dup(turn->shared->tree.fd, 0)));
    HOLDS(is_private(fdi_dup2(turn->shared->tree.fd, FIRST_NUMBER + turn->number, 0)));
    HOLDS(is_private(fdi_above_stdio(fdi_memfd_create("memory", 0))));
    HOLDS(is_private(fdi_eventfd(1, EFD_NONBLOCK)));
    HOLDS(is_private(fdi_epoll_create()));
    FAILS(ENOTSUP, fdi_kqueue());
}

static void create_pairs(struct turn *turn)
{
    int fds[2] = {-1, -1};
    HOLDS(fdi_pipe(fds, FDI_ABOVE_STDIO) == 0 && fds[0] > 2 && fds[1] > 2);
    HOLDS(is_private(fds[0]) && is_private(fds[1]));
    HOLDS(fdi_openpty(&fds[0], &fds[1], 0) == 0);
    HOLDS(is_private(fds[0]) && is_private(fds[1]));
    HOLDS(fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, fds, 0) == 0);
    HOLDS(is_private(fds[0]) && is_private(fds[1]));
}

/* Each thread makes one connection and accepts one, its own or another's. Messages work the same
 * way. */
static void connect_and_accept(struct turn *turn)
{
    const struct shared *shared = turn->shared;
    int client = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    HOLDS(connect(client, (const struct sockaddr *)&shared->address, sizeof shared->address) == 0);
    HOLDS(is_private(fdi_accept(shared->listener, NULL, NULL, 0)));
    HOLDS(is_private(client));
}

static void send_and_receive(struct turn *turn)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char byte = 'x';
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    int fd = -1;
    size_t count = 1;
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    control.aligned.cmsg_level = SOL_SOCKET;
    control.aligned.cmsg_type = SCM_RIGHTS;
    control.aligned.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.aligned), &turn->shared->tree.fd, sizeof(int));
    HOLDS(sendmsg(turn->shared->messages[0], &message, 0) == 1);
    HOLDS(fdi_recv_fds(turn->shared->messages[1], &byte, 1, &fd, &count, 0) == 1 && count == 1);
    HOLDS(is_private(fd));
}

static void create_all(struct turn *turn)
{
    create_files(turn);
    create_pairs(turn);
    connect_and_accept(turn);
    send_and_receive(turn);
}

static void threads_may_create_descriptors_at_once(void **state)
{
    struct shared shared = share(state);
    shared.address = (struct sockaddr_un){.sun_family = AF_UNIX, .sun_path = "listener"};
    shared.listener = fdi_socket_open(AF_UNIX, SOCK_STREAM, 0, 0);
    assert_int_equal(
        bind(shared.listener, (struct sockaddr *)&shared.address, sizeof shared.address), 0);
    assert_int_equal(listen(shared.listener, THREADS), 0);
    assert_int_equal(fdi_socketpair(AF_UNIX, SOCK_DGRAM, 0, shared.messages, 0), 0);
    in_all_threads(&shared, create_all, ROUNDS);
    close(shared.messages[0]);
    close(shared.messages[1]);
    close(shared.listener);
    file_tree_close(&shared.tree);
}

/* ---- inheritance and children -------------------------------------------------------------- */

static int count_visit(void *count, int fd, bool inheritable)
{
    (void)fd, (void)inheritable;
    ++*(int *)count;
    return 0;
}

/* All threads mark the common fd, so its flag may have any value. The thread's own fd has an
 * exact flag. */
static void mark_common_and_own(struct turn *turn)
{
    int common = turn->shared->tree.fd;
    int own = FIRST_NUMBER + turn->number;
    int both[2] = {common, own};
    int count = 0;
    bool inheritable = turn->number % 2;
    HOLDS(fdi_dup2(common, own, inheritable ? FDI_INHERITABLE : 0) == own);
    HOLDS(fdi_set_inheritable(common, inheritable) == 0 && fdi_get_inheritable(common) >= 0);
    HOLDS(fdi_set_inheritable_many(both, 2, !inheritable) == 0);
    HOLDS(fdi_get_inheritable(own) == !inheritable);
    HOLDS(fdi_set_inheritable_range(own, own, inheritable) == 0);
    HOLDS(fdi_get_inheritable(own) == inheritable);
    HOLDS(fdi_foreach_open(count_visit, &count) == 0 && count >= 4);
    HOLDS(close(own) == 0);
    FAILS(EBADF, fdi_get_inheritable(own));
    FAILS(ENOTSUP, fdi_get_handle_inheritable(NULL));
    FAILS(ENOTSUP, fdi_set_handle_inheritable(NULL, false));
}

static void threads_may_mark_descriptors_at_once(void **state)
{
    struct shared shared = share(state);
    in_all_threads(&shared, mark_common_and_own, ROUNDS);
    file_tree_close(&shared.tree);
}

static void start_and_wait(struct turn *turn)
{
    char command[] = "exit 0";
    char *argv[] = {"sh", "-c", command, NULL};
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process child = -1;
    int64_t status = -1;
    command[5] = (char)('1' + turn->number);
    options.program = fdi_path("sh");
    options.flags = FDI_SPAWN_SEARCH;
    options.argv = argv;
    HOLDS(fdi_spawn(&child, &options) == 0 && fdi_process_id(child) > 0);
    HOLDS(fdi_wait(&child, &status, -1, 0) == 1 && status == turn->number + 1);
    HOLDS(fdi_spawn(&child, &options) == 0);
    HOLDS(fdi_wait(&child, &status, 60000, 0) == 1 && status == turn->number + 1);
    HOLDS(fdi_release(&child) == 0 && child == FDI_NO_PROCESS);
    options.program = fdi_path("./absent");
    options.flags = 0;
    FAILS(ENOENT, fdi_spawn(&child, &options));
}

static void each_thread_waits_for_its_own_children(void **state)
{
    struct shared shared = share(state);
    in_all_threads(&shared, start_and_wait, CHILDREN);
    file_tree_close(&shared.tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(threads_may_share_a_file),
        CASE(threads_may_share_a_directory),
        CASE(threads_may_compete_for_a_name),
        CASE(threads_may_query_support_at_once),
        CASE(threads_may_create_descriptors_at_once),
        CASE(threads_may_mark_descriptors_at_once),
        CASE(each_thread_waits_for_its_own_children),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
