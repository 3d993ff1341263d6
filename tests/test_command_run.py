#!/usr/bin/env python3
"""Tests fdinherit run from outside. test_command_run.py COMMAND REPORT_CHILD

REPORT_CHILD is a real child that reports its descriptors, signals and directory."""
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import COMMAND, case, child_of, fails, main, run  # pylint: disable=wrong-import-position

REPORT_CHILD = os.path.abspath(sys.argv[2])
FOLDER = tempfile.TemporaryDirectory()
ANSWER = FOLDER.name + "/answer"


def report():
    with open(ANSWER, encoding="utf-8") as file:
        return [line.split() for line in file]


def fds():
    """Returns fd: inode for each descriptor of the child. Each is inheritable there."""
    found = {int(words[1]): int(words[2]) for words in report() if words[0] == "fd"}
    assert all(words[3] == "0" for words in report() if words[0] == "fd"), report()
    return found


def kept(*options, **more):
    result = run("run", *options, "--", REPORT_CHILD, ANSWER, **more)
    assert result.returncode == 0 and not result.stderr, result
    return fds()


class Open:
    """Opens two inheritable files as descriptors 7 and 9, and others that the command does not list."""

    def __enter__(self):
        for fd in (7, 9, 5, 40):
            new = os.open(f"{FOLDER.name}/file{fd}", os.O_CREAT | os.O_RDWR)
            os.dup2(new, fd)
            if new != fd:
                os.close(new)
        self.seven, self.nine = os.fstat(7).st_ino, os.fstat(9).st_ino
        return self

    def __exit__(self, *_):
        for fd in (7, 9, 5, 40):
            os.close(fd)


ALL = {"close_fds": False}


@case
def command_receives_stdio_and_nothing_else():
    with Open():
        assert set(kept(**ALL)) == {0, 1, 2}


@case
def kept_descriptors_arrive_at_their_numbers():
    with Open() as files:
        found = kept("--keep", "7", "--keep", "9:100", **ALL)
        assert set(found) == {0, 1, 2, 7, 100}
        assert (found[7], found[100]) == (files.seven, files.nine)


@case
def numbers_may_be_swapped():
    with Open() as files:
        found = kept("--keep", "7:9", "--keep", "9:7", **ALL)
        assert set(found) == {0, 1, 2, 7, 9}
        assert (found[7], found[9]) == (files.nine, files.seven)


@case
def one_descriptor_may_be_kept_twice_and_as_stdin():
    with Open() as files:
        found = kept("--keep", "7:3", "--keep", "7:0", **ALL)
        assert set(found) == {0, 1, 2, 3} and found[0] == found[3] == files.seven


@case
def options_take_their_value_after_an_equals_sign_too():
    with Open() as files:
        found = kept("--keep=7:3", "--keep=9", f"--cwd={FOLDER.name}", **ALL)
        assert set(found) == {0, 1, 2, 3, 9} and (found[3], found[9]) == (files.seven, files.nine), found
        fails("run", "--keep=", "--", "true", saying="not FD or FD:CHILD_FD: ")


@case
def orphans_are_reaped_by_process_1():
    rights = () if os.getuid() == 0 else ("-r",)
    shell = "(true & exec true); sleep 0.2; for s in /proc/[0-9]*/status; do grep -H '^State:.Z' $s; done; exit 5"
    result = run("run", "--", "sh", "-c", shell, before=("unshare", *rights, "--pid", "--fork", "--mount-proc"))
    assert (result.returncode, result.stdout) == (5, b""), result


@case
def closed_stdio_stays_closed():
    for closed in ("<&-", ">&-", "2>&-", "<&- >&- 2>&-"):
        shell = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", COMMAND, "run", "--", REPORT_CHILD,
                                ANSWER], check=False)
        assert shell.returncode == 0, closed
        expected = {0, 1, 2} - ({0} if "<&-" in closed else set()) - \
            ({1} if " >&-" in " " + closed else set()) - ({2} if "2>&-" in closed else set())
        assert set(fds()) == expected, (closed, fds())


@case
def closed_descriptor_is_reported():
    fails("run", "--keep", "77", "--", "true", saying="descriptor 77 cannot be kept: Bad file")


@case
def wrong_usage_is_rejected():
    with Open():
        for arguments in ([], ["--"], ["true"], ["--keep"], ["--cwd"], ["--keep", "7"],
                          ["--keep", "x", "--", "true"], ["--keep", "7:", "--", "true"],
                          ["--keep", ":7", "--", "true"], ["--keep", "-1", "--", "true"],
                          ["--keep", "7:8:9", "--", "true"], ["--keep", "2147483648", "--", "true"],
                          ["--keep", "7", "--keep", "9:7", "--", "true"], ["--kepe", "--", "true"],
                          ["--keep", "7:2000000000", "--", "true"]):
            fails("run", *arguments, saying="", **ALL)


@case
def exit_status_is_passed_on():
    for status in (0, 1, 2, 100, 255):
        assert run("run", "--", "sh", "-c", f"exit {status}").returncode == status


@case
def signal_gives_128_plus_its_number():
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGPIPE, signal.SIGHUP):
        killed = run("run", "--", "sh", "-c", f"kill -{int(number)} $$")
        assert killed.returncode == 128 + number, (number, killed)


def executable(name, text, mode=0o755):
    path = f"{FOLDER.name}/{name}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


@case
def missing_command_is_127_and_one_that_cannot_run_is_126():
    plain = executable("plain", "true\n", 0o644)
    no_format = executable("no_format", "true\n")
    no_interpreter = executable("no_interpreter", "#!/nonexistent/interpreter\n")
    for command, status, why in ((FOLDER.name + "/nothing", 127, "No such file"),
                                 ("fdinherit-no-such-command", 127, "No such file"),
                                 ("", 127, "No such file"), (plain + "/below", 127, "Not a directory"),
                                 (no_interpreter, 127, "No such file"),
                                 (plain, 126, "Permission denied"), (FOLDER.name, 126, ""),
                                 (no_format, 126, "Exec format error")):
        fails("run", "--", command, status=status, saying=why)
        shell = subprocess.run(["sh", "-c", '"$0"', command], stderr=subprocess.DEVNULL, check=False)
        assert shell.returncode == status or command in (no_format, no_interpreter), (command, shell)
    assert b"\x1b" not in run("run", "--", "\x1b[31m").stderr


@case
def name_without_a_slash_is_looked_up_in_path():
    executable("only_here", "#!/bin/sh\nexit 21\n")
    assert run("run", "--", "only_here").returncode == 127
    assert run("run", "--", "only_here",
               env={**os.environ, "PATH": "/nonexistent:" + FOLDER.name}).returncode == 21


@case
def command_starts_in_the_directory_of_cwd():
    os.mkdir(FOLDER.name + "/inside")
    executable("inside/there", "#!/bin/sh\npwd -P; exit 5\n")
    result = run("run", "--cwd", FOLDER.name + "/inside", "--", "./there")
    assert result.returncode == 5, result
    assert result.stdout.decode().strip() == os.path.realpath(FOLDER.name + "/inside"), result
    fails("run", "--cwd", FOLDER.name + "/nowhere", "--", "true", saying="nowhere: No such file")
    fails("run", "--cwd", ANSWER, "--", "true", saying="answer: Not a directory")


@case
def options_after_the_command_belong_to_it():
    result = run("run", "--", "echo", "--help", "--", "--keep", "3")
    assert result.stdout == b"--help -- --keep 3\n", result


def ignored():
    return {int(words[1]) for words in report() if words[0] in ("ignored", "blocked")}


@case
def command_keeps_the_signal_settings_of_the_caller():
    kept()
    before = ignored()
    assert not before & {signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP}
    for name, number in (("HUP", signal.SIGHUP), ("INT", signal.SIGINT)):
        subprocess.run(["sh", "-c", f"trap '' {name}; \"$@\"", "sh", COMMAND, "run", "--", REPORT_CHILD,
                        ANSWER], check=True)
        assert ignored() == before | {number}


# Uses the bare system call, because the signal may arrive while "ready" is being printed.
WAITING = "import os, signal, sys, time\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n" \
    "def handle(number, frame):\n    os.write(1, b'got %d\\n' % number); os._exit(40)\n" \
    "for number in map(int, sys.argv[1:]):\n    signal.signal(number, handle)\n" \
    "os.write(1, b'ready\\n')\nwhile True: time.sleep(0.1)\n"


def waiting(*numbers, **options):
    process = subprocess.Popen([COMMAND, "run", "--", sys.executable, "-c", WAITING,
                                *map(str, map(int, numbers))], stdout=subprocess.PIPE, text=True,
                               **options)
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process):
    rest = process.stdout.read()
    process.stdout.close()
    return process.wait(20), rest


@case
def signal_sent_to_run_reaches_the_command():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1,
                   signal.SIGUSR2):
        process = waiting(number)
        process.send_signal(number)
        assert ended(process) == (40, f"got {int(number)}\n"), number
    process = waiting()
    process.terminate()
    assert ended(process)[0] == 128 + signal.SIGTERM


def on_a_terminal(numbers):
    """Runs a session on a pseudo-terminal, because only a terminal turns keys into signals."""
    primary, secondary = os.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", COMMAND, "run", "--", sys.executable, "-c", WAITING,
         *map(str, map(int, numbers))], stdin=secondary, stdout=subprocess.PIPE, text=True)
    os.close(secondary)
    assert process.stdout.readline() == "ready\n"
    return process, primary


@case
def terminal_keys_reach_the_command_once_and_its_status_is_kept():
    for key, number in ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)):
        process, primary = on_a_terminal([number])
        os.write(primary, key)
        assert ended(process) == (40, f"got {int(number)}\n"), number
        os.close(primary)
    process, primary = on_a_terminal([])
    os.write(primary, b"\x03")
    assert ended(process)[0] == 128 + signal.SIGINT
    os.close(primary)


@case
def run_waits_for_a_command_that_stops_and_continues():
    process = subprocess.Popen([COMMAND, "run", "--", "sh", "-c", "kill -STOP $$; exit 33"],
                               stdout=subprocess.PIPE, text=True)
    child = child_of(process.pid)
    while open(f"/proc/{child}/stat", encoding="utf-8").read().split()[2] != "T":
        time.sleep(0.01)
    assert process.poll() is None
    os.kill(child, signal.SIGCONT)
    assert ended(process)[0] == 33


@case
def status_is_known_even_if_sigchld_is_ignored():
    code = "import os, signal, sys\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\n" \
        "os.execv(sys.argv[1], [sys.argv[1], 'run', '--', 'sh', '-c', 'exit 9'])"
    assert subprocess.run([sys.executable, "-c", code, COMMAND], check=False).returncode == 9


main()
