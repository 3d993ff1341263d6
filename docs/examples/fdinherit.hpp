// SPDX-License-Identifier: MIT
// libfdinherit in C++11: an owner that closes its descriptor, exceptions for errors, and children that
// receive exactly the given descriptors. Copy it and extend it.
#ifndef FDINHERIT_HPP
#define FDINHERIT_HPP

#include <fdinherit.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>
#include <unistd.h>

namespace fdi {

// Returns the result of a library function, or throws its errno.
template <typename Answer> Answer check(Answer answer, const char *what) {
    if (answer < 0)
        throw std::system_error(errno, std::generic_category(), what);
    return answer;
}

// Owns a descriptor. The library creates it non-inheritable, so no child inherits it by accident.
class unique_fd {
    int fd_;

public:
    explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
    unique_fd(unique_fd &&other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    unique_fd &operator=(unique_fd other) noexcept { return std::swap(fd_, other.fd_), *this; }
    ~unique_fd() { if (fd_ >= 0) close(fd_); }
    int get() const noexcept { return fd_; }
    fdi_target target() const noexcept { return fdi_fd(fd_); }
};

inline unique_fd open(fdi_target target, int oflags, unsigned mode = 0) {
    return unique_fd(check(fdi_open(target, oflags, mode), "fdi_open"));
}

inline std::pair<unique_fd, unique_fd> pipe() {
    int fds[2];
    check(fdi_pipe(fds, 0), "fdi_pipe");
    return {unique_fd(fds[0]), unique_fd(fds[1])};
}

// Starts argv[0], and searches PATH for it. The child receives stdio and the descriptors of `fds`.
inline fdi_process spawn(const std::vector<std::string> &argv,
                         const std::vector<fdi_fd_map> &fds = {}, unsigned flags = 0) {
    std::vector<char *> words;
    for (const std::string &word : argv)
        words.push_back(const_cast<char *>(word.c_str()));
    words.push_back(nullptr);
    fdi_spawn_options options = fdi_spawn_defaults();
    fdi_process process;
    options.program = fdi_path(words[0]);
    options.argv = words.data();
    options.fds = fds.empty() ? nullptr : fds.data();
    options.fd_count = fds.size();
    options.flags = flags;
    if (!argv.empty() && argv[0].find('/') == std::string::npos)
        options.flags |= FDI_SPAWN_SEARCH;
    check(fdi_spawn(&process, &options), "fdi_spawn");
    return process;
}

// Waits until the child ends, and stores FDI_NO_PROCESS, so that a second wait throws.
inline std::int64_t wait(fdi_process &process) {
    std::int64_t status;
    return check(fdi_wait(&process, &status, -1, 0), "fdi_wait"), status;
}

} // namespace fdi

#endif
