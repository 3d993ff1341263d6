#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The linker's arguments that put the stubs of injector.c in the place of the calls in its table."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as source:
    for how, name in re.findall(r"^    (IMPORTED|LINKED)\((\w+), [A-Z_]+, ", source.read(), re.M):
        print(f"-Wl,--wrap={'__imp_' if how == 'IMPORTED' else ''}{name}")
print("-Wl,--wrap=free")
