# SPDX-License-Identifier: MIT
"""Starts children by CPython's subprocess. Prints the lower decile in microseconds, and the child's status."""
import os
import subprocess
import sys
import time

program, counter, open_ones, megabytes, rounds, kept = *sys.argv[1:3], *map(int, sys.argv[3:])
memory = bytearray(megabytes << 20)
for page in range(0, len(memory), 4096):
    memory[page] = 1
fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(open_ones)]
for fd in fds:
    os.set_inheritable(fd, True)


def run(path):
    return subprocess.Popen([path], pass_fds=(kept,)).wait()


times = []
for _ in range(rounds):
    start = time.perf_counter()
    run(program)
    times.append(time.perf_counter() - start)
print(sorted(times)[rounds // 10] * 1e6, run(counter))
