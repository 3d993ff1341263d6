#!/usr/bin/env python3
"""length.py FILE...: enforces the limits of 60 lines per function and 500 per file."""
import statistics
import sys

lengths = []
bad = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as source:
        lines = source.read().splitlines()
    if len(lines) > 500:
        print(f"{path}: {len(lines)} lines")
        bad += 1
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            lengths.append(number - start - 1)
            if lengths[-1] > 60:
                print(f"{path}:{start}: {lengths[-1]} lines in a function")
                bad += 1
            start = None
print(f"{len(lengths)} functions, median {statistics.median(lengths)} lines, longest {max(lengths)}")
sys.exit(bad != 0)
