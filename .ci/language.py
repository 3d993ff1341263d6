#!/usr/bin/env python3
"""Checks the prose of the tree against the rules of docs/CONTRIBUTING.md.

language.py FILE...      prints each fault as FILE:LINE: RULE: sentence, and exits 1 if there is one
language.py --try        shows that each rule notices a fault

Comments are read from C, Python, shell and Meson files; Markdown and mdoc are read whole, less their
code. A sentence may have 25 words in the header, README.md, docs and the manual pages.
"""
import io
import re
import sys
import tokenize

OPENING = re.compile(r"^(What|Whatever|Who|Where|Whether|Of|Were|Asked|Seen)\b")
MOST_WORDS = 25
# Words of our own that a reader has to decode; the plain word stands in CONTRIBUTING.md.
PRIVATE = re.compile(
    r"\b(born|unborn|quiet(ly)?|shield(s|ed|ing)?|seat(s|ed|ing)?|lend(s|er|ing)?|lent|loan(s|ed)?"
    r"|unmake|unmade|thereof|reckon(s|ed|ing)?|nor|somebody|nobody|is had|are had|be had"
    r"|told|tells|board|but for)\b", re.I)
MEASURED = re.compile(r"(^|/)(README\.md|include/.*\.h|docs/.*\.(md|[137]))$")


def comments_of_c(text):
    """Yields (line, text) for each comment; string literals are passed over."""
    pattern = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)
    for match in pattern.finditer(text):
        found = match[0]
        if found.startswith("/"):
            body = re.sub(r"^/\*+|\*+/$|^//", "", found)
            body = "\n".join(re.sub(r"^\s*\*\s?", "", line) for line in body.split("\n"))
            yield text.count("\n", 0, match.start()) + 1, body


def comments_of_python(text):
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("#!"):
            yield token.start[0], token.string.lstrip("# ")
        elif token.type == tokenize.STRING and token.string.startswith(('"""', 'r"""')):
            yield token.start[0], token.string.strip('r"')


def comments_of_shell(text):
    block, start = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        match = re.match(r"\s*#(?!!)\s?(.*)", line)
        if match and "shellcheck" not in line:
            start = start if block else number
            block.append(match[1])
        elif block:
            yield start, "\n".join(block)
            block = []
    if block:
        yield start, "\n".join(block)


def paragraphs_of_markdown(text):
    text = re.sub(r"^```.*?^```", lambda code: "\n" * code[0].count("\n"), text, flags=re.S | re.M)
    start, block = 1, []
    for number, line in enumerate(text.split("\n") + [""], 1):
        if line.lstrip().startswith("|"):
            for cell in line.strip().strip("|").split("|"):
                yield number, cell
            continue
        if not line.strip() or line.startswith("#") or re.match(r"\s*([-*]|\d+\.)\s", line):
            if block:
                yield start, "\n".join(block)
            block = []
        if line.strip() and not line.startswith("#"):
            start = start if block else number
            block.append(re.sub(r"^\s*([-*]|\d+\.)\s+", "", line))
    if block:
        yield start, "\n".join(block)


def paragraphs_of_mdoc(text):
    synopsis = re.compile(r"^\.Sh SYNOPSIS$.*?(?=^\.Sh |\Z)", re.S | re.M)
    text = synopsis.sub(lambda section: "\n" * section[0].count("\n"), text)
    start, block, literal = 1, [], False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(".Bd -literal"):
            literal = True
        elif literal:
            literal = not line.startswith(".Ed")
        elif re.match(r"\.(Pp|It|Sh|Ss|Bl|El|Bd|Ed|Dd|Dt|Os|Nd|\\\")", line):
            if block:
                yield start, "\n".join(block)
            block = []
        elif line:
            start = start if block else number
            block.append(re.sub(r"^\.(Fn|Ft|Fa|Nm|Er|Dv|Xr|Em|Sy|Pa|Ar|Fl|Ql|Dq|Pq|Vt|Va|Li|In|Ev|Cm|Ic|St|Rs|Re|%.)\b\s*", "", line))
    if block:
        yield start, "\n".join(block)


def paragraphs(path, text):
    if re.search(r"\.(c|h|cpp|hpp|rs)$", path):
        return list(comments_of_c(text))
    if path.endswith(".py"):
        return list(comments_of_python(text))
    if path.endswith(".md"):
        return list(paragraphs_of_markdown(text))
    if re.search(r"\.[137]$", path):
        return list(paragraphs_of_mdoc(text))
    return list(comments_of_shell(text))


def sentences(text):
    """Splits a paragraph; a line that begins with a label or a dash begins a sentence of its own."""
    text = re.sub(r"`[^`]*`", lambda code: "`" + re.sub(r"[.!?\s]", "_", code[0][1:-1]) + "`", text)
    text = re.sub(r"\n\s*(-|[A-Z][A-Za-z0-9, ]{2,20}: )", "\n\n\\1", text)
    for part in re.split(r"\n\s*\n", text):
        for sentence in re.split(r"(?<=[.!?])[\"')*]*\s+(?=[\"'(*`]*(?:[A-Z`0-9]|macOS|fdi_|[a-z]\"))", " ".join(part.split())):
            yield re.sub(r"^[-\"'(*]*\s*", "", sentence)


def faults(path, text):
    measured = MEASURED.search(path)
    for line, paragraph in paragraphs(path, text):
        if "----" in paragraph.split("\n")[0]:
            paragraph = "\n".join(paragraph.split("\n")[1:])
        for sentence in sentences(paragraph):
            words = [word for word in sentence.split() if re.search(r"[A-Za-z0-9]", word)]
            if OPENING.match(sentence) and not sentence.endswith("?") and len(words) > 2:
                yield line, "opening", sentence
            if measured and len(words) > MOST_WORDS:
                yield line, f"{len(words)} words", sentence
            prose = re.sub(r"`[^`]*`", "", sentence)
            if PRIVATE.search(prose):
                yield line, f"private word \"{PRIVATE.search(prose)[0]}\"", sentence


def check_itself():
    long = "word " * 26
    trials = [("x.c", "/* What is open, is closed. */"), ("x.c", "/* A descriptor is born private. */"),
              ("include/x.h", f"/* {long}. */"), ("docs/x.md", f"{long}."), ("docs/x.3", f"{long}."),
              ("x.sh", "# Who waits, gets it."), ("x.py", '"""Where it is, it stays."""')]
    missed = [trial for trial in trials if not list(faults(*trial))]
    print(*[f"not noticed: {trial}" for trial in missed], sep="\n")
    return bool(missed)


def main():
    if sys.argv[1:] == ["--try"]:
        return check_itself()
    count = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as source:
            for line, rule, sentence in faults(path, source.read()):
                print(f"{path}:{line}: {rule}: {sentence[:160]}")
                count += 1
    return count > 0


sys.exit(main())
