# SPDX-License-Identifier: MIT
"""Generates random operations: every function of the library, with every form of target and every flag,
including invalid ones. The operations depend only on the random numbers."""
import os
import stat
from typing import NamedTuple, Optional

NO_FD, AT_FDCWD = -1, -100
INHERITABLE, NONBLOCK, EFFECTIVE_IDS, NOFOLLOW = 0x10, 0x20, 0x40, 0x80
TARGET_IS_DIRECTORY, ABOVE_STDIO, SPAWN_NO_STDIO, UNKNOWN_FLAG = 0x2000, 0x4000, 0x4000000, 0x100

# The descriptors that operations use: 0, for which CPython had a bug, and some high numbers.
SLOTS = (0, *range(201, 208))
FOLDER_SLOTS = (201, 202, 203)  # these usually refer to directories
CLOSED = 299


class Target(NamedTuple):
    """A target in one of the forms PATH, DIR_FD and FD. A path may begin with "@" for the top of the tree. A
    target that was never set has the form NONE."""
    form: str
    path: Optional[str] = None
    fd: int = AT_FDCWD

    def words(self, root):
        path = "-" if self.path is None else "=" + at_root(self.path, root)
        return {PATH: f"p {path}", DIR_FD: f"a {self.fd} {path}", FD: f"f {self.fd}", NONE: "n"}[self.form]

    @property
    def dir_fd(self):
        return self.fd if self.form == DIR_FD else AT_FDCWD


PATH, DIR_FD, FD, NONE = "path", "dir_fd", "fd", "none"


def by_path(path):
    return Target(PATH, path)


def by_path_at(dir_fd, path):
    return Target(DIR_FD, path, dir_fd)


def by_fd(fd):
    return Target(FD, None, fd)


class Operation(NamedTuple):
    name: str
    targets: tuple
    arguments: tuple

    def line(self, root):
        words = [self.name, *(target.words(root) for target in self.targets), *map(word, self.arguments)]
        if self.name == "symlink":  # here the link text comes first
            words = [self.name, "=" + self.arguments[0], self.targets[0].words(root), str(self.arguments[1])]
        return " ".join(words) + "\n"


def word(value):
    """Writes bytes in hex, and a Text unchanged."""
    if isinstance(value, Text):
        return "=" + value
    return "=" + value.hex() if isinstance(value, bytes) else str(value)


class Text(str):
    """A word that may be empty."""


def at_root(path, root):
    return root + path[1:] if path.startswith("@") else path


NAMES = ("a", "a", "b", "d", "d", "e", "e", "link", "link", "ring", "fifo", "program", "script", "missing")
# All paths stay inside the tree, because some operations run as root.
ODD_PATHS = ("", ".", "..", "@", "d/..", "a/", "d/", "link/", "missing/", "n" * 300, "d/" * 2500, "./a", "d//a",
             "a/b")
MODES = (0o644, 0o755, 0o700, 0o600, 0o444, 0o4755, 0o2755, 0o1777, 0o777, 0o111, 0)
TYPES = (stat.S_IFREG, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK, stat.S_IFDIR, stat.S_IFLNK, 0)
OPEN_FLAGS = (os.O_CREAT, os.O_EXCL, os.O_TRUNC, os.O_APPEND, os.O_DIRECTORY, os.O_NOFOLLOW, os.O_PATH, os.O_NOATIME,
              os.O_TMPFILE)
ATTRIBUTES = ("user.a", "user.b", "user.c", "user.", "nonsense", "trusted.t", "security.s")
TOO_LONG = "user." + "x" * 300
LIMITS = tuple(sorted(value for name, value in os.pathconf_names.items())) + (9999, -1)
# These times are long before or after the test, so the clock never produces them.
SECONDS = (0, 1, 1_000_000_000, 1_234_567_890, 2_147_483_647, 2_147_483_648, 4_000_000_000, -1, -1_000_000)
NANOSECONDS = (0, 1, 999_999_999, 123_456_789, 500)
NOT_NANOSECONDS = (-1, 1_000_000_000, 1_073_741_823, 1_073_741_822)  # the last two: UTIME_NOW, UTIME_OMIT


class Generator:
    """Generates the next operation."""

    def __init__(self, random):
        self.random = random
        self.made = 0
        self.names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def one_of(self, values):
        return values[int(self.random.random() * len(values))]

    # ---- parts

    def path(self):
        if self.chance(6):
            return self.one_of(ODD_PATHS)
        path = self.one_of(NAMES)
        if self.chance(40):
            path = self.one_of(("d", "e", "d/e", "link", "d/..")) + "/" + path
        return "@/" + path if self.chance(15) else path

    def fd(self):
        return self.one_of((NO_FD, AT_FDCWD, -2, CLOSED)) if self.chance(12) else self.one_of(SLOTS)

    def dir_fd(self):
        return self.one_of(FOLDER_SLOTS) if self.chance(85) else self.fd()

    def target(self, fd=35, odd=4):
        """`fd` and `odd` are percentages: of open files, and of targets that cannot be valid."""
        if self.chance(odd):
            return self.odd_target()
        if self.chance(fd):
            return by_fd(self.fd())
        return by_path_at(self.dir_fd(), self.path()) if self.chance(40) else by_path(self.path())

    def odd_target(self):
        return self.one_of((by_path(None), by_path_at(self.fd(), None), by_path_at(AT_FDCWD, None), Target(NONE),
                            by_path_at(AT_FDCWD, self.path()), by_fd(AT_FDCWD), by_fd(NO_FD)))

    def name(self):
        return self.target(fd=3)

    def pair(self, source):
        """At most one target is invalid, because the order of two errors may differ."""
        goal = self.name()
        return (source if goal.path is not None else by_path(self.path()), goal)

    def flags(self, *known):
        value = sum(flag for flag in known if self.chance(30))
        return value | UNKNOWN_FLAG if self.chance(1) else value

    def mode(self):
        return self.one_of(MODES) | (0o200000 if self.chance(1) else 0)

    def attribute(self, target):
        """An invalid name is reported before or after a missing file, depending on the system call. So only
        targets without a dir_fd get one: with a dir_fd the library may use several calls."""
        wrong = target.dir_fd == AT_FDCWD and self.chance(4)
        return TOO_LONG if wrong else self.one_of(ATTRIBUTES)

    # ---- operations

    def first(self):
        """A round begins by opening directories that later serve as dir_fd."""
        return [self.named("open", self.opened_folder()) for _ in range(2 * len(FOLDER_SLOTS))]

    def next(self):
        name = self.one_of(self.names)
        return self.named(name, getattr(self, "make_" + name)())

    @staticmethod
    def named(name, made):
        targets, *arguments = made
        return Operation(name, targets, tuple(arguments))

    def make_access(self):
        return (self.target(),), 8 if self.chance(3) else self.one_of(range(8)), self.flags(NOFOLLOW, EFFECTIVE_IDS)

    def make_chdir(self):
        return ((by_path("@") if self.chance(60) else self.target(),),)

    def make_chflags(self):
        return (self.target(),), self.flags(NOFOLLOW)

    def make_chmod(self):
        mode = self.mode() | (stat.S_IFREG if self.chance(3) else 0)
        return (self.target(),), mode, self.flags(NOFOLLOW)

    def make_chown(self):
        ids = (0xffffffff, 0xffffffff, 0, 1000, 65534)
        return (self.target(),), self.one_of(ids), self.one_of(ids), self.flags(NOFOLLOW)

    def make_close(self):
        return (), self.one_of(SLOTS)

    def make_execve(self):
        name = self.one_of(("program", "script", "@/program", "@/script", "link", self.path()))
        return ((by_path_at(self.dir_fd(), name) if self.chance(50) else self.target(),),)

    def make_spawn(self):
        return *self.make_execve(), self.flags(SPAWN_NO_STDIO)

    def make_get_inheritable(self):
        return (), self.fd()

    def make_set_inheritable(self):
        return (), self.fd(), int(self.chance(50))

    def make_getxattr(self):
        target = self.target()
        return (target,), self.attribute(target), self.one_of((1, 4, 64, 64, 64)), self.flags(NOFOLLOW)

    def make_getxattr_length(self):
        target = self.target()
        return (target,), self.attribute(target), self.flags(NOFOLLOW)

    def make_setxattr(self):
        value = bytes(int(self.random.random() * 256) for _ in range(self.one_of((0, 1, 4, 40))))
        target = self.target()
        xflags = self.one_of((0, 0, 0, 1, 2))
        if target.dir_fd == AT_FDCWD and self.chance(4):  # see attribute
            xflags = 4
        return (target,), self.attribute(target), value, xflags, self.flags(NOFOLLOW)

    def make_listxattr(self):
        return (self.target(),), self.one_of((1, 8, 1024, 1024)), self.flags(NOFOLLOW)

    def make_listxattr_length(self):
        return (self.target(),), self.flags(NOFOLLOW)

    def make_removexattr(self):
        target = self.target()
        return (target,), self.attribute(target), self.flags(NOFOLLOW)

    def make_link(self):
        return self.pair(self.target()), self.flags(NOFOLLOW)

    def make_mkdir(self):
        return (self.name(),), self.mode()

    def make_mkfifo(self):
        return (self.name(),), self.mode()

    def make_mknod(self):
        kind = self.one_of(TYPES)
        device = os.makedev(1, 3) if kind == stat.S_IFCHR else self.one_of((0, 0, 7))
        return (self.name(),), kind | self.mode(), device

    def make_open(self):
        """O_NONBLOCK prevents waiting for the other end of a fifo."""
        oflags = os.O_NONBLOCK | self.one_of((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY, os.O_RDWR))
        for flag in OPEN_FLAGS:
            if self.chance(15):
                oflags |= flag
        if self.chance(1):
            oflags |= os.O_WRONLY | os.O_RDWR
        if self.chance(25):
            return self.opened_folder()
        return (self.target(fd=20),), oflags, self.mode(), self.one_of(SLOTS)

    def opened_folder(self):
        oflags = self.one_of((os.O_RDONLY, os.O_RDONLY, os.O_PATH)) | os.O_DIRECTORY
        path = self.one_of(("@", "@", "@/d", "@/e", "d", "@/d/e"))
        return (by_path(path),), oflags, 0, self.one_of(FOLDER_SLOTS)

    def make_fopen(self):
        """The modes read and write, so no open waits for the other end of a fifo. The last ones are invalid."""
        modes = ("r+", "r+", "w+", "a+", "a+e", "r+be", "w+x", "wx+", "b+r", "r++", "r+x", "")
        return (self.target(fd=20),), Text(self.one_of(modes)), self.one_of(SLOTS), self.flags(ABOVE_STDIO)

    def make_dup(self):
        return (), self.fd(), self.one_of(SLOTS), self.flags(INHERITABLE, ABOVE_STDIO)

    def make_dup2(self):
        goal = self.one_of((NO_FD, 1 << 24)) if self.chance(4) else self.one_of(SLOTS)
        return (), self.fd(), goal, self.flags(INHERITABLE)

    def make_pipe(self):
        return (), self.one_of(SLOTS), self.one_of(SLOTS), self.flags(NONBLOCK, ABOVE_STDIO)

    def make_mkstemp(self):
        """Each file gets a unique name, which both sides can use."""
        folders = ("@", "@/d", "@/e", "d", "e", "d/e", "link", "a")
        target = by_path_at(self.dir_fd(), self.one_of(folders)) if self.chance(30) else self.target()
        if self.chance(30):
            target = by_path(self.one_of(folders))
        oflags = self.one_of((0, 0, os.O_APPEND, os.O_NONBLOCK, os.O_SYNC | os.O_APPEND))
        if self.chance(4):
            oflags |= self.one_of((os.O_CREAT, os.O_RDWR, os.O_TRUNC, os.O_DIRECTORY, os.O_PATH, 1 << 30))
        self.made += 1
        suffix = Text(self.one_of(("", ".txt", "s" * 10)))
        return (target,), Text(f"made{self.made}"), suffix, oflags, self.one_of(SLOTS)

    def make_opendir(self):
        return ((self.target(),),)

    def make_pathconf(self):
        return (self.target(),), self.one_of(LIMITS)

    def make_readlink(self):
        names = ("link", "link", "ring", "ring", "d/link", "d/link", "")
        target = by_path_at(self.dir_fd(), self.one_of(names)) if self.chance(40) else self.target()
        return (target,), self.one_of((0, 1, 3, 4096, 4096, 4096))

    def make_rename(self):
        return self.pair(self.name()), self.flags()

    make_replace = make_rename

    def make_rmdir(self):
        return ((self.name(),),)

    def make_stat(self):
        return (self.target(),), self.flags(NOFOLLOW)

    def make_statvfs(self):
        return ((self.target(),),)

    def make_symlink(self):
        texts = ("a", "d", "../a", "d/e", "missing", ".", "ring", "t" * 200, "")
        return (self.name(),), self.one_of(texts), self.flags(TARGET_IS_DIRECTORY)

    def make_truncate(self):
        return (self.target(),), self.one_of((0, 5, 100, 5000, -1, 1 << 33, 1 << 45))

    def make_unlink(self):
        return ((self.name(),),)

    def make_utime(self):
        times = [self.one_of(SECONDS), self.nanoseconds(), self.one_of(SECONDS), self.nanoseconds()]
        return (self.target(),), *times, self.flags(NOFOLLOW)

    def make_utime_now(self):
        return (self.target(),), self.flags(NOFOLLOW)

    def make_write(self):
        return (), self.one_of(SLOTS), b"written"

    def nanoseconds(self):
        return self.one_of(NOT_NANOSECONDS) if self.chance(2) else self.one_of(NANOSECONDS)


# Relative frequencies. Children are slow, and few operations work in a removed directory.
WEIGHTS = {
    "access": 40, "chdir": 15, "chflags": 5, "chmod": 45, "chown": 40, "close": 12, "dup": 10,
    "dup2": 15, "execve": 4, "fopen": 25,
    "get_inheritable": 10, "set_inheritable": 15, "getxattr": 30, "getxattr_length": 15,
    "setxattr": 40, "listxattr": 25, "listxattr_length": 10, "removexattr": 15, "link": 40,
    "mkdir": 40, "mkfifo": 20, "mknod": 25, "mkstemp": 30, "open": 110, "opendir": 40, "pathconf": 25,
    "pipe": 8, "readlink": 35, "rename": 40, "replace": 20, "rmdir": 20, "spawn": 4, "stat": 70, "statvfs": 15,
    "symlink": 50, "truncate": 30, "unlink": 35, "utime": 50, "utime_now": 10, "write": 20,
}
