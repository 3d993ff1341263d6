# SPDX-License-Identifier: MIT
"""Creates the twin trees and compares them."""
import os
import shutil
import stat
import time

START = time.time_ns()
AGE = 3600 * 10**9
DEPTH = 10  # deeper than any number of ".." in a path


def make(base):
    """Creates a tree far below `base` and returns its top."""
    top = os.path.join(base, *"x" * DEPTH)
    os.makedirs(top)
    for folder in ("d", "e", "d/e"):
        os.mkdir(f"{top}/{folder}")
    for number, name in enumerate(("a", "b", "d/a", "e/b", "d/e/a")):
        with open(f"{top}/{name}", "wb") as file:
            file.write(name.encode() * number)
    os.symlink("a", f"{top}/link")
    os.symlink("../d", f"{top}/e/link")
    os.symlink("ring", f"{top}/ring")
    os.mkfifo(f"{top}/fifo")
    shutil.copy("/bin/true", f"{top}/program")
    with open(f"{top}/script", "wb") as file:
        file.write(b"#!/usr/bin/test -e\n")  # the exit status shows if the interpreter can open the script
    os.chmod(f"{top}/script", 0o755)
    return top


def time_class(nanoseconds):
    """An explicitly set time must be exact. All times from the clock during this test are equal."""
    return "now" if abs(nanoseconds - START) < AGE else nanoseconds


class Lent:
    """Makes a file readable for its owner for a while, despite its permissions."""

    def __init__(self, path, mode, bits):
        self.path, self.mode = path, mode
        self.changed = os.geteuid() != 0 and mode & bits != bits
        if self.changed:
            os.chmod(path, stat.S_IMODE(mode) | bits)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.changed:
            os.chmod(self.path, stat.S_IMODE(self.mode))


def contents(path, mode):
    if stat.S_ISLNK(mode):
        return os.readlink(path)
    if not stat.S_ISREG(mode):
        return None
    with Lent(path, mode, 0o400):
        fd = os.open(path, os.O_RDONLY)
    with open(fd, "rb") as file:
        return file.read(65536)


def attributes(path, mode):
    with Lent(path, mode, 0o400) if not stat.S_ISLNK(mode) else open(os.devnull, "rb"):
        return sorted((name, os.getxattr(path, name, follow_symlinks=False))
                      for name in os.listxattr(path, follow_symlinks=False))


class Snapshot:
    """All metadata and content of a tree, by name."""

    def __init__(self, base, but_atime=False):
        self.files, self.first_names, self.but_atime = {}, {}, but_atime
        self.folder(base, "")

    def folder(self, base, below):
        path = base + below
        status = os.lstat(path)
        with Lent(path, status.st_mode, 0o700):
            for name in sorted(os.listdir(path)):
                self.add(base, f"{below}/{name}")

    def add(self, base, name):
        path = base + name
        status = os.lstat(path)
        same_file = self.first_names.setdefault(status.st_ino, name)
        self.files[name] = (f"{status.st_mode:o}", same_file, status.st_nlink, status.st_uid, status.st_gid,
                            status.st_size, status.st_rdev, self.but_atime or time_class(status.st_atime_ns),
                            time_class(status.st_mtime_ns), contents(path, status.st_mode),
                            attributes(path, status.st_mode))
        if stat.S_ISDIR(status.st_mode):
            self.folder(base, name)


def difference(one, other, but_atime=False):
    """Returns the first name at which two trees differ, with both entries, or None."""
    one, other = Snapshot(one, but_atime).files, Snapshot(other, but_atime).files
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            return f"{name}\n#   os:      {one.get(name)}\n#   library: {other.get(name)}"
    return None


def remove(base):
    for folder, folders, _ in os.walk(base):
        for name in folders:
            if not os.path.islink(f"{folder}/{name}"):
                os.chmod(f"{folder}/{name}", 0o700)
    shutil.rmtree(base)
