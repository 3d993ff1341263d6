#!/usr/bin/env python3
"""Tests fdinherit with a missing or damaged procfs, with refused system calls, and on unusual
processes. test_command_procfs.py COMMAND SECCOMP_EXEC"""
import errno
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import (COMMAND, case, fails, main, own_mounts, run,  # pylint: disable=wrong-import-position
                     without_proc)
from schema import conforming  # pylint: disable=wrong-import-position

SECCOMP_EXEC = sys.argv[2]
FOLDER = tempfile.TemporaryDirectory()
NULL = os.open("/dev/null", os.O_RDWR)
FIELD = "flags:\t0100002\n"  # the flags line of fdinfo, without O_CLOEXEC
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"


def with_proc(files, *more):
    """Replaces /proc by a folder of text files, and of symlinks, whose values begin with '>'.

    The command finds its own id in the link "self", and the shell makes that link."""
    place = tempfile.mkdtemp(dir=FOLDER.name)
    for name, text in {"own/fd/": "", "own/environ": "ASAN_OPTIONS=detect_leaks=0\0",
                       "own/exe": ">" + COMMAND, **files}.items():
        path = os.path.join(place, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if text.startswith(">"):
            os.symlink(text[1:], path)
        elif not name.endswith("/"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    return (*own_mounts(*more), "sh", "-c",
            'cd "$0" && ln -sfn own $$ && ln -sfn $$ self && mount --bind . /proc && cd / && exec "$@"', place)


def listed(*arguments, **options):
    result = run("list", "--json", *arguments, **options)
    assert result.returncode == 0, result
    return {entry["fd"]: entry for entry in json.loads(result.stdout)["descriptors"]}


@case
def own_descriptors_are_described_without_procfs():
    found = listed(stdin=NULL, before=with_proc({"own/fd/0": ">anon_inode:[pidfd]", "own/fdinfo/0": FIELD,
                                                 "own/fd/1": ">pipe:[5]"}), pass_fds=[NULL])
    assert (found[0]["kind"], found[0]["refers_to"]) == ("pidfd", "anon_inode:[pidfd]"), found
    assert found[1]["kind"] == "pipe" and found[NULL]["kind"] == "character device", found


@case
def descriptors_closed_meanwhile_are_left_out_and_the_rest_listed():
    one = f"{os.getpid()}/"
    before = with_proc({one + "task/": "", one + "fd/5": ">/gone", one + "fd/6": ">/here", one + "fdinfo/6": FIELD,
                        one + "fd/7": "no link", one + "fdinfo/7": FIELD,
                        one + "fd/8": ">socket:[4711]", one + "fdinfo/8": "pos:\t0\nflags:\t02100002\n",
                        one + "fd/9": ">/odd", one + "fdinfo/9": "pos:\t0\n"})
    found = listed(os.getpid(), before=before)
    assert list(found) == [6, 7, 8], found
    assert (found[6]["refers_to"], found[7]["refers_to"], found[7]["kind"]) == ("/here", "", "file"), found
    assert found[6]["inheritable"] and not found[8]["inheritable"], found
    assert found[8]["kind"] == "socket" and "protocol" not in found[8], found
    lines = run("list", os.getpid(), before=before).stdout.decode().splitlines()
    assert lines[0] == f"process {os.getpid()}:" and lines[3].rstrip() == " 7  yes          file", lines


@case
def reason_for_an_unreadable_process_is_reported():
    pid = os.getpid()
    fails("list", pid, before=with_proc({}), saying=f"no permission to inspect process {pid}")
    fails("list", 1, before=with_proc({}), saying="no permission to inspect process 1")
    fails("list", pid, before=with_proc({f"{pid}/fd": "no directory"}),
          saying=f"process {pid} cannot be inspected: Not a directory")


@case
def process_with_hidden_descriptors_is_an_error():
    pid = os.getpid()
    for hidden in ("fd", "fdinfo"):
        before = with_proc({f"{pid}/fd/5": ">/here", f"{pid}/fdinfo/5": FIELD})
        folder = os.path.join(before[-1], str(pid), hidden)
        os.chmod(folder, 0o444)  # only its names are readable, as without CAP_SYS_PTRACE
        before += ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
        fails("list", pid, before=before, saying=f"no permission to inspect process {pid}")
        fails("check", pid, before=before, saying=f"no permission to inspect process {pid}")
        os.chmod(folder, 0o755)


@case
def interrupted_listing_is_an_error():
    pid = os.getpid()
    fails("list", pid, before=(SECCOMP_EXEC, "getdents64", "--"), saying=f"process {pid} cannot be inspected")


@case
def table_ends_with_the_kind_without_procfs():
    lines = run("list", before=without_proc(), stdin=NULL).stdout.decode().splitlines()
    assert lines[1] == " 0  yes          character device", lines


@case
def procfs_of_another_pid_namespace_is_refused():
    before = ("unshare", *(() if os.getuid() == 0 else ("-r",)), "--pid", "--fork", "sh", "-c", '"$@"; exit $?', "sh")
    for subcommand in ("list", "check"):
        fails(subcommand, 1, before=before, saying="process 1 cannot be inspected: /proc belongs to another pid namespace")
    fails("check", "--", "true", before=before, saying="a command cannot be watched: /proc belongs to another pid namespace")
    assert conforming(run("list", "--json", before=before).stdout, "list")["name"] == "fdinherit"


@case
def failed_listing_is_reported():
    fails("list", before=(SECCOMP_EXEC, "select", "--", *without_proc()),
          saying="the open descriptors cannot be listed: (?:Operation n|N)ot supported")


@case
def process_without_descriptors_has_an_empty_list():
    process = subprocess.Popen(["sh", "-c", "exec sleep 60 <&- >&- 2>&-"])
    try:
        while os.listdir(f"/proc/{process.pid}/fd"):
            time.sleep(0.01)
        assert listed(process.pid) == {}
        assert run("list", process.pid).stdout.decode() == \
            f'process {process.pid}, "sleep":\nFD  INHERITABLE  KIND  REFERS TO\n'
        assert run("check", process.pid).returncode == 0
    finally:
        process.kill()
        process.wait()


@case
def leaks_are_counted_in_words():
    two = os.dup(NULL)
    one = run("check", pass_fds=[NULL]).stdout.decode().splitlines()[0]
    assert re.fullmatch(r'process \d+, "fdinherit" passes 1 descriptor besides 0-2 to every program it starts:', one), one
    more = run("check", pass_fds=[NULL, two]).stdout.decode().splitlines()[0]
    assert re.fullmatch(r'process \d+, "fdinherit" passes 2 descriptors besides 0-2 to every program it starts:', more), more
    os.close(two)


@case
def sockets_of_other_families_are_named():
    for family, protocol, expected in ((socket.AF_NETLINK, 0, "netlink route"), (socket.AF_NETLINK, 3, "netlink protocol 3"),
                                       (socket.AF_VSOCK, 0, "vsock")):
        try:
            other = socket.socket(family, socket.SOCK_DGRAM if family == socket.AF_NETLINK else socket.SOCK_STREAM, protocol)
        except OSError as error:
            assert error.errno in (errno.EPROTONOSUPPORT, errno.EAFNOSUPPORT), error  # not in this kernel
            continue
        with other:
            found = listed(os.getpid())[other.fileno()]
            assert found["refers_to"] == expected, found


def on_a_terminal(*arguments, terminal="xterm", **options):
    primary, secondary = pty.openpty()
    env = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    run(*arguments, stdout=secondary, env={**env, **({"TERM": terminal} if terminal else {})}, **options)
    os.close(secondary)
    text = os.read(primary, 65536).decode()
    os.close(primary)
    return text


@case
def only_leaks_are_red_on_a_terminal():
    os.dup2(NULL, 123)
    try:
        for terminal in ("xterm", None):
            lines = on_a_terminal("list", terminal=terminal, pass_fds=[123]).splitlines()
            assert lines[0].startswith("\x1b[1m FD "), lines
            assert [line for line in lines if line.startswith("\x1b[31m123  yes ")], lines
        other = on_a_terminal("list", os.getpid()).splitlines()
        for line in other[1:]:
            fd, inheritable = line.replace("\x1b[31m", "").split()[:2]
            assert ("\x1b[31m" in line) == (inheritable == "yes" and int(fd) > 2), other
    finally:
        os.close(123)


@case
def output_lost_at_once_is_an_error():
    with open("/dev/full", "wb") as full:
        result = run("list", stdout=full, before=("stdbuf", "-o0"))
        assert result.returncode == 2 and b"the output was lost" in result.stderr, result


@case
def wrong_usage_is_rejected():
    for text in ("1x", "x", "1/", "1:", "-", "2147483648"):
        fails("list", text, saying=("unknown option: " if text == "-" else "not a process id: ") + text)
    fails("--version", "more", saying="unexpected argument: more")
    fails("--help", "list", "more", saying="more than one subcommand: more")
    fails("help", "list", "more", saying="more than one subcommand: more")
    fails("--versoin", saying="unknown option: --versoin")


@case
def version_is_that_of_the_header():
    header = os.path.join(os.path.dirname(__file__), "../include/fdinherit.h")
    with open(header, encoding="utf-8") as text:
        numbers = re.findall(r"#define FDI_VERSION_(?:MAJOR|MINOR|PATCH)\s+(\d+)", text.read())
    assert len(numbers) == 3 and run("--version").stdout.decode() == f"fdinherit {'.'.join(numbers)}\n", numbers


# ---- under watch -------------------------------------------------------------------------------------

REPORT = FOLDER.name + "/report"


def watched(*command, status, **options):
    result = run("check", "--json", "--output", REPORT, "--", *command, **options)
    assert result.returncode == status, result
    with open(REPORT, encoding="utf-8") as file:
        return conforming(file.read(), "watch")


EXECUTE = "import os, sys\nos.dup2(os.open('/dev/null', os.O_RDONLY), 30)\n" \
    "os.execv(sys.argv[1], [os.fsencode(word) for word in sys.argv[2:]])"


def leaky(program, *words):
    """Returns a command that passes descriptor 30 to a program with these arguments."""
    return (sys.executable, "-c", EXECUTE, program, *words)


def report_of_giver(word):
    """Returns the report about a shell that is called so. It reads its script from stdin."""
    script = FOLDER.name + "/script"
    with open(script, "w", encoding="utf-8") as file:
        file.write("exec 9</dev/null\n/bin/true\nexit 0\n")
    with open(script, "rb") as file:
        result = run("check", "--", *leaky("/bin/sh", word), stdin=file)
    assert result.returncode == 1, result
    return result.stderr.decode()


@case
def long_commands_are_truncated_between_two_characters():
    for word, shown in (("a" * 60, "a" * 60), ("a" * 61, "a" * 60 + "..."), ("a" * 59 + "ä", "a" * 59 + "..."),
                        ("a" * 58 + "€x", "a" * 58 + "..."), ("a" * 58 + "äx", "a" * 58 + "ä..."),
                        (os.fsdecode(b"\x80" * 70), "...")):
        assert f'\n"{shown}", process ' in report_of_giver(word), (word, report_of_giver(word))


@case
def long_program_names_are_truncated():
    result = run("check", "--", *leaky("/bin/true", "/usr/" + "b" * 61))
    assert result.stderr.endswith(b"  -> " + b"b" * 60 + b"...\n" + result.stderr.split(b"\n")[-2] + b"\n"), result


@case
def long_arguments_are_complete_and_the_longest_are_marked_as_cut():
    for length, cut in ((5000, False), (100000, False)):
        found = watched(*leaky("/bin/true", "true", "b" * length), status=1)
        receipt, = found["leaks"][0]["received"]
        assert receipt["arguments"] == ["true", "b" * length] and receipt["arguments_cut"] == cut, length
    words = ["true"] + ["c" * 100000] * 12
    code = "import os\nos.dup2(os.open('/dev/null', os.O_RDONLY), 30)\nos.execv('/bin/true', ['true'] + ['c' * 100000] * 12)"
    receipt, = watched(sys.executable, "-c", code, status=1)["leaks"][0]["received"]
    assert receipt["arguments_cut"], receipt
    assert "\0".join(receipt["arguments"]) == "\0".join(words)[:1 << 20], len(receipt["arguments"])


@case
def odd_arguments_forge_nothing():
    words = ['"x", process 1, passed on:', "", "\n 9  file  /forged", "\u200b\U000e0041"]
    receipt, = watched(*leaky("/bin/true", *words), status=1)["leaks"][0]["received"]
    assert receipt["arguments"] == words, receipt
    text = report_of_giver("\n 9  file  /forged\u200b\U000e0041")
    assert "\n 9  file" not in text and "\u200b" not in text and "\U000e0041" not in text, text


@case
def running_processes_are_counted_in_words():
    for count, words in ((1, b"1 process is"), (2, b"2 processes are")):
        started = "sleep 76 >/dev/null 2>&1 & echo $!; " * count
        result = run("check", "--", "sh", "-c", started)
        report = result.stderr
        pids = [int(line) for line in result.stdout.split()]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert report.endswith(words + b" still running, no longer watched\n"), report


@case
def programs_that_could_not_be_checked_are_counted_in_words():
    before = with_proc({}, "--pid", "--fork")
    for command, words in ((("true",), b"1 program"), (("sh", "-c", "/bin/true; exit 0"), b"2 programs")):
        result = run("check", "--", *command, before=before)
        assert result.returncode == 125, result
        assert result.stderr.split(b"\n", 1)[1] == b"fdinherit: " + words + b" could not be inspected\n", result


@case
def program_without_a_name_in_procfs_is_reported_with_its_descriptors():
    files = {}
    for pid in range(1, 60):
        files.update({f"{pid}/fd/5": ">/received", f"{pid}/fdinfo/5": FIELD, f"{pid}/status": "Tgid:\t99\n"})
    before = with_proc(files, "--pid", "--fork")
    leak, = watched("true", status=1, before=before)["leaks"]
    receipt, = leak["received"]
    assert leak["refers_to"] == "/received" and receipt["fd"] == 5, leak
    assert (receipt["program"], receipt["arguments"], receipt["passed_on_by"]["arguments"]) == ("", [], []), leak
    text = run("check", "--", "true", before=before).stderr.decode()
    assert re.match(r'"", process \d+, passed on:\n.*\n 5  unknown  /received  -> \n', text), text


@case
def report_in_a_file_works_without_standard_error():
    result = subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", COMMAND, "check", "--json", "--output", REPORT, "--",
                             "sh", "-c", "echo out; exit 3"], stdout=subprocess.PIPE, check=False)
    assert (result.stdout, result.returncode) == (b"out\n", 3), result


@case
def each_stop_signal_leaves_a_process_stopped():
    for name in ("STOP", "TSTP", "TTIN", "TTOU"):
        process = subprocess.Popen([COMMAND, "check", "--", "sh", "-c", f"echo $$; kill -{name} $$; exit 34"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=os.setpgrp)
        pid = int(process.stdout.readline())
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                if stat.read().split()[2] in "Tt":
                    break
        time.sleep(0.1)
        assert process.poll() is None, name
        os.kill(pid, signal.SIGCONT)
        assert b"sh exited with 34" in process.communicate(timeout=20)[1], name


@case
def refused_system_call_is_reported():
    for call in ("pipe2", "clone"):
        fails("check", "--", "true", before=(SECCOMP_EXEC, call, "--"),
              saying="the command cannot be started: ")


@case
def more_commands_that_cannot_run_are_errors():
    os.symlink("loop", FOLDER.name + "/loop")
    fails("run", "--", FOLDER.name + "/loop", status=127, saying="(?:Too many levels|Symbolic link loop)")
    fails("run", "--", "/" + "n" * 300, status=127, saying="(?:File ?)name too long")
    fails("run", "--keep", f"{NULL}:2147483647", "--", "true", pass_fds=[NULL],
          saying="true: (?:Too many open files|No file descriptors available)")


main()
