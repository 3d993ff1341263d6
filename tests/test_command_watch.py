#!/usr/bin/env python3
"""Tests fdinherit check -- COMMAND from outside. test_command_watch.py COMMAND LEAKY_SERVER SECCOMP_EXEC [ptrace]

With "ptrace", the kernel refuses the listener of seccomp, so check watches with ptrace.

Real programs leak here: the example server, this Python, and flock and GNU tar of every Debian."""
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import (BEFORE, COMMAND, as_nobody, case, fails, main, run,  # pylint: disable=wrong-import-position
                     without_proc)
from schema import conforming  # pylint: disable=wrong-import-position

SERVER, SECCOMP_EXEC = map(os.path.abspath, sys.argv[2:4])
IS_TRACED = sys.argv[4:] == ["ptrace"]
if IS_TRACED:
    BEFORE += [SECCOMP_EXEC, "seccomp", "--"]
NOTE = "watched with ptrace, so no debugger worked\n" if IS_TRACED else ""
FOLDER = tempfile.TemporaryDirectory()
os.chmod(FOLDER.name, 0o755)
FILE = FOLDER.name + "/file"
open(FILE, "w", encoding="utf-8").close()
# LeakSanitizer traces the process that it checks, which fails if that process is already traced.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
SHELL_LEAKS = f"exec 5<{FILE}; /bin/true; exit 0"


REPORT = FOLDER.name + "/report"


def reported():
    with open(REPORT, encoding="utf-8") as file:
        return conforming(file.read(), "watch")


def watch(*command, status=0, leaks=True, options=(), **more):
    """Returns the report. `status` is that of the command; a leak gives 1."""
    result = run("check", "--json", "--output", REPORT, *options, "--", *command, **more)
    assert result.returncode == (1 if leaks else status), result
    found = reported()
    assert found["traced"] == IS_TRACED, found
    assert bool(found["leaks"]) == leaks and found.get("exit_status", 128 + found.get("signal", 0)) == status, found
    return found


def receipts(found):
    """Returns the receipts of all leaks, each with what it refers to."""
    return [{**receipt, "refers_to": leak["refers_to"]} for leak in found["leaks"] for receipt in leak["received"]]


def python(code):
    return sys.executable, "-c", f"import os, subprocess, sys, threading\nFILE = {FILE!r}\n" \
        "fd = os.open(FILE, os.O_RDONLY)\nos.dup2(fd, 30, inheritable=True)\n" + code


@case
def program_is_reported_with_its_descriptors_and_their_origin():
    found = watch("sh", "-c", SHELL_LEAKS)
    leak, = found["leaks"]
    receipt, = leak["received"]
    giver = receipt["passed_on_by"]
    assert receipt["arguments"] == ["/bin/true"] and giver["arguments"] == ["sh", "-c", SHELL_LEAKS], found
    assert not receipt["arguments_cut"] and giver["pid"] != receipt["pid"], found
    assert os.path.samefile(receipt["program"], "/bin/true") and receipt["fd"] == 5, found
    assert (leak["refers_to"], leak["access"], leak["inode"]) == (FILE, "r", os.stat(FILE).st_ino), found


@case
def text_agrees_with_the_json():
    result = run("check", "--", "sh", "-c", f"echo hello; exec 5<{FILE}; /bin/true; exit 3")
    assert result.returncode == 1 and result.stdout == b"hello\n", result
    assert re.fullmatch(
        r'"sh -c echo hello; .*", process \d+, passed on:\n'
        r"FD  KIND  REFERS TO  -> RECEIVED BY\n 5  file  " + re.escape(FILE) + r"  -> true\n"
        r"sh exited with 3; 1 of 2 programs received descriptors besides 0-2\n" + NOTE,
        result.stderr.decode()), result


@case
def example_server_leaks_its_socket_until_it_is_fixed():
    leak, = watch(SERVER, "true; exit 0")["leaks"]
    receipt, = leak["received"]
    assert leak["listening"] and leak["port"] > 0 and receipt["arguments"][0] == "sh"
    assert watch(SERVER, "--mended", "true; exit 0", leaks=False)["started"] >= 2


@case
def flock_leaks_its_lock_to_its_command():
    leak, = receipts(watch("flock", FILE, "true"))
    assert (leak["fd"], leak["refers_to"]) == (3, FILE), leak
    assert leak["passed_on_by"]["arguments"][0] == "flock", leak


@case
def tar_leaks_the_archive_that_it_writes_to_its_action():
    archive = FOLDER.name + "/archive.tar"
    leak, = receipts(watch("tar", "cf", archive, "--checkpoint=1", "--checkpoint-action=exec=true; exit 0",
                           "-C", FOLDER.name, "file"))
    assert (leak["fd"], leak["refers_to"]) == (3, archive), leak
    assert leak["passed_on_by"]["arguments"][:2] == ["tar", "cf"], leak


@case
def tar_leaks_the_archive_that_it_reads_to_each_command():
    archive = FOLDER.name + "/archive.tar"
    subprocess.run(["tar", "cf", archive, "-C", FOLDER.name, "file"], check=True)
    found = watch("tar", "xf", archive, "--to-command=true; exit 0")
    assert archive in [leak["refers_to"] for leak in found["leaks"]], found


@case
def command_without_leaks_is_clean():
    found = watch("sh", "-c", f"/bin/true; /bin/true 3<{FILE} 3<&-; exit 0", leaks=False)
    assert found["started"] == 3 and found["exit_status"] == 0, found
    assert watch(*python("subprocess.run(['true'], check=True)"), leaks=False)["started"] == 2


@case
def command_itself_receives_stdio_only():
    with open(FILE, "rb") as file:
        os.set_inheritable(file.fileno(), True)
        watch("true", leaks=False, close_fds=False)


@case
def check_keeps_the_descriptors_and_the_directory_that_it_is_given():
    folder = FOLDER.name + "/folder"
    os.mkdir(folder)
    with open(FILE, "rb") as file:
        kept = watch("sh", "-c", "pwd -P >&9", options=("--keep", f"{file.fileno()}:8", "--keep=1:9", "--cwd", folder),
                     pass_fds=[file.fileno()])
    assert {(leak["fd"], leak["refers_to"]) for leak in receipts(kept)} >= {(8, FILE)}, kept
    assert run("check", "--cwd=" + folder, "--", "pwd", "-P").stdout.decode() == os.path.realpath(folder) + "\n"
    fails("check", "--keep=77", "--", "true", saying="descriptor 77 cannot be kept: Bad file")
    fails("check", "--cwd", folder + "/nowhere", "--", "true", saying="nowhere: No such file")
    fails("check", "--keep=0:7", "--keep=1:7", "--", "true", saying="two descriptors for the same number")


@case
def status_of_the_command_is_reported():
    for end, status in (("exit 3", 3), ("exit 127", 127), ("kill -TERM $$", 128 + 15), ("kill -KILL $$", 128 + 9)):
        assert ("signal" in watch("sh", "-c", end, status=status, leaks=False)) == (status > 128)
    result = run("check", "--", "sh", "-c", "kill -KILL $$")
    assert result.returncode == 128 + 9 and b"sh was killed by signal 9; 0 of 1 program r" in result.stderr, result


@case
def an_interrupted_command_interrupts_check_too():
    result = run("check", "--", "sh", "-c", "kill -INT $$")
    assert result.returncode == -signal.SIGINT and b"sh was killed by signal 2; " in result.stderr, result
    assert run("check", "--", "sh", "-c", f"exec 5<{FILE}; /bin/true; kill -INT $$").returncode == 1


@case
def a_leak_has_the_error_exitcode():
    for option, status in (("--error-exitcode=77", 77), ("--error-exitcode=1", 1), ("--error-exitcode=0", 6)):
        assert run("check", option, "--", "sh", "-c", f"exec 5<{FILE}; /bin/true; exit 6").returncode == status
    assert run("check", "--error-exitcode=77", "--", "sh", "-c", "exit 6").returncode == 6


@case
def the_report_is_not_among_the_commands_output():
    shell = f"echo out; echo err >&2; exec 5<{FILE}; /bin/true; exit 0"
    result = run("check", "--", "sh", "-c", shell)
    assert result.stdout == b"out\n" and result.stderr.startswith(b'err\n"sh -c'), result
    for form in ("text", "json"):
        result = run("check", f"--format={form}", f"--output={REPORT}", "--", "sh", "-c", shell)
        assert (result.returncode, result.stdout, result.stderr) == (1, b"out\n", b"err\n"), result
    assert reported()["exit_status"] == 0
    fails("check", "--json", "--", "true", saying="this format needs --output with a command")
    fails("check", "--output", FOLDER.name, "--", "true", saying="Is a directory")
    fails("check", "--output=/dev/full", "--", "true", saying="the output was lost")


@case
def descendants_are_followed_however_they_are_created():
    for start in ("subprocess.run(['true'], close_fds=False)",
                  "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
                  "os.fork() or os.execv('/bin/true', ['true'])\nos.wait()",
                  "os.fork() or (os.setsid(), os.fork() or os.execv('/bin/true', ['true']), os.wait())"
                  "\nos.wait()",
                  "os.execv('/bin/true', ['true'])"):
        leak, = receipts(watch(*python(start)))
        assert (leak["fd"], leak["refers_to"]) == (30, FILE) and leak["arguments"][0].endswith("true"), leak
        assert leak["passed_on_by"]["arguments"][0] == sys.executable, leak


@case
def threads_are_followed_even_if_one_of_them_calls_exec():
    code = "def work():\n    subprocess.run(['true'], close_fds=False)\n" \
        "threads = [threading.Thread(target=work) for _ in range(8)]\n" \
        "[t.start() for t in threads]; [t.join() for t in threads]\n" \
        "threading.Thread(target=lambda: os.execv('/bin/sh', ['sh', '-c', 'exit 6'])).start()\n" \
        "threading.Event().wait()\n"
    found = watch(*python(code), status=6)
    leak, = found["leaks"]
    assert len(leak["received"]) == 9, found
    assert {receipt["passed_on_by"]["arguments"][0] for receipt in leak["received"]} == {sys.executable}, found


@case
def program_started_just_before_the_end_is_not_missed():
    for _ in range(30):
        found = watch("sh", "-c", f"exec 5<{FILE}; /bin/true & exit 0")
        assert receipts(found)[0]["refers_to"] == FILE


@case
def process_that_outlives_the_command_runs_on_unwatched():
    start = time.monotonic()
    found = watch("sh", "-c", "sleep 77 >/dev/null 2>&1 & echo $! >" + FILE, leaks=False)
    assert found["running"] == 1 and time.monotonic() - start < 10, found
    with open(FILE, encoding="utf-8") as file:
        pid = int(file.read())
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        report = dict(line.split(":", 1) for line in status)
    os.kill(pid, signal.SIGKILL)
    assert report["Name"].strip() == "sleep" and report["TracerPid"].strip() == "0", report
    assert report["State"].split()[0] == "S", report


@case
def process_that_called_no_execve_counts_as_running():
    found = watch(*python("os.fork() or (os.close(1), os.close(2), threading.Event().wait(3), os._exit(0))"), leaks=False)
    assert found["running"] == 1, found


@case
def stopped_process_stays_stopped_until_continued():
    process = subprocess.Popen([*BEFORE, COMMAND, "check", "--", "sh", "-c",
                                f"echo $$ >{FILE}; kill -STOP $$; exit 33"], stderr=subprocess.PIPE)
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
    assert b"sh exited with 33" in process.communicate(timeout=20)[1]
    assert process.returncode == 33


@case
def signal_sent_to_check_reaches_the_command():
    trap = "trap 'exit 44' TERM; echo ready; while :; do sleep 0.05; done"
    process = subprocess.Popen([*BEFORE, COMMAND, "check", "--", "sh", "-c", trap], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    process.terminate()
    assert b"sh exited with 44" in process.communicate(timeout=20)[1]
    assert process.returncode == 44


@case
def report_appears_after_terminal_keys_end_the_command():
    primary, secondary = os.openpty()
    process = subprocess.Popen(["setsid", "--ctty", "--wait", *BEFORE, COMMAND, "check", "--", "sh", "-c",
                                f"exec 5<{FILE}; sh -c 'echo ready; exec sleep 60'; exit 0"], stdin=secondary,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.close(secondary)
    assert process.stdout.readline() == b"ready\n"
    os.write(primary, b"\x03")
    report = process.communicate(timeout=20)[1]
    os.close(primary)
    assert b"sh was killed by signal 2; " in report and process.returncode == 1, report


@case
def programs_in_a_sandbox_are_checked():
    leak, = receipts(watch(SECCOMP_EXEC, "faccessat2", "--", "/bin/sh", "-c", SHELL_LEAKS))
    assert (leak["fd"], leak["refers_to"]) == (5, FILE)


@case
def program_that_cannot_be_checked_is_an_error():
    secret = FOLDER.name + "/secret"
    shutil.copy("/bin/true", secret)
    os.chmod(secret, 0o111)
    assert run("check", "--", secret, before=as_nobody()).returncode == (125 if IS_TRACED else 0)
    hide = "import ctypes, os\nctypes.CDLL(None).prctl(4, 0)\nos.execv(os.sys.argv[1], ['true'])"
    system_python = next(filter(os.path.exists, ("/usr/bin/python3", sys.executable)))  # for every user
    result = run("check", "--", system_python, "-c", hide, secret, before=as_nobody())
    assert result.returncode == 125, result
    assert result.stderr.endswith(b"fdinherit: 1 program could not be inspected\n"), result


@case
def set_user_id_programs_still_run():
    secure = FOLDER.name + "/secure"
    shutil.copy(shutil.which("id"), secure)
    os.chmod(secure, 0o4755)
    result = run("check", "--", secure, before=as_nobody())
    assert result.returncode == 0 and b"secure exited with 0" in result.stderr, result
    assert b"1 set-user-ID program gained no privileges while watched\n" in result.stderr, result


@case
def command_that_cannot_start_is_an_error():
    fails("check", "--", "fdinherit-no-such-command", status=127, saying="fdinherit-no-such-command: No such")
    fails("check", "--", "/", status=126, saying="/: Permission denied")


@case
def wrong_usage_is_rejected():
    for arguments in (["--"], ["1", "--", "true"], ["--keep", "x", "--", "true"], ["--jsn", "--", "true"]):
        fails("check", *arguments, saying="")


@case
def reason_that_prevents_watching_is_reported():
    fails("check", "--", "true", before=without_proc(), saying="no procfs")
    fails("check", "--", "true", before=(SECCOMP_EXEC, "seccomp", "ptrace", "--"), saying="the command cannot be traced")


@case
def stdio_may_be_closed():
    for closed in ("<&-", "2>&-", "<&- 2>&-"):
        result = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *BEFORE, COMMAND, "check", "--", "sh",
                                 "-c", SHELL_LEAKS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert result.returncode == (125 if "2>" in closed else 1), (closed, result)
        assert ("2>" in closed) or b"1 of 2 programs" in result.stderr, (closed, result)
    output = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *BEFORE, COMMAND, "check", "--output", REPORT, "--json",
                             "--", "sh", "-c", SHELL_LEAKS], check=False)
    assert output.returncode == 1 and receipts(reported())[0]["refers_to"] == FILE, output


@case
def many_programs_are_counted():
    found = watch("sh", "-c", f"exec 5<{FILE}; i=0; while [ $i -lt 200 ]; do /bin/true & i=$((i+1)); "
                  "done; wait")
    assert found["started"] == 201 and len(receipts(found)) == 200 and found["running"] == 0, found


@case
def attempts_in_path_that_fail_are_not_counted():
    place = FOLDER.name + "/place"
    os.mkdir(place)
    for name, text, mode in (("plain", "", 0o644), ("lost", "#!/nonexistent/interpreter\n", 0o755)):
        with open(f"{place}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(f"{place}/{name}", mode)
    os.mkdir(place + "/true")
    code = f"for name in {[place + '/true', place + '/plain', place + '/lost', place + '/none', '/bin/true/x']!r}:\n" \
        "    try:\n        os.execv(name, ['x'])\n    except OSError:\n        pass\n" \
        "os.chdir('/bin')\nos.execv('./true', ['true'])"
    found = watch(*python(code))
    assert found["started"] == 2 and len(receipts(found)) == 1, found


@case
def a_chain_of_programs_is_counted_without_random_addresses():
    found = watch("setarch", "-R", "sh", "-c", f"exec 5<{FILE}; exec env env /bin/true")
    assert found["started"] == 5 and [receipt["arguments"][0] for receipt in receipts(found)] == \
        ["env", "env", "/bin/true"], found


@case
def programs_are_found_by_every_kind_of_path():
    script = FOLDER.name + "/script"
    with open(script, "w", encoding="utf-8") as file:
        file.write("#! /bin/sh -e\nexit 0\n")
    os.chmod(script, 0o755)
    for start in ("os.chdir('/bin'); os.execv('true', ['true'])", "os.execv('/proc/self/exe', ['python3', '-c', ''])",
                  "os.execve(os.open('/bin/true', os.O_RDONLY), ['true'], {})", f"os.execv({script!r}, ['script'])",
                  "os.chdir('/usr'); os.execv('bin/../bin/true', ['true'])"):
        found = watch(*python(start))
        assert found["started"] == 2 and len(receipts(found)) == 1 and not found["unseen"], (start, found)


@case
def a_descriptor_passed_by_another_thread_is_seen():
    code = "def work():\n    os.execv('/bin/true', ['true'])\n" \
        "threading.Thread(target=work).start()\nthreading.Event().wait()\n"
    receipt, = receipts(watch(*python(code)))
    assert receipt["fd"] == 30 and receipt["arguments"] == ["true"], receipt


# ---- transparency ------------------------------------------------------------------------------------

@case
def check_works_inside_check():
    inner = FOLDER.name + "/inner"
    result = run("check", "--", COMMAND, "check", "--json", "--output", inner, "--", "sh", "-c", SHELL_LEAKS)
    if IS_TRACED:
        assert result.returncode == 125 and b"the command cannot be traced" in result.stderr, result
        return
    with open(inner, encoding="utf-8") as file:
        found = conforming(file.read(), "watch")
    assert result.returncode == 1 and [leak["refers_to"] for leak in found["leaks"]] == [FILE], result
    assert found["traced"] and FILE in result.stderr.decode(), (found, result)


@case
def a_tracer_works_inside_check_unless_check_traces():
    code = "import ctypes, os\nif os.fork() == 0:\n    failed = ctypes.CDLL(None).ptrace(0, 0, 0, 0)\n" \
        "    os._exit(7 if failed else 0)\nos._exit(os.waitstatus_to_exitcode(os.wait()[1]))"
    assert run("check", "--", sys.executable, "-c", code).returncode == (7 if IS_TRACED else 0)


@case
def an_untraced_child_is_seen_or_the_report_says_that_ptrace_watched():
    numbers = {"x86_64": 56}
    number = numbers.get(os.uname().machine, 220)
    found = watch(*python(f"import ctypes\nif ctypes.CDLL(None).syscall({number}, 0x800000 | 17, 0, 0, 0, 0) == 0:\n"
                          "    os.execv('/bin/true', ['true'])\nos.wait()"), leaks=not IS_TRACED)
    assert len(receipts(found)) == (0 if IS_TRACED else 1), found


@case
def the_command_continues_if_check_is_killed():
    shell = f"echo $$; read line; sh -c '/bin/echo on' >{FILE}; /bin/echo done >>{FILE}"
    open(FILE, "w", encoding="utf-8").close()
    with subprocess.Popen([*BEFORE, COMMAND, "check", "--", "sh", "-c", shell], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline()
        process.kill()
        process.wait()
        process.stdin.write(b"go\n")
        process.stdin.close()
        end = time.monotonic() + 20
        while open(FILE, encoding="utf-8").read() != "on\ndone\n" and time.monotonic() < end:
            time.sleep(0.05)
    with open(FILE, encoding="utf-8") as file:
        assert file.read() == "on\ndone\n"


@case
def a_process_left_running_can_start_programs_and_holds_no_pipe_of_check():
    shell = f"sh -c 'sleep 2; /bin/echo late >{FILE}' >/dev/null 2>&1 </dev/null &"
    start = time.monotonic()
    piped = subprocess.run(["sh", "-c", '("$@" 2>&1) | cat', "sh", *BEFORE, COMMAND, "check", "--", "sh", "-c", shell],
                           stdout=subprocess.PIPE, check=True)
    assert b"still running, no longer watched" in piped.stdout and time.monotonic() - start < 1.9, piped
    end = time.monotonic() + 20
    while "late" not in open(FILE, encoding="utf-8").read() and time.monotonic() < end:
        time.sleep(0.05)
    assert "late" in open(FILE, encoding="utf-8").read()


SCREEN = """
import os, signal
def on_stop(number, frame):
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.signal(number, on_stop)
    os.write(1, b'RESUMED\\n')
signal.signal(signal.SIGTSTP, on_stop)
os.write(1, b'READY\\n')
while os.read(0, 80).strip() != b'p':
    pass
os.write(1, b'ANSWERED\\n')
"""


def expect(terminal, text):
    output, end = b"", time.monotonic() + 20
    while text not in output:
        assert time.monotonic() < end, output
        if select.select([terminal], [], [], 0.1)[0]:
            output += os.read(terminal, 65536)
    return output


@case
def a_screen_program_survives_control_z():
    with open(FOLDER.name + "/screen.py", "w", encoding="utf-8") as file:
        file.write(SCREEN)
    shell, terminal = pty.fork()
    if shell == 0:
        os.environ.update(PS1="$ ", TERM="dumb")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    line = shlex.join([*BEFORE, COMMAND, "check", "--", sys.executable, FOLDER.name + "/screen.py"])
    for keys, answer in ((f"{line}\n", b"READY\r"), ("\x1a", b"Stopped"), ("fg\n", b"RESUMED\r"), ("p\n", b"ANSWERED\r"),
                         ("", b"exited with 0;")):
        os.write(terminal, keys.encode())
        expect(terminal, answer)
    os.kill(shell, signal.SIGKILL)
    os.close(terminal)
    os.waitpid(shell, 0)


@(case if os.getuid() == 0 else staticmethod)  # needs another user's program
def set_user_id_programs_keep_their_rights_under_root():
    secure = FOLDER.name + "/secure65534"
    shutil.copy(shutil.which("id"), secure)
    os.chown(secure, 65534, 65534)
    os.chmod(secure, 0o4755)
    result = run("check", "--", secure, "-u")
    assert result.returncode == 0, result
    assert result.stdout == (b"0\n" if IS_TRACED else b"65534\n"), result  # the tests refuse seccomp with no_new_privs


@case
def each_open_file_is_reported_once_with_every_program():
    shell = "; ".join([f"exec {fd}<{FILE}" for fd in (5, 6)] + ["exec 7</dev/null", "/bin/true", "sh -c 'exec /bin/true'",
                                                                "exit 0"])
    found = watch("sh", "-c", shell)
    assert [(leak["refers_to"], [receipt["fd"] for receipt in leak["received"]]) for leak in found["leaks"]] == \
        [(FILE, [5, 5, 5]), (FILE, [6, 6, 6]), ("/dev/null", [7, 7, 7])], found
    text = run("check", "--", "sh", "-c", shell).stderr.decode()
    assert text.count("passed on:") == 1 and f" 6  file  {FILE}  -> 3 programs: true, sh\n" in text, text
    assert "sh exited with 0; 3 of 4 programs received descriptors besides 0-2\n" in text, text


@case
def both_ends_of_a_pipe_are_two_leaks():
    found = watch(*python("for end in os.pipe():\n    os.set_inheritable(end, True)\nos.close(30)\nos.execv('/bin/true', ['true'])"))
    assert sorted(leak["access"] for leak in found["leaks"]) == ["r", "w"], found


@case
def the_report_of_many_programs_is_short():
    shell = "".join(f"exec {fd}<{FILE}\n" for fd in range(3, 10)) + \
        "i=0; while [ $i -lt 60 ]; do /bin/true; i=$((i+1)); done; exit 0"
    lines = run("check", "--", "sh", "-c", shell).stderr.decode().splitlines()
    assert len(lines) == 2 + 7 + 1 + bool(NOTE) and lines[2].endswith("  -> 60 programs: true"), lines


# ---- rules -------------------------------------------------------------------------------------------

def allowing(*rules, shell=SHELL_LEAKS, **options):
    return run("check", *[f"--allow={rule}" for rule in rules], "--", "sh", "-c", shell, **options)


@case
def a_rule_allows_what_all_its_patterns_match():
    name = FILE.replace(",", "\\,")
    for rule in ("fd=5", "fd=*", "kind=file", f"refers={name}", "refers=*/file", "from=sh", "to=true", "to=/bin/true",
                 "to=*/t*e", f"fd=5,kind=file,refers={name},from=sh,to=true", "fd=\\5", "to=t**e"):
        result = allowing(rule)
        assert result.returncode == 0 and b"passed on" not in result.stderr, (rule, result)
    for rule in ("fd=6", "fd=55", "kind=fil", "refers=file", "from=bash", "to=tru", "fd=5,to=false", "fd=\\*", "to=", "to=t*x*e"):
        result = allowing(rule)
        assert result.returncode == 1, (rule, result)
        assert f"fdinherit: {rule}: this rule allowed nothing\n".replace("\\", "\\\\").encode() in result.stderr, result


@case
def rules_add_up_and_the_other_leaks_are_reported():
    shell = f"exec 5<{FILE} 6</dev/null; /bin/true; exit 0"
    assert allowing("fd=5", "fd=6", shell=shell).returncode == 0
    result = allowing("fd=5", shell=shell)
    assert result.returncode == 1 and b" 6  character device  /dev/null" in result.stderr, result
    assert FILE.encode() not in result.stderr.split(b"\n")[2], result


@case
def wrong_rules_are_rejected():
    for rule in ("", "fd", "fd=3,", "number=3", "fd=3,fd=4", "jobservers"):
        fails("check", "--allow", rule, "--", "true", saying="not a rule: ")


@case
def printed_suppressions_make_the_next_run_clean():
    odd = FOLDER.name + "/a,b*c\\d\ne\rf"
    os.symlink("/bin/true", odd)
    with open(odd + "g", "w", encoding="utf-8"):
        shell = f"exec 5<'{odd}g' 6</dev/null; '{odd}'; /bin/true; exit 7"
    rules = FOLDER.name + "/rules"
    first = run("check", "--print-suppressions", "--output", rules, "--", "sh", "-c", shell)
    assert first.returncode == 1 and not first.stderr, first
    with open(rules, encoding="utf-8", newline="") as file:
        lines = file.read().split("\n")
    assert len(lines) == 5 and lines[4] == "", lines
    assert lines[1] == f"fd=5,kind=file,refers={FOLDER.name}/a\\,b\\*c\\\\d\\ne\\rfg,from=sh,to=/bin/true", lines
    again = run("check", "--suppressions", rules, "--", "sh", "-c", shell)
    assert again.returncode == 7 and b"allowed nothing" not in again.stderr, again
    assert run("check", "--suppressions", rules, "--", "sh", "-c", SHELL_LEAKS).returncode == 1


@case
def a_file_of_suppressions_may_have_comments_and_empty_lines():
    rules = FOLDER.name + "/commented"
    with open(rules, "w", encoding="utf-8") as file:
        file.write("# the lock\r\n\nfd=5\r\n")
    assert run("check", f"--suppressions={rules}", "--", "sh", "-c", SHELL_LEAKS).returncode == 0
    with open(rules, "w", encoding="utf-8") as file:
        file.write("fd=" + "5" * 9000)
    fails("check", f"--suppressions={rules}", "--", "true", saying="a line is too long")
    fails("check", f"--suppressions={FOLDER.name}", "--", "true", saying="Is a directory")


@case
def a_long_name_is_suppressed_by_its_beginning():
    found = run("check", "--print-suppressions", "--", "sh", "-c", f"exec 5<{FILE}; {'/'.ljust(1500, '/')}bin/true; exit 0").stderr.decode()
    assert found == f"fd=5,kind=file,refers={FILE},from=sh,to={'/' * 1000}*\n", found


@case
def the_jobserver_of_make_is_allowed_by_its_name():
    with open(FOLDER.name + "/Makefile", "w", encoding="utf-8") as file:
        file.write("all:\n\t+@/bin/true; exit 0\n")
    make = ("make", "--jobserver-style=pipe", "-j2", "-C", FOLDER.name)
    if b"jobserver-style" not in subprocess.run(["make", "--help"], capture_output=True, check=True).stdout:
        make = ("make", "-j2", "-C", FOLDER.name)
    environment = {name: text for name, text in os.environ.items() if "MAKE" not in name}
    assert run("check", "--", *make, env=environment).returncode == 1
    result = run("check", "--allow", "jobserver", "--", *make, env=environment)
    assert result.returncode == 0 and b"allowed nothing" not in result.stderr, result
    assert allowing("jobserver").returncode == 1


main()
