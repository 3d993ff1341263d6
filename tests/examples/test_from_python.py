#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the example that uses the shared library from Python.

  test_from_python.py FROM_PYTHON SHARED_LIBRARY"""
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import tap  # pylint: disable=wrong-import-position

EXAMPLE, LIBRARY = map(os.path.abspath, sys.argv[1:3])


@tap.case
def python_uses_the_library_by_ctypes():
    leaks = [os.open("/dev/null", os.O_RDONLY) for _ in range(3)]
    result = subprocess.run([sys.executable, EXAMPLE, LIBRARY], pass_fds=leaks, stdout=subprocess.PIPE, text=True,
                            check=True)
    opened, would, now, error = result.stdout.splitlines()
    assert re.fullmatch(r"opened \d+ not inheritable", opened), result
    assert would == f"a child would inherit {leaks}" and now == "now []", result
    assert error == "an error is an exception: No such file or directory", result


tap.main()
