#!/usr/bin/env python3
"""Tests fdinherit check -- COMMAND from outside. test_command_watch.py COMMAND LEAKY_SERVER SECCOMP_EXEC

Real programs leak here: the example server, this Python, and flock and GNU tar of every Debian."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import (COMMAND, as_nobody, case, fails, main, run,  # pylint: disable=wrong-import-position
                     without_proc)

SERVER, SECCOMP_EXEC = sys.argv[2:4]
FOLDER = tempfile.TemporaryDirectory()
os.chmod(FOLDER.name, 0o755)
FILE = FOLDER.name + "/file"
open(FILE, "w", encoding="utf-8").close()
# LeakSanitizer traces the process that it checks, which fails if that process is already traced.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
SHELL_LEAKS = f"exec 5<{FILE}; /bin/true; exit 0"


def watch(*command, status, **options):
    """Returns the report, after a check that the exit status agrees with it."""
    result = run("check", "--json", "--", *command, **options)
    assert result.returncode == status, result
    found = json.loads(result.stdout)
    assert bool(found["leaks"]) == (status == 1), found
    return found


def received(leak):
    return {entry["fd"]: entry["refers_to"] for entry in leak["received"]}


def python(code):
    return sys.executable, "-c", f"import os, subprocess, sys, threading\nFILE = {FILE!r}\n" \
        "fd = os.open(FILE, os.O_RDONLY)\nos.dup2(fd, 30, inheritable=True)\n" + code


@case
def program_is_reported_with_its_descriptors_and_their_origin():
    leak, = watch("sh", "-c", SHELL_LEAKS, status=1)["leaks"]
    assert leak["arguments"] == ["/bin/true"] and leak["started_by"] == ["sh", "-c", SHELL_LEAKS]
    assert os.path.samefile(leak["program"], "/bin/true") and received(leak) == {5: FILE}


@case
def text_agrees_with_the_json():
    result = run("check", "--", "sh", "-c", f"echo hello; exec 5<{FILE}; /bin/true; exit 3")
    assert result.returncode == 1 and not result.stderr, result
    assert re.fullmatch(
        r'hello\n"/bin/true", process \d+, received from "sh -c echo hello; .*":\n'
        r"FD  INHERITABLE  KIND  REFERS TO\n 5  yes          file  " + re.escape(FILE) + r"\n\n"
        r"sh exited with 3; 1 of 2 programs received descriptors besides 0-2\n",
        result.stdout.decode()), result


@case
def example_server_leaks_its_socket_until_it_is_fixed():
    leak, = watch(SERVER, "true; exit 0", status=1)["leaks"]
    socket, = leak["received"]
    assert socket["listening"] and socket["port"] > 0 and leak["arguments"][0] == "sh"
    assert watch(SERVER, "--mended", "true; exit 0", status=0)["started"] >= 2


@case
def flock_leaks_its_lock_to_its_command():
    leak, = watch("flock", FILE, "true", status=1)["leaks"]
    assert received(leak) == {3: FILE} and leak["started_by"][0] == "flock", leak


@case
def tar_leaks_the_archive_that_it_writes_to_its_action():
    archive = FOLDER.name + "/archive.tar"
    leak, = watch("tar", "cf", archive, "--checkpoint=1", "--checkpoint-action=exec=true; exit 0",
                  "-C", FOLDER.name, "file", status=1)["leaks"]
    assert received(leak) == {3: archive} and leak["started_by"][:2] == ["tar", "cf"], leak


@case
def tar_leaks_the_archive_that_it_reads_to_each_command():
    archive = FOLDER.name + "/archive.tar"
    subprocess.run(["tar", "cf", archive, "-C", FOLDER.name, "file"], check=True)
    leak, = watch("tar", "xf", archive, "--to-command=true; exit 0", status=1)["leaks"]
    assert archive in received(leak).values(), leak


@case
def command_without_leaks_is_clean():
    found = watch("sh", "-c", f"/bin/true; /bin/true 3<{FILE} 3<&-; exit 0", status=0)
    assert found["started"] == 3 and found["exit_status"] == 0, found
    assert watch(*python("subprocess.run(['true'], check=True)"), status=0)["started"] == 2


@case
def command_itself_receives_stdio_only():
    with open(FILE, "rb") as file:
        os.set_inheritable(file.fileno(), True)
        watch("true", status=0, close_fds=False)


@case
def status_of_the_command_is_reported():
    for end, member in (("exit 3", {"exit_status": 3}), ("exit 127", {"exit_status": 127}),
                        ("kill -TERM $$", {"signal": 15}), ("kill -KILL $$", {"signal": 9})):
        found = watch("sh", "-c", end, status=0)
        assert {name: found[name] for name in member} == member, found
    assert b"sh was killed by signal 9; 0 of 1 program r" in \
        run("check", "--", "sh", "-c", "kill -KILL $$").stdout


@case
def json_is_not_mixed_with_the_commands_output():
    result = run("check", "--json", "--", "sh", "-c", "echo out; echo err >&2")
    assert json.loads(result.stdout)["exit_status"] == 0
    assert result.stderr == b"out\nerr\n", result


@case
def descendants_are_followed_however_they_are_created():
    for start in ("subprocess.run(['true'], close_fds=False)",
                  "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
                  "os.fork() or os.execv('/bin/true', ['true'])\nos.wait()",
                  "os.fork() or (os.setsid(), os.fork() or os.execv('/bin/true', ['true']), os.wait())"
                  "\nos.wait()",
                  "os.execv('/bin/true', ['true'])"):
        leak, = [leak for leak in watch(*python(start), status=1)["leaks"]]
        assert received(leak) == {30: FILE} and leak["arguments"][0].endswith("true"), leak
        assert leak["started_by"][0] == sys.executable, leak


@case
def threads_are_followed_even_if_one_of_them_calls_exec():
    code = "def work():\n    subprocess.run(['true'], close_fds=False)\n" \
        "threads = [threading.Thread(target=work) for _ in range(8)]\n" \
        "[t.start() for t in threads]; [t.join() for t in threads]\n" \
        "threading.Thread(target=lambda: os.execv('/bin/sh', ['sh', '-c', 'exit 6'])).start()\n" \
        "threading.Event().wait()\n"
    found = watch(*python(code), status=1)
    assert len(found["leaks"]) == 9 and found["exit_status"] == 6, found
    assert {leak["started_by"][0] for leak in found["leaks"]} == {sys.executable}, found


@case
def program_started_just_before_the_end_is_not_missed():
    for _ in range(30):
        found = watch("sh", "-c", f"exec 5<{FILE}; /bin/true & exit 0", status=1)
        assert received(found["leaks"][0]) == {5: FILE}


@case
def process_that_outlives_the_command_runs_on_unwatched():
    start = time.monotonic()
    found = watch("sh", "-c", "sleep 77 >/dev/null 2>&1 & echo $! >" + FILE, status=0)
    assert found["running"] == 1 and time.monotonic() - start < 10, found
    with open(FILE, encoding="utf-8") as file:
        pid = int(file.read())
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        report = dict(line.split(":", 1) for line in status)
    os.kill(pid, signal.SIGKILL)
    assert report["Name"].strip() == "sleep" and report["TracerPid"].strip() == "0", report
    assert report["State"].split()[0] == "S", report


@case
def stopped_process_stays_stopped_until_continued():
    process = subprocess.Popen([COMMAND, "check", "--", "sh", "-c",
                                f"echo $$ >{FILE}; kill -STOP $$; exit 33"], stdout=subprocess.PIPE)
    state = ""
    while state not in ("T", "t"):
        time.sleep(0.05)
        with open(FILE, encoding="utf-8") as file:
            pid = file.read().strip()
        if pid:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                state = stat.read().split()[2]
    time.sleep(0.2)
    assert process.poll() is None
    os.kill(int(pid), signal.SIGCONT)
    assert b"sh exited with 33" in process.communicate(timeout=20)[0]


@case
def signal_sent_to_check_reaches_the_command():
    trap = "trap 'exit 44' TERM; echo ready; while :; do sleep 0.05; done"
    process = subprocess.Popen([COMMAND, "check", "--", "sh", "-c", trap], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.terminate()
    assert b"sh exited with 44" in process.communicate(timeout=20)[0]
    assert process.returncode == 0


@case
def report_appears_after_terminal_keys_end_the_command():
    primary, secondary = os.openpty()
    process = subprocess.Popen(["setsid", "--ctty", "--wait", COMMAND, "check", "--", "sh", "-c",
                                f"exec 5<{FILE}; sh -c 'echo ready; exec sleep 60'; exit 0"], stdin=secondary,
                               stdout=subprocess.PIPE)
    os.close(secondary)
    assert process.stdout.readline() == b"ready\n"
    os.write(primary, b"\x03")
    report = process.communicate(timeout=20)[0]
    os.close(primary)
    assert b"sh was killed by signal 2; " in report and process.returncode == 1, report


@case
def programs_in_a_sandbox_are_checked():
    leak, = watch(SECCOMP_EXEC, "faccessat2", "--", "/bin/sh", "-c", SHELL_LEAKS, status=1)["leaks"]
    assert received(leak) == {5: FILE}


@case
def program_that_cannot_be_checked_is_an_error():
    secret = FOLDER.name + "/secret"
    shutil.copy("/bin/true", secret)
    os.chmod(secret, 0o111)
    result = run("check", "--json", "--", secret, before=as_nobody())
    assert result.returncode == 2 and json.loads(result.stdout)["unseen"] == 1, result
    assert result.stderr == b"fdinherit: 1 program could not be inspected\n", result


@case
def set_user_id_programs_still_run():
    secure = FOLDER.name + "/secure"
    shutil.copy(shutil.which("id"), secure)
    os.chmod(secure, 0o4755)
    result = run("check", "--", secure, before=as_nobody())
    assert result.returncode == 0 and b"secure exited with 0" in result.stdout, result


@case
def command_that_cannot_start_is_an_error():
    fails("check", "--", "fdinherit-no-such-command", saying="fdinherit-no-such-command: No such")
    fails("check", "--json", "--", "/", saying="/: Permission denied")


@case
def wrong_usage_is_rejected():
    for arguments in (["--"], ["1", "--", "true"], ["--keep", "3", "--", "true"]):
        fails("check", *arguments, saying="")


@case
def reason_that_prevents_watching_is_reported():
    fails("check", "--", "true", before=without_proc(), saying="no procfs")
    fails("check", "--", "true", before=(SECCOMP_EXEC, "ptrace", "--"), saying="the command cannot be traced")
    result = run("check", "--", COMMAND, "check", "--", "true")
    assert b"the command cannot be traced" in result.stderr and b"exited with 2" in result.stdout, result


@case
def stdio_may_be_closed():
    for closed in ("<&-", "2>&-", "<&- 2>&-"):
        result = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", COMMAND, "check", "--", "sh",
                                 "-c", SHELL_LEAKS], stdout=subprocess.PIPE, check=False)
        assert result.returncode == 1 and b"1 of 2 programs" in result.stdout, (closed, result)


@case
def many_programs_are_counted():
    found = watch("sh", "-c", f"exec 5<{FILE}; i=0; while [ $i -lt 200 ]; do /bin/true & i=$((i+1)); "
                  "done; wait", status=1)
    assert found["started"] == 201 and len(found["leaks"]) == 200 and found["running"] == 0, found


main()
