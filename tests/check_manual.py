#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual pages agree with the header, and their examples work.

check_manual.py SOURCE_ROOT SHARED_LIBRARY COMPILER...
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[1])
LIBRARY = pathlib.Path(sys.argv[2]).resolve()
COMPILER = sys.argv[3:]
PAGES = {path.name: path.read_text(encoding="utf-8")
         for path in sorted((ROOT / "docs/man").glob("*.[137]"))}
FAMILIES = {name: text for name, text in PAGES.items() if name.endswith(".3")}


def plain(prototype):
    return re.sub(r"\s*([*,()])\s*", r"\1", re.sub(r"\s+", " ", prototype)).strip()


def header_prototypes():
    text = (ROOT / "include/fdinherit.h").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/|^#[^\n]*", "", text, flags=re.S | re.M)
    found = re.findall(r"FDI_API ([^;]*?)\b(fdi_\w+)\s*\(([^;]*)\);", text)
    return {name: plain(f"{kind}{name}({arguments})") for kind, name, arguments in found}


def section(text, title):
    found = re.search(rf"^\.Sh {title}\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    return found[1] if found else ""


def words(line):
    return [quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', line)]


def page_prototypes(text):
    lines = iter(section(text, "SYNOPSIS").splitlines())
    kind, found = "", {}
    for line in lines:
        if line.startswith(".Ft "):
            kind = line[4:]
        elif line.startswith(".Fn "):
            name, *arguments = words(line[4:])
            found[name] = plain(f"{kind} {name}({','.join(arguments)})")
        elif line.startswith(".Fo "):
            name, arguments = line[4:], []
            while (line := next(lines)) != ".Fc":
                arguments += words(line[4:])
            found[name] = plain(f"{kind} {name}({','.join(arguments)})")
    return {name: text for name, text in found.items() if not text.startswith("typedef ")}


def names_of(text):
    return re.findall(r"^\.Nm (\w+)", section(text, "NAME"), re.M)


def example_of(text):
    found = re.search(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", section(text, "EXAMPLES"), re.M | re.S)
    return found[1].replace("\\e", "\\").replace("\\&", "") if found else ""


def each_function_has_a_page(prototypes):
    for name in prototypes:
        pages = [page for page, text in FAMILIES.items() if name in names_of(text)]
        if len(pages) != 1:
            yield f"{name} is in the NAME of {pages or 'no page'}"
    for page, text in FAMILIES.items():
        yield from (f"{page} names {name}, which the header has not"
                    for name in names_of(text) if name not in prototypes)


def links_are_installed_for_the_names(_prototypes):
    text = (ROOT / "docs/man/meson.build").read_text(encoding="utf-8")
    families = re.search(r"^families = \[(.*?)\]", text, re.M | re.S)[1]
    for page in sorted({f"fdi_{name}.3" for name in re.findall(r"'(\w+)'", families)} ^ set(FAMILIES)):
        yield f"{page} is not in both docs/man and its meson.build"
    yield from (f"{page}: a link of meson.build is not in its NAME" for page, text in FAMILIES.items()
                if re.findall(r"^\.Nm (\S+)", text, re.M) != names_of(text))


def synopses_match_the_header(prototypes):
    for page, text in FAMILIES.items():
        found = page_prototypes(text)
        if sorted(found) != sorted(names_of(text)):
            yield f"{page}: NAME and SYNOPSIS differ"
        for name, prototype in found.items():
            if prototype != prototypes.get(name):
                yield f"{page}: {prototype}; the header: {prototypes.get(name)}"


def each_function_has_a_description_and_an_example(_prototypes):
    for page, text in FAMILIES.items():
        for title in ("DESCRIPTION", "RETURN VALUES", "EXAMPLES", "ERRORS"):
            if not section(text, title).strip():
                yield f"{page} has no {title}"
        for name in names_of(text):
            if name not in section(text, "DESCRIPTION") and "The first four tell" not in text:
                yield f"{page} does not describe {name}"
            if name + "(" not in example_of(text):
                yield f"{page} has no example of {name}"


def each_flag_of_the_header_is_explained(_prototypes):
    text = (ROOT / "include/fdinherit.h").read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    bodies = "".join(re.findall(r"\benum\b[^;{]*\{([^}]*)\}", text))
    defined = re.findall(r"^#define (FDI_\w+)", text, re.M) + re.findall(r"\b(FDI_\w+) =", bodies)
    for name in defined:
        if name.startswith(("FDI_API", "FDI_VERSION_", "FDI_STAT_")):
            continue
        if not any(name in page for page in PAGES.values()):
            yield f"no page says {name}"


def examples_compile_and_run(_prototypes):
    for page, text in FAMILIES.items():
        with tempfile.TemporaryDirectory() as folder:
            source, program = f"{folder}/program.c", f"{folder}/program"
            pathlib.Path(source).write_text(example_of(text), encoding="utf-8")
            built = subprocess.run(
                [*COMPILER, "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include",
                 source, str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}", "-o", program],
                capture_output=True, text=True, check=False)
            if built.returncode != 0:
                yield f"{page}: {built.stderr}"
                continue
            result = subprocess.run([program], cwd=folder, capture_output=True, text=True,
                                    check=False, timeout=20)
            left = sorted(set(path.name for path in pathlib.Path(folder).iterdir()) -
                          {"program.c", "program"})
            if result.returncode != 0 or left:
                yield f"{page}: exit {result.returncode}, {result.stderr}{left}"


def references_name_existing_pages(_prototypes):
    own = set(PAGES)
    for page, text in PAGES.items():
        for name, number in re.findall(r"^\.(?:Xr|It Xr) (fd\w+) (\d)", text, re.M):
            if name.startswith(("fdi_", "fdinherit")) and f"{name}.{number}" not in own:
                yield f"{page} refers to {name}({number})"


# Functions without a predecessor. The header names the source of every other function.
OWN = {"fdi_version", "fdi_path", "fdi_path_at", "fdi_fd", "fdi_function_name",
       "fdi_spawn_defaults", "fdi_process_id"}


def header_explains_each_function(prototypes):
    text = (ROOT / "include/fdinherit.h").read_text(encoding="utf-8")
    explained = set()
    for comment, group in re.findall(r"(/\*(?:(?!\*/).)*\*/)\s*((?:FDI_API[^;]*;\s*)+)", text, re.S):
        names = {name for name in prototypes if re.search(rf"\b{name}\(", group)}
        explained |= names
        if "Source:" not in comment:
            yield from (f"the header does not say where {name} comes from" for name in sorted(names - OWN))
    yield from (f"the header does not explain {name}" for name in sorted(set(prototypes) - explained))


def two_thirds_of_the_header_are_comments(_prototypes):
    text = (ROOT / "include/fdinherit.h").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    code = re.sub(r"^\s*/\*.*?\*/", "", text, flags=re.S | re.M)
    share = 1 - sum(bool(line.strip()) for line in code.splitlines()) / len(lines)
    if not 0.6 <= share <= 0.75:
        yield f"it is {share:.0%}"


def main():
    prototypes = header_prototypes()
    checks = [each_function_has_a_page, links_are_installed_for_the_names,
              synopses_match_the_header,
              each_function_has_a_description_and_an_example, each_flag_of_the_header_is_explained,
              references_name_existing_pages, header_explains_each_function,
              two_thirds_of_the_header_are_comments, examples_compile_and_run]
    print(f"1..{len(checks)}")
    failed = False
    for number, check in enumerate(checks, 1):
        complaints = list(check(prototypes)) if prototypes else ["no prototype found"]
        print("not ok" if complaints else "ok", number, "-", check.__name__)
        for complaint in complaints:
            print("#", complaint.replace("\n", "\n# "))
        failed |= bool(complaints)
    return failed


sys.exit(main())
