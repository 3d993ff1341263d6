#!/usr/bin/env python3
"""Tests the command fdinherit from outside. test_command.py COMMAND LEAKY_SERVER"""
import ctypes
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import (COMMAND, as_nobody, case, child_of, fails, main, run,  # pylint: disable=wrong-import-position
                     without_proc)
from schema import conforming  # pylint: disable=wrong-import-position

SERVER = sys.argv[2]


def descriptors(*arguments, **options):
    result = run("list", "--json", *arguments, **options)
    assert result.returncode == 0, result
    return {entry["fd"]: entry for entry in conforming(result.stdout, "list")["descriptors"]}


class Server:
    """Runs the example server until the end of the block."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([SERVER, *arguments], stdout=subprocess.PIPE, text=True,
                                        start_new_session=True)
        words = self.process.stdout.readline().split()
        self.pid, self.port = int(words[1]), int(words[-1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@case
def check_reports_the_listening_socket_of_a_live_server_and_its_port():
    with Server() as server:
        result = run("check", server.pid)
        assert result.returncode == 1, result
        assert f"tcp 127.0.0.1:{server.port} listening" in result.stdout.decode(), result
        leaks = conforming(run("check", "--json", server.pid).stdout, "check")
        assert leaks["pid"] == server.pid and leaks["name"] == "leaky_server", leaks
        entry, = [leak for leak in leaks["leaks"] if leak["kind"] == "socket"]
        assert entry["port"] == server.port and entry["listening"], entry


@case
def check_finds_the_leak_in_the_servers_child():
    with Server("sleep 60 & wait") as server:
        result = run("check", child_of(server.pid))
        assert result.returncode == 1 and str(server.port) in result.stdout.decode(), result


@case
def check_finds_no_leak_after_fdi_set_inheritable():
    with Server("--mended") as server:
        result = run("check", server.pid)
        assert result.returncode == 0, result
        assert result.stdout.decode() == \
            f'process {server.pid}, "leaky_server": nothing besides 0-2 is inheritable\n', result
        assert json.loads(run("check", "--json", server.pid).stdout)["leaks"] == []
        assert [e for e in descriptors(server.pid).values()
                if e.get("port") == server.port and not e["inheritable"]]


@case
def without_a_process_list_describes_itself():
    with open("/dev/null", "rb") as null:
        fd = null.fileno()
        assert descriptors(pass_fds=[fd])[fd]["refers_to"] == "/dev/null"
        assert run("check", pass_fds=[fd]).returncode == 1
    assert run("check").returncode == 0
    assert set(descriptors()) == set(descriptors("--")) == {0, 1, 2}


def libc(name, *arguments):
    fd = getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments)
    assert fd >= 0, name
    return fd


def open_kinds(folder):
    """Returns fd: (kind, pattern of its object) for each kind that can be opened here."""
    kinds = {}

    def add(fd, kind, refers_to):
        kinds[fd] = (kind, refers_to)

    add(os.open(folder, os.O_RDONLY), "directory", re.escape(folder))
    add(os.open(folder + "/file", os.O_RDWR | os.O_CREAT), "file", re.escape(folder + "/file"))
    os.mkfifo(folder + "/fifo")
    add(os.open(folder + "/fifo", os.O_RDWR), "fifo", re.escape(folder + "/fifo"))
    os.symlink("file", folder + "/link")
    add(os.open(folder + "/link", os.O_PATH | os.O_NOFOLLOW), "symlink", re.escape(folder) + "/link")
    for end in os.pipe():
        add(end, "pipe", r"pipe:\[\d+\]")
    for end in pty.openpty():
        add(end, "tty", "/dev/(ptmx|pts/.*)")
    add(os.open("/dev/zero", os.O_RDONLY), "character device", "/dev/zero")
    add(os.memfd_create("name"), "memfd", r"/memfd:name \(deleted\)")
    add(os.pidfd_open(os.getpid()), "pidfd", f"process {os.getpid()}")
    add(libc("eventfd", 0, 0), "eventfd", ".*")
    add(libc("timerfd_create", 1, 0), "timerfd", ".*")
    add(libc("signalfd", -1, ctypes.create_string_buffer(128), 0), "signalfd", ".*")
    add(libc("inotify_init1", 0), "inotify", "watches 0")
    add(os.open("/proc/self/ns/net", os.O_RDONLY), "namespace", r"net:\[\d+\]")
    epoll = select.epoll()
    epoll.register(end, 1)
    add(os.dup(epoll.fileno()), "epoll", "watches 1")
    return kinds


def open_sockets(folder):
    sockets = {}

    def add(made, refers_to, then=None):
        if then:
            then(made)
        sockets[made.detach()] = ("socket", refers_to)

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    mine = client.getsockname()[1]
    accepted, _ = listener.accept()
    add(listener, f"tcp 127.0.0.1:{port} listening")
    add(client, f"tcp 127.0.0.1:{mine} -> 127.0.0.1:{port}")
    add(accepted, f"tcp 127.0.0.1:{port} -> 127.0.0.1:{mine}")
    add(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), r"udp 127.0.0.1:\d+",
        lambda s: s.bind(("127.0.0.1", 0)))
    if os.path.exists("/proc/net/tcp6"):
        add(socket.create_server(("::1", 0), family=socket.AF_INET6), r"tcp6 \[::1\]:\d+ listening")
    add(socket.socket(socket.AF_UNIX), f"unix stream {folder}/a b listening",
        lambda s: (s.bind(folder + "/a b"), s.listen()))
    add(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), "unix datagram @fdinherit-test-.*",
        lambda s: s.bind(f"\0fdinherit-test-{os.getpid()}"))
    for end in socket.socketpair():
        add(end, "unix stream")
    return sockets


@case
def each_kind_is_reported_for_this_and_another_process():
    with tempfile.TemporaryDirectory() as folder:
        kinds = {**open_kinds(folder), **open_sockets(folder)}
        for fd in list(kinds)[::2]:
            os.set_inheritable(fd, True)
        try:
            own = run("list", "--json", pass_fds=list(kinds))
            own = {e["fd"]: e for e in json.loads(own.stdout)["descriptors"]}
            other = descriptors(os.getpid())
            for fd, (kind, refers_to) in kinds.items():
                for seen in (own[fd], other[fd]):
                    assert seen["kind"] == kind, (seen, kind)
                    assert re.fullmatch(refers_to, seen["refers_to"]), (seen, refers_to)
                assert other[fd]["inheritable"] == os.get_inheritable(fd), other[fd]
            shown = run("list", "--inheritable", os.getpid()).stdout.decode().splitlines()[2:]
            assert [fd for fd in (int(line.split()[0]) for line in shown) if fd in kinds] == \
                [fd for fd in sorted(kinds) if os.get_inheritable(fd)]
        finally:
            for fd in kinds:
                os.close(fd)


@case
def table_columns_are_aligned():
    with Server() as server:
        lines = run("list", server.pid).stdout.decode().splitlines()
        assert lines[0] == f'process {server.pid}, "leaky_server":', lines
        heading = lines[1]
        assert heading.split() == ["FD", "INHERITABLE", "KIND", "REFERS", "TO"]
        for line in lines[2:]:
            assert line[heading.index("REFERS") - 1] == " " != line[heading.index("REFERS")], lines
            assert line[heading.index("KIND") - 1] == " " != line[heading.index("KIND")], lines


@case
def arbitrary_bytes_in_a_name_are_escaped_and_valid_json():
    with tempfile.TemporaryDirectory() as folder:
        for name in [bytes([byte]) for byte in range(1, 256) if byte != ord("/")] + \
                ["ä€😀".encode(), b"\xf0\x9f\x98", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80",
                 "\u202egpj.exe\u2028\u009b2J".encode(), b'"\\\n\x1b[31m']:
            path = os.path.join(os.fsencode(folder), b"x" + name)
            fd = os.open(path, os.O_CREAT | os.O_RDONLY)
            try:
                seen = descriptors(pass_fds=[fd])[fd]["refers_to"]
                assert os.fsencode(seen) == path, (seen, path)
                text = run("list", pass_fds=[fd]).stdout
                assert text.count(b"\n") == 5, text
                assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", text.decode()), text
            finally:
                os.close(fd)
                os.unlink(path)


def on_a_terminal(**environment):
    primary, secondary = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
    run("list", stdout=secondary, env={**env, **environment})
    os.close(secondary)
    text = os.read(primary, 65536)
    os.close(primary)
    return text


@case
def colour_is_used_only_on_terminals_that_support_it():
    assert b"\x1b[" in on_a_terminal(TERM="xterm")
    assert b"\x1b[" in on_a_terminal(TERM="xterm", NO_COLOR="")
    assert b"\x1b[" not in on_a_terminal(TERM="xterm", NO_COLOR="1")
    assert b"\x1b[" not in on_a_terminal(TERM="dumb")
    assert b"\x1b[" not in run("list").stdout


@case
def missing_process_is_reported():
    gone = subprocess.Popen(["true"])
    gone.wait()
    fails("list", gone.pid, saying=f"no such process: {gone.pid}")
    fails("check", gone.pid, saying="no such process")


@case
def missing_permission_is_reported():
    other = os.getpid() if os.getuid() == 0 else 1
    fails("list", other, before=as_nobody(), saying=f"no permission to inspect process {other}")
    fails("check", other, before=as_nobody(), saying="no permission")


@case
def missing_procfs_is_reported_but_list_can_still_describe_itself():
    fails("check", os.getpid(), before=without_proc(), saying="no procfs")
    one, two = socket.socketpair()
    with one, two, socket.create_server(("127.0.0.1", 0)) as listener:
        one_end, fd, plain = os.dup(one.fileno()), listener.fileno(), os.open("/", os.O_RDONLY)
        seen = descriptors(before=without_proc(), pass_fds=[fd, plain, one_end])
        assert seen[fd]["port"] == listener.getsockname()[1] and seen[fd]["listening"]
        assert seen[plain]["kind"] == "directory" and seen[one_end]["protocol"] == "unix stream"
        os.close(plain)
        os.close(one_end)


@case
def wrong_usage_is_rejected():
    for arguments in (["liszt"], ["list", "--jsn"], ["list", "0"], ["list", "-1"], ["list", "1x"],
                      ["list", "99999999999"], ["check", "--inheritable"],
                      ["list", ""], ["help", "liszt"], ["list", "\x1b[31m"]):
        fails(*arguments, saying="")
    for option, value in (("--format", "yaml"), ("--error-exitcode", "256"), ("--error-exitcode", "-1"),
                          ("--error-exitcode", "x"), ("--allow", "fd"), ("--suppressions", "/nonexistent")):
        fails("check", f"{option}={value}", saying=value)
    for option in ("--format", "--output", "--allow", "--suppressions", "--error-exitcode", "--keep", "--cwd"):
        fails("check", option, saying=f"no value for the option: {option}")
    for option in ("--allow=fd=3", "--print-suppressions", "--keep=0", "--cwd=/"):
        fails("check", option, os.getpid(), saying="only a command takes this option: " + option.split("=")[0])
    assert b"\x1b" not in run("list", "\x1b[31m").stderr
    result = run()
    assert result.returncode == 2 and not result.stdout and result.stderr


SUBCOMMANDS = ["list", "check", "run", "supports"]


@case
def help_fits_a_screen():
    for arguments in (["--help"], ["-h"], ["help"], ["help", "help"], ["check", "1", "--help"], ["run", "-h"],
                      *(["help", name] for name in SUBCOMMANDS),
                      *([name, "--help"] for name in SUBCOMMANDS)):
        result = run(*arguments)
        lines = result.stdout.decode().splitlines()
        assert result.returncode == 0 and not result.stderr, result
        assert 0 < len(lines) <= 24 and max(map(len, lines)) < 80, result


@case
def version_is_that_of_the_library():
    for option in ("--version", "-V"):
        assert re.fullmatch(rb"fdinherit \d+\.\d+\.\d+\n", run(option).stdout)


@case
def several_processes_are_shown_one_after_another():
    with Server() as one, Server("--mended") as two:
        text = run("check", one.pid, two.pid)
        assert text.returncode == 1, text
        assert [line.split(",")[0] for line in text.stdout.decode().splitlines() if line.startswith("process")] == \
            [f"process {one.pid}", f"process {two.pid}"], text
        found = conforming(run("check", "--json", one.pid, two.pid).stdout, "checks")
        assert [(entry["pid"], len(entry["leaks"])) for entry in found] == [(one.pid, 1), (two.pid, 0)], found
        found = conforming(run("list", "--json", one.pid, two.pid).stdout, "lists")
        assert [entry["pid"] for entry in found] == [one.pid, two.pid], found


@case
def a_missing_process_among_several_is_reported_and_the_others_are_shown():
    gone = subprocess.Popen(["true"])
    gone.wait()
    with Server("--mended") as server:
        for subcommand, name in (("list", "lists"), ("check", "checks")):
            result = run(subcommand, "--json", gone.pid, server.pid)
            assert result.returncode == 2 and result.stderr == \
                f"fdinherit: no such process: {gone.pid}\n".encode(), result
            assert [entry["pid"] for entry in conforming(result.stdout, name)] == [server.pid], result
        assert conforming(run("list", "--json", gone.pid, gone.pid).stdout, "lists") == []
    with Server() as server:
        assert run("check", gone.pid, server.pid).returncode == 1


@case
def the_error_exitcode_of_check_is_chosen():
    with Server() as server:
        for code in (0, 1, 77, 255):
            assert run("check", f"--error-exitcode={code}", server.pid).returncode == code
    with Server("--mended") as server:
        assert run("check", "--error-exitcode", "77", server.pid).returncode == 0


@case
def the_report_of_check_goes_to_the_output_file():
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        path = folder + "/report"
        result = run("check", "--output", path, "--format=json", server.pid)
        assert result.returncode == 1 and not result.stdout and not result.stderr, result
        with open(path, encoding="utf-8") as file:
            assert conforming(file.read(), "check")["pid"] == server.pid
        fails("check", "--output", folder, server.pid, saying="Is a directory")
        fails("check", "--output=/dev/full", server.pid, saying="the output was lost")


@case
def a_zombie_is_not_called_clean():
    zombie = subprocess.Popen(["true"], stdout=subprocess.PIPE)
    zombie.stdout.read()
    while open(f"/proc/{zombie.pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()[0] != "Z":
        time.sleep(0.01)
    for subcommand in ("list", "check"):
        fails(subcommand, zombie.pid, saying=f"process {zombie.pid} has ended and waits for its parent")
    zombie.wait()
    zombie.stdout.close()


UNSHARES = """
import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def work():
    libc.unshare(0x400)  # CLONE_FILES
    os.dup2(os.open("/dev/zero", os.O_RDONLY), 60, inheritable=True)
    print("ready", threading.get_native_id(), flush=True)
    time.sleep(60)
thread = threading.Thread(target=work)
thread.start()
if sys.argv[1] == "exit":
    libc.pthread_exit(None)
thread.join()
"""


@case
def a_threads_own_table_is_checked_even_after_the_main_thread():
    for way in ("stay", "exit"):
        with subprocess.Popen([sys.executable, "-c", UNSHARES, way], stdout=subprocess.PIPE, text=True) as process:
            thread = int(process.stdout.readline().split()[1])
            while way == "exit" and open(f"/proc/{process.pid}/stat", encoding="utf-8").read().split()[2] != "Z":
                time.sleep(0.01)
            found = conforming(run("check", "--json", process.pid).stdout, "check")
            text = run("check", process.pid).stdout.decode()
            process.kill()
        leak, = [leak for leak in found["leaks"] if leak["fd"] == 60]
        assert leak["thread"] == thread and leak["refers_to"] == "/dev/zero", found
        assert f"60  yes          character device  /dev/zero  (thread {thread})\n" in text, text


@case
def access_mode_inode_and_device_are_in_the_json():
    with tempfile.TemporaryDirectory() as folder:
        for flags, access in ((os.O_RDONLY, "r"), (os.O_WRONLY, "w"), (os.O_RDWR, "rw"), (os.O_PATH, "path")):
            fd = os.open(folder + "/file", flags | os.O_CREAT if flags != os.O_PATH else flags)
            status = os.fstat(fd)
            device = os.major(status.st_dev) << 32 | os.minor(status.st_dev)
            for entry in (descriptors(os.getpid())[fd], descriptors(pass_fds=[fd])[fd]):
                assert (entry["access"], entry["inode"], entry["device"]) == (access, status.st_ino, device), entry
            os.close(fd)


@case
def kinds_that_procfs_hardly_describes_are_told():
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    ended = subprocess.Popen(["true"])
    pidfd = os.pidfd_open(ended.pid)
    ended.wait()
    epoll = select.epoll()
    pipes = [end for _ in range(150) for end in os.pipe()]
    for end in pipes:
        epoll.register(end, 0)
    found = descriptors(os.getpid())
    for fd, expected in ((netlink.fileno(), "netlink generic"), (pidfd, "a process that has ended"),
                         (epoll.fileno(), "watches 300")):
        assert found[fd]["refers_to"] == expected, found[fd]
    for fd in (*pipes, pidfd):
        os.close(fd)
    epoll.close()
    netlink.close()


@case
def a_socket_name_cannot_forge_another_sockets_description():
    name = "@\nffff: 00000002 00000000 00010000 0001 01 {inode} /forged"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as forger, socket.create_server(("127.0.0.1", 0)) as real:
        forger.bind("\0" + name.format(inode=os.fstat(real.fileno()).st_ino))
        for before in ((), (sys.argv[3], "pidfd_open", "--")):
            entry = descriptors(os.getpid(), before=before)[real.fileno()]
            assert entry["refers_to"] == f"tcp 127.0.0.1:{real.getsockname()[1]} listening", entry

@case
def lost_output_is_an_error():
    for arguments in (["list"], ["check"], ["list", "--json"], ["supports"],
                      ["supports", "--json"], ["--help"], ["--version"]):
        with open("/dev/full", "wb") as full:
            result = run(*arguments, stdout=full)
        assert result.returncode == 2 and b"the output was lost" in result.stderr, result
        closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", COMMAND, *arguments],
                                stderr=subprocess.PIPE, check=False)
        assert closed.returncode == 2, closed


main()
