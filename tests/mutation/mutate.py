#!/usr/bin/env python3
"""mutate.py [--mutants N] [--seed N] [--workers N] [--build DIRECTORY] [--only TEXT] [--strict]: breaks the
code on purpose, one place at a time, and counts how often the tests notice.

Each worker has a copy of the tree. First, all tests must pass there on the unchanged code, in the same
sandbox. A mutant is then compiled. Tests of its family run first, then all others whose programs changed,
in order of their duration. A mutant is killed by the first test that fails twice. A test also fails if it
takes twenty seconds more than ten times its usual time. A mutant that changes no program counts as the same.
equivalent.txt lists mutants that change no observable behaviour, each with a reason. --strict leaves them
out, and requires that the tests kill every other mutant. Without it, they must kill 95 %. Tests run in a
sandbox: all file systems are read-only except private memory, and no other processes are visible."""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
FOLDERS = ("src", "src/posix", "src/command", "src/command/posix")
SUITES = ("unit", "posix", "exact", "refused", "command", "faults", "fork_lock", "cancel")
# Tests that cover a file, in addition to those with its name.
FAMILIES = {
    "cloexec": ["create_posix", "socket", "ignored", "faults_fork_lock"], "clone": ["spawn"],
    "create": ["create", "duplicate", "temporary"], "descriptors": ["command"], "describe": ["command"], "event": ["create"],
    "exec": ["exec"], "list": ["command"], "listing": ["inherit", "create"], "main": ["command"], "own": ["command"],
    "process": ["command"], "procfs": ["procfs", "attributes", "xattr"], "run": ["command_run"],
    "spawn": ["plan", "spawn", "child", "search", "wait"], "fork": ["fork_lock"], "sockets": ["command"],
    "stat": ["attributes", "stat"], "supports": ["command_supports"], "table": ["command"], "target": ["target", "functions"],
    "temporary": ["temporary", "create"], "terminal": ["create", "duplicate"], "text": ["command"], "uncancelled": ["cancel"], "version": ["layout", "command"], "wait": ["wait"], "watch": ["command_procfs", "command_watch"],
}  # fmt: skip
# Every file system is mounted read-only. Tests write to a tmpfs, which ends with them. The worker's folder is
# the first argument. It is mounted again in case a tmpfs covers it.
WALLS = """walls() {
    cd "$1" && mount --make-rprivate / || return
    cut -d' ' -f5 /proc/self/mountinfo | grep -v '^/proc' | while read -r one; do mount -o remount,bind,ro "$one"; done
    [ ! -w / ] && [ ! -w /dev ] && mount -t tmpfs none /tmp && { [ ! -d /dev/shm ] || mount -t tmpfs none /dev/shm; } &&
    mkdir -p "$1" && mount -c --bind . "$1" && cd "$1/build" && [ ! -w . ]
}
walls "$1" || exit 99; shift; "$@"; exit $?"""
NO_WALLS = 99
# A shell makes a background command ignore some signals, but the signal tests need them.
APART = ["env", "--default-signal", "unshare", *(["-r"] if os.getuid() else []), "--mount", "--pid", "--fork", "--kill-child",
         "--mount-proc", "sh", "-c", WALLS, "sh"]  # fmt: skip
LONG = 10  # seconds; a longer test runs last, even in its own family


# ---- Mutants --------------------------------------------------------------------------------------

CALL = r"\b([a-z_][a-z_0-9]*)\("
FLIPS = [("==", "!="), ("!=", "=="), ("<=", "<"), (">=", ">"), (" < ", " <= "), (" > ", " >= "), (" < ", " >= "),
         (" > ", " <= "), ("&&", "||"), ("||", "&&"), (" | ", " & "), (" & ", " | "), (" + ", " - "), (" - ", " + ")]  # fmt: skip


def flip_operators(line):
    for old, new in FLIPS:
        for match in re.finditer(re.escape(old), line):
            if line[match.end():match.end() + 1] != "=" or old.strip() in ("==", "!=", "<=", ">="):
                yield "%s becomes %s" % (old.strip(), new.strip()), line[:match.start()] + new + line[match.end():]


def change_constants(line):
    for match in re.finditer(r"(?<![\w.\"'\\])(0|[1-9]\d*)(?![\w.\"'])", line):
        number = int(match[0])
        for other in {number + 1, number - 1 if number else 1}:
            yield "%d becomes %d" % (number, other), line[:match.start()] + str(other) + line[match.end():]


def drop_negations(line):
    for match in re.finditer(r"!(?=[\w(])", line):
        yield "! dropped", line[:match.start()] + line[match.end():]


def force_conditions(line):
    match = re.match(r"(\s*(?:\} )?(?:else )?(?:if|while) )\((.*)\)( \{)?$", line)
    if match:
        for what, form in (("negated", "(!(%s))"), ("never", "(0 && (%s))"), ("always", "(1 || (%s))")):
            yield "condition " + what, match[1] + form % match[2] + (match[3] or "")


def drop_statements(line):
    if re.match(r"\s+(\(void\))?[a-z_][\w>.\[\]-]*\(.*\);$", line):
        yield "call dropped", re.match(r"\s*", line)[0] + ";"
    if re.match(r"\s+\*?[a-z_][\w>.\[\]-]* (\||&|\+|-)?= .*;$", line):
        yield "assignment dropped", re.match(r"\s*", line)[0] + ";"
    if re.match(r"\s+(break|continue|return[^;]*);$", line) and not re.match(r"    return .", line):
        yield "%s dropped" % line.split()[0].strip(";"), re.match(r"\s*", line)[0] + ";"


def change_returns(line):
    match = re.match(r"(\s+return )(.+);$", line)
    for other in ("0", "-1", "1") if match else ():
        if match[2] != other:
            yield "returns " + other, match[1] + other + ";"


def swap_arguments(line):
    for match in re.finditer(CALL + r"([\w.&*>-]+), ([\w.&*>-]+)(?=[,)])", line):
        yield "arguments swapped", line[:match.start(2)] + match[3] + ", " + match[2] + line[match.end(3):]


def drop_flags(line):
    for match in re.finditer(r" \| [A-Z_0-9]{3,}", line):
        yield "%s dropped" % match[0][3:], line[:match.start()] + line[match.end():]


OPERATORS = (flip_operators, change_constants, drop_negations, force_conditions, drop_statements, change_returns,
             swap_arguments, drop_flags)  # fmt: skip


def is_compiled(file):
    """Returns the numbers of the lines that are compiled on this system."""
    numbers = set()
    for defines in ([], ["-DFDI_NO_ATOMIC_CALLS", "-DFDI_VERIFY_CLOEXEC"]):
        text = subprocess.run(["gcc", "-E", "-Iinclude", *defines, file], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        here, number = False, 0
        for line in text.decode().split("\n"):
            marker = re.match(r'# (\d+) "(.*)"', line)
            if marker:
                number, here = int(marker[1]), marker[2] == file
                continue
            if here and line.strip():
                numbers.add(number)
            number += 1
    return numbers


def code_lines(file):
    """Yields the lines inside functions with their numbers, without comments."""
    with open(os.path.join(ROOT, file), encoding="utf-8") as source:
        lines = source.read().split("\n")
    compiled = is_compiled(file)
    in_function = in_comment = False
    for number, line in enumerate(lines, 1):
        if line == "{" or line == "}":
            in_function = line == "{"
        begins_comment = "/*" in line and "*/" not in line
        if in_function and number in compiled and not in_comment and "/*" not in line and not line.startswith("#"):
            yield number, line
        in_comment = (in_comment or begins_comment) and "*/" not in line


def all_mutants():
    for folder in FOLDERS:
        for name in sorted(os.listdir(os.path.join(ROOT, folder))):
            file = folder + "/" + name
            if not name.endswith(".c"):
                continue
            for number, line in code_lines(file):
                for operator in OPERATORS:
                    for what, broken in operator(line):
                        if broken != line:
                            yield {"file": file, "number": number, "line": line, "what": what, "broken": broken}


def key(mutant):
    return " | ".join((mutant["file"], mutant["line"].strip(), mutant["what"], mutant["broken"].strip()))


# ---- Workers --------------------------------------------------------------------------------------

def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)


class Worker:
    """Tests mutants in its own copy and build of the tree."""

    def __init__(self, directory):
        self.tree, self.build = directory + "/tree", directory + "/build"
        self.apart = [*APART, directory]
        self.noticed = {}
        self.usual = {}  # seconds of each test on the unchanged code

    def start(self):
        shutil.rmtree(self.tree, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
        for file in listed.decode().strip("\0").split("\0"):
            if os.path.exists(os.path.join(ROOT, file)):
                os.makedirs(os.path.dirname(os.path.join(self.tree, file)), exist_ok=True)
                shutil.copy2(os.path.join(ROOT, file), os.path.join(self.tree, file))
        options = ["-Doptimization=1", "-Ddebug=false"]
        if not os.path.isdir(self.build):
            run(["meson", "setup", self.build, self.tree, *options], check=True)
        introspection = json.loads(subprocess.run(["meson", "introspect", "--tests", self.build], check=True, stdout=subprocess.PIPE).stdout)
        self.tests = [test for test in introspection if test["suite"][0].split(":")[1] in SUITES]
        self.targets = {}
        for target in json.loads(subprocess.run(["meson", "introspect", "--targets", self.build], stdout=subprocess.PIPE).stdout):
            self.targets[target["id"]] = [os.path.relpath(file, self.build) for file in target["filename"]]
        self.shared = next(files[0] for name, files in self.targets.items() if "fdinherit@sha" in name)
        self.outputs = {file for files in self.targets.values() for file in files}
        self.check_walls()
        # Warnings are not errors here, because only a test may kill a mutant.
        built = self.make(self.tests)
        assert built.returncode == 0, built.stdout.decode()
        self.plain = {test["name"]: self.content(test) for test in self.tests}

    def needed(self, test):
        words = [os.path.relpath(os.path.join(self.build, word), self.build) for word in test["cmd"]]
        files = {word for word in words if word in self.outputs}
        return files | {file for target in test["depends"] for file in self.targets.get(target, [])}

    def make(self, tests):
        return run(["ninja", "-j", "2", "-C", self.build, *sorted(set().union(*map(self.needed, tests)))])

    def content(self, test):
        """Returns a hash of the test's programs, and of the shared library if one links it."""
        content = hashlib.sha256()
        for file in sorted(self.needed(test)):
            with open(os.path.join(self.build, file), "rb") as program:
                text = program.read()
            content.update(text)
            if b"libfdinherit.so" in text:
                with open(os.path.join(self.build, self.shared), "rb") as library:
                    content.update(library.read())
        return content.digest()

    def check_walls(self):
        """Fails if the sandbox can write outside, because a mutant may remove any file it can write."""
        for folder in ("/dev", "/dev/shm", "/etc", "/tmp", "/var/tmp", ROOT, self.tree):
            probe = os.path.join(folder, "fdinherit-mutation-probe")
            run([*self.apart, "touch", probe])
            reached = os.path.exists(probe)
            if reached:
                os.unlink(probe)
            assert not reached, folder + " is writable in the sandbox"
        assert run([*self.apart, "true"]).returncode == 0, "the kernel refuses a namespace"

    def result(self, test, limit):
        process = subprocess.Popen(self.apart + test["cmd"], cwd=self.build, env=dict(os.environ, **test["env"]), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        try:
            status = process.wait(limit)
            assert status != NO_WALLS, "no sandbox for " + test["name"]
            return "passed" if status == 0 else "failed"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "hung"

    def passes_unbroken(self, test):
        """Runs the test as for a mutant. A loaded machine may fail it, but not three times."""
        start = time.time()
        passed = self.result(test, 300) == "passed"
        self.usual[test["name"]] = time.time() - start
        passed = passed or self.result(test, 300) == "passed" or self.result(test, 300) == "passed"
        if not passed:
            print(run([*self.apart, *test["cmd"]], env=dict(os.environ, **test["env"])).stdout.decode(), flush=True)
        return passed

    def notices(self, test, usual):
        limit = 20 + 10 * usual[test["name"]]
        result = self.result(test, limit)
        if result == "hung" or (result == "failed" and self.result(test, limit) != "passed"):
            self.noticed[test["name"]] = test
            return True
        return False

    def check_tests(self):
        """Checks that each test that killed a mutant still passes on the unchanged code."""
        assert self.make(self.tests).returncode == 0
        for test in self.noticed.values():
            assert self.passes_unbroken(test), test["name"] + " fails without a mutant"

    def order(self, file, usual):
        """Returns two lots of tests, which are linked in turn: those of the family, and the others."""
        word = re.split(r"[_.]", os.path.basename(file))[0]
        words = FAMILIES.get(word, []) + [word] if "command" not in file else FAMILIES.get(word, ["command"])
        tests = sorted(self.tests, key=lambda test: usual[test["name"]])
        family = [test for test in tests if any(test["name"].startswith(word) for word in words) and usual[test["name"]] < LONG]
        return family, [test for test in tests if test not in family]

    def outcome(self, mutant, usual):
        """Returns the outcome of the mutant in the tree, and the test that killed it."""
        seen = False
        for lot in self.order(mutant["file"], usual):
            if self.make(lot).returncode != 0:
                return "does not compile", ""
            changed = [test for test in lot if self.content(test) != self.plain[test["name"]]]
            seen = seen or bool(changed)
            for test in changed:
                if self.notices(test, usual):
                    return "killed", test["name"]
        return "survived" if seen else "same", ""

    def rebuild(self, file, text):
        with open(os.path.join(self.tree, file), "w", encoding="utf-8") as source:
            source.write(text)

    def try_mutant(self, mutant, usual):
        with open(os.path.join(self.tree, mutant["file"]), encoding="utf-8") as source:
            lines = source.read().split("\n")
        whole = "\n".join(lines)
        lines[mutant["number"] - 1] = mutant["broken"]
        self.rebuild(mutant["file"], "\n".join(lines))
        try:
            return self.outcome(mutant, usual)
        finally:
            self.rebuild(mutant["file"], whole)


# ---- Results --------------------------------------------------------------------------------------

def read_equivalent():
    with open(os.path.join(ROOT, "tests/mutation/equivalent.txt"), encoding="utf-8") as text:
        lines = [line.strip() for line in text if line.strip() and not line.startswith("#")]
    entries = dict(line.rsplit(" | ", 1) for line in lines)
    assert all(entries.values()), "a reason is missing"
    return entries


def together(work, workers, things):
    """Calls work(worker, thing) for each thing by the next free worker, and returns all results."""
    lock, queue, answers = threading.Lock(), iter(things), []
    def take(worker):
        while True:
            with lock:
                thing = next(queue, None)
            if thing is None:
                return
            answer = work(worker, thing)
            with lock:
                answers.append(answer)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(take, worker) for worker in workers]:
            done.result()
    return answers


def see_tests_pass(workers):
    """Runs all tests on the unchanged code, and returns the seconds of each."""
    def passes(worker, number):
        test = worker.tests[number]
        assert worker.passes_unbroken(test), test["name"] + " fails without a mutant"
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(Worker.start, workers))
    start = time.time()
    together(passes, workers, range(len(workers[0].tests)))
    print("%d tests pass on the unchanged code (%.0f s)" % (len(workers[0].tests), time.time() - start), flush=True)
    return {name: seconds for worker in workers for name, seconds in worker.usual.items()}


def try_all(workers, mutants, usual):
    def work(worker, numbered):
        start = time.time()
        index, mutant = numbered
        how, by = worker.try_mutant(mutant, usual)
        print("%s %d: %s:%d: %s%s (%.0f s)" % (how, index, mutant["file"], mutant["number"], key(mutant),
                                                " by " + by if by else "", time.time() - start), flush=True)  # fmt: skip
        return how, mutant
    outcomes = together(work, workers, enumerate(mutants))
    for worker in workers:
        worker.check_tests()
    return outcomes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--build", default=os.path.join(ROOT, "build-mutation"))
    parser.add_argument("--only", default="", help="only mutants whose description contains this text")
    parser.add_argument("--strict", action="store_true", help="require that the tests kill every mutant outside equivalent.txt")
    options = parser.parse_args()
    equivalent = read_equivalent()
    possible = [mutant for mutant in all_mutants() if options.only in key(mutant)]
    def lot(mutant):  # an edit elsewhere does not change the choice
        return hashlib.sha256(("%d %s" % (options.seed, key(mutant))).encode()).digest()
    chosen = sorted(possible, key=lot)[:options.mutants]
    if options.strict:
        chosen = [mutant for mutant in chosen if key(mutant) not in equivalent]
    build = os.path.realpath(options.build)
    workers = [Worker("%s/%d" % (build, number)) for number in range(options.workers)]
    outcomes = try_all(workers, chosen, see_tests_pass(workers))
    count = {"killed": 0, "survived": 0}
    for how, mutant in outcomes:
        if how == "survived" and key(mutant) in equivalent:
            how = "equivalent"
        count[how] = count.get(how, 0) + 1
    killed, seen = count["killed"], count["killed"] + count["survived"]
    print("%d places to break, seed %d: %s" % (len(possible), options.seed, ", ".join("%d %s" % (n, how) for how, n in sorted(count.items()))))
    print("caught: %d of %d (%.1f %%)" % (killed, seen, 100 * killed / seen))
    sys.exit(killed < (1 if options.strict else 0.95) * seen)


main()
