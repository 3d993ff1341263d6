# SPDX-License-Identifier: MIT
"""Shared by the tests of the command: the cases, and the command itself, which is the first argument."""
import functools
import os
import re
import subprocess
import sys

from tap import case, main  # pylint: disable=unused-import  # for importers of this module

BEFORE = []  # a command prefix for every run
COMMAND = os.path.abspath(sys.argv[1])


def run(*arguments, stdout=subprocess.PIPE, before=(), **options):
    return subprocess.run([*before, *BEFORE, COMMAND, *map(str, arguments)], stdout=stdout,
                          stderr=subprocess.PIPE, check=False, timeout=50, **options)


def fails(*arguments, saying, status=None, **options):
    """One clear line on stderr and nothing on stdout. The exit status is 125 if a command could have
    had the status 2."""
    if status is None:
        status = 125 if arguments[:1] == ("run",) or "--" in arguments else 2
    result = run(*arguments, **options)
    assert result.returncode == status, result
    assert not result.stdout, result
    assert re.fullmatch(r"fdinherit: [^\n]*" + saying + r"[^\n]*\n", result.stderr.decode()), result


def child_of(parent):
    """Waits for the first child of a process, and returns its number. Minimal systems have no pgrep."""
    while True:
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as status:
                    if int(status.read().rpartition(")")[2].split()[1]) == parent:
                        return int(number)
            except OSError: # it ended meanwhile
                pass


def as_nobody():
    return ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups") \
        if os.getuid() == 0 else ()


@functools.lru_cache
def own_mounts(*more):
    """Returns a command prefix that creates a mount namespace, in a new user namespace if it must."""
    is_allowed = subprocess.run(("unshare", "-m", "true"), stderr=subprocess.DEVNULL, check=False).returncode == 0
    return ("unshare", "-m", *more) if is_allowed else ("unshare", "-r", "-m", *more)


def without_proc():
    """Returns a command prefix that replaces procfs by two plain files.

    LeakSanitizer ends a program without procfs. The files disable it and name the executable."""
    return (*own_mounts(), "sh", "-c",
            "mount -t tmpfs none /proc && mkdir /proc/self && "
            "printf 'ASAN_OPTIONS=detect_leaks=0\\0' >/proc/self/environ && "
            "ln -s \"$1\" /proc/self/exe && exec \"$@\"", "sh")
