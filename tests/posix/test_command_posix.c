/* SPDX-License-Identifier: MIT
 * Parts of the command that no outside test can exercise. tests/test_command*.py test the rest. */
#include "../../src/platform.h"
#include "../support/fixture.h"
#include "../support/seccomp_linux.h"
#include "../../src/command/posix/posix_command.h"
#include "../../src/command/watch.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int command_main(int argc, char **argv);
int reported_version(void);
void *counted_calloc(size_t count, size_t size);
void counted_free(void *memory);

static int allocated; /* allocated by the command and not freed yet */

void *counted_calloc(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    allocated += memory != NULL;
    return memory;
}

void counted_free(void *memory)
{
    allocated -= memory != NULL;
    free(memory);
}

/* Returns the output of `write`, which the caller frees. */
static char *written(void (*write)(FILE *, const char *), const char *text)
{
    char *got = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&got, &size);
    assert_non_null(out);
    write(out, text);
    assert_int_equal(fclose(out), 0);
    return got;
}

static void assert_written(void (*write)(FILE *, const char *), const char *text,
                           const char *expected)
{
    char *got = written(write, text);
    assert_string_equal(got, expected);
    free(got);
}

static void encode(unsigned character, char text[4])
{
    int at = 0;
    if (character >= 0x800)
        text[at++] = (char)(0xe0 | character >> 12);
    text[at] = (char)(character >= 0x800 ? 0x80 | (character >> 6 & 0x3f) : 0xc0 | character >> 6);
    text[++at] = (char)(0x80 | (character & 0x3f));
    text[++at] = '\0';
}

static void characters_that_do_not_show_or_reorder_a_line_are_escaped(void **state)
{
    static const unsigned disturbing[] = {0x80,   0x9f,   0xad,   0x115f, 0x200b, 0x200f, 0x2028,
                                          0x202e, 0x2060, 0x2069, 0x3164, 0xfe0f, 0xfeff, 0xfffb},
                          harmless[] = {0xa0,   0xac,  0xae,  0x115e, 0x2010, 0x2027,
                                        0x2030, 0x61b, 0x61d, 0xfefe, 0xff00, 0xfffc};
    char text[4], expected[16];
    (void)state;
    for (size_t i = 0; i < sizeof disturbing / sizeof disturbing[0]; i++) {
        encode(disturbing[i], text);
        (void)snprintf(expected, sizeof expected, "\"\\u%04x\"", disturbing[i]);
        assert_written(write_json_text, text, expected);
    }
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        encode(harmless[i], text);
        assert_written(write_escaped, text, text);
    }
    assert_written(write_escaped, "\x7f~ \x1f", "\\x7f~ \\x1f");
    assert_written(write_escaped, "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"); /* a tag */
    assert_written(write_json_text, "\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"");
    assert_written(write_json_text, "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"");
}

static void invalid_utf8_is_escaped(void **state)
{
    (void)state;
    assert_written(write_escaped, "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"); /* the last code point */
    assert_written(write_escaped, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
    assert_written(write_escaped, "\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80");
    assert_written(write_escaped, "\xed\xa0\x80", "\\xed\\xa0\\x80");
    assert_written(write_escaped, "\xc1\xbf\xe0\x9f\xbf", "\\xc1\\xbf\\xe0\\x9f\\xbf");
    assert_written(write_escaped, "a\\\xbf", "a\\\\\\xbf");
}

int reported_version(void)
{
    return 12 << 16 | 255 << 8 | 255;
}

static bool prints_the_version(const void *unused)
{
    char *arguments[] = {"fdinherit", "--version", NULL};
    char text[64] = "";
    (void)unused;
    int fd = open("version", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return dup2(fd, 1) == 1 && command_main(2, arguments) == EXIT_CLEAN && unlink("version") == 0 &&
           pread(fd, text, sizeof text - 1, 0) > 0 && strcmp(text, "fdinherit 12.255.255\n") == 0;
}

static void each_number_of_the_version_is_printed(void **state)
{
    (void)state;
    assert_true(apart(prints_the_version, NULL));
}

static bool ends_without_memory(const void *unused)
{
    (void)unused;
    int fd = open("/dev/null", O_WRONLY);
    pid_t child = fork();
    int status;
    if (child == 0) {
        (void)dup2(fd, 2);
        (void)allocate((size_t)1 << (8 * sizeof(size_t) - 2));
        _exit(0);
    }
    return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == EXIT_TROUBLE;
}

static void exhausted_memory_ends_the_command(void **state)
{
    (void)state;
    assert_true(apart(ends_without_memory, NULL));
}

static bool notices_that_output_was_lost(const void *unused)
{
    (void)unused;
    (void)setvbuf(stdout, NULL, _IONBF, 0);
    (void)dup2(open("/dev/null", O_WRONLY), 2);
    if (finish_output(stdout, 7) != 7)
        return false;
    (void)dup2(open("/dev/full", O_WRONLY), 1);
    return fputs("lost", stdout) == EOF && finish_output(stdout, 7) == TROUBLE;
}

/* Flushing then succeeds, because no data is left. */
static void output_lost_before_the_end_is_an_error(void **state)
{
    (void)state;
    assert_true(apart(notices_that_output_was_lost, NULL));
}

struct outcome {
    int error;
    int status;
};

static bool ends_with(const void *argument)
{
    const struct outcome *outcome = argument;
    const struct seccomp_rule rules[] = {{435 /* clone3 */, 0, 0, 0, outcome->error},
                                         {SYS_clone, 0, 0, 0, outcome->error}};
    char *command[] = {"true", NULL};
    (void)dup2(open("/dev/null", O_WRONLY), 2);
    return seccomp_refuse(rules, 2) && run_to_the_end(command, NULL, 0) == outcome->status;
}

static void each_spawn_error_has_the_exit_status_of_a_shell(void **state)
{
    static const struct outcome outcomes[] = {
        {ENOENT, 127},     {ENOTDIR, 127},    {ELOOP, 127},       {ENAMETOOLONG, 127},
        {EBADF, TROUBLE},  {EINVAL, TROUBLE}, {ENOTSUP, TROUBLE}, {EMFILE, TROUBLE},
        {ENFILE, TROUBLE}, {EAGAIN, TROUBLE}, {ENOMEM, TROUBLE},  {EACCES, 126},
        {ENOEXEC, 126},    {EIO, 126}};
    (void)state;
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        assert_true(apart(ends_with, &outcomes[i]));
}

static bool passes_an_early_signal_on(const void *unused)
{
    (void)unused;
    int status;
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            (void)pause();
    }
    outlive_signals();
    if (raise(SIGTERM) != 0)
        return false;
    pass_signals_to(child);
    (void)alarm(20);
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGTERM;
}

static void signal_before_the_command_starts_is_passed_on(void **state)
{
    (void)state;
    assert_true(apart(passes_an_early_signal_on, NULL));
}

static bool passes_a_queued_signal_on(const void *unused)
{
    (void)unused;
    int status;
    pid_t child = fork();
    if (child == 0) {
        for (;;)
            (void)pause();
    }
    outlive_signals();
    pass_signals_to(child);
    if (sigqueue(getpid(), SIGINT, (union sigval){0}) != 0)
        return false;
    (void)alarm(20);
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGINT;
}

static void sigint_sent_by_a_program_is_passed_on(void **state)
{
    (void)state;
    assert_true(apart(passes_a_queued_signal_on, NULL));
}

static bool ends_without_starting(const void *unused)
{
    (void)unused;
    (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
    int gate = dup(0); /* the read end of the next pipe */
    char *command[] = {"sh", "-c", ": >started", NULL};
    const struct start start = {.command = command};
    struct watched watched = {.count = 0};
    const struct seccomp_rule rules[] = {{SYS_write, 0, ~0U, (unsigned)gate + 1, EIO},
                                         {SYS_seccomp, 0, 0, 0, EPERM}};
    (void)close(gate);
    return seccomp_refuse(rules, 2) && system_watch(&start, &watched) == TROUBLE &&
           waitpid(-1, NULL, 0) == -1 && errno == ECHILD && access("started", F_OK) == -1;
}

static void command_that_cannot_be_released_is_not_started(void **state)
{
    (void)state;
    assert_true(apart(ends_without_starting, NULL));
}

struct kind {
    int family, type, protocol;
    const char *name;
};

static bool is_called(const void *argument)
{
    const struct kind *kind = argument;
    struct descriptor descriptor = {.kind = "socket"};
    if (kind->type == SOCK_RAW && geteuid() != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
        return false;
    descriptor.fd = socket(kind->family, kind->type | SOCK_CLOEXEC, kind->protocol);
    if (descriptor.fd < 0)
        return false;
    ask_socket(descriptor.fd, &descriptor);
    const char *name = descriptor.socket->protocol;
    return kind->name ? name && strcmp(name, kind->name) == 0 &&
                            strncmp(descriptor.refers_to, name, strlen(name)) == 0
                      : !name && !descriptor.refers_to;
}

static void sockets_are_named_by_family_and_type(void **state)
{
    static const struct kind kinds[] = {{AF_INET, SOCK_STREAM, 0, "tcp"},
                                        {AF_INET, SOCK_DGRAM, 0, "udp"},
                                        {AF_INET, SOCK_RAW, 1, "raw"},
                                        {AF_INET6, SOCK_STREAM, 0, "tcp6"},
                                        {AF_INET6, SOCK_DGRAM, 0, "udp6"},
                                        {AF_INET6, SOCK_RAW, 58, "raw6"},
                                        {AF_UNIX, SOCK_STREAM, 0, "unix stream"},
                                        {AF_UNIX, SOCK_DGRAM, 0, "unix datagram"},
                                        {AF_UNIX, SOCK_SEQPACKET, 0, "unix seqpacket"},
                                        {AF_INET, SOCK_DGRAM, 136, "udplite"},
                                        {AF_INET6, SOCK_DGRAM, 136, "udplite6"},
                                        {AF_NETLINK, SOCK_RAW, 0, "netlink"}};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        assert_true(apart(is_called, &kinds[i]));
}

static struct sockaddr_un letter(char name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    address.sun_path[0] = name;
    return address;
}

static void one_letter_socket_name_is_reported(void **state)
{
    const struct sockaddr_un addresses[] = {letter('a'), letter('b')};
    struct descriptor descriptor = {.kind = "socket"};
    char *json = NULL;
    size_t size = 0;
    int fds[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        const struct sockaddr *address = (const struct sockaddr *)&addresses[i];
        fds[i] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fds[i], address, sizeof addresses[i]), 0);
        if (i == 1)
            assert_int_equal(connect(fds[0], address, sizeof addresses[i]), 0);
    }
    descriptor.fd = fds[0];
    ask_socket(descriptor.fd, &descriptor);
    assert_string_equal(descriptor.refers_to, "unix datagram a -> b");
    FILE *out = open_memstream(&json, &size);
    write_json_members(out, &descriptor);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(json, "\"local\": \"a\", \"peer\": \"b\""));
    free(json);
    counted_free(descriptor.refers_to);
    counted_free(descriptor.socket);
    assert_true(close(fds[0]) == 0 && close(fds[1]) == 0);
    assert_true(unlink("a") == 0 && unlink("b") == 0);
}

static void socket_description_replaces_the_procfs_link(void **state)
{
    struct descriptor descriptor = {.kind = "socket"};
    (void)state;
    descriptor.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(descriptor.fd >= 0);
    struct socket_facts *report = allocate(sizeof *report);
    memset(report, 0xff, sizeof *report);
    descriptor.socket = report;
    ask_socket(descriptor.fd, &descriptor);
    assert_ptr_equal(descriptor.socket, report); /* a second block would be a memory leak */
    assert_string_equal(report->protocol, "unix stream");
    assert_int_equal(report->listening, false);
    counted_free(report);
    counted_free(descriptor.refers_to);
    close(descriptor.fd);
}

static void socket_without_a_known_family_keeps_its_link(void **state)
{
    struct descriptor descriptor = {.kind = "socket"};
    (void)state;
    descriptor.fd = open_null(false);
    descriptor.refers_to = copy_text("socket:[1]", 10);
    ask_socket(descriptor.fd, &descriptor);
    assert_null(descriptor.socket->protocol);
    assert_string_equal(descriptor.refers_to, "socket:[1]");
    counted_free(descriptor.refers_to);
    counted_free(descriptor.socket);
    close(descriptor.fd);
}

static void file_contents_are_truncated_and_terminated(void **state)
{
    char text[8];
    size_t length;
    bool cut;
    (void)state;
    FILE *file = fopen("numbers", "we");
    assert_non_null(file);
    assert_true(fputs("0123456789", file) >= 0 && fclose(file) == 0);
    memset(text, 'x', sizeof text);
    assert_int_equal(read_start(".", "numbers", text, sizeof text), 7);
    assert_string_equal(text, "0123456");
    memset(text, 'x', sizeof text);
    assert_int_equal(read_start(".", "absent", text, sizeof text), 0);
    assert_string_equal(text, "");
    char *all = read_all(".", "numbers", &length, &cut);
    assert_int_equal(length, 10);
    assert_string_equal(all, "0123456789");
    assert_false(cut);
    counted_free(all);
    assert_int_equal(unlink("numbers"), 0);
    all = read_all(".", "absent", &length, NULL);
    assert_int_equal(length, 0);
    counted_free(all);
}

static void closed_descriptor_cannot_be_described(void **state)
{
    struct descriptor descriptor = {.kind = "unknown"};
    (void)state;
    descriptor.fd = open_null(false);
    assert_true(describe_flags("/proc/self", &descriptor));
    assert_true(describe_object("/proc/self", &descriptor));
    assert_string_equal(descriptor.refers_to, "/dev/null");
    counted_free(descriptor.refers_to);
    descriptor.refers_to = NULL;
    close(descriptor.fd);
    assert_false(describe_flags("/proc/self", &descriptor));
    assert_int_equal(errno, ENOENT);
    assert_false(describe_object("/proc/self", &descriptor));
    assert_int_equal(errno, ENOENT);
    assert_null(descriptor.refers_to);
}

/* ---- memory ---------------------------------------------------------------------------------- */

enum { MOST_WORDS = 8 };

static bool ends_with_nothing_allocated(const void *argument)
{
    char *const *words = argument;
    char *arguments[MOST_WORDS + 1] = {(char[]){"fdinherit"}};
    int count = 1;
    for (; words[count - 1]; count++)
        arguments[count] = words[count - 1];
    (void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 1);
    (void)dup2(1, 2);
    (void)command_main(count, arguments);
    return allocated == 0;
}

/* The process has sockets, and more descriptors than a new list holds. */
static void each_subcommand_frees_all_its_memory(void **state)
{
    char pid[16];
    int fds[40];
    char *const commands[][MOST_WORDS] = {
        {"list"},
        {"list", "--json", "--inheritable"},
        {"list", pid},
        {"check"},
        {"check", "--json", pid, pid},
        {"check", "--", "sh", "-c", "true 5</dev/null 6<&5; true 7</dev/null"},
        {"check", "--allow=fd=5,to=true", "--print-suppressions", "--", "sh", "-c",
         "true 5</dev/null 6<&5"},
        {"check", "--output=/dev/null", "--json", "--keep=0:7", "--", "true"},
        {"check", "--allow=fd=5,fd=6", "--", "true"},
        {"check", "--", "sh", "-c", "sleep 2 >/dev/null 2>&1 &"},
        {"run", "--keep", "0", "--keep", "0:7", "--", "true"},
        {"supports"},
    };
    (void)state;
    (void)snprintf(pid, sizeof pid, "%d", (int)getpid());
    for (int i = 0; i < 40; i += 2)
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, &fds[i]), 0);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        assert_true(apart(ends_with_nothing_allocated, commands[i]));
    for (int i = 0; i < 40; i++)
        close(fds[i]);
}

static void repeated_description_allocates_no_more_memory(void **state)
{
    struct descriptor descriptor = {.kind = "unknown"};
    int before = allocated;
    (void)state;
    descriptor.fd = open_null(false);
    for (int i = 0; i < 2; i++) {
        assert_true(describe_object("/proc/self", &descriptor));
        assert_int_equal(allocated, before + 1);
    }
    counted_free(descriptor.refers_to);
    close(descriptor.fd);
}

static void dropped_descriptor_frees_its_memory(void **state)
{
    struct descriptors list = {NULL, 0, 0};
    int before = allocated;
    (void)state;
    for (int fd = 5; fd > 2; fd--) {
        struct descriptor *added = descriptors_add(&list, fd, fd != 4);
        added->refers_to = copy_text("text", 4);
        added->socket = allocate(sizeof *added->socket);
    }
    descriptors_drop_last(&list);
    assert_int_equal(allocated, before + 1 + 2 * 2);
    assert_null(list.items[2].refers_to);
    descriptors_keep_inheritable(&list, 0);
    assert_int_equal(allocated, before + 1 + 2);
    descriptors_free(&list);
    assert_int_equal(allocated, before);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(characters_that_do_not_show_or_reorder_a_line_are_escaped),
        CASE(invalid_utf8_is_escaped),
        CASE(each_number_of_the_version_is_printed),
        CASE(exhausted_memory_ends_the_command),
        CASE(output_lost_before_the_end_is_an_error),
        CASE(each_spawn_error_has_the_exit_status_of_a_shell),
        CASE(signal_before_the_command_starts_is_passed_on),
        CASE(sigint_sent_by_a_program_is_passed_on),
        CASE(command_that_cannot_be_released_is_not_started),
        CASE(sockets_are_named_by_family_and_type),
        CASE(one_letter_socket_name_is_reported),
        CASE(socket_description_replaces_the_procfs_link),
        CASE(socket_without_a_known_family_keeps_its_link),
        CASE(file_contents_are_truncated_and_terminated),
        CASE(closed_descriptor_cannot_be_described),
        CASE(each_subcommand_frees_all_its_memory),
        CASE(repeated_description_allocates_no_more_memory),
        CASE(dropped_descriptor_frees_its_memory),
    };
    return cmocka_run_group_tests_name("command_posix", cases, NULL, NULL);
}
