#!/usr/bin/env python3
"""Checks the conditions of the preprocessor in src/posix against the rules of docs/design.md.

conditions.py FILE...    prints each fault as FILE:LINE: fault, and exits 1 if there is one
conditions.py --try      shows that each rule notices a fault

A condition is a line with #if, #ifdef, #ifndef or #elif. Include guards do not count, and neither do
guards around all code of a file. systems.h names the systems and has no limit of its own, but counts
in the sum.
"""
import re
import sys

MOST_IN_FILE = 3
MOST_IN_HUNDRED = 2
TABLE = "systems.h"
DIRECTIVE = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|else|endif|define|include)\b\s*(.*)")


def code_lines(text):
    """Returns (number, line) of each line of code, without comments and blank lines."""
    bare = re.sub(r"/\*.*?\*/", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)
    bare = re.sub(r"\\\n([^\n]*)", r"\1\n", bare)
    return [(number, line) for number, line in enumerate(bare.split("\n"), 1) if line.strip()]


def has_branches(lines, start, end):
    """Reports whether the condition that starts at the index `start` has another branch."""
    depth = 0
    for _, line in lines[start:end]:
        match = DIRECTIVE.match(line)
        word = match[1] if match else ""
        depth += word.startswith("if") - (word == "endif")
        if depth == 1 and word in ("elif", "else"):
            return True
    return False


def end_of(lines, start):
    depth = 0
    for index in range(start, len(lines)):
        match = DIRECTIVE.match(lines[index][1])
        depth += bool(match and match[1].startswith("if")) - bool(match and match[1] == "endif")
        if depth == 0:
            return index
    return len(lines)


def guards(lines):
    """Returns the indexes of the include guard and of the guard around all code."""
    found, last = [], len(lines) - 1
    for index, (_, line) in enumerate(lines):
        match = DIRECTIVE.match(line)
        if not match:
            break
        if match[1] in ("include", "define"):
            continue
        if not match[1].startswith("if") or end_of(lines, index) != last or has_branches(lines, index, last):
            break
        found.append(index)
        last -= 1
    return found


def systems_of(table):
    """Returns a pattern for the macros of the systems, and one for the names of their files."""
    macros = re.findall(r"defined\((__\w+)\)\n#define FDI__PICK", table)
    names = re.findall(r"^(?:/\*| \*)[ |]* (\w+) *(?:\*/)?$", table, re.M)
    return re.compile(rf"\b({'|'.join(macros)})\b"), re.compile(rf"_({'|'.join(names)}|bsd)\.c$", re.I)


def examine(path, text, systems):
    """Returns the faults, the number of conditions and the number of lines of code."""
    system, file_of_system = systems
    lines = code_lines(text)
    spared = guards(lines)
    faults, count = [], 0
    for index, (number, line) in enumerate(lines):
        match = DIRECTIVE.match(line)
        if not match or not match[1].startswith(("if", "elif")):
            continue
        count += index not in spared
        is_place = path.endswith(TABLE) or (index in spared and file_of_system.search(path))
        if system.search(match[2]) and not is_place:
            faults.append(f"{path}:{number}: names a system outside {TABLE} and the guard of a system's file")
    if count > MOST_IN_FILE and not path.endswith(TABLE):
        faults.append(f"{path}:1: {count} conditions, at most {MOST_IN_FILE}")
    return faults, count, len(lines)


def check(files):
    faults, conditions, code = [], 0, 0
    systems = systems_of(next(text for path, text in files if path.endswith(TABLE)))
    for path, text in files:
        found, count, length = examine(path, text, systems)
        faults += found
        conditions += count
        code += length
    if conditions * 100 > code * MOST_IN_HUNDRED:
        faults.append(f"{conditions} conditions in {code} lines of code, at most {MOST_IN_HUNDRED} in 100")
    return faults, f"{conditions} conditions in {code} lines of code"


def check_itself():
    long = "int a;\n" * 200
    block = "#if X\nint b;\n#endif\n"
    guarded = "#include <a.h>\n#if defined(__linux__)\n" + long + "#endif\n"
    table = (TABLE, "".join(f"#if defined({macro})\n#define FDI__PICK(a) a\n#endif\n" for macro in
                            ("__linux__", "__APPLE__", "__FreeBSD__", "__sun")) + "/*  Linux\n *  |  macOS */\n" + long)
    good = [("a_linux.c", guarded), ("a.h", "#ifndef A_H\n#define A_H\n" + long + block * 3 + "#endif\n"),
            ("a.c", long + "/* #if defined(__linux__) */\n" + block * 3), ("a_macos.c", guarded)]
    bad = [("a.c", long + block * 4), ("a.c", "int a;\n" + block),
           ("a.c", long + "#ifdef X\nint b;\n#elif Y\nint c;\n#elif Z\nint d;\n#elif W\n#endif\n"),
           ("a.c", guarded), ("a_linux.c", long + guarded), ("a_linux.c", guarded + "int b;\n"),
           ("a_bsd.c", "#if X\n" + long + "#elif !defined(__sun)\n" + long + "#endif\n"),
           ("a.c", long + "#if X && \\\n    defined(__FreeBSD__)\n#endif\n"),
           ("a.c", "int a;\n" + block * 3)]
    missed = [f"not noticed: {path}" for path, text in bad if not check([table, (path, text)])[0]]
    missed += [f"wrong fault: {fault}" for trial in good for fault in check([table, trial])[0]]
    print(*missed, sep="\n")
    return bool(missed)


def main():
    if sys.argv[1:] == ["--try"]:
        return check_itself()
    files = []
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as source:
            files.append((path, source.read()))
    faults, summary = check(files)
    print(*faults, summary, sep="\n")
    return bool(faults)


sys.exit(main())
