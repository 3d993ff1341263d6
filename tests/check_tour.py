#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Follows docs/tour.md as a reader would: saves its programs, runs its commands in one shell, and
compares their output with the page.

check_tour.py SOURCE_ROOT BUILD_ROOT COMMAND
"""
import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile
import time

ROOT, BUILD, COMMAND = (pathlib.Path(path).resolve() for path in sys.argv[1:4])
PLACE = "/home/me/tour"  # the page's name for the directory
PATIENCE = 30  # seconds
MARK = "-- the command is over --"


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def steps(session):
    """Yields the commands of a block, each with the output that follows it."""
    for step in re.split(r"^\$ ", session, flags=re.M)[1:]:
        command, _, output = step.partition("\n")
        yield command, output


def comparable(text):
    """Replaces process ids, which may be small, and ports."""
    return re.sub(r"(?<=process )\d+|\d{4,}", "N", text)


def uninstalled_package(place):
    """Writes a .pc file like that of the build. The page's unquoted $(pkg-config ...) splits a path with spaces, so
    this one refers to symlinks."""
    text = (BUILD / "meson-uninstalled" / "fdinherit-uninstalled.pc").read_text(encoding="utf-8")
    for variable, folder in (("prefix", BUILD), ("srcdir", ROOT)):
        os.symlink(folder, f"{place}/{variable}")
        text = re.sub(f"^{variable}=.*", f"{variable}={place}/{variable}", text, flags=re.M)
    pathlib.Path(place, "fdinherit.pc").write_text(text, encoding="utf-8")
    return place


class Shell:
    """A bash as a reader would use it, with the library visible as if it were installed."""

    def __init__(self, place):
        self.place = place
        self.package = tempfile.TemporaryDirectory()
        library = BUILD / "src"
        environment = dict(
            os.environ, LC_ALL="C", TMPDIR=place, LD_LIBRARY_PATH=str(library),
            PATH=f"{COMMAND.parent}:{os.environ['PATH']}",
            PKG_CONFIG_PATH=uninstalled_package(self.package.name))
        self.bash = subprocess.Popen(
            ["bash", "--norc"], cwd=place, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        os.set_blocking(self.bash.stdout.fileno(), False)

    def run(self, command, expected):
        """Returns the output of the command. Background jobs may print theirs later."""
        self.bash.stdin.write(f"{command}\necho '{MARK}'\n".encode())
        self.bash.stdin.flush()
        printed, end = "", time.monotonic() + PATIENCE
        while time.monotonic() < end:
            select.select([self.bash.stdout], [], [], 0.1)
            piece = self.bash.stdout.read()
            if piece == b"":
                return printed + "(the shell has ended)"
            printed += (piece or b"").decode()
            report = printed.replace(MARK + "\n", "", 1).replace(self.place, PLACE)
            if MARK in printed and (not command.endswith("&") or comparable(report) == comparable(expected)):
                return report
        return printed + "(no more)"

    def end(self):
        self.bash.stdin.close()
        try:
            os.killpg(self.bash.pid, 15)
        except ProcessLookupError:
            pass
        self.bash.wait()
        self.bash.stdout.close()


def follow(page, place):
    """Yields a name and a complaint, or None, for each program and each command."""
    shell = Shell(place)
    try:
        for kind, text in blocks(page):
            if kind == "c":
                name = re.match(r"/\* (\S+\.c) \*/", text)[1]
                pathlib.Path(place, name).write_text(text, encoding="utf-8")
                built = subprocess.run(
                    ["cc", "-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include", "-fsyntax-only",
                     name], cwd=place, capture_output=True, text=True, check=False)
                yield f"{name} compiles without a warning", built.stderr if built.returncode else None
                continue
            for command, expected in steps(text):
                printed = shell.run(command, expected)
                good = comparable(printed) == comparable(expected)
                yield command, None if good else f"printed:\n{printed}not:\n{expected}"
    finally:
        shell.end()


def main():
    page = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        results = list(follow(page, os.path.realpath(place)))
    for number, (name, complaint) in enumerate(results, 1):
        print("not ok" if complaint else "ok", number, "-", name.replace("#", "\\#"))
        if complaint:
            print("#", complaint.rstrip().replace("\n", "\n# "))
    print(f"1..{len(results)}")
    return any(complaint for _, complaint in results)


sys.exit(main())
