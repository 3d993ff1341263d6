# SPDX-License-Identifier: MIT
"""range_calls.py PROBE: counts the system calls that mark and list many open descriptors."""
import sys

from calls import count_calls

print("| open | off, `close_range` | off, without it | off, right before | on | list | procfs loop |")
print("|---|---|---|---|---|---|---|")
for count in (10, 100, 1000, 19900):
    command = [sys.argv[1], str(count)]
    usual = count_calls(command)
    refused = count_calls(command, "-e", "inject=close_range:error=ENOSYS")
    # The refused call itself does not count.
    print(f"| {count} | {usual['off']} | {refused['off'] - 1} | {refused['off_again'] - 1} | {usual['on']} "
          f"| {usual['list']} | {usual['loop']} |")
