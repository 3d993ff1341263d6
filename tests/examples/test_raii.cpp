// SPDX-License-Identifier: MIT
// Tests the C++ wrapper of docs/examples. Usage: test_raii LIST_FDS
#include "../../docs/examples/fdinherit.hpp"

#include <cstdio>
#include <fcntl.h>

static int count;

static void check(bool good, const char *name)
{
    std::printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, name);
}

static bool closes_at_the_end()
{
    int number;
    {
        fdi::unique_fd moved;
        fdi::unique_fd null = fdi::open(fdi_path("/dev/null"), O_RDONLY);
        number = null.get();
        moved = std::move(null);
        if (moved.get() != number || null.get() >= 0 || fcntl(number, F_GETFD) < 0)
            return false;
    }
    return fcntl(number, F_GETFD) < 0;
}

static bool throws_the_errno()
{
    try {
        fdi::open(fdi_path("/nonexistent/file"), O_RDONLY);
    } catch (const std::system_error &error) {
        return error.code() == std::errc::no_such_file_or_directory;
    }
    return false;
}

// Returns the child's list of its descriptors above stdio, without the one that carries the list.
static std::string child_has(const char *list_fds, std::vector<fdi_fd_map> fds, unsigned flags = 0)
{
    std::pair<fdi::unique_fd, fdi::unique_fd> ends = fdi::pipe();
    fds.push_back({ends.second.get(), 9});
    fdi_process child = fdi::spawn({list_fds, "9"}, fds, flags);
    ends.second = fdi::unique_fd();
    char text[256];
    std::string said;
    for (ssize_t length; (length = read(ends.first.get(), text, sizeof text)) > 0;)
        said.append(text, static_cast<size_t>(length));
    return fdi::wait(child) == 0 ? said : "the child failed";
}

static bool second_wait_throws()
{
    fdi_process child = fdi::spawn({"true"});
    if (fdi::wait(child) != 0 || child != FDI_NO_PROCESS)
        return false;
    try {
        fdi::wait(child);
    } catch (const std::system_error &error) {
        return error.code() == std::errc::invalid_argument;
    }
    return false;
}

static bool no_program_throws()
{
    try {
        fdi::spawn({});
    } catch (const std::system_error &error) {
        return error.code() == std::errc::invalid_argument;
    }
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    int leak = ::open("/dev/null", O_RDONLY); // a leak: inheritable, but not meant for a child
    fdi::unique_fd null = fdi::open(fdi_path("/dev/null"), O_RDONLY);
    std::printf("1..8\n");
    check(closes_at_the_end(), "the_owner_closes_its_descriptor");
    check(throws_the_errno(), "an_error_throws_its_errno");
    check(child_has(argv[1], {}).empty(), "a_child_receives_no_other_descriptor");
    check(child_has(argv[1], {{null.get(), 5}}) == "5\n", "a_child_receives_the_given_descriptors");
    check(child_has(argv[1], {{null.get(), 5}}, FDI_SPAWN_NO_STDIO) == "5\n",
          "a_child_without_stdio_receives_the_given_descriptors");
    fdi_process child = fdi::spawn({"sh", "-c", "exit 3"});
    check(fdi::wait(child) == 3, "spawn_searches_path");
    check(second_wait_throws(), "a_second_wait_throws");
    check(no_program_throws(), "an_empty_command_throws");
    return close(leak);
}
