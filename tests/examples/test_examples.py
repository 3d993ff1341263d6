#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the examples that start programs, by the descriptors that their children receive.

  test_examples.py FOLDER PLUGIN LIST_FDS"""
import contextlib
import os
import re
import signal
import socket
import struct
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


def is_generation(pid, number):
    """Returns true for handover itself. LeakSanitizer's tracer of an earlier generation has the same descriptors
    and another number."""
    with open(f"/proc/{pid}/cmdline", "rb") as line:
        return line.read().split(b"\0")[1:-1] == ([b"%d" % number] if number > 1 else [])


def find_listener(port, generation):
    """Returns the process of this generation that has the listening socket."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        inode = next(words[9] for words in map(str.split, table) if words[1].endswith(f":{port:04X}")
                     and words[3] == "0A")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                if is_generation(pid, generation) and f"socket:[{inode}]" in descriptors(pid).values():
                    return pid
    raise AssertionError("no process listens")


def passes_nothing(pid):
    """Returns true if no descriptor above stdio is inheritable."""
    for fd in filter(lambda fd: fd > 2, descriptors(pid)):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
            flags = int(re.search(r"^flags:\s*(\d+)$", info.read(), re.M)[1], 8)
        if not flags & os.O_CLOEXEC:
            return False
    return True


@contextlib.contextmanager
def handover(program=f"{FOLDER}/handover", **options):
    """Starts the daemon. Kills its last generation, whose number the test stores in the second result."""
    with leaks() as fds:
        first = subprocess.Popen([program], pass_fds=fds, stdout=subprocess.PIPE, text=True, **options)
        port, last = int(first.stdout.readline()), [1]
        try:
            yield first, port, last
        finally:
            os.kill(find_listener(port, last[0]), signal.SIGKILL)
            first.stdout.close()
            first.wait()


@tap.case
def each_generation_passes_only_the_listening_socket():
    with handover() as (first, port, last):
        assert len(descriptors(first.pid)) == 7, "the first process lacks the leaked descriptors"
        assert passes_nothing(first.pid)
        seen = []
        for expected in range(1, 6):
            generation, process = greeting(port)
            assert generation == expected and process not in seen, (generation, process)
            seen.append(process)
            last[0] = expected + 1
            successor = find_listener(port, expected + 1)
            eventually(waits_in_accept, successor)
            eventually(passes_nothing, successor)
            assert descriptors(successor)[3].startswith("socket:"), descriptors(successor)
        assert seen[0] == first.pid and first.wait() == 0


@tap.case
def a_client_that_disconnects_does_not_end_the_service():
    with handover() as (first, port, last):
        os.kill(first.pid, signal.SIGSTOP)  # the connection is reset before it is accepted
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.kill(first.pid, signal.SIGCONT)
        last[0] = 2
        find_listener(port, 2)
        assert next(greeting(port)) == 2
        last[0] = 3


@tap.case
def handover_finds_its_successor_in_path():
    with handover("handover", env={"PATH": FOLDER}) as (_, port, last):
        for generation in (1, 2):
            assert next(greeting(port)) == generation
            last[0] = generation + 1


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
    script = run("sandbox_launcher", "/", "--", __file__)
    assert script.returncode == 127 and "No such file" in script.stderr, script
    for wrong in ([], ["/"], ["/", "--"], ["/", "x", "--", "/bin/true"], ["/", "-1", "--", "/bin/true"],
                  ["/", str(2**32 + 1), "--", "/bin/true"]):
        assert run("sandbox_launcher", *wrong).returncode == 2, wrong


@tap.case
def sandbox_launcher_refuses_a_closed_descriptor():
    for closed in ("3", "77"):  # 3 would be the lowest free number
        result = run("sandbox_launcher", "/", "1", closed, "--", LIST_FDS, "1")
        assert result.returncode == 127 and "Bad file descriptor" in result.stderr and not result.stdout, result


@tap.case
def sandbox_launcher_resets_signals_and_starts_a_session():
    def disturb():
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})

    def says(*program):
        return run("sandbox_launcher", "/", "1", "--", *program, preexec_fn=disturb).stdout

    masks = re.findall(r"^Sig(?:Blk|Ign):\t(\w+)$", says("/bin/cat", "/proc/self/status"), re.M)
    assert masks == 2 * ["0" * 16], masks
    process, session = re.match(r"(\d+) \(cat\) \w \d+ \d+ (\d+) ", says("/bin/cat", "/proc/self/stat")).groups()
    assert process == session


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


@tap.case
def plugin_host_continues_after_a_plug_in_that_does_not_read():
    for _ in range(20):  # the plug-in ends before or after the host writes
        result = run("plugin_host", "/bin/true", PLUGIN)
        assert result.returncode == 0 and result.stdout.startswith("/bin/true ended with 0\n"), result
        assert result.stdout.endswith(f"has 2 3\n{PLUGIN} ended with 0\n"), result


@tap.case
def plugin_host_works_with_closed_stdin():
    said = run("plugin_host", PLUGIN, preexec_fn=lambda: os.close(0))
    assert said.stdout.endswith(f"has 2 3\n{PLUGIN} ended with 0\n"), said


tap.main()
