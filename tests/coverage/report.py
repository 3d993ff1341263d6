#!/usr/bin/env python3
"""report.py BUILD COUNTERS UNREACHABLE: reports how much of src the programs of a build cover.

Every program writes its profile from its counters, which are in the folder COUNTERS. The profiles of one
build of the library are merged. Code counts as covered if one build covers it. UNREACHABLE lists the code
that no test can run, as "FILE | LINE | WHAT | WHY". An entry is an error if a test covers it, or if the line
no longer exists. Prints "complete" or "INCOMPLETE" lines for the leg."""
import collections
import json
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
# The build of the library that each program links; all others link the real one.
BUILDS = {"fork_lock": "fork_lock", "fork_lock_absent": "no_fork_lock", "test_ignored_linux": "distrusting",
          "test_unmarked_linux": "distrusting"}

# The required percentages.
# The aim is 100 for each. Code of 0.10 lacks tests, mostly of src/command/posix and the fork lock.
LEAST = {"lines": 98, "branches": 93, "MC/DC": 82}


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def programs(build):
    """Yields each program and shared library, with the build of the library that it links."""
    for target in json.loads(run("meson", "introspect", "--targets", build)):
        for file in target["filename"]:
            name = os.path.basename(file)
            if target["type"] in ("executable", "shared library") and os.path.exists(file):
                yield file, "fork_lock" if name.endswith("_fork_lock") else BUILDS.get(name, "real")


def write_profile(file, counters):
    profile = os.path.join(counters, file.replace("/", "-") + ".profraw")
    load = [sys.executable, "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])"] if ".so" in file else []
    subprocess.run([*load, file], env=dict(os.environ, FDI_COUNTERS_WRITE=profile), check=True)
    return profile


def export(files, counters):
    """Returns the output of llvm-cov for some programs: as JSON, and as lcov for the lines."""
    merged = os.path.join(counters, "merged.profdata")
    run("llvm-profdata-19", "merge", "-sparse", "-o", merged, *[write_profile(file, counters) for file in files])
    objects = [word for file in files for word in ("-object", file)][1:]
    command = ["llvm-cov-19", "export", "-instr-profile", merged, *objects, "-sources", os.path.join(ROOT, "src")]
    no_errors = {"stderr": subprocess.DEVNULL}  # llvm-cov warns that programs define main differently
    return json.loads(run(*command, **no_errors)), run(*command, "-format=lcov", **no_errors).decode()


def count_lines(lcov, counts):
    for line in lcov.splitlines():
        word, _, rest = line.partition(":")
        if word == "SF":
            file = rest
        elif word == "DA":
            number, count = rest.split(",")[:2]
            counts[file, int(number), "line"] += int(count)


def count_branches(file, counts):
    for line, column, _, _, taken, not_taken, *_ in file["branches"]:
        counts[file["filename"], line, "branch %d true" % column] += taken
        counts[file["filename"], line, "branch %d false" % column] += not_taken


def count_conditions(file, counts):
    for line, column, *_, conditions in file["mcdc_records"]:
        for index, is_shown in enumerate(conditions):
            counts[file["filename"], line, "MC/DC %d condition %d" % (column, index + 1)] += is_shown


def count_all(build, counters):
    counts = {"lines": collections.Counter(), "branches": collections.Counter(), "MC/DC": collections.Counter()}
    groups = collections.defaultdict(list)
    for file, library in programs(build):
        groups[library].append(file)
    for files in groups.values():
        exported, lcov = export(files, counters)
        count_lines(lcov, counts["lines"])
        for file in exported["data"][0]["files"]:
            count_branches(file, counts["branches"])
            count_conditions(file, counts["MC/DC"])
    return counts


def source_line(file, number):
    with open(file, encoding="utf-8") as source:
        return source.read().split("\n")[number - 1].strip()


def read_unreachable(name):
    """Returns the entries. Each entry must have a reason."""
    with open(name, encoding="utf-8") as text:
        lines = [line.rstrip("\n") for line in text if line.strip() and not line.startswith("#")]
    entries = dict(line.rsplit(" | ", 1) for line in lines)
    assert all(entries.values()), "a reason is missing"
    return entries


def report(kind, counts, unreachable):
    """Prints the uncovered code, and the percentage of the reachable code that is covered."""
    missed = excluded = 0
    for (file, number, what), count in sorted(counts.items()):
        if count:
            continue
        place = os.path.relpath(file, ROOT)
        entry = " | ".join((place, source_line(file, number), what))
        if unreachable.pop(entry, None):
            excluded += 1
        else:
            missed += 1
            print("missed: %s:%d: %s" % (place, number, entry))
    total = len(counts) - excluded
    reached = 100 * (total - missed) / total
    print("%s %s: %d of %d (%.2f %%), and %d unreachable"
          % ("complete" if reached >= LEAST[kind] else "INCOMPLETE", kind, total - missed, total, reached, excluded))


def main():
    unreachable = read_unreachable(sys.argv[3])
    for kind, counts in count_all(*sys.argv[1:3]).items():
        report(kind, counts, unreachable)
    for entry in unreachable:
        print("covered after all: " + entry)
    print("%s list of unreachable code" % ("INCOMPLETE" if unreachable else "complete"))


main()
