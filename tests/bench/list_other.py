# SPDX-License-Identifier: MIT
"""list_other.py COMMAND: measures how the command lists the descriptors of another process."""
import re
import statistics
import subprocess
import sys
import time

HOLDER = "import os, sys; [os.open('/dev/null', 0) for _ in range(int(sys.argv[1]) - 3)]; print(flush=True); sys.stdin.read()"


def time_once(command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def count_calls(command):
    summary = subprocess.run(["strace", "-c", *command], check=True, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE).stderr.decode()
    return int(re.search(r"^100\.00 .*?(\d+)\s+(?:\d+\s+)?total$", summary, re.M)[1])


print("| open | time | an fd | system calls | an fd |\n|---|---|---|---|---|")
base_time = base_calls = None
for count in (10, 1000, 10000, 19900):
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(count)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        command = [sys.argv[1], "list", str(holder.pid)]
        seconds = statistics.median(time_once(command) for _ in range(15))
        calls = count_calls(command)
        holder.stdin.close()
    if base_time is None:
        base_time, base_calls = seconds, calls
        print(f"| {count} | {seconds * 1e3:.2f} ms | | {calls} | |")
    else:
        more = count - 10
        print(f"| {count} | {seconds * 1e3:.2f} ms | {(seconds - base_time) / more * 1e6:.1f} us | {calls} "
              f"| {(calls - base_calls) / more:.2f} |")
