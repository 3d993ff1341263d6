#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the library with Python's os. Random operations in twin trees must give the same result,
errno and tree. differences.py lists the exceptions with their reasons.

  oracle.py DRIVER [--calls N] [--seed S]

Prints TAP. The same seed and number of calls repeat a failure."""
import argparse
import ctypes
import math
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import differences
import trees
from by_os import ByOs
from operations import SLOTS, Generator

BATCH, BATCHES = 60, 6  # trees are compared after each batch, and recreated after BATCHES
ENOUGH = 5000  # calls after which every difference must have occurred
NOBODY = 65534
PR_SET_DUMPABLE = 4
PROGRAMS = {"execve", "spawn"}
FAULTS = {"errno": "another errno", "follow": "a link followed despite FDI_NOFOLLOW",
          "dir_fd": "a dir_fd that is ignored",
          "supports": "a call that works although fdi_supports returns false",
          "tree": "an unrequested change of the tree"}


class Differs(Exception):
    """The two sides disagree."""


class Driver:
    """The driver process, in its own tree."""

    def __init__(self, command, root, how):
        self.root = root
        self.process = subprocess.Popen([command, root, *([how] if how else [])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def send(self, operations):
        self.process.stdin.write("".join(o.line(self.root) for o in operations).encode() + b"end\n")
        self.process.stdin.flush()

    def answers(self, operations):
        for operation in operations:
            answer = self.process.stdout.readline().decode()
            if not answer.endswith("\n"):
                raise Differs(f"the driver died at {operation}")
            yield operation, answer[:-1]

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def normal(operation, answer, but_atime):
    """Removes the parts of a result that may differ. Python does not distinguish special files in a
    directory. Only times from the clock may differ."""
    if operation.name == "opendir":
        return re.sub("/[1247] ", "/special ", answer)
    if operation.name != "stat" or answer.startswith("error"):
        return answer.rstrip()
    *words, atime, mtime = answer.split(" ", 9)
    mtime, *more = mtime.split(" ", 1)
    times = [trees.time_class(int(time.replace(".", ""))) for time in (atime, mtime)]
    if but_atime:
        times[0] = "any"
    return " ".join(map(str, (*words, *times, *more)))


def lacks_interpreter(operation, library):
    """Without execveat, the library itself checks for a script that its interpreter cannot open. It then
    reports ENOENT, or ENOTSUP if execveat would have worked."""
    return operation.name in PROGRAMS and library in ("exit 2", "exit 95")


def agree_old(operation, expected, library):
    """The library reports a script before the kernel reports other errors. It cannot recognise an unreadable
    script; then the interpreter fails with exit status 1 (see trees.py)."""
    if lacks_interpreter(operation, library):
        return expected in ("exit 2", "exit 13", "exit 26") or (expected, library) == ("exit 0", "exit 95")
    return operation.name in PROGRAMS and (expected, library) == ("exit 2", "exit 1")


class Round:
    """Runs several batches in a new pair of trees."""

    def __init__(self, share, folder):
        self.share = share
        self.is_old = share.how in ("ENOSYS", "EPERM")
        self.but_atime = False
        self.bases = [os.path.join(folder, name) for name in ("os", "lib")]
        tops = [trees.make(base) for base in self.bases]
        self.os = ByOs(tops[0])
        self.driver = Driver(share.driver, tops[1], share.how)
        os.close(0)  # only now: earlier, a pipe to the driver would take number 0
        os.chdir(tops[0])

    def agree(self, operation, expected, library):
        """The kernel reads a script, but the library only examines it. Access times may differ afterwards."""
        self.but_atime |= self.is_old and lacks_interpreter(operation, library)
        if self.is_old and agree_old(operation, expected, library):
            return True
        return normal(operation, expected, self.but_atime) == normal(operation, library, self.but_atime)

    def batch(self, operations):
        self.driver.send(operations)
        answers = [self.share.by_os(self.os, operation) for operation in operations]
        for (operation, library), expected in zip(self.driver.answers(operations), answers):
            if not self.agree(operation, expected, library):
                raise Differs(f"{operation}\n#   os:      {expected}\n#   library: {library}")
        differs = trees.difference(*self.bases, self.but_atime)
        if differs:
            raise Differs(f"the trees, after {len(operations)} calls, at {differs}\n# " +
                          "\n# ".join(map(str, operations)))

    def end(self):
        self.driver.end()
        os.chdir("/")
        os.close(self.os.top)
        null = os.open(os.devnull, os.O_RDONLY)
        for slot in SLOTS:
            os.dup2(null, slot)
            if slot:
                os.close(slot)
        for base in self.bases:
            trees.remove(base)


class Share:
    """A share of the calls, under one condition."""

    def __init__(self, driver, seed, calls, how=None):
        self.driver, self.how = driver, how
        self.calls = math.ceil(calls / BATCH / BATCHES) * BATCH * BATCHES
        self.generator = Generator(random.Random(seed))
        self.excepted, self.outcomes = Counter(), Counter()

    def by_os(self, side, operation):
        """Returns the expected result: that of os, or the one that differences.py requires."""
        index = differences.find(operation)
        if index is None:
            answer = side.perform(operation)
        else:
            self.excepted[index] += 1
            answer = f"error {differences.DIFFERENCES[index].error}"
        if operation.name in PROGRAMS and answer.startswith("error"):
            answer = answer.replace("error", "exit")
        self.outcomes[answer.startswith("error")] += 1
        return answer

    def run(self):
        """Runs in a directory that this user creates."""
        with tempfile.TemporaryDirectory(prefix="fdi-oracle-") as folder:
            self.driver = shutil.copy(self.driver, folder)
            done = 0
            while done < self.calls:
                done += self.round(folder)

    def round(self, folder):
        here, done = Round(self, folder), 0
        try:
            here.batch(self.generator.first())
            for _ in range(BATCHES):
                operations = [self.generator.next() for _ in range(BATCH)]
                here.batch(operations)
                done += len(operations)
        finally:
            here.end()
        return done


def become_nobody():
    """Drops privileges for the rest of this process. It must still see its own descriptors in /proc."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def reported_by_child(share, nobody, expect_difference):
    """Runs in its own process, because it closes fd 0 and changes the directory and perhaps the user.
    Returns true if the outcome is expected. Prints the figures, or the first difference."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    status = 1
    try:
        if nobody:
            become_nobody()
        os.umask(0o022)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # truncated programs will crash
        status = carry_out(share, expect_difference)
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def carry_out(share, expect_difference):
    start = time.monotonic()
    try:
        share.run()
    except Differs as differs:
        if not expect_difference:
            print(f"# {differs}")
        return not expect_difference
    print(f"# {share.calls} calls in {time.monotonic() - start:.1f} s: {share.outcomes[False]} succeeded, "
          f"{share.outcomes[True]} failed, {sum(share.excepted.values())} under {len(share.excepted)} of "
          f"{len(differences.DIFFERENCES)} differences")
    stale = [d.reason for i, d in enumerate(differences.DIFFERENCES) if not share.excepted[i]]
    if stale and share.calls >= ENOUGH:
        print(f"# never seen: {'; '.join(stale)}")
        return True
    return bool(expect_difference)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("driver")
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "little"))
    options = parser.parse_args()
    is_root = os.geteuid() == 0
    shares = [("this user", None, False, 45), ("an unprivileged user", None, is_root, 25),
              ("an older kernel", "ENOSYS", False, 15), ("a sandbox with EPERM", "EPERM", is_root, 15)]
    print(f"1..{len(shares) + len(FAULTS)}")
    print(f"# seed {options.seed}, {options.calls} calls", flush=True)
    results = []

    def note(good, name):
        results.append(good)
        print(f"{'' if good else 'not '}ok {len(results)} - {name}", flush=True)

    for number, (name, how, nobody, percent) in enumerate(shares):
        share = Share(options.driver, options.seed + number, options.calls * percent // 100, how)
        note(reported_by_child(share, nobody, False), f"the same as os: {name}")
    for fault, meaning in FAULTS.items():
        share = Share(options.driver, options.seed, 2000, fault)
        note(reported_by_child(share, False, True), f"found: {meaning}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
