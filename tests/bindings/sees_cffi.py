#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shows the constants that cffi reads in the header.

sees_cffi.py COMPILER HEADER                       prints NAME=VALUE for each enumerator
sees_cffi.py COMPILER HEADER LIBRARY VERSION FILE  calls the library and compares with Python's os
"""
import os
import re
import subprocess
import sys

import cffi

ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")


def declarations(compiler, header):
    """Returns the preprocessed header without the lines of system headers and attributes."""
    kept, ours = [], False
    text = subprocess.run([compiler, "-E", header], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in text.splitlines():
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            ours = marker[1] == header
        elif ours:
            kept.append(ATTRIBUTE.sub("", line))
    return "\n".join(kept)


def constants(library):
    for name in dir(library):
        if name.startswith("FDI_"):
            print(name, getattr(library, name), sep="=")


def calls(library, version, path):
    assert library.fdi_version() == version, library.fdi_version()
    text = ffi.new("char[]", os.fsencode(path))
    target = library.fdi_path(text)
    stat = ffi.new("struct fdi_stat *")
    assert library.fdi_stat(target, stat, 0) == 0, ffi.errno
    own = os.stat(path)
    seen = (stat.ino, stat.size, stat.mode, stat.mtime.sec, stat.mtime.nsec)
    assert seen == (own.st_ino, own.st_size, own.st_mode, *divmod(own.st_mtime_ns, 10**9)), seen
    assert not any(stat.reserved)
    assert library.fdi_supports(library.FDI_FN_STAT, library.FDI_FORM_PATH, library.FDI_NOFOLLOW)


ffi = cffi.FFI()
ffi.cdef(declarations(*sys.argv[1:3]))
if len(sys.argv) == 3:
    constants(ffi.dlopen(None))
else:
    calls(ffi.dlopen(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
