#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The lists of public names agree, and the library exports no other name.

check_names.py SOURCE_ROOT BUILD_ROOT STATIC_LIBRARY SHARED_LIBRARY NM OBJDUMP BACKEND
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
BUILD = pathlib.Path(sys.argv[2])
STATIC, SHARED, NM, OBJDUMP, BACKEND = sys.argv[3:8]
NAME = r"\bfdi_[a-z0-9_]+"
PAGES = {page.name for page in (ROOT / "docs/man").glob("*.3")}


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def in_header():
    text = re.sub(r"/\*.*?\*/", "", read("include/fdinherit.h"), flags=re.S)
    return re.findall(r"FDI_API[^;(]*?(" + NAME + r")\s*\(", text)


def exported():
    if BACKEND == "windows":
        table = output(OBJDUMP, "-p", SHARED).split("[Ordinal/Name Pointer] Table")[1]
        return re.findall(r"\[ *\d+\] (?:\+base\[ *\d+\] +[0-9a-f]+ )?(\w+)", table.split("\n\n")[0])
    symbols = [line.split() for line in output(NM, "-D", "--defined-only", SHARED).splitlines()]
    return [words[2].split("@")[0] for words in symbols if words[1] != "A"]


def differences(names, other):
    twice = {name for name in other if other.count(name) > 1}
    return [f"not in both, or twice: {name}" for name in sorted(set(names) ^ set(other) | twice)]


def is_sorted(names):
    return [f"out of order: {b}" for a, b in zip(names, names[1:]) if a > b]


def in_map():
    """Returns the names of each node of the symbol map."""
    nodes = re.findall(r"^(FDINHERIT_[\d.]+) \{(.*?)^\}", read("src/fdinherit.map"), re.M | re.S)
    return {name: re.findall(r"^\s*(fdi_\w+);", node, re.M) for name, node in nodes}


def gone():
    """Returns the names of earlier versions, which the changelog may mention."""
    return set(re.findall(r"^((?:fdi|FDI)_\w+)$", read("tests/abi/removed.txt"), re.M))


def corridors():
    """Returns the public functions that a backend calls."""
    found, objects, member = [], 0, ""
    for line in output(NM, STATIC).splitlines():
        if line.endswith(".o:") or line.endswith(".obj:"):
            member = line.rstrip(":").rsplit("/", 1)[-1]
            objects += member.startswith(BACKEND + "_")
        elif member.startswith(BACKEND + "_"):
            name = re.match(r"\s+U (fdi_[a-z]\w*)", line)
            found += [f"{member} calls {name[1]}"] if name else []
    return found if objects else ["no object of the backend found"]


def unsafe_in_handlers():
    """Returns the calls of the inheritance functions that allocate, lock or buffer. The registration of a
    cleanup handler changes only a list of its own thread."""
    found, objects, member = [], 0, ""
    for line in output(NM, STATIC).splitlines():
        if line.endswith(".o:") or line.endswith(".obj:"):
            member = line.rstrip(":").rsplit("/", 1)[-1]
            objects += "inherit" in member or "listing" in member
        elif "inherit" in member or "listing" in member:
            name = re.match(r"\s+U _*((?:\w*alloc|free|f?(?:open|close|read)dir|f(?:d|re)?open|\w*printf|"
                            r"pthread_(?!(?:un)?register_cancel|cleanup_)\w+|getenv|sysconf|exit)\b.*)", line)
            found += [f"{member} calls {name[1]}"] if name else []
    return found if objects else ["no object of inheritance found"]


def first_includes():
    for path in sorted((ROOT / "src").rglob("*.c")):
        first = re.search(r'^#\s*include\s+["<](.*?)[">]', path.read_text(encoding="utf-8"), re.M)
        if not first or pathlib.PurePosixPath(first[1]).name != "platform.h":
            yield f"{path}: platform.h is not the first include"


def only_in_documents():
    """Yields the fdi_ names in the documents that the header does not declare."""
    known = set(re.findall(r"\b(?:fdi|FDI)_\w+", read("include/fdinherit.h")))
    known |= {"FDI_CI_DIR", "FDI_CI_CACHE", "FDI_ORACLE_SEED",  # names of the gate
              "FDI_FUZZ_SECONDS", "FDI_FUZZ_KEEP"}
    built = set(re.findall(r"-D(FDI_\w+)", read("tests/meson.build")))  # names for tests only
    read_by_people = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")),
                      *sorted((ROOT / "docs/man").glob("*.[137]"))]
    for path in read_by_people:
        for name in sorted(set(re.findall(r"\b(?:fdi|FDI)_[A-Za-z]\w+", path.read_text(encoding="utf-8")))):
            is_page = name.lower() + ".3" in PAGES
            is_family = name.endswith("_") and any(other.startswith(name) for other in known)
            was_removed = path.name == "CHANGELOG.md" and name in gone()
            if name not in known | built and not is_page and not is_family and not was_removed:
                yield f"{path.name}: {name}, which the header does not declare"


def versions():
    """Returns each place whose version differs from that of meson.build."""
    version = re.search(r"version: '([\d.]+)'", read("meson.build"))[1]
    header = dict(re.findall(r"#define FDI_VERSION_(\w+) (\d+)", read("include/fdinherit.h")))
    written = {
        "header": ".".join(header[part] for part in ("MAJOR", "MINOR", "PATCH")),
        "wrap": re.search(r"^directory = fdinherit-(.*)$", read("docs/packaging/fdinherit.wrap"), re.M)[1],
        "debian": re.match(r"fdinherit \(([\d.]+)-", read("docs/packaging/debian/changelog"))[1],
        "changes": re.search(r"^## ([\d.]+)", read("docs/CHANGELOG.md"), re.M)[1],
    }
    return [f"{place}: {found}, not {version}" for place, found in written.items() if found != version]


def main():
    header = in_header()
    nodes = in_map()
    symbol_map = [name for node in nodes.values() for name in node]
    definition = re.findall(r"^\s*(fdi_\w+)\s*$", (BUILD / "src/fdinherit.def").read_text(encoding="utf-8"), re.M)
    packaged = re.findall(r"^ \(symver\)(\S+) ", read("docs/packaging/debian/libfdinherit0.symbols"), re.M)
    cases = {
        "header_declares_each_function_once": differences(set(header), header),
        "map_has_the_names_of_the_header": differences(header, symbol_map) + [name for node in nodes.values() for name in is_sorted(node)],
        "removed_names_stay_removed": [f"is in the header: {name}" for name in sorted(
            gone() & set(re.findall(r"\b(?:fdi|FDI)_\w+", read("include/fdinherit.h"))))],
        "def_has_the_names_of_the_header": differences(header, definition),
        "package_has_the_nodes_of_the_map": differences(nodes, packaged),
        "shared_library_exports_exactly_the_names_of_the_header": differences(header, exported()),
        "documents_mention_only_names_of_the_header": list(only_in_documents()),
        "no_backend_calls_a_public_function": corridors(),
        "version_is_the_same_everywhere": versions(),
        "inheritance_calls_only_async_signal_safe_functions": unsafe_in_handlers(),
        "every_source_includes_platform_h_first": list(first_includes()),
    }
    print(f"1..{len(cases)}")
    for number, (name, complaints) in enumerate(cases.items(), 1):
        print("not ok" if complaints else "ok", number, "-", name)
        for complaint in complaints:
            print("#", complaint)
    return any(cases.values())


sys.exit(main())
