#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Uses libfdinherit from Python with ctypes only: structures by value, callbacks, errno.

  from_python.py [LIBRARY]

Lists the descriptors above stdio that a child would inherit, and makes them non-inheritable."""
import ctypes
import ctypes.util
import os
import sys


class Target(ctypes.Structure):
    """An fdi_target. fdi_path, fdi_path_at and fdi_fd create it. It is passed by value."""
    _fields_ = [("path", ctypes.c_char_p), ("fd", ctypes.c_int), ("form", ctypes.c_uint)]


Visit = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_bool)
LAST_FD = 2**31 - 1


def load(name):
    library = ctypes.CDLL(name, use_errno=True)
    library.fdi_path.argtypes, library.fdi_path.restype = [ctypes.c_char_p], Target
    library.fdi_open.argtypes = [Target, ctypes.c_int, ctypes.c_uint]
    library.fdi_foreach_open.argtypes = [Visit, ctypes.c_void_p]
    library.fdi_set_inheritable_range.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_bool]
    return library


def check(answer):
    """Raises the errno if a function returned a negative result."""
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return answer


def inheritable(library):
    """Returns the inheritable descriptors above stdio."""
    found = []

    def visit(_, fd, is_inheritable):
        if fd > 2 and is_inheritable:
            found.append(fd)
        return 0

    check(library.fdi_foreach_open(Visit(visit), None))
    return found


def main():
    library = load(sys.argv[1] if len(sys.argv) > 1 else ctypes.util.find_library("fdinherit"))
    mine = check(library.fdi_open(library.fdi_path(b"/dev/null"), os.O_RDONLY, 0))
    print("opened", mine, "inheritable" if os.get_inheritable(mine) else "not inheritable")
    print("a child would inherit", inheritable(library))
    check(library.fdi_set_inheritable_range(3, LAST_FD, False))
    print("now", inheritable(library))
    try:
        check(library.fdi_open(library.fdi_path(b"/nonexistent"), os.O_RDONLY, 0))
    except FileNotFoundError as error:
        print("an error is an exception:", error.strerror)


if __name__ == "__main__":
    main()
