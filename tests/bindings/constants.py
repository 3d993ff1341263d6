#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the constants of the header in C with those that a binding generator reports.

constants.py expected COMPILER OBJCOPY HEADER   prints NAME=VALUE for each constant of COMPILER's system
constants.py complete HEADER EXPECTED...        fails if a name of the header is in no file of EXPECTED
constants.py names go EXPECTED                  prints Go source that names each constant of EXPECTED
constants.py names rust|zig BINDING [NAME]...   prints source that names each constant of a translated header,
                                                without those of these names
constants.py cgo FILE                           prints NAME=VALUE for each constant that cgo wrote into FILE
constants.py compare EXPECTED SEEN [NAME|NAME=VALUE]...
    fails with the name of each constant that SEEN lacks or has with another value. The generator must
    not report NAME, and must report NAME=VALUE with that value.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

RECORD = struct.Struct("<56sqB7x")
SOURCE = """#include "%s"
struct record { char name[56]; long long value; unsigned char negative; };
__attribute__((used, section("fdi"))) const struct record records[] = {
%s
};
"""
GO = """package main

// #include "fdinherit.h"
import "C"

var constants = []constant{
%s
}
"""
LANGUAGES = {
    "go": ('\t{"%s", C.%s},', GO),
    "rust": ('    ("%s", binding::%s as i128),', "[\n%s\n]\n"),
    "zig": ('    .{ "%s", @as(i128, binding.%s) },',
            'const binding = @import("binding");\npub const constants = .{\n%s\n};\n'),
}


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def constants(path):
    return dict(line.split("=") for line in read(path).split())


def names_of(compiler, header):
    """Returns every macro with a value and every enumerator in the preprocessed header."""
    text = output(compiler, "-E", "-P", "-dD", header)
    macros = re.findall(r"^#define (FDI_\w+) +(?!__attribute__)\S", text, flags=re.M)
    enums = re.findall(r"\benum\b[^{};]*\{([^}]*)\}", re.sub(r"^#.*", "", text, flags=re.M))
    return macros + re.findall(r"\bFDI_\w+(?=\s*(?:[=,]|$))", "\n".join(enums), flags=re.M)


def expected(compiler, objcopy, header):
    header = str(pathlib.Path(header).resolve())
    rows = ['{"%s", (long long)(%s), (%s) < 0},' % (name, name, name)
            for name in names_of(compiler, header)]
    with tempfile.TemporaryDirectory() as folder:
        source, made, section = (f"{folder}/{name}" for name in ("a.c", "a.o", "a.bin"))
        pathlib.Path(source).write_text(SOURCE % (header, "\n".join(rows)), encoding="utf-8")
        subprocess.run([compiler, "-c", "-o", made, source], check=True)
        subprocess.run([objcopy, "-O", "binary", "-j", "fdi", made, section], check=True)
        data = pathlib.Path(section).read_bytes()
    for name, value, negative in RECORD.iter_unpack(data[:len(rows) * RECORD.size]):
        print(name.rstrip(b"\0").decode(), value if negative or value >= 0 else value + 2**64, sep="=")


def complete(header, *files):
    """FDI_API is the only other name with this prefix in the header."""
    text = re.sub(r"/\*.*?\*/", "", read(header), flags=re.S)
    missing = set(re.findall(r"\bFDI_\w+", text)) - {"FDI_API"}
    for path in files:
        missing -= set(constants(path))
    return [f"{name}: no file has its value" for name in sorted(missing)]


def names(language, path, *without):
    row, whole = LANGUAGES[language]
    found = constants(path) if language == "go" else re.findall(r"\bpub const (FDI_\w+)", read(path))
    print(whole % "\n".join(row % (name, name) for name in found
                            if name not in ("FDI_API", *without)), end="")


def cgo(path):
    for name, value in re.findall(r"^const _Ciconst_(FDI_\w+) = (\S+)", read(path), flags=re.M):
        print(name, int(value, 0), sep="=")


def compare(expected_file, seen_file, *exceptions):
    wanted, seen = constants(expected_file), constants(seen_file)
    for exception in exceptions:
        name, _, value = exception.partition("=")
        if name not in wanted:
            yield f"{name}: the header has no such constant"
        wanted[name] = value or None
    for name in sorted(wanted | seen):
        if wanted.get(name) != seen.get(name):
            yield f"{name}: expected {wanted.get(name, 'no such name')}, the generator has {seen.get(name)}"


COMMANDS = {"expected": expected, "complete": complete, "names": names, "cgo": cgo, "compare": compare}
FAULTS = list(COMMANDS[sys.argv[1]](*sys.argv[2:]) or [])
print("\n".join(FAULTS), end="\n" if FAULTS else "")
sys.exit(1 if FAULTS else 0)
