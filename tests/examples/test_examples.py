#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the examples that start programs, by the descriptors that their children receive.

  test_examples.py FOLDER PLUGIN LIST_FDS"""
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tap  # pylint: disable=wrong-import-position

FOLDER, PLUGIN, LIST_FDS = map(os.path.abspath, sys.argv[1:4])


@contextlib.contextmanager
def leaks():
    """Opens descriptors that leak into the program under test."""
    fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(3)]
    yield fds
    for fd in fds:
        os.close(fd)


def run(example, *arguments, fds=(), **options):
    return subprocess.run([f"{FOLDER}/{example}", *arguments], pass_fds=fds, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=60, **options)


def descriptors(pid):
    seen = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            seen[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
    return seen


def greeting(port):
    """Returns the generation and the process id in the greeting."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        return map(int, re.fullmatch(r"generation (\d+), process (\d+)\n",
                                     connection.makefile().read()).groups())


def waits_in_accept(pid):
    """Returns true if the process has only stdio and the listener, without a connection."""
    return set(descriptors(pid)) == {0, 1, 2, 3}


def eventually(condition, *arguments):
    end = time.monotonic() + 20
    while not condition(*arguments):
        assert time.monotonic() < end, condition.__name__
        time.sleep(0.01)


def find_listener(port, others):
    """Returns the process that has the listening socket, except `others`, which are about to end."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        inode = next(words[9] for words in map(str.split, table) if words[1].endswith(f":{port:04X}")
                     and words[3] == "0A")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                if pid not in others and f"socket:[{inode}]" in descriptors(pid).values():
                    return pid
    raise AssertionError("no process listens")


def end_daemon(port, others):
    """Checks the descriptors of the last generation, and kills it."""
    last = find_listener(port, others)
    try:
        eventually(waits_in_accept, last)
        assert descriptors(last)[3].startswith("socket:"), descriptors(last)
    finally:
        os.kill(last, signal.SIGKILL)


@tap.case
def each_generation_passes_only_the_listening_socket():
    with leaks() as fds:
        first = subprocess.Popen([f"{FOLDER}/handover"], pass_fds=fds, stdout=subprocess.PIPE, text=True)
        port = int(first.stdout.readline())
        assert len(descriptors(first.pid)) == 7, "the first process lacks the leaked descriptors"
        seen = []
        for expected in range(1, 6):
            generation, process = greeting(port)
            assert generation == expected and process not in seen, (generation, process)
            seen.append(process)
        assert seen[0] == first.pid and first.wait() == 0
        end_daemon(port, seen)
        first.stdout.close()


@tap.case
def sandbox_launcher_passes_exactly_the_named_descriptors():
    with leaks() as fds:
        assert run("sandbox_launcher", "/", "1", "--", LIST_FDS, "1", fds=fds).stdout == ""
        named = run("sandbox_launcher", "/", "1", str(fds[1]), "--", LIST_FDS, "1", fds=fds)
        assert named.stdout == f"{fds[1]}\n", named


@tap.case
def sandbox_launcher_sets_an_empty_environment_and_the_directory():
    assert run("sandbox_launcher", "/", "1", "--", "/usr/bin/env", env={"SECRET": "word"}).stdout == ""
    with tempfile.TemporaryDirectory() as folder:
        assert run("sandbox_launcher", folder, "1", "--", "/bin/pwd").stdout == os.path.realpath(folder) + "\n"


@tap.case
def sandbox_launcher_returns_the_status_and_reports_errors():
    assert run("sandbox_launcher", "/", "--", "/bin/false").returncode == 1
    failed = run("sandbox_launcher", "/nonexistent", "--", "/bin/true")
    assert failed.returncode == 127 and "No such file" in failed.stderr, failed
    assert run("sandbox_launcher", "/", "77", "--", "/bin/true").returncode == 127
    for wrong in ([], ["/"], ["/", "--"], ["/", "x", "--", "/bin/true"]):
        assert run("sandbox_launcher", *wrong).returncode == 2, wrong


@tap.case
def each_plug_in_receives_only_its_own_socket():
    with leaks() as fds:
        result = run("plugin_host", PLUGIN, PLUGIN, PLUGIN, fds=fds)
    said = f"{PLUGIN}: heard 6 bytes, has 2 3\n{PLUGIN} ended with 0\n"
    assert result.returncode == 0 and result.stdout == 3 * said, result


@tap.case
def plugin_host_reports_a_plug_in_that_cannot_start():
    result = run("plugin_host", PLUGIN, "/nonexistent")
    assert result.returncode == 1 and "No such file" in result.stderr, result


tap.main()
