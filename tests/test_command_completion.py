#!/usr/bin/env python3
"""Shell completion agrees with the help and the manual.
test_command_completion.py COMMAND SOURCE_ROOT SHELL..."""
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "support"))
from command import case, main, run  # pylint: disable=wrong-import-position

ROOT, SHELLS = sys.argv[2], sys.argv[3:]
FOLDER = os.path.join(ROOT, "src/command/completion")


def bash(line):
    words = line.split(" ")
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))\n' \
        '"$(complete -p fdinherit | sed "s/.*-F \\([^ ]*\\).*/\\1/")"\nprintf "%s\\n" "${COMPREPLY[@]}"'
    report = subprocess.run(["bash", "--norc", "-c", script, "bash", FOLDER + "/fdinherit.bash", *words],
                          capture_output=True, text=True, check=True)
    assert not report.stderr, report
    return set(report.stdout.split())


def fish(line):
    with tempfile.TemporaryDirectory() as home:
        report = subprocess.run(["fish", "--no-config", "-c",
                               'source $argv[1]; complete -C $argv[2]', FOLDER + "/fdinherit.fish", line],
                              capture_output=True, text=True, check=True,
                              env={**os.environ, "HOME": home, "XDG_DATA_HOME": home})
    assert not report.stderr, report
    return {offer.split("\t")[0] for offer in report.stdout.splitlines()}


class Terminal:
    """Runs an interactive zsh, because its completion needs the line editor."""
    PREPARE = "PS1='<''>'; unsetopt zle_bracketed_paste prompt_sp; LISTMAX=0\n" \
        "fpath=({} $fpath); autoload -Uz compinit; compinit -D -u; bindkey '^B' list-choices\n"

    def __enter__(self):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", COLUMNS="200", LINES="10000")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.pid = pid
        os.write(self.fd, self.PREPARE.format(FOLDER).encode())
        self.until(lambda text: text.count("<>") == 2)
        return self

    def until(self, is_done):
        text = ""
        end = time.monotonic() + 20
        while not is_done(text):
            assert time.monotonic() < end, text
            if select.select([self.fd], [], [], 0.1)[0]:
                text += os.read(self.fd, 65536).decode()
        return text

    def __exit__(self, *_):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def zsh(line):
    with Terminal() as terminal:
        os.write(terminal.fd, line.encode() + b"\x02")
        text = terminal.until(lambda text: text.count(line) == 2)
    lines = text.split(line)[1].replace("<>", "").splitlines()
    return {word.rstrip("=") for row in lines for word in (row.split("  -- ")[0]).split()}


OFFER = {"bash": bash, "fish": fish, "zsh": zsh}


def subcommands():
    text = run("help").stdout.decode()
    return set(re.findall(r"^  fdinherit ([a-z]+)", text, re.M))


def options(subcommand):
    """Returns the options in its help, and `--` if the subcommand takes a command."""
    text = run("help", subcommand).stdout.decode()
    found = set(re.findall(r"^  (--[a-z-]+)", text, re.M))
    synopsis = "".join(re.findall(r"^fdinherit .*", text, re.M))
    assert found >= set(re.findall(r"--[a-z-]+", synopsis)) and (found == set(re.findall(r"--[a-z-]+", synopsis)) or "[OPTION]" in synopsis)
    return found | ({"--"} if " -- COMMAND" in text else set())


@case
def each_subcommand_is_offered():
    expected = subcommands()
    assert expected >= {"list", "check", "run", "supports", "help"}, expected
    for shell in SHELLS:
        offered = {word for word in OFFER[shell]("fdinherit ") if not word.startswith("-")}
        assert offered == expected, (shell, offered)
        assert OFFER[shell]("fdinherit help ") == expected - {"help"}, shell


@case
def each_option_in_the_help_is_offered():
    for subcommand in subcommands() - {"help"}:
        for shell in SHELLS:
            offered = OFFER[shell](f"fdinherit {subcommand} -")
            assert offered == options(subcommand) | {"--help"}, (shell, subcommand, offered)


@case
def the_manual_has_the_same_subcommands_and_options():
    with open(os.path.join(ROOT, "docs/man/fdinherit.1"), encoding="utf-8") as file:
        synopsis = file.read().split(".Sh SYNOPSIS")[1].split(".Sh")[0]
    found = {}
    for form in synopsis.split(".Nm\n")[1:]:
        name = re.match(r"\.Cm (\w+)", form)
        if name:
            found.setdefault(name[1], set()).update(re.findall(r"Fl (-[a-z-]*)", form))
    assert set(found) == subcommands(), found
    for subcommand in subcommands() - {"help"}:
        assert {"-" + option for option in found[subcommand]} == options(subcommand), found


@case
def processes_descriptors_and_directories_are_offered():
    own = str(os.getpid())
    for shell in SHELLS:
        if shell != "zsh":  # it offers the descriptors of its own terminal
            assert own in OFFER[shell]("fdinherit list ") & OFFER[shell]("fdinherit check "), shell
        assert {"0", "1", "2"} <= OFFER[shell]("fdinherit run --keep ") & OFFER[shell]("fdinherit check --keep "), shell
        assert OFFER[shell]("fdinherit check --format ") == {"text", "json"}, shell
        for option in ("output", "suppressions"):
            offered = OFFER[shell](f"fdinherit check --{option} /etc/hostnam")
            assert {word.rsplit("/", 1)[-1].rstrip("*") for word in offered} == {"hostname"}, shell
        assert {"/usr"} == {word.rstrip("/") if word[0] == "/" else "/" + word.rstrip("/")
                            for word in OFFER[shell]("fdinherit run --cwd /us")}, shell


@case
def a_command_with_its_arguments_is_offered_after_two_dashes():
    for shell in SHELLS:
        for start in ("fdinherit run --keep 3 -- ", "fdinherit check --json -- "):
            assert "setsid" in OFFER[shell](start + "setsi"), shell
            offered = OFFER[shell](start + "cat /etc/hostnam")
            assert {word.rsplit("/", 1)[-1].rstrip("*") for word in offered} == {"hostname"}, shell


main()
