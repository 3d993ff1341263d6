# SPDX-License-Identifier: MIT
"""Python's side of the comparison: carries out an operation with the functions of os and reports the
result in the driver's format. For forms that Python lacks it uses another function: files opened with
O_PATH are accessed by their names in /proc/self/fd."""
import contextlib
import errno
import fcntl
import os
import re
import stat

from operations import (ABOVE_STDIO, AT_FDCWD, EFFECTIVE_IDS, INHERITABLE, NOFOLLOW, NONBLOCK, SPAWN_NO_STDIO, SLOTS,
                        at_root, by_path)

NO_LIMIT = 2**63 - 1
DIRECTORY, FILE, SYMLINK, SPECIAL = 3, 5, 6, "special"


def open_name(fd):
    return f"/proc/self/fd/{fd}"


def only_reaches(fd):
    try:
        return bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_PATH)
    except OSError:
        return False


class Reached:
    """A target as an fd: its own, or an O_PATH fd of the path."""

    def __init__(self, target, nofollow=False):
        self.own = target.path is None
        if self.own:
            os.fstat(target.fd)
            self.fd = target.fd
            return
        self.fd = os.open(target.path, os.O_PATH | (os.O_NOFOLLOW if nofollow else 0), dir_fd=dir_fd(target))
        if target.dir_fd != AT_FDCWD and not target.path.startswith("/"):
            os.set_inheritable(self.fd, os.get_inheritable(target.dir_fd))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.own:
            os.close(self.fd)

    @property
    def name(self):
        return open_name(self.fd)


def dir_fd(target):
    return None if target.dir_fd == AT_FDCWD else target.dir_fd


def simple(target):
    """Returns the path or the fd, either of which Python accepts as a path."""
    return target.fd if target.path is None else target.path


def is_path_alone(target):
    return target.path is not None and (target.dir_fd == AT_FDCWD or target.path.startswith("/"))


def at(target):
    """Returns dir_fd as a keyword only if there is one, because Python rejects it with other arguments."""
    return {} if target.dir_fd == AT_FDCWD else {"dir_fd": target.dir_fd}


def follow(flags):
    return {"follow_symlinks": not flags & NOFOLLOW}


def by_name(target, flags=0):
    """Python's functions report EBADF for an O_PATH fd, but the library accepts it. Returns the path of such
    an fd in /proc/self/fd, and other targets unchanged."""
    is_right = target.fd >= 0 and not flags & NOFOLLOW
    if target.path is None and is_right and only_reaches(target.fd):
        return by_path(open_name(target.fd))
    return target


def hexed(value):
    return f"{len(value)} {value.hex()}"


def too_long(length, size):
    if length > size:
        raise OSError(errno.ERANGE, "cut")


class ByOs:
    """One method per operation, named as in the driver."""

    def __init__(self, root):
        self.root = root
        self.top = os.open(root, os.O_PATH)
        os.set_inheritable(self.top, False)

    def perform(self, operation):
        targets = [t if t.path is None else t._replace(path=at_root(t.path, self.root)) for t in operation.targets]
        try:
            return str(getattr(self, operation.name)(*targets, *operation.arguments))
        except OSError as error:
            return f"error {error.errno}"
        except (NotImplementedError, TypeError, ValueError) as error:
            return f"error {self.misuse(operation, error)}"

    @staticmethod
    def misuse(operation, error):
        """Python raises TypeError or ValueError for misuse. But chmod tries the system call first, and raises
        an exception for a symlink too, which means ENOTSUP."""
        if operation.name == "chmod" and not isinstance(error, TypeError):
            return errno.ENOTSUP
        return errno.EINVAL

    # ---- attributes

    @staticmethod
    def access(target, mode, flags):
        """Python returns only a bool. False means EACCES for an existing file, and otherwise the error of
        stat."""
        more = {"effective_ids": bool(flags & EFFECTIVE_IDS)}
        if target.path is None:
            os.fstat(target.fd)
            answer = os.access(open_name(target.fd), mode, **more)
        else:
            answer = os.access(target.path, mode, **more, **at(target), **follow(flags))
        if not answer:
            if target.path is not None:
                os.stat(target.path, **at(target), **follow(flags))
            raise OSError(errno.EACCES, "no access")
        return 0

    @staticmethod
    def chmod(target, mode, flags):
        target = by_name(target, flags)
        return os.chmod(simple(target), mode & 0o7777, **at(target), **follow(flags)) or 0

    @staticmethod
    def chown(target, uid, gid, flags):
        target = by_name(target, flags)
        ids = [-1 if number == 0xffffffff else number for number in (uid, gid)]
        return os.chown(simple(target), *ids, **at(target), **follow(flags)) or 0

    @staticmethod
    def pathconf(target, name):
        """glibc has constant results for some names, even for a closed fd; the library only for plain paths."""
        if is_path_alone(target):
            limit = os.pathconf(target.path, name)
        else:
            with Reached(target) as reached:
                limit = os.pathconf(reached.fd, name)
        return NO_LIMIT if limit == -1 else limit

    @staticmethod
    def stat(target, flags):
        status = os.stat(simple(target), **at(target), **follow(flags))
        times = " ".join(f"{ns // 10**9}.{ns % 10**9:09}" for ns in (status.st_atime_ns, status.st_mtime_ns))
        return (f"{status.st_mode:o} {status.st_nlink} {status.st_uid} {status.st_gid} {status.st_size} "
                f"{status.st_rdev} {status.st_blksize} {status.st_dev} {times}")

    @staticmethod
    def statvfs(target):
        with Reached(target) as reached:
            status = os.statvfs(reached.fd)
        return (f"{status.f_bsize} {status.f_frsize} {status.f_blocks} {status.f_files} {status.f_flag} "
                f"{status.f_namemax}")

    @staticmethod
    def truncate(target, length):
        target = by_name(target)
        if target.dir_fd == AT_FDCWD:
            return os.truncate(simple(target), length) or 0
        with Reached(target) as reached:
            return os.truncate(reached.name, length) or 0

    def utime(self, target, asec, ansec, msec, mnsec, flags):
        return self.set_times(target, flags, ns=(asec * 10**9 + ansec, msec * 10**9 + mnsec))

    def utime_now(self, target, flags):
        return self.set_times(target, flags)

    @staticmethod
    def set_times(target, flags, **times):
        target = by_name(target, flags)
        return os.utime(simple(target), **times, **at(target), **follow(flags)) or 0

    # ---- extended attributes: no dir_fd in Python

    @staticmethod
    def on_attributes(function, target, flags, *arguments):
        target = by_name(target, flags)
        if target.dir_fd == AT_FDCWD:
            return function(simple(target), *arguments, **follow(flags))
        with Reached(target, flags & NOFOLLOW) as reached:
            return function(reached.name, *arguments)

    def getxattr(self, target, name, size, flags):
        value = self.on_attributes(os.getxattr, target, flags, name)
        too_long(len(value), size)
        return hexed(value)

    def getxattr_length(self, target, name, flags):
        return len(self.on_attributes(os.getxattr, target, flags, name))

    def setxattr(self, target, name, value, xflags, flags):
        return self.on_attributes(os.setxattr, target, flags, name, value, xflags) or 0

    def names(self, target, flags):
        return "".join(name + "\0" for name in self.on_attributes(os.listxattr, target, flags)).encode()

    def listxattr(self, target, size, flags):
        names = self.names(target, flags)
        too_long(len(names), size)
        return hexed(names)

    def listxattr_length(self, target, flags):
        return len(self.names(target, flags))

    def removexattr(self, target, name, flags):
        return self.on_attributes(os.removexattr, target, flags, name) or 0

    # ---- directories

    @staticmethod
    def chdir(target):
        if target.dir_fd == AT_FDCWD:
            return os.chdir(simple(target)) or 0
        with Reached(target) as reached:
            return os.chdir(reached.fd) or 0

    @staticmethod
    def opendir(target):
        """By name, because os.scandir(fd) shares its position with other readers of the fd. An fd that was
        opened for reading is listed even if the directory may no longer be opened."""
        if is_path_alone(target):
            return listing(target.path)
        with Reached(target) as reached:
            try:
                return listing(reached.name)
            except PermissionError:
                if not reached.own or not is_readable(reached.fd):
                    raise
                return listing_of_fd(reached.fd)

    # ---- names

    def link(self, source, goal, flags):
        """Before 3.15, os.link() follows symlinks only with a dir_fd. So it gets one, which works even if the
        user may not search the current directory."""
        more = {"src_dir_fd": dir_fd(source), "dst_dir_fd": dir_fd(goal), **follow(flags)}
        if goal.path is None:
            raise TypeError("a new name cannot be an fd")
        if source.path is None:
            os.fstat(source.fd)
            source = by_path(open_name(source.fd))
        if source.path.startswith("/") and more["src_dir_fd"] is None:
            more["src_dir_fd"] = self.top
        if more["src_dir_fd"] is not None or more["dst_dir_fd"] is not None:
            return os.link(source.path, goal.path, **more) or 0
        here = os.open("/proc/self/cwd", os.O_PATH)
        try:
            more["src_dir_fd"] = here
            return os.link(source.path, goal.path, **more) or 0
        finally:
            os.close(here)

    @staticmethod
    def mkdir(target, mode):
        return os.mkdir(simple(target), mode, **at(target)) or 0

    @staticmethod
    def mkfifo(target, mode):
        return os.mkfifo(simple(target), mode, **at(target)) or 0

    @staticmethod
    def mknod(target, mode, device):
        return os.mknod(simple(target), mode, device, **at(target)) or 0

    @staticmethod
    def readlink(target, size):
        """Reads an fd of the link itself by an empty path. For other fds the kernel reports ENOENT, and the
        library EINVAL."""
        if target.path is not None:
            return hexed(os.fsencode(os.readlink(target.path, **at(target)))[:size])
        if not stat.S_ISLNK(os.fstat(target.fd).st_mode):
            raise OSError(errno.EINVAL, "not a link")
        return hexed(os.fsencode(os.readlink("", dir_fd=target.fd))[:size])

    @staticmethod
    def rename(source, goal, _flags):
        return os.rename(simple(source), simple(goal), src_dir_fd=dir_fd(source), dst_dir_fd=dir_fd(goal)) or 0

    @staticmethod
    def replace(source, goal, _flags):
        return os.replace(simple(source), simple(goal), src_dir_fd=dir_fd(source), dst_dir_fd=dir_fd(goal)) or 0

    @staticmethod
    def rmdir(target):
        return os.rmdir(simple(target), **at(target)) or 0

    @staticmethod
    def symlink(target, text, _flags):
        return os.symlink(text, simple(target), **at(target)) or 0

    @staticmethod
    def unlink(target):
        return os.unlink(simple(target), **at(target)) or 0

    # ---- descriptors

    @staticmethod
    def open(target, oflags, mode, slot):
        """Reopens an fd by its name in /proc/self/fd, because Python has no function for it."""
        if target.path is None:
            fd = open_again(target.fd, oflags, mode)
        else:
            fd = os.open(target.path, oflags, mode, **at(target))
        return settle(fd, slot)

    def fopen(self, target, mode, slot, flags):
        oflags = stream_flags(mode)
        if target.path is None:
            if oflags & os.O_EXCL:
                raise ValueError("an open file exists")
            fd = open_again(target.fd, oflags & ~os.O_CREAT, 0)
        else:
            fd = os.open(target.path, oflags, 0o666, **at(target))
        return settle(above(fd, flags), slot)

    @staticmethod
    def mkstemp(directory, name, _suffix, oflags, slot):
        """Creates the file under the name that replaces the driver's random name."""
        if oflags & ~(os.O_APPEND | os.O_NONBLOCK | os.O_SYNC):
            raise ValueError("flags that say how to open")
        with Reached(directory) as reached:
            fd = os.open(name, oflags | os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=reached.fd)
        return settle(fd, slot)

    @staticmethod
    def dup(fd, slot, flags):
        if fd < 0:
            raise OSError(errno.EBADF, "fcntl of Python calls that a wrong value")
        command = fcntl.F_DUPFD if flags & INHERITABLE else fcntl.F_DUPFD_CLOEXEC
        return settle(fcntl.fcntl(fd, command, 3 if flags & ABOVE_STDIO else 0), slot)

    @staticmethod
    def dup2(fd, goal, flags):
        """os.dup2 refuses a private duplicate with the same number. For a negative fd it raises the errno of
        an earlier call."""
        inheritable = bool(flags & INHERITABLE)
        if min(fd, goal) < 0:
            raise OSError(errno.EBADF, "negative fd")
        if fd == goal:
            os.set_inheritable(fd, inheritable)
        else:
            os.dup2(fd, goal, inheritable)
        return f"{goal} {int(not os.get_inheritable(goal))}"

    @staticmethod
    def pipe(slot, other_slot, flags):
        """The second slot may equal the number of the first end, for example 0."""
        ends = [above(fd, flags) for fd in os.pipe2(os.O_CLOEXEC | (os.O_NONBLOCK if flags & NONBLOCK else 0))]
        answer = "".join(describe(fd) + " " for fd in ends)
        other = fcntl.fcntl(ends[1], fcntl.F_DUPFD_CLOEXEC, 100)
        os.close(ends[1])
        move(ends[0], slot)
        move(other, other_slot)
        return answer

    @staticmethod
    def execve(target):
        return status_of_child(execute, target)

    @staticmethod
    def spawn(target, flags):
        return status_of_child(execute_with_stdio, target, flags)

    @staticmethod
    def get_inheritable(fd):
        return int(os.get_inheritable(fd))

    @staticmethod
    def set_inheritable(fd, inheritable):
        return os.set_inheritable(fd, bool(inheritable)) or 0

    @staticmethod
    def close(fd):
        return os.close(fd) or 0

    @staticmethod
    def write(fd, value):
        return os.write(fd, value)


def open_again(fd, oflags, mode):
    try:
        return os.open(open_name(fd), oflags, mode)
    except FileNotFoundError:
        os.fstat(fd)  # fails for a closed fd, which has no name
        raise


def shown(fd):
    """Hides numbers above stdio, because they may differ between the two sides."""
    return min(fd, 3)


def describe(fd):
    return f"{shown(fd)} {int(not os.get_inheritable(fd))} {fcntl.fcntl(fd, fcntl.F_GETFL):o}"


def move(fd, slot):
    if fd != slot:
        os.dup2(fd, slot, os.get_inheritable(fd))
        os.close(fd)


def settle(fd, slot):
    answer = describe(fd)
    move(fd, slot)
    return answer


def above(fd, flags):
    if not flags & ABOVE_STDIO or fd > 2:
        return fd
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.close(fd)
    return moved


def stream_flags(mode):
    """Returns the open flags of a stream mode."""
    if not re.fullmatch("[rwa][+bex]*", mode) or len(set(mode)) != len(mode) or ("x" in mode and mode[0] == "r"):
        raise ValueError("no mode")
    made = {"r": 0, "w": os.O_CREAT | os.O_TRUNC, "a": os.O_CREAT | os.O_APPEND}
    return made[mode[0]] | os.O_RDWR | (os.O_EXCL if "x" in mode else 0)


def status_of_child(function, *arguments):
    child = os.fork()
    if child == 0:
        error = errno.EINVAL
        try:
            function(*arguments)
        except OSError as failure:
            error = failure.errno
        finally:
            os._exit(error)
    return f"exit {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}"


def execute_with_stdio(target, flags):
    """The child inherits only stdio, and with SPAWN_NO_STDIO nothing."""
    for slot in SLOTS:
        with contextlib.suppress(OSError):
            os.set_inheritable(slot, slot == 0 and not flags & SPAWN_NO_STDIO)
    execute(target)


def execute(target):
    if target.path is None or is_path_alone(target):
        os.execve(simple(target), ["program"], {})
    with Reached(target) as reached:
        os.execve(reached.fd, ["program"], {})


def listing(path):
    with os.scandir(path) as entries:
        return "".join(f"{entry.name}/{kind(entry)} " for entry in entries)


def is_readable(fd):
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    return not flags & os.O_PATH and flags & os.O_ACCMODE == os.O_RDONLY


def listing_of_fd(fd):
    """Lists from the start, and puts the position back."""
    position = os.lseek(fd, 0, os.SEEK_CUR)
    os.lseek(fd, 0, os.SEEK_SET)
    try:
        return listing(fd)
    finally:
        os.lseek(fd, position, os.SEEK_SET)


def kind(entry):
    """Returns the type in the directory entry, as the library does. For special files Python needs stat,
    which may be refused."""
    if entry.is_symlink():
        return SYMLINK
    if entry.is_dir(follow_symlinks=False):
        return DIRECTORY
    return FILE if entry.is_file(follow_symlinks=False) else SPECIAL
