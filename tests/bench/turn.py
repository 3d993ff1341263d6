# SPDX-License-Identifier: MIT
"""turn.py TABLE: prints the table of spawn_bench in µs, with one line per number of descriptors."""
import re
import sys

rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in open(sys.argv[1]) if line[0] == "|"]
head, ways = rows[0], [row for row in rows[2:] if row[0] != "floor again"]
print("fds", *('"' + way[0].replace("`", "") + '"' for way in ways))
for column, title in enumerate(head):
    load = re.match(r"(\d+) fds, 10 MB", title)
    if load:
        floor = float(ways[0][column])
        print(load[1], floor, *(floor * float(way[column]) for way in ways[1:]))
