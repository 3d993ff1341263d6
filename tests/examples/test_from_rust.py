#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the example that uses the library from Rust.

  test_from_rust.py RUSTC FROM_RUST LIST_FDS STATIC_LIBRARY"""
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tap  # pylint: disable=wrong-import-position

RUSTC, EXAMPLE, LIST_FDS, LIBRARY = map(os.path.abspath, sys.argv[1:5])


@tap.case
def rust_starts_a_child_with_exactly_one_more_descriptor():
    with tempfile.TemporaryDirectory() as folder:
        program = folder + "/from_rust"
        subprocess.run([RUSTC, "--edition", "2021", "-D", "warnings", "-o", program, EXAMPLE,
                        "-L", os.path.dirname(LIBRARY), "-l", "static=fdinherit"], check=True, cwd=folder)
        leaks = [os.open("/dev/null", os.O_RDONLY) for _ in range(3)]

        def said(*command):
            return subprocess.run([program, *command], pass_fds=leaks, stdout=subprocess.PIPE, text=True,
                                  check=True).stdout

        assert said() == "hello\nexit status 0\n"
        assert said("sh", "-c", f"'{LIST_FDS}' 1 >&5; exit 3") == "5\nexit status 3\n"
        assert said("no-such-program").startswith("not started: No such file or directory")


tap.main()
