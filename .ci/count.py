#!/usr/bin/env python3
"""Counts what `meson test` ran in a build folder: TAP subtests, or programs that print no TAP."""
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


def main():
    logs = os.path.join(sys.argv[1], "meson-logs")
    total = [0, 0, 0]
    for name in os.listdir(logs):
        if name.startswith("testlog") and name.endswith(".json"):
            with open(os.path.join(logs, name), encoding="utf-8") as log:
                for line in log:
                    total = [a + b for a, b in zip(total, count(json.loads(line)))]
    print("%d passed, %d failed, %d skipped" % tuple(total))


main()
