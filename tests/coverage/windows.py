#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""windows.py BUILD UNREACHABLE: reports which lines of the Windows sources the programs of a build run.

A line counts if any program runs it. UNREACHABLE lists the lines that cannot run, as "FILE | LINE | WHY". An
entry is an error if its line runs, or if the line no longer exists. Prints "complete" or "INCOMPLETE"."""
import collections
import json
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
FOLDERS = ("src/windows/",)


def answers(build):
    """Yields the report of gcov on each counters file. gcov must run in the compiler's directory."""
    for folder, _, names in os.walk(build):
        for name in names:
            if name.endswith(".gcda"):
                counters = os.path.relpath(os.path.join(folder, name), build)
                yield json.loads(subprocess.run(["x86_64-w64-mingw32-gcov", "--json-format", "--stdout", counters],
                                                cwd=build, check=True, stdout=subprocess.PIPE).stdout)


def count(build):
    counts = collections.Counter()
    for answer in answers(build):
        for file in answer["files"]:
            name = os.path.relpath(os.path.realpath(os.path.join(build, file["file"])), ROOT)
            if name.startswith(FOLDERS):
                for line in file["lines"]:
                    counts[name, line["line_number"]] += line["count"]
    return counts


def unreachable(path):
    with open(path, encoding="utf-8") as rows:
        return [tuple(word.strip() for word in row.split(" | ")) for row in rows if row.strip() and row[0] != "#"]


def main():
    build, exceptions = os.path.realpath(sys.argv[1]), unreachable(sys.argv[2])
    counts = count(build)
    texts = {}
    for name in {name for name, _ in counts}:
        with open(os.path.join(ROOT, name), encoding="utf-8") as source:
            texts[name] = source.read().split("\n")
    missed = {place for place in counts if counts[place] == 0}
    excepted = set()
    bad = 0
    for name, text, _ in exceptions:
        places = {(name, number) for number, line in enumerate(texts.get(name, []), 1) if line.strip() == text}
        if not places & missed:
            bad += 1
            print(f"not needed: {name}: {text}")
        excepted |= places & missed
    for name, number in sorted(missed - excepted):
        print(f"never run: {name}:{number}: {texts[name][number - 1].strip()}")
    bad += len(missed - excepted)
    lines = len(counts) - len(excepted)
    print(f"{'INCOMPLETE' if bad or not lines else 'complete'} {lines - len(missed - excepted)} of {lines} lines, "
          f"without {len(excepted)} that cannot run")


main()
