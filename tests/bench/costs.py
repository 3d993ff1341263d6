#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""costs.py PROBE [--check]: counts the cost of each call above the bare one. Counts repeat exactly.

Prints a table with instructions from callgrind and system calls from strace. With --check it prints one
line per count, and exits with 1 if a count exceeds its limit."""
import os
import re
import subprocess
import sys
import tempfile

from calls import count_calls

# Limits of instructions above the bare call. For the flag this is the target; for operations it is their
# present cost, which limits growth. Most of the cost is for EINTR and errno: see benchmarks.md.
FLAG_LIMIT = 15
LIMITS = {"path": 80, "dir_fd": 80, "nofollow": 80, "fd": 90}
HIGHER_LIMITS = {"stat": 130, "statvfs": 100, "getxattr": 170, "setxattr": 170, "listxattr": 120}
# A signal does not interrupt operations on names, so they do not handle errno. CALLS has the number of
# calls of each pair that undoes its own change.
NAME_LIMIT = 35
CALLS = {"rename": 2, "link_unlink": 2, "mkdir_rmdir": 2, "symlink_unlink": 2, "mkfifo_unlink": 2, "mknod_unlink": 2}
# Valgrind refuses these calls of Linux 6.6 and 6.13, which it does not know.
UNKNOWN_TO_VALGRIND = {("chmod", "nofollow"), ("getxattr", "dir_fd")}


def output_of(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode()


def count_instructions(probe, folder):
    """Returns the inclusive instructions of each function of the probe."""
    counts = os.path.join(folder, "callgrind")
    subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={counts}", probe],
                   check=False, stderr=subprocess.DEVNULL)
    table = output_of(["callgrind_annotate", "--inclusive=yes", "--threshold=100", counts])
    return {name: int(count.replace(",", "")) for count, name in
            re.findall(r"^\s*([\d,]+) .*?\b((?:ours|bare)_\w+_at_\w+)", table, re.M)}


def limit_of(operation, form):
    if operation.endswith("inheritable"):
        return FLAG_LIMIT
    if operation in CALLS:
        return CALLS[operation] * NAME_LIMIT
    return HIGHER_LIMITS.get(operation, LIMITS[form])


def main():
    probe = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        instructions = count_instructions(probe, folder)
    calls = count_calls([probe])
    bad = 0
    checking = sys.argv[2:] == ["--check"]
    if not checking:
        print("| operation | form | system calls | bare | instructions | bare | more | at most |")
        print("|---|---|---|---|---|---|---|---|")
    for name in [name[5:] for name in calls if name.startswith("ours_")]:
        operation, form = name.split("_at_")
        ours, bare = (instructions["ours_" + name], instructions["bare_" + name])
        made, needed = calls["ours_" + name], calls["bare_" + name]
        limit = limit_of(operation, form)
        known = (operation, form) not in UNKNOWN_TO_VALGRIND
        if not checking:
            figures = f"{ours} | {bare} | {ours - bare} | {limit}" if known else "– | – | – | –"
            print(f"| {operation} | {form} | {made} | {needed} | {figures} |")
            continue
        checks = [(made == needed, f"{made} system calls of {needed}"),
                  (ours - bare <= limit, f"{ours - bare} instructions above the bare call, at most {limit}")]
        for right, what in checks[:1 + known]:
            bad += not right
            print("right" if right else "WRONG", f"{operation}, {form}: {what}")
    return 1 if bad else 0


sys.exit(main())
