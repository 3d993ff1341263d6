#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lists the names that the Windows sources take from system headers: system_names.py [--write] LIST SOURCE...

Each line of LIST is HEADER: NAME... in Microsoft's header names. Without --write, any difference is an
error. So no source takes another name unnoticed, and a reader can look each name up."""
import os
import re
import subprocess
import sys
import tempfile

COMPILER = "x86_64-w64-mingw32-gcc"
FLAGS = ["-Iinclude", "-std=c99", "-fsyntax-only"]
# mingw-w64 has some declarations in headers of its own.
MICROSOFT = {
    "_timeval.h": "winsock2.h", "_socket_types.h": "winsock2.h", "_ws1_undef.h": "winsock2.h", "_ip_types.h": "winsock2.h",
    "_ip_mreq1.h": "ws2tcpip.h", "_wsadata.h": "winsock2.h", "_wsa_errnos.h": "winsock2.h", "_xmitfile.h": "mswsock.h",
    "_fd_types.h": "winsock2.h", "inaddr.h": "inaddr.h", "intrin-impl.h": "winnt.h", "intrin-mac.h": "winnt.h",
    "corecrt.h": "stddef.h", "crtdefs.h": "stddef.h", "corecrt_startup.h": "stdlib.h", "corecrt_wstdlib.h": "wchar.h",
    "corecrt_stdio_config.h": "stdio.h", "malloc.h": "stdlib.h", "string_s.h": "string.h", "stdlib_s.h": "stdlib.h",
    "stdint.h": "stdint.h", "wincon.h": "consoleapi.h", "stdint-gcc.h": "stdint.h",
}
TOKEN = re.compile(r"[A-Za-z_]\w*")
TEXT = re.compile(r'/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S)


def run(*arguments):
    return subprocess.run([COMPILER, *FLAGS, *arguments], check=True, capture_output=True, text=True).stdout


def is_system(path):
    return path.startswith(("/usr/", "<"))


def functions_of(source):
    """The functions that system headers declare, with their headers."""
    with tempfile.NamedTemporaryFile("r", suffix=".X") as out:
        run("-aux-info", out.name, source)
        found = re.findall(r"^/\* (\S+?):\d+:\w+ \*/ .*?(\w+) \(", out.read(), re.M)
    return {name: path for path, name in found if is_system(path)}


def names_of(source):
    """Macros, and the other names with a capital that occur in system headers."""
    names, path = {}, ""
    for line in run("-E", "-dD", source).split("\n"):
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            path = marker[1]
        elif is_system(path) and not path.startswith("<"):
            macro = re.match(r"#define (\w+)", line)
            for name in [macro[1]] if macro else re.findall(r"\b[A-Z]\w+", line):
                names.setdefault(name, path)
    return names


def own_names(texts):
    """The names that the sources define themselves."""
    whole = "\n".join(texts)
    own = set(re.findall(r"#\s*define (\w+)", whole)) | set(re.findall(r"\}\s*(\w+);", whole))
    for body in re.findall(r"enum[^{;()]*\{(.*?)\}", whole, re.S):
        own |= set(TOKEN.findall(body))
    own |= set(re.findall(r"^ +[\w ]+[ *](\w+)(?:\[[^\]]*\])?;", whole, re.M))  # members
    return own | set(re.findall(r"typedef [^;{]*?\b(\w+);", whole)) | {"GCC"}


def collect(sources):
    taken = {}
    headers = ["src/windows/nt.h", "src/windows/win.h", "src/windows/target_handle.h", "src/command/windows/windows_command.h"]
    texts = {path: TEXT.sub(" ", open(path, encoding="utf-8").read()) for path in sources + headers}
    own = own_names(texts.values())
    for source in sources:
        functions = functions_of(source)
        known = {**names_of(source), **functions}
        text = re.sub(r"^#include.*$", "", "\n".join(texts[path] for path in [source, *headers]), flags=re.M)
        used = set(re.findall(r"(?<![\w.>])[A-Za-z_]\w*", text))
        called = set(re.findall(r"(?<![\w.>])(\w+)\(", text))
        for name in (used - own) - (set(functions) - called):
            if name in known and not name.startswith("fdi"):
                header = os.path.basename(known[name])
                taken.setdefault(MICROSOFT.get(header, header), set()).add(name)
    return taken


def main():
    arguments = sys.argv[1:]
    write = arguments[0] == "--write"
    target, sources = arguments[write], arguments[write + 1:]
    lines = [f"{header}: {' '.join(sorted(names))}\n" for header, names in sorted(collect(sources).items())]
    if write:
        with open(target, "w", encoding="utf-8") as out:
            out.writelines(lines)
        return 0
    listed = open(target, encoding="utf-8").readlines()
    for line in set(lines) ^ set(listed):
        print(("missing: " if line in lines else "not taken: ") + line.rstrip())
    return lines != listed


if __name__ == "__main__":
    sys.exit(main())
