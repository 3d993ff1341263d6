#!/usr/bin/env python3
"""Tests fdinherit supports from outside. test_command_supports.py COMMAND SUPPORTS SECCOMP_EXEC

SUPPORTS prints the library's results. SECCOMP_EXEC runs a command under a filter against system calls."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import case, fails, main, run, without_proc  # pylint: disable=wrong-import-position
from schema import conforming  # pylint: disable=wrong-import-position

SUPPORTS, SECCOMP_EXEC = sys.argv[2:4]
FORMS = ["path", "fd", "dir_fd", "nofollow", "effective_ids"]
# fchmodat2 and faccessat2 have the same number on every architecture.
SANDBOXES = {"here": (), "no fchmodat2": (SECCOMP_EXEC, "fchmodat2", "--"),
             "no faccessat2": (SECCOMP_EXEC, "faccessat2", "--"), "no /proc": without_proc(),
             "neither": (SECCOMP_EXEC, "fchmodat2", "faccessat2", "--", "/usr/bin/env", *without_proc())}


def library(before):
    report = subprocess.run([*before, SUPPORTS], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in report.splitlines()]
    return {row[0]: dict(zip(FORMS, (cell == "1" for cell in row[1:]))) for row in rows}


def as_json(before):
    result = run("supports", "--json", before=before)
    assert result.returncode == 0 and not result.stderr, result
    return conforming(result.stdout, "supports")["functions"]


def as_table(before):
    lines = run("supports", before=before).stdout.decode().splitlines()
    assert lines[0].split() == ["FUNCTION"] + [form.upper() for form in FORMS], lines
    assert re.match("FUNCTION +PATH  FD   DIR_FD  ", lines[0]), lines  # a column is as wide as its widest word
    starts = [lines[0].index(" " + form.upper()) + 1 for form in FORMS]
    for line in lines:
        assert line == line.rstrip() and all(line[start - 1] == " " != line[start] for start in starts), line
    return {line.split()[0]: dict(zip(FORMS, (cell == "yes" for cell in line.split()[1:])))
            for line in lines[1:]}


@case
def each_cell_agrees_with_the_library_in_any_sandbox():
    for name, before in SANDBOXES.items():
        expected = library(before)
        assert len(expected) == 35 and any(expected["stat"].values()), expected
        assert as_json(before) == expected, name
        assert as_table(before) == expected, name


@case
def support_is_that_of_the_running_system():
    here = as_json(())
    changed = {name for name, before in SANDBOXES.items() if as_json(before) != here}
    assert {"no /proc", "neither"} <= changed, changed
    assert not as_json(SANDBOXES["neither"])["chmod"]["nofollow"]


@case
def wrong_usage_is_rejected():
    fails("supports", "--jsn", saying="unknown option")
    fails("supports", "stat", saying="unexpected argument")


main()
