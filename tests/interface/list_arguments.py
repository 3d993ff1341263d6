#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lists every pointer and every target that a function of the header takes, as C.

list_arguments.py HEADER OUTPUT
"""
import sys

from header import Header


def names(header, wanted):
    return [f"{function.name}.{parameter.name}" for function in header.functions.values()
            for parameter in function.parameters if wanted(parameter)]


def table(name, rows):
    lines = "".join(f'    "{row}",\n' for row in rows)
    return f"static const char *const {name}[] = {{\n{lines}    NULL,\n}};\n"


def main():
    header = Header(sys.argv[1])
    pointers = names(header, lambda one: one.is_pointer or one.type == "fdi_handle")
    targets = names(header, lambda one: one.type == "fdi_target")
    with open(sys.argv[2], "w", encoding="utf-8") as output:
        output.write("/* Made by list_arguments.py. */\n" + table("pointers", pointers) + table("targets", targets))


main()
