# SPDX-License-Identifier: MIT
"""Reads the functions, parameters and flags of fdinherit.h, with their comments."""
import re

FUNCTION = re.compile(r"^FDI_API\s+([\w\s]+?[\s*]+)(fdi_\w+)\((.*?)\);", re.S | re.M)
COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
FLAGS = re.compile(r"`flags`: (0|FDI_\w+(?:, FDI_\w+)*)\b")
HAS = re.compile(r"`flags` has (FDI_\w+)")
SAME = re.compile(r"Arguments as for (fdi_\w+)\.")
ENUMERATOR = re.compile(r"^\s*(FDI_\w+) = (0x[0-9a-f]+|\d+),?[ \t]*(?:/\*(.*?)\*/)?", re.M | re.S)


class HeaderError(Exception):
    """The header lacks information that a reader needs."""


def plain(comment):
    return re.sub(r"\s+", " ", re.sub(r"^\s*\*", " ", comment, flags=re.M)).strip()


def comment_before(text, position):
    """Returns the comment that ends right before `position`, or "" if there is none."""
    before = text[:position].rstrip()
    if not before.endswith("*/"):
        return ""
    return plain(before[before.rindex("/*") + 2:-2])


class Parameter:
    def __init__(self, text):
        self.text = " ".join(text.split())
        match = re.match(r"(.*?[\s*])(\w+)(\[\w*\])?$", self.text)
        self.type, self.name = match[1].strip(), match[2]
        self.is_pointer = "*" in self.type or match[3] is not None


class Function:
    def __init__(self, text, match):
        self.name = match[2]
        arguments = match[3].strip()
        self.parameters = [] if arguments == "void" else [Parameter(part) for part in arguments.split(",")]
        self.comment = comment_before(text, match.start())

    def parameter(self, name):
        return next((one for one in self.parameters if one.name == name), None)


class Header:
    def __init__(self, path):
        with open(path, encoding="utf-8") as source:
            self.text = source.read()
        self.functions = {match[2]: Function(self.text, match) for match in FUNCTION.finditer(self.text)}
        if len(self.functions) != len(re.findall(r"^FDI_API\b", self.text, re.M)):
            raise HeaderError("not every FDI_API line was understood")
        self.flags = self.read_flags()
        self.numbers = re.findall(r"^\s*FDI_FN_(\w+)", self.text, re.M)

    def enums(self):
        for match in re.finditer(r"^enum \{(.*?)\};", self.text, re.S | re.M):
            yield comment_before(self.text, match.start()), match[1]

    def read_flags(self):
        """Reads the flags with their comments. FDI_O_ constants count as O_ constants."""
        found = {}
        for about, body in self.enums():
            if not re.search(r"\bflags?\b", about, re.I) or "FDI_O_" in body:
                continue
            rows = ENUMERATOR.findall(body)
            if len(rows) != COMMENT.sub("", body).count("="):
                raise HeaderError("not every flag was understood")
            found.update({name: (int(value, 0), plain(comment)) for name, value, comment in rows})
        return found

    def options_flags(self):
        """Returns, for each struct with a `flags` member for callers, the flags in its comment."""
        found = {}
        for match in re.finditer(r"^typedef struct (\w+) \{(.*?)^\}", self.text, re.S | re.M):
            member = re.search(r"^\s*unsigned flags;\s*(?:/\*(.*?)\*/)?", match[2], re.M)
            if member:
                prefix = re.fullmatch(r"\s*(FDI_\w+_)\*\s*", member[1] or "")
                if not prefix:
                    raise HeaderError(f"struct {match[1]} does not name its flags")
                found[match[1]] = [name for name in self.flags if name.startswith(prefix[1])]
        return found

    def named_flags(self, function):
        """Returns the flags that the comment of a function lists in one of three ways."""
        match = FLAGS.search(function.comment)
        if match:
            return [] if match[1] == "0" else match[1].split(", ")
        match = HAS.search(function.comment)
        if match:
            return [match[1]]
        match = SAME.search(function.comment)
        if match:
            return self.named_flags(self.functions[match[1]])
        raise HeaderError(f"the comment of {function.name} does not name its flags")

    def taken(self):
        """Returns the flags of each function that has a flags argument."""
        options = self.options_flags()
        taken = {}
        for function in self.functions.values():
            structs = [name for name in options for one in function.parameters
                       if re.fullmatch(rf"const {name} \*", one.type)]
            if structs:
                taken[function.name] = options[structs[0]]
            elif function.parameter("flags") and function.name != "fdi_supports":
                taken[function.name] = self.named_flags(function)
        self.check(taken)
        return taken

    def check(self, taken):
        """Checks that the comments of the flags agree with those of the functions."""
        for name, flags in taken.items():
            for flag in flags:
                if flag not in self.flags:
                    raise HeaderError(f"{name} takes {flag}, which is no flag")
        for flag, (_, comment) in self.flags.items():
            takers = {name[4:] for name, flags in taken.items() if flag in flags}
            if not takers:
                raise HeaderError(f"no function takes {flag}")
            match = re.match(r"([a-z0-9_]+(?:, [a-z0-9_]+)*):", comment)
            if match and set(match[1].split(", ")) != takers:
                raise HeaderError(f"the comment of {flag} names other functions than {sorted(takers)}")
