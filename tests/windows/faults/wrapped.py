#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints the linker arguments that redirect each call in the table of injector.c to its stub."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as source:
    for how, name in re.findall(r"^    (IMPORTED|LINKED)\((\w+), [A-Z_]+, ", source.read(), re.M):
        print(f"-Wl,--wrap={'__imp_' if how == 'IMPORTED' else ''}{name}")
print("-Wl,--wrap=free")
