#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""AddressSanitizer reports access to a directory entry after the next one was read.

check_kept_entry.py KEPT_ENTRY
"""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from tap import case, main  # noqa: E402


def read(when):
    with tempfile.TemporaryDirectory() as folder:
        for name in ["one", "two", "three"]:
            with open(os.path.join(folder, name), "w", encoding="utf-8"):
                pass
        return subprocess.run([sys.argv[1], folder, when], capture_output=True, text=True, check=False)


def assert_dies(when, report):
    result = read(when)
    assert result.returncode != 0, result
    assert f"AddressSanitizer: {report}" in result.stderr, result
    assert "read" not in result.stdout, result


@case
def entry_read_in_time_is_readable():
    result = read("now")
    assert result.returncode == 0, result
    assert result.stdout in ["read one\n", "read two\n", "read three\n"], result


@case
def entry_kept_past_the_next_one_is_reported():
    assert_dies("next", "use-after-poison")


@case
def entry_kept_past_the_end_is_reported():
    assert_dies("end", "use-after-poison")


@case
def entry_kept_past_closedir_is_reported():
    assert_dies("closed", "heap-use-after-free")


main()
