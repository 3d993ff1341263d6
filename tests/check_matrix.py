#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of forms in fdinherit(7) agrees with `fdinherit supports` on this system.

check_matrix.py SOURCE_ROOT LETTER COMMAND...     LETTER: L for Linux, W for Windows
"""
import pathlib
import re
import subprocess
import sys

ROOT, LETTER, COMMAND = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
FORMS = ("path", "fd", "dir_fd", "NOFOLLOW")


def page():
    text = (ROOT / "docs/man/fdinherit.7").read_text(encoding="utf-8")
    table = text.split(".Ss Which operation takes what")[1].split(".El")[0]
    rows = re.findall(r"^\.It (\w+) Ta (.*) Ta (.*) Ta (.*) Ta (.*)$", table, re.M)
    return {name: dict(zip(FORMS, systems)) for name, *systems in rows}


def running():
    report = subprocess.run([*COMMAND, "supports"], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in report.splitlines()[1:]]
    return {name: dict(zip(FORMS, answers)) for name, *answers in rows}


def complaints(said, done):
    if list(said) != list(done):
        yield f"not the same operations: {sorted(set(said) ^ set(done)) or 'in another order'}"
        return
    for name, forms in said.items():
        for form, systems in forms.items():
            # A lower-case letter marks support that depends on the volume.
            if LETTER.lower() not in systems and (LETTER in systems) != (done[name][form] == "yes"):
                yield f"{name} {form}: the page has {systems}, the command says {done[name][form]}"


found = list(complaints(page(), running()))
print("1..1")
print("not ok" if found else "ok", f"1 - the table of fdinherit(7) is right for {LETTER}")
for complaint in found:
    print("#", complaint)
sys.exit(bool(found))
