#!/usr/bin/env python3
"""mutate.py [--mutants N] [--seed N] [--workers N] [--build DIRECTORY] [--only TEXT]: breaks the code on
purpose, one place at a time, and counts how often the tests notice.

Each worker has a copy of the tree. A mutant is compiled, tests of the same family run first, and the
first failure ends it. What compiles to the same instructions is no mutant: it is counted as
the same. Those of equivalent.txt do nothing that could be seen; each has its reason there.
Tests run where they cannot do harm: read-only but for /tmp, and with processes of their own. A failure
counts if it comes again."""
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
SUITES = ("unit", "posix", "exact", "refused", "command", "faults", "shield")
# What else proves a file, beside the tests that have its name.
FAMILIES = {
    "arrange": ["arrange", "child"], "born": ["create_posix", "socket", "ignored", "faults_shielded"], "clone": ["spawn"],
    "child": ["child", "spawn"], "descriptors": ["command"], "describe": ["command"], "event": ["create"],
    "exec": ["exec"], "list": ["command"], "listing": ["inherit", "create"], "main": ["command"], "own": ["command"],
    "process": ["command"], "procfs": ["procfs"], "reach": ["attributes", "xattr"], "run": ["command_run"],
    "search": ["child"], "shield": ["shield"], "signals": ["child", "spawn"], "sockets": ["command"],
    "stat": ["attributes", "stat"], "supports": ["command_supports"], "table": ["command"], "target": ["target", "functions"],
    "terminal": ["create"], "text": ["command"], "version": ["layout", "command"], "wait": ["wait"], "watch": ["command_procfs", "command_watch"],
}  # fmt: skip
APART = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
         'mount --make-rprivate / && mount -o remount,bind,ro / && mount -o remount,bind,ro /dev && '
         'mount -o remount,bind,ro /sys && mount -t tmpfs none /tmp && "$@"; exit $?', "sh"]  # fmt: skip
LAST = ("inherit_linux", "spawn_linux", "arrange_posix", "command_watch", "command_procfs", "faults_shielded", "faults")
SLOW = ("faults",)  # also for what it is named after


# ---- Breaking -------------------------------------------------------------------------------------

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
    """The numbers of the lines that the compiler sees on this system."""
    numbers = set()
    for defines in ([], ["-DFDI_NO_ATOMIC_CALLS", "-DFDI_MARK_AGAIN"]):
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
    """Lines of functions, with their numbers; comments and tables are no code."""
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


# ---- Trying ---------------------------------------------------------------------------------------

def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)


class Worker:
    """A copy of the tree, built."""

    def __init__(self, directory):
        self.tree, self.build = directory + "/tree", directory + "/build"
        self.started = False
        self.noticed = {}

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
        told = json.loads(subprocess.run(["meson", "introspect", "--tests", self.build], check=True, stdout=subprocess.PIPE).stdout)
        self.tests = [test for test in told if test["suite"][0].split(":")[1] in SUITES]
        self.targets = {}
        for target in json.loads(subprocess.run(["meson", "introspect", "--targets", self.build], stdout=subprocess.PIPE).stdout):
            self.targets[target["id"]] = [os.path.relpath(file, self.build) for file in target["filename"]]
        self.outputs = {file for files in self.targets.values() for file in files}
        self.check_walls()
        # No warning is an error here: a mutant is not to be caught by one.
        built = run(["ninja", "-C", self.build, *self.needed(self.tests)])
        assert built.returncode == 0, built.stdout.decode()
        self.started = True

    def needed(self, tests):
        files = set()
        for test in tests:
            words = [os.path.relpath(os.path.join(self.build, word), self.build) for word in test["cmd"]]
            files |= {word for word in words if word in self.outputs}
            files |= {file for target in test["depends"] for file in self.targets.get(target, [])}
        return sorted(files)

    def check_walls(self):
        """A mutant may remove anything that it can reach: nothing is tried where it can reach anything."""
        for folder in ("/dev", "/etc", ROOT, self.tree):
            probe = os.path.join(folder, "fdinherit-mutation-probe")
            made = run([*APART, "touch", probe]).returncode == 0
            if os.path.exists(probe):
                os.unlink(probe)
                made = True
            assert not made, folder + " is not out of reach"
        assert run([*APART, "true"]).returncode == 0, "no namespace to be had"

    def result(self, test, limit):
        process = subprocess.Popen(APART + test["cmd"], cwd=self.build, env=dict(os.environ, **test["env"]), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
        try:
            return "passed" if process.wait(limit) == 0 else "failed"
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "hung"

    def notices(self, test):
        """A load on the machine may fail a test once."""
        limit = 200 if test["name"] in LAST else 25
        result = self.result(test, limit)
        if result == "hung" or (result == "failed" and self.result(test, limit) != "passed"):
            self.noticed[test["name"]] = test
            return True
        return False

    def check_tests(self):
        """What noticed a mutant must have nothing against the code itself."""
        run(["ninja", "-C", self.build, *self.needed(self.tests)], check=True)
        for test in self.noticed.values():
            assert "passed" in (self.result(test, 300), self.result(test, 300)), test["name"] + " fails without a mutant"

    def order(self, file):
        """Tests of the family first, then the quick ones; in two lots, which are linked one after the other."""
        word = re.split(r"[_.]", os.path.basename(file))[0]
        words = FAMILIES.get(word, []) + [word] if "command" not in file else FAMILIES.get(word, ["command"])
        family = [test for test in self.tests if any(test["name"].startswith(word) for word in words)]
        rest = [test for test in self.tests if test not in family and test["name"] not in LAST]
        last = [test for test in self.tests if test not in family and test["name"] in LAST]
        return [test for test in family if test["name"] not in SLOW], [*rest, *last, *(t for t in family if t["name"] in SLOW)]

    def objects(self, file):
        """The instructions that a source became, in each build of the library."""
        found = {}
        name = re.sub(r"^src/(command/)?", "", file).replace("/", "_") + ".o"
        for folder, _, names in os.walk(self.build):
            for other in names:
                if other == name or other.endswith("_" + name):
                    with open(os.path.join(folder, other), "rb") as content:
                        found[folder + other] = hashlib.sha256(content.read()).digest()
        return found

    def outcome(self, mutant):
        """How a mutant, which is in the tree, ends; and what killed it."""
        family, rest = self.order(mutant["file"])
        before = self.objects(mutant["file"])
        for lot in (family, rest):
            if lot and run(["ninja", "-C", self.build, *self.needed(lot)]).returncode != 0:
                return "does not compile", ""
            if lot is rest and self.objects(mutant["file"]) == before:
                return "same", ""
            for test in lot:
                if self.notices(test):
                    return "killed", test["name"]
        return "survived", ""

    def rebuild(self, file, text):
        with open(os.path.join(self.tree, file), "w", encoding="utf-8") as source:
            source.write(text)

    def try_mutant(self, mutant):
        with open(os.path.join(self.tree, mutant["file"]), encoding="utf-8") as source:
            lines = source.read().split("\n")
        whole = "\n".join(lines)
        lines[mutant["number"] - 1] = mutant["broken"]
        self.rebuild(mutant["file"], "\n".join(lines))
        try:
            return self.outcome(mutant)
        finally:
            self.rebuild(mutant["file"], whole)
            run(["ninja", "-C", self.build, *self.needed(self.order(mutant["file"])[0])])


# ---- Counting -------------------------------------------------------------------------------------

def read_equivalent():
    with open(os.path.join(ROOT, "tests/mutation/equivalent.txt"), encoding="utf-8") as text:
        lines = [line.strip() for line in text if line.strip() and not line.startswith("#")]
    entries = dict(line.rsplit(" | ", 1) for line in lines)
    assert all(entries.values()), "a reason is missing"
    return entries


def try_all(workers, mutants):
    outcomes, lock, queue = [], threading.Lock(), iter(list(enumerate(mutants)))
    def work(worker):
        if not worker.started:
            worker.start()
        while True:
            with lock:
                index, mutant = next(queue, (None, None))
            if mutant is None:
                return worker.check_tests()
            start = time.time()
            how, by = worker.try_mutant(mutant)
            with lock:
                outcomes.append((how, mutant))
                print("%s %d: %s:%d: %s%s (%.0f s)" % (how, index, mutant["file"], mutant["number"], key(mutant),
                                                        " by " + by if by else "", time.time() - start), flush=True)  # fmt: skip
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(work, worker) for worker in workers]:
            done.result()
    return outcomes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=250)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--build", default=os.path.join(ROOT, "build-mutation"))
    parser.add_argument("--only", default="", help="mutants whose description has this in it")
    options = parser.parse_args()
    equivalent = read_equivalent()
    possible = [mutant for mutant in all_mutants() if options.only in key(mutant)]
    def lot(mutant):  # so that an edit elsewhere changes nothing of the choice
        return hashlib.sha256(("%d %s" % (options.seed, key(mutant))).encode()).digest()
    chosen = sorted(possible, key=lot)[:options.mutants]
    build = os.path.realpath(options.build)
    workers = [Worker("%s/%d" % (build, number)) for number in range(options.workers)]
    outcomes = try_all(workers, chosen)
    count = {}
    for how, mutant in outcomes:
        if how == "survived" and key(mutant) in equivalent:
            how = "equivalent"
        count[how] = count.get(how, 0) + 1
    killed, survived = count.get("killed", 0), count.get("survived", 0)
    print("%d places to break, seed %d: %s" % (len(possible), options.seed, ", ".join("%d %s" % (n, how) for how, n in sorted(count.items()))))
    print("caught: %d of %d (%.1f %%)" % (killed, killed + survived, 100 * killed / (killed + survived)))
    sys.exit(killed < 0.95 * (killed + survived))


main()
