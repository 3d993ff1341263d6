#!/usr/bin/env python3
"""Counts the tests that `meson test` ran in a build folder: TAP subtests, or programs that print no TAP.
Also counts the passed cases of tests/test_*.c, which all platforms share. A failed or skipped test is
exit status 1."""
import glob
import json
import os
import re
import sys


def count(test):
    lines = test["stdout"].splitlines()
    skipped = sum(bool(re.match(r"(not )?ok\b.*# ?skip", line, re.I)) for line in lines)
    skipped += any(re.match(r"1\.\.0", line) for line in lines)
    passed = sum(bool(re.match(r"ok\b", line)) for line in lines)
    failed = sum(bool(re.match(r"not ok\b", line)) for line in lines)
    passed -= sum(bool(re.match(r"ok\b.*# ?skip", line, re.I)) for line in lines)
    failed -= sum(bool(re.match(r"not ok\b.*# ?skip", line, re.I)) for line in lines)
    if test["result"] == "SKIP" and not skipped:
        return 0, 0, 1
    if test["result"] == "OK":
        return (passed or not skipped), failed, skipped
    return passed, failed or 1, skipped


def shared_cases():
    """Returns the cases of each shared source, by the name of its test."""
    sources = os.path.join(os.path.dirname(__file__), "..", "tests", "test_*.c")
    cases = {}
    for path in glob.glob(sources):
        with open(path, encoding="utf-8") as source:
            cases[os.path.basename(path)[5:-2]] = set(re.findall(r"\bCASE\((\w+)\)", source.read()))
    return cases


def ran_of(cases, test):
    passed = set(re.findall(r"^ok \d+ - (\w+)\s*$", test["stdout"], re.M))
    return passed & cases.get(test["name"].split(" / ")[-1], set())


def main():
    logs = os.path.join(sys.argv[1], "meson-logs")
    total = [0, 0, 0]
    cases, ran = shared_cases(), set()
    for name in os.listdir(logs):
        if name.startswith("testlog") and name.endswith(".json"):
            with open(os.path.join(logs, name), encoding="utf-8") as log:
                for line in log:
                    test = json.loads(line)
                    total = [a + b for a, b in zip(total, count(test))]
                    ran |= ran_of(cases, test)
    print(f"{len(ran)} of the {len(set().union(*cases.values()))} shared cases passed")
    print("%d passed, %d failed, %d skipped" % tuple(total))
    sys.exit(total[1] + total[2] != 0)


main()
