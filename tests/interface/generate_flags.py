#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the test of foreign flags from the header.

generate_flags.py HEADER CALLS OUTPUT COMPILER...

CALLS is the C file with the function call_NAME for each function NAME that takes flags. An operation
on a target needs none, because the table of operations calls it. Any other function without one
becomes a failing case. The compiler lists the system constants.
"""
import re
import subprocess
import sys

from header import Header, HeaderError

INCLUDES = ["fcntl.h", "unistd.h", "sys/socket.h", "sys/wait.h", "sys/random.h", "sys/stat.h",
            "linux/openat2.h", "linux/close_range.h", "winsock2.h", "windows.h"]
CONSTANTS = re.compile(
    r"AT_(?!KEYEXCHANGE|SIGNATURE)\w+|RESOLVE_\w+|CLOSE_RANGE_\w+|GRND_\w+|FD_CLO(?:EXEC|FORK)"
    r"|O_CLO(?:EXEC|FORK)|O_NONBLOCK|O_NOFOLLOW|O_NOINHERIT|SOCK_CLO\w+|SOCK_NONBLOCK|MSG_CMSG_CLO\w+|W(?:NOHANG|NOWAIT|UNTRACED|EXITED|STOPPED|CONTINUED)"
    r"|HANDLE_FLAG_INHERIT|WSA_FLAG_NO_HANDLE_INHERIT")
ENUMERATORS = ["P_PID", "P_PGID", "P_PIDFD"]
CLOSE_ON = re.compile(r"(FD|O|SOCK|MSG_CMSG)_CLO(EXEC|FORK|XEC)|CLOSE_RANGE_CLOEXEC")

# Parameters that take system constants. Every value of the last one is valid.
OF_SYSTEM = ["oflags", "xflags", "memfd_flags", "eventfd_flags"]
ANY_VALUE = ["bsd_flags"]


def prelude():
    lines = ['#include "../../src/platform.h"', "#if defined(__has_include)"]
    for name in INCLUDES:
        lines += [f"#if __has_include(<{name}>)", f"#include <{name}>", "#endif"]
    return "\n".join(lines + ["#endif", ""])


def constants(compiler, folder):
    text = prelude().replace("../../src", f"{folder}/../../src")
    macros = subprocess.run([*compiler, "-E", "-dM", "-x", "c", "-"], input=text, text=True, check=True,
                            stdout=subprocess.PIPE).stdout
    names = set(re.findall(r"^#define (\w+) \S", macros, re.M))
    found = sorted(name for name in names if CONSTANTS.fullmatch(name))
    if not any(CLOSE_ON.fullmatch(name) or name == "O_NOINHERIT" for name in found):
        raise HeaderError("the compiler does not list the constants of this system")
    if "WNOHANG" in names:
        found += [name for name in ENUMERATORS if subprocess.run(
            [*compiler, "-fsyntax-only", "-x", "c", "-"], stderr=subprocess.DEVNULL, text=True,
            input=f"{text}\nint value = {name};\n", check=False).returncode == 0]
    return found


def cases(header, taken):
    """Yields the key, the function and the flags that it takes, for each argument of flags."""
    for function in header.functions.values():
        if function.name in taken:
            yield function.name[4:], function, taken[function.name]
        for parameter in function.parameters:
            if parameter.name in OF_SYSTEM:
                yield f"{function.name[4:]}_{parameter.name}", function, None
            elif parameter.name.endswith("flags") and parameter.name not in ["flags", *ANY_VALUE]:
                raise HeaderError(f"{function.name} has an unknown kind of flags: {parameter.name}")


def case(header, calls, key, function, flags):
    """Returns the case of one argument, and its name."""
    name = f"{key}_refuses_each_foreign_flag"
    number = function.name[4:].upper()
    number = f"FDI_FN_{number}" if number in header.numbers else "NO_NUMBER"
    is_operation = flags is not None and number != "NO_NUMBER"
    if key not in calls and not is_operation:
        return name, f'static void {name}(void **state)\n{{\n    (void)state;\n' \
                     f'    fail_msg("calls.c has no call_{key}");\n}}\n'
    call = f"call_{key}" if key in calls else "NULL"
    own = f"own_{key}()" if flags is None else " | ".join([f"(unsigned){flag}" for flag in flags] or ["0"])
    return name, f'static void {name}(void **state)\n{{\n    (void)state;\n' \
                 f'    const struct function function = {{"{key}", {own}, {str(flags is None).lower()}, ' \
                 f'{call}, {number}}};\n    refuse_each_foreign(&function);\n}}\n'


def without_trap(header):
    """Returns the functions that set the flag of an fd by a `bool` and do not mention the trap. The
    comment of a function may cover those whose names extend its own."""
    warned = [name for name, one in header.functions.items()
              if re.search(r"Trap: .*\bFD_CLOEXEC\b.*`true`", one.comment)]
    concerned = [name for name, one in header.functions.items()
                 if one.parameters and "int" in one.parameters[0].type.split()
                 and any(parameter.type == "bool" for parameter in one.parameters)]
    if not concerned:
        raise HeaderError("no function with a bool was found")
    return [name for name in concerned if not any(name.startswith(one) for one in warned)]


def table(kind, name, rows, end):
    return f"const struct {kind} {name}[] = {{\n" + "".join(f"    {row},\n" for row in rows) + f"    {end},\n}};\n"


def write(header, calls, names):
    taken = header.taken()
    parts = ["/* Made by generate_flags.py. */", prelude(), '#include "flags.h"\n', '#include "calls.h"\n']
    parts.append(table("constant", "fdi_flags", [f'{{"{name}", (unsigned){name}}}' for name in header.flags],
                       "{NULL, 0}"))
    parts.append(table("constant", "system_constants", [f'{{"{name}", (unsigned)({name})}}' for name in names],
                       "{NULL, 0}"))
    parts.append(table("constant", "close_on_constants", [f'{{"{name}", (unsigned)({name})}}' for name in names
                                                          if CLOSE_ON.fullmatch(name)], "{NULL, 0}"))
    rows = []
    for number in header.numbers:
        flags = taken.get(f"fdi_{number.lower()}", ["FDI_NOFOLLOW"] if number == "OPEN" else [])
        rows.append(f'{{"{number}", {" | ".join([f"(unsigned){flag}" for flag in flags] or ["0"])}}}')
    parts.append(table("constant", "flags_of_functions", rows, "{NULL, 0}"))
    parts.append("const char *const without_trap[] = {" + "".join(f'"{name}", ' for name in without_trap(header))
                 + "NULL};\n")
    made = [case(header, calls, *one) for one in cases(header, taken)]
    parts += [text for _, text in made]
    parts.append("int main(void)\n{\n    const struct CMUnitTest cases[] = {\n        FLAGS_CASES,\n"
                 + "".join(f"        CASE({name}),\n" for name, _ in made)
                 + '    };\n    return cmocka_run_group_tests_name("flags", cases, NULL, NULL);\n}\n')
    return "\n".join(parts)


def main():
    path, calls_path, output = sys.argv[1:4]
    with open(calls_path, encoding="utf-8") as source:
        calls = re.findall(r"^int64_t call_(\w+)\(", source.read(), re.M)
    header = Header(path)
    names = constants(sys.argv[4:], sys.path[0])
    text = write(header, calls, names)
    unused = [name for name in calls if f"call_{name}," not in text]
    if unused:
        raise HeaderError(f"calls.c calls what takes no flags: {unused}")
    with open(output, "w", encoding="utf-8") as target:
        target.write(text)


if __name__ == "__main__":
    try:
        main()
    except HeaderError as error:
        sys.exit(f"generate_flags.py: {error}")
