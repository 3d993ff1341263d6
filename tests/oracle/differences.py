# SPDX-License-Identifier: MIT
"""The calls for which the library and Python give different results. Each entry has a reason and the
required errno. All other results must be equal. Entries are tried in this order."""
import errno
import os
from typing import Callable, NamedTuple

from operations import FD, NOFOLLOW, UNKNOWN_FLAG

# Functions of the library that act on an fd.
TAKE_FD = {"access", "chdir", "chflags", "chmod", "chown", "execve", "getxattr", "getxattr_length", "setxattr",
           "listxattr", "listxattr_length", "removexattr", "link", "open", "pathconf", "readlink", "opendir",
           "stat", "statvfs", "truncate", "utime", "utime_now", "fopen", "mkstemp", "spawn"}
# Functions that take no fd in Python, or ignore it.
LACK_FD_IN_PYTHON = {"access", "chflags", "chmod", "link", "open"}
PERMISSIONS = 0o7777
TYPE_AND_PERMISSIONS = 0o177777


def bits(operation):
    """Returns the flags argument, or 0 if there is none."""
    if operation.name == "open":
        return NOFOLLOW if operation.arguments[0] & os.O_NOFOLLOW else 0
    return operation.arguments[-1] if operation.name in HAVE_FLAGS else 0


HAVE_FLAGS = {"access", "chflags", "chmod", "chown", "getxattr", "getxattr_length", "setxattr", "listxattr",
              "listxattr_length", "removexattr", "link", "stat", "symlink", "utime", "utime_now",
              "rename", "replace", "dup", "dup2", "pipe", "fopen", "spawn"}


def is_fd(target):
    return target.form == FD


def first(operation):
    return operation.targets[0] if operation.targets else None


def has_any(test):
    return lambda operation: any(test(target) for target in operation.targets)


def fd_and_nofollow(operation):
    return operation.name in LACK_FD_IN_PYTHON and is_fd(first(operation)) and bool(bits(operation) & NOFOLLOW)


def low_fd_and_nofollow(operation):
    return (operation.name in TAKE_FD and is_fd(first(operation)) and first(operation).fd <= 0 and
            bool(bits(operation) & NOFOLLOW))


def bad_fd(operation):
    target = first(operation)
    return operation.name in TAKE_FD and is_fd(target) and target.fd < 0 and not bits(operation) & NOFOLLOW


def make_an_open_file(operation):
    return (operation.name == "open" and is_fd(first(operation)) and
            bool(operation.arguments[0] & os.O_CREAT))


def mode_out_of_range(operation):
    known = {"chmod": TYPE_AND_PERMISSIONS, "mknod": TYPE_AND_PERMISSIONS, "mkdir": 0o1777,
             "mkfifo": PERMISSIONS}
    if operation.name == "open":
        return bool(operation.arguments[1] & ~PERMISSIONS)
    return operation.name in known and bool(operation.arguments[0] & ~known[operation.name])


def bad_nanoseconds(operation):
    return operation.name == "utime" and not all(0 <= ns < 10**9 for ns in operation.arguments[1:4:2])


class Difference(NamedTuple):
    reason: str
    applies: Callable
    error: int


DIFFERENCES = (
    Difference("Python has no way to pass an unknown flag",
               lambda o: bool(bits(o) & UNKNOWN_FLAG), errno.EINVAL),
    Difference("no path and no fd: Python raises TypeError for None or uses '.'",
               has_any(lambda t: t.path is None and not is_fd(t)), errno.EINVAL),
    Difference("an fd together with no-follow: access, link and open of Python take no fd, and chmod does not check",
               fd_and_nofollow, errno.EINVAL),
    Difference("CPython before 2026 accepts fd 0 and negative fds together with no-follow",
               low_fd_and_nofollow, errno.EINVAL),
    Difference("a negative fd: newer kernels accept AT_FDCWD as the current directory, CPython treats some as a path",
               bad_fd, errno.EBADF),
    Difference("O_CREAT with an open file; Python has no way to reopen an fd",
               make_an_open_file, errno.EINVAL),
    Difference("unknown mode bits: with Python the kernel ignores them",
               mode_out_of_range, errno.EINVAL),
    Difference("unknown access mode bits: Python returns False",
               lambda o: o.name == "access" and o.arguments[0] > 7, errno.EINVAL),
    Difference("O_WRONLY and O_RDWR together: the kernel opens the file for neither",
               lambda o: o.name == "open" and o.arguments[0] & 3 == 3, errno.EINVAL),
    Difference("Python has no way to read a link into an empty buffer",
               lambda o: o.name == "readlink" and o.arguments[0] == 0, errno.EINVAL),
    Difference("readlinkat of Linux reads the open symlink itself if the path is empty",
               lambda o: o.name == "readlink" and first(o).path == "", errno.ENOENT),
    Difference("the library checks for a negative length before it opens the file",
               lambda o: o.name == "truncate" and o.arguments[0] < 0, errno.EINVAL),
    Difference("nanoseconds outside a second: Python carries them over", bad_nanoseconds, errno.EINVAL),
    Difference("Linux has no file flags, and no os.chflags", lambda o: o.name == "chflags", errno.ENOTSUP),
)


def find(operation):
    """Returns the index of the difference that applies to this operation, or None."""
    for index, difference in enumerate(DIFFERENCES):
        if difference.applies(operation):
            return index
    return None
