#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the examples safe_rm and safe_cp. They do the work of rm -r and cp -a. An attacker who swaps
directories for symlinks meanwhile cannot lead them out of the tree. The same attack succeeds at once against
programs that use paths.

  test_safe.py SAFE_RM SAFE_CP NAIVE SWAP SECONDS"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
for folder in ("oracle", "support"):
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", folder))
import tap  # pylint: disable=wrong-import-position
import trees  # pylint: disable=wrong-import-position

SAFE_RM, SAFE_CP, NAIVE, SWAP = (os.path.abspath(path) for path in sys.argv[1:5])
SECONDS = float(sys.argv[5])
AT_MOST = 60  # seconds in which the attack must hit the right moment once
FAST = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a tmpfs allows more runs
FOLDERS = [f"d{number}" for number in range(6)]
SECRET = "a secret outside the tree"


def fill(folder, text):
    """Creates six folders with files, under the same names in every tree."""
    for name in FOLDERS:
        os.makedirs(f"{folder}/{name}/sub")
        for number in range(5):
            for file in (f"{folder}/{name}/{number}", f"{folder}/{name}/sub/{number}"):
                with open(file, "w", encoding="utf-8") as out:
                    out.write(text)


def outside_state(folder):
    """Returns all metadata except the access time, which this changes. The change time shows any change."""
    state = {}
    for path, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            status = os.lstat(f"{path}/{name}")
            text = open(f"{path}/{name}", encoding="utf-8").read() if name in files else None
            state[f"{path}/{name}"] = (status.st_mode, status.st_uid, status.st_gid, status.st_nlink, status.st_size,
                                       status.st_mtime_ns, status.st_ctime_ns, text)
    return state


class Attack:
    """Sets up a tree, files outside it, and the attacker, who swaps in symlinks to those files."""

    def __init__(self, swapped):
        self.place = tempfile.mkdtemp(prefix="fdi-safe-", dir=FAST)
        self.outside = f"{self.place}/outside"
        self.swapped = swapped
        os.mkdir(f"{self.place}/links")
        fill(self.outside, SECRET)
        pairs = []
        for tree in swapped:
            for name in FOLDERS:
                pairs += [f"{self.place}/{tree}/{name}", f"{self.place}/links/{tree}-{name}"]
        self.process = subprocess.Popen([SWAP, *pairs], stdout=subprocess.PIPE)
        self.pause()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        os.waitpid(self.process.pid, os.WUNTRACED)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.place)

    def end(self):
        """Ends the attacker, and returns the number of swaps."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        return int(self.process.stdout.read())

    def prepare(self):
        for name in ("tree", "copy", "links"):
            shutil.rmtree(f"{self.place}/{name}", ignore_errors=True)
        fill(f"{self.place}/tree", "of the tree")
        os.mkdir(f"{self.place}/links")
        for tree in self.swapped:
            for name in FOLDERS:
                os.symlink(f"{self.outside}/{name}", f"{self.place}/links/{tree}-{name}")

    def under_attack(self, *command):
        """Runs the command under attack, and returns its exit status."""
        self.process.send_signal(signal.SIGCONT)
        result = subprocess.run(command, cwd=self.place, stderr=subprocess.DEVNULL, check=False)
        self.pause()
        return result.returncode

    def copied_a_link(self):
        return any(os.path.islink(f"{self.place}/copy/{name}") for name in FOLDERS)

    def has_secret(self):
        """Returns true if a regular file of the copy contains the secret."""
        for path, _, files in os.walk(f"{self.place}/copy"):
            for name in files:
                file = f"{path}/{name}"
                if not os.path.islink(file) and SECRET in open(file, encoding="utf-8").read():
                    return True
        return False


def withstands(swapped, *command):
    with Attack(swapped) as attack:
        before = outside_state(attack.outside)
        rounds = disturbed = 0
        start = time.monotonic()
        while time.monotonic() < start + SECONDS or (not disturbed and time.monotonic() < start + AT_MOST):
            attack.prepare()
            disturbed += attack.under_attack(*command) != 0 or attack.copied_a_link()
            rounds += 1
            assert outside_state(attack.outside) == before, f"round {rounds} changed a file outside"
            assert not attack.has_secret(), f"round {rounds} read a file outside"
        swaps = attack.end()
        print(f"# {rounds} runs, {disturbed} of them disturbed, by {swaps} swaps")
        assert disturbed and swaps > rounds, "the attack had no effect"


def is_led_astray(swapped, *command):
    with Attack(swapped) as attack:
        rounds = 0
        before = outside_state(attack.outside)
        end = time.monotonic() + AT_MOST
        while outside_state(attack.outside) == before and not attack.has_secret():
            assert time.monotonic() < end, f"the attack did not succeed in {rounds} runs"
            attack.prepare()
            attack.under_attack(*command)
            rounds += 1
        print(f"# the attack succeeded in run {rounds}")


@tap.case
def safe_rm_removes_the_tree_and_nothing_outside():
    with tempfile.TemporaryDirectory() as place:
        top = trees.make(f"{place}/tree")
        fill(f"{place}/outside", "canary")
        os.symlink(f"{place}/outside", f"{top}/elsewhere")
        before = outside_state(f"{place}/outside")
        assert subprocess.run([SAFE_RM, f"{place}/tree"], check=False).returncode == 0
        assert os.listdir(place) == ["outside"] and outside_state(f"{place}/outside") == before


@tap.case
def safe_rm_reports_a_path_that_it_cannot_remove():
    with tempfile.TemporaryDirectory() as place:
        result = subprocess.run([SAFE_RM, f"{place}/nonexistent"], stderr=subprocess.PIPE, check=False)
        assert not os.listdir(place)
    assert result.returncode == 1 and result.stderr == b"safe_rm: nonexistent: No such file or directory\n", result


@tap.case
def safe_cp_copies_everything():
    with tempfile.TemporaryDirectory() as place:
        top = trees.make(f"{place}/from")
        for number, name in enumerate(("a", "d", "program", "fifo")):
            os.chmod(f"{top}/{name}", 0o750 - number)
            if name != "fifo":
                os.setxattr(f"{top}/{name}", "user.note", b"kept")
        os.symlink("/nonexistent", f"{top}/dangling")
        os.utime(f"{top}/link", ns=(7, 8), follow_symlinks=False)
        if os.geteuid() == 0:
            os.chown(f"{top}/b", 1234, 5678)
            os.chown(f"{top}/link", 1234, 5678, follow_symlinks=False)
        for path, folders, files in os.walk(f"{place}/from", topdown=False):
            for name in (*files, *folders):
                os.utime(f"{path}/{name}", ns=(1_000_000_001, 1_000_000_002), follow_symlinks=False)
        subprocess.run([SAFE_CP, f"{place}/from", f"{place}/to"], check=True)
        copied = trees.Snapshot(f"{place}/to").files  # read first, because reading changes access times
        assert len(copied) > 20
        for name, seen in trees.Snapshot(f"{place}/from").files.items():
            assert without_access(copied[name]) == without_access(seen), (name, copied[name], seen)


def safe_cp_copies_the_attributes_of_a_fifo_with_cap_sys_admin():
    with tempfile.TemporaryDirectory() as place:
        os.mkdir(f"{place}/from")
        os.mkfifo(f"{place}/from/fifo")
        os.setxattr(f"{place}/from/fifo", "trusted.note", b"kept")
        subprocess.run([SAFE_CP, f"{place}/from", f"{place}/to"], check=True)
        assert os.getxattr(f"{place}/to/fifo", "trusted.note") == b"kept"


def has_cap_sys_admin():
    with open("/proc/self/status", encoding="utf-8") as status:
        return int(re.search(r"^CapEff:\s*(\w+)$", status.read(), re.M)[1], 16) >> 21 & 1


# A fifo has only attributes that need this right, which the gate has.
if has_cap_sys_admin():
    tap.case(safe_cp_copies_the_attributes_of_a_fifo_with_cap_sys_admin)


def without_access(seen):
    return seen[:7] + seen[8:]


@tap.case
def safe_cp_overwrites_no_file():
    with tempfile.TemporaryDirectory() as place:
        for name in ("from", "to"):
            with open(f"{place}/{name}", "w", encoding="utf-8") as file:
                file.write(name)
        assert subprocess.run([SAFE_CP, f"{place}/from", f"{place}/to"], stderr=subprocess.DEVNULL,
                              check=False).returncode == 1
        assert open(f"{place}/to", encoding="utf-8").read() == "to"


@tap.case
def safe_rm_stays_in_the_tree_under_attack():
    withstands(["tree"], SAFE_RM, "tree")


@tap.case
def safe_cp_stays_in_the_source_tree_under_attack():
    withstands(["tree"], SAFE_CP, "tree", "copy")


@tap.case
def safe_cp_stays_in_the_copy_under_attack():
    withstands(["copy"], SAFE_CP, "tree", "copy")


@tap.case
def rm_by_paths_leaves_the_tree_under_attack():
    is_led_astray(["tree"], NAIVE, "rm", "tree")


@tap.case
def cp_by_paths_leaves_the_source_tree_under_attack():
    is_led_astray(["tree"], NAIVE, "cp", "tree", "copy")


@tap.case
def cp_by_paths_leaves_the_copy_under_attack():
    is_led_astray(["copy"], NAIVE, "cp", "tree", "copy")


tap.main()
